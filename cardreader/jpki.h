/* SPDX-License-Identifier: Apache-2.0
 *
 * The My Number card's application for user authentication (JPKI): four digits and one RSA-2048
 * key. No standard describes it in public; the commands are those on which OpenSC's driver and
 * other published programs agree. Every function keeps the contract of struct family.
 *
 * The PIN is unlocked only in person at a municipal counter. Nothing is read that the law does not
 * let us keep: no serial number, no token, none of the other applications.
 */
#ifndef TOYAMA_CARDREADER_JPKI_H
#define TOYAMA_CARDREADER_JPKI_H

#include "cardreader/family.h"

#define JPKI_KEY     0x17
#define JPKI_PIN_REF 0x80
#define JPKI_PIN_LEN 4

int jpki_select(struct apdu_link *link, struct family_result *res);
int jpki_read(struct apdu_link *link, uint32_t object, uint8_t pin_ref, struct family_result *res);
int jpki_check(const struct family_sign *sign, const struct family_pin *pin);
int jpki_verify(struct apdu_link *link, const struct family_pin *pin, struct family_result *res);
int jpki_sign(struct apdu_link *link, const struct family_sign *sign, struct family_result *res);
/* `unblock`: CARD_ABSENT, there is no PUK in here. */
int jpki_change(struct apdu_link *link, const struct family_pin *old,
                const struct family_pin *fresh, bool unblock, struct family_result *res);

/* SELECT of an elementary file of the selected application, which is the current file then. */
int jpki_select_file(struct apdu_link *link, uint8_t low, struct family_result *res);
/* The certificate of EF 000A. */
int jpki_read_certificate(struct apdu_link *link, struct family_result *res);

#endif
