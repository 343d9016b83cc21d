/* SPDX-License-Identifier: Apache-2.0
 *
 * The FeliCa Lite-S family (Sony, FeliCa Lite-S User's Manual; commands of JIS X 6319-4): internal
 * authentication by MAC_A, and the writing of a card key. The key never comes here but to be
 * written: the broker draws the challenge and computes the MAC. Every function keeps the contract
 * of struct family. There is no PIN.
 */
#ifndef TOYAMA_CARDREADER_FELICA_H
#define TOYAMA_CARDREADER_FELICA_H

#include "cardreader/family.h"

#define FELICA_KEY        0x87 /* key reference: the block of the card key */
#define FELICA_CHALLENGE  16
#define FELICA_IDM_LEN    8
#define FELICA_BLOCK_LEN  16
#define FELICA_ANSWER_LEN 48 /* blocks 82, 86, 91 */

/* CARD_UNKNOWN where the reader finds no FeliCa card. That it is a Lite-S shows in its answers. */
int felica_select(struct apdu_link *link, struct family_result *res);
/* IDENTIFIER: the IDm; CARD_UNKNOWN for a card that tells an IC code without MAC_A. */
int felica_read(struct apdu_link *link, uint32_t object, uint8_t pin_ref,
                struct family_result *res);
int felica_check(const struct family_sign *sign, const struct family_pin *pin);
int felica_sign(struct apdu_link *link, const struct family_sign *sign, struct family_result *res);
/* CARD_REFUSED, with nothing written, where the system blocks are locked already. With `lock` they
 * are read-only from the card's next power-up on: prove a key first, then issue it again to lock.
 */
int felica_issue(struct apdu_link *link, const struct family_issue *issue,
                 struct family_result *res);

#endif
