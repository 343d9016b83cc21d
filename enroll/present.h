/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows for people: one row as "label: value" lines, a listing as a table, events a line each.
 */
#ifndef TOYAMA_ENROLL_PRESENT_H
#define TOYAMA_ENROLL_PRESENT_H

#include "enroll/json.h"
#include "enroll/rows.h"

/* The key `kind` is left out: it tells programs what the row is. */
void present_object(const struct rows *rows, size_t n);
/* Rows from..to-1, all with the keys of the first one; keys in `hidden` (ends with NULL) are left
 * out. */
void present_table(const struct rows *rows, size_t from, size_t to, const char *const *hidden);
/* "No. time kind  key=value ..." */
void present_events(const struct rows *rows);
/* The value `key` of the only row as PEM (RFC 7468), as openssl reads it; false where it has none.
 */
bool present_key(const struct rows *rows);
/* An array of objects. */
void present_json(struct json *j, const struct rows *rows);

#endif
