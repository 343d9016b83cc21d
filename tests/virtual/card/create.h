/* SPDX-License-Identifier: Apache-2.0
 *
 * A new card with slots: keys, self-signed certificates, GUID, PIN.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_CREATE_H
#define TOYAMA_TESTS_VIRTUAL_CARD_CREATE_H

#include "tests/virtual/card/card.h"

struct create {
    enum slot_alg algs[CARD_SLOTS]; /* 9A, 9C, 9D, 9E */
    const char *subject;            /* common name */
    const char *pin, *puk;          /* digits; NULL: those of a new card */
    const char *guid;               /* hex; NULL: random */
    const char *clone;              /* state file whose public part is copied; NULL: none */
};

/* With `pin` NULL 123456. */
bool create_card(struct card *card, const struct create *create);
/* "p256", "p384", "rsa2048", "rsa3072", "none". */
bool create_alg(const char *name, enum slot_alg *out);

#endif
