/* SPDX-License-Identifier: Apache-2.0
 *
 * ISO/IEC 7816-4 around the applet: cases of commands, chaining, GET RESPONSE.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_ISO_H
#define TOYAMA_TESTS_VIRTUAL_CARD_ISO_H

#include "tests/virtual/card/card.h"

#define ISO_ANSWER_MAX 65536

struct iso_command {
    uint8_t cla, ins, p1, p2;
    const uint8_t *data;
    size_t len;
    size_t le; /* 0: absent */
    bool extended;
};

struct iso_body {
    uint8_t data[CARD_BODY_MAX];
    size_t len;
};

/* One C-APDU in, the octets of one R-APDU out; its length. */
size_t iso_process(struct card *card, const uint8_t *apdu, size_t len, uint8_t out[ISO_ANSWER_MAX]);

#endif
