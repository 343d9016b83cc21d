/* SPDX-License-Identifier: Apache-2.0
 *
 * The card's memory as a file of lines "name value...": keys, certificates, PIN and counters.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_STATE_H
#define TOYAMA_TESTS_VIRTUAL_CARD_STATE_H

#include "tests/virtual/card/card.h"

bool state_load(struct card *card, const char *path);
/* Replaces the file of card->path in one step. */
bool state_save(const struct card *card);

#endif
