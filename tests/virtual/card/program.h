/* SPDX-License-Identifier: Apache-2.0
 *
 * The running card: reader, applet, faults and the person's hand that inserts it.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_PROGRAM_H
#define TOYAMA_TESTS_VIRTUAL_CARD_PROGRAM_H

#include "tests/virtual/card/card.h"
#include "tests/virtual/card/fault.h"
#include "tests/virtual/card/record.h"
#include "tests/virtual/card/vpcd.h"

#define PROGRAM_ATR_MAX 64

struct program {
    struct card card;
    struct vpcd vpcd;
    struct faults faults;
    struct record record;
    bool inserted;
    bool hung; /* never answers again until it is removed */
    bool quit;
    uint8_t atr[PROGRAM_ATR_MAX];
    size_t atr_len;
    size_t command_len; /* of the command that is answered next */
    unsigned ms_per_apdu, us_per_octet, ms_per_key_operation;
};

void program_set_default_atr(struct program *p);
void program_insert(struct program *p);
void program_remove(struct program *p);
/* Milliseconds until program_tick has something to do; -1: nothing planned. */
int program_timeout(const struct program *p);
/* Connects where the card is inserted and no reader was there yet, sends what is due. */
void program_tick(struct program *p);
/* The reader's socket is readable. */
void program_read(struct program *p);

#endif
