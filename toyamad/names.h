/* SPDX-License-Identifier: Apache-2.0
 *
 * Words of the admin verbs: finger names, dates, ids in hexadecimal.
 */
#ifndef TOYAMA_TOYAMAD_NAMES_H
#define TOYAMA_TOYAMAD_NAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 1..10 of ISO/IEC 19794-2, or 0 for an unknown name. */
uint8_t names_finger_parse(const char *name);
const char *names_finger(uint8_t finger);
bool names_left_hand(uint8_t finger);
/* "YYYY-MM-DD" in local time: the day's first or last second. False where it is no date. */
bool names_date_parse(const char *text, bool end_of_day, int64_t *out);
/* The same, or "YYYY-MM-DDThh:mm" in local time. */
bool names_moment_parse(const char *text, bool end_of_day, int64_t *out);
/* "YYYY-MM-DDThh:mm:ssZ", or "" for 0. `out` holds 24 octets. */
void names_time(int64_t when, char out[24]);
/* `out` holds 2 * len + 1 octets. */
void names_hex(const uint8_t *p, size_t len, char *out);
/* RFC 4648, in one line; "" where `cap` is too small for 4 * ceil(len / 3) octets and the NUL. */
void names_base64(const uint8_t *p, size_t len, char *out, size_t cap);
/* Exactly 2 * len hexadecimal digits. */
bool names_unhex(const char *text, uint8_t *out, size_t len);

#endif
