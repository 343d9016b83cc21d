/* SPDX-License-Identifier: Apache-2.0
 *
 * The PIV family: NIST SP 800-73-4 part 2 (card commands) and part 1 (data objects). Every
 * function keeps the contract of struct family.
 */
#ifndef TOYAMA_CARDREADER_PIV_H
#define TOYAMA_CARDREADER_PIV_H

#include "cardreader/family.h"

#define PIV_PIN_MIN 6
#define PIV_PIN_MAX 8 /* octets of the padded PIN, too (SP 800-73-4 part 2, 2.4.3) */

int piv_select(struct apdu_link *link, struct family_result *res);
int piv_read(struct apdu_link *link, uint32_t object, uint8_t pin_ref, struct family_result *res);
int piv_check(const struct family_sign *sign, const struct family_pin *pin);
int piv_verify(struct apdu_link *link, const struct family_pin *pin, struct family_result *res);
int piv_change(struct apdu_link *link, const struct family_pin *old, const struct family_pin *fresh,
               bool unblock, struct family_result *res);
int piv_sign(struct apdu_link *link, const struct family_sign *sign, struct family_result *res);

/* Six to eight digits, and the reference of a PIN of this applet. */
bool piv_pin_is_good(const struct family_pin *pin);
/* Tries left of the PIN `ref`, without spending one: 0 with res->tries, which stays unknown where
 * the card says that this PIN is verified already. */
int piv_tries(struct apdu_link *link, uint8_t ref, struct family_result *res);

/* Unpacks exactly one gzip member (RFC 1952) of at most `cap` octets: a larger one, a broken one
 * and octets behind it are refused. */
bool piv_gunzip(const uint8_t *in, size_t in_len, uint8_t *out, size_t cap, size_t *len);

#endif
