/* SPDX-License-Identifier: Apache-2.0
 *
 * One command and its answer in terms of struct family_result; for the files of the families only.
 */
#ifndef TOYAMA_CARDREADER_EXCHANGE_H
#define TOYAMA_CARDREADER_EXCHANGE_H

#include "cardreader/family.h"

#define EXCHANGE_OK 0x9000

/* 0, whatever the status word says, with `res` filled; else CARD_GONE, CARD_MALFORMED or
 * CARD_INTERNAL and no data. */
int exchange_run(struct apdu_link *link, const struct apdu_command *cmd, struct family_result *res);
/* The same, but the data goes behind what `res` holds already. */
int exchange_append(struct apdu_link *link, const struct apdu_command *cmd,
                    struct family_result *res);

/* Judges the status word of a command that compares or queries a PIN, and sets the tries where it
 * tells them: 0, CARD_PIN_WRONG, CARD_PIN_BLOCKED, CARD_ABSENT (no such PIN) or CARD_REFUSED. */
int exchange_judge_pin(struct family_result *res);
/* VERIFY without data (ISO/IEC 7816-4): asks for the tries left, spends none. 0 with res->tries,
 * which stay unknown where the card says that the PIN is verified already. */
int exchange_tries(struct apdu_link *link, uint8_t ref, struct family_result *res);
/* 0 where a try may be spent, CARD_PIN_LAST where it would be the last one. */
int exchange_may_try(struct apdu_link *link, uint8_t ref, struct family_result *res);

#endif
