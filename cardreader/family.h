/* SPDX-License-Identifier: Apache-2.0
 *
 * A card family: how its applet is selected, read, unlocked and made to sign. One row a family;
 * the worker (and the Windows credential provider) knows families only through this table.
 * Portable: no PC/SC, no system calls.
 */
#ifndef TOYAMA_CARDREADER_FAMILY_H
#define TOYAMA_CARDREADER_FAMILY_H

#include "cardreader/apdu.h"
#include "core/wire/card.h"

#define FAMILY_TRIES_UNKNOWN (-1)

struct family_result {
    uint16_t sw; /* last status word, 0 where none came */
    int tries;   /* PIN tries left, or FAMILY_TRIES_UNKNOWN */
    size_t len;
    uint8_t data[CARD_OBJECT_MAX]; /* object or signature */
};

struct family_pin {
    uint8_t ref;           /* P2 of VERIFY */
    const uint8_t *digits; /* ASCII, the caller's to wipe */
    size_t len;
};

struct family_sign {
    uint32_t key;
    uint32_t alg; /* enum card_alg */
    const uint8_t *digest;
    size_t digest_len;
};

struct family_issue {
    const uint8_t *secret; /* CARD_SECRET_LEN octets, the caller's to wipe */
    uint16_t version;
    bool lock;
};

/* Every function gives 0 or the enum card_reason of its failure, and fills `res` in either case. */
struct family {
    enum card_family id;
    /* CARD_UNKNOWN where the applet is not on the card. */
    int (*select)(struct apdu_link *link, struct family_result *res);
    int (*read)(struct apdu_link *link, uint32_t object, uint8_t pin_ref,
                struct family_result *res);
    /* What can be refused without the card: PIN format, digest length. No PIN: `pin` NULL. */
    int (*check)(const struct family_sign *sign, const struct family_pin *pin);
    /* Asks for the tries first and never spends the last one. NULL where the family has no PIN:
     * `check` refuses one. */
    int (*verify)(struct apdu_link *link, const struct family_pin *pin, struct family_result *res);
    int (*sign)(struct apdu_link *link, const struct family_sign *sign, struct family_result *res);
    /* NULL where the family has no such thing. With `unblock` the old PIN is the PUK. The last try
     * of the PIN is never spent, that of the PUK not where the card tells how many are left. */
    int (*change)(struct apdu_link *link, const struct family_pin *old,
                  const struct family_pin *fresh, bool unblock, struct family_result *res);
    int (*issue)(struct apdu_link *link, const struct family_issue *issue,
                 struct family_result *res);
};

/* NULL for an unknown family. */
const struct family *family_find(uint32_t id);

#endif
