/* SPDX-License-Identifier: Apache-2.0
 *
 * libpcsclite in this process, in front of a virtual card: any call can be made to fail. One
 * reader, one context, one connection.
 */
#ifndef TOYAMA_TESTS_UNIT_CARDREADER_FAKE_PCSC_H
#define TOYAMA_TESTS_UNIT_CARDREADER_FAKE_PCSC_H

#include "tests/virtual/card/card.h"

#include <winscard.h>

#define FAKE_READER "Fake reader"

struct fake_pcsc {
    struct card *card;
    bool present;
    unsigned counter; /* event counter of the reader */
    unsigned calls;
    unsigned fail_at; /* nth call; 0: none fails */
    LONG fail_with;
    bool late;   /* the failing command reaches the card, only its answer is lost */
    bool swap;   /* the failing call also puts another card into the reader */
    bool others; /* another program is connected; kept by fake_pcsc_start */
    /* inside */
    LONG event; /* what every call on the card gives until SCardReconnect */
    bool dead;
    bool connected, locked;
    unsigned resets, verifies;
    unsigned made, released; /* contexts */
};

extern struct fake_pcsc fake_pcsc;

void fake_pcsc_start(struct card *card);

#endif
