/* SPDX-License-Identifier: Apache-2.0
 *
 * The YubiKey's OTP application over CCID or NFC: HMAC-SHA1 challenge-response of slots 1 and 2.
 * A shared key without a PIN. Every function keeps the contract of struct family.
 */
#ifndef TOYAMA_CARDREADER_YKCCID_H
#define TOYAMA_CARDREADER_YKCCID_H

#include "cardreader/family.h"

#define YKCCID_CHALLENGE_MAX 63 /* of the 64 octets one at least is padding */
#define YKCCID_RESPONSE_LEN  20

int ykccid_select(struct apdu_link *link, struct family_result *res);
int ykccid_read(struct apdu_link *link, uint32_t object, uint8_t pin_ref,
                struct family_result *res);
/* A PIN is refused: there is none. */
int ykccid_check(const struct family_sign *sign, const struct family_pin *pin);
/* `key` is the slot, 1 or 2; `digest` the challenge. A slot with a touch blocks until then. */
int ykccid_sign(struct apdu_link *link, const struct family_sign *sign, struct family_result *res);

#endif
