/* SPDX-License-Identifier: Apache-2.0
 *
 * The person who goes through the motions where nobody was found. Cards that take notes would learn
 * who exists if she were asked anything special: she has keys of the shapes that most people here
 * have, and nobody can make them answer.
 */
#ifndef TOYAMA_TOYAMAD_DECOY_H
#define TOYAMA_TOYAMAD_DECOY_H

#include "toyamad/prove.h"
#include "toyamad/registry/registry.h"

#define DECOY_SHAPES 4  /* of one person; whoever has more counts for nobody */
#define DECOY_KINDS  32 /* that are told apart; people of further kinds are not counted */

/* What a card is asked without a PIN, in the order of a person's credentials, and whether she has
 * cards that sign with a PIN only: PIV (then its identifier is read first), My Number. */
struct decoy_kind {
    struct prove_shape shape[DECOY_SHAPES];
    size_t shapes;
    bool behind_pin[2];
    size_t people;
};

struct decoy_person {
    uint8_t id[ROSTER_ID_LEN];
    uint8_t kind; /* DECOY_KINDS: none */
};

struct decoy {
    struct roster_record record; /* no number, no login */
    unsigned factor;             /* FACTOR_CARD or FACTOR_TOKEN: what this host asks */
    size_t now;                  /* the kind that `record` has */
    struct decoy_kind kind[DECOY_KINDS];
    struct decoy_person *person; /* sorted by id */
    size_t people, cap;
    int64_t pinless_until; /* until then somebody's exception may leave the PIN out; never sinks */
};

/* Without people: a PIV card with a free P-256 key, or a YubiKey. False: no memory or no random. */
bool decoy_begin(struct decoy *d, unsigned factor);
/* Counts the whole registry: at start. */
int decoy_count(struct decoy *d, struct registry *reg);
/* After a change was committed; what cannot be counted is logged, and she stays as she was. */
void decoy_put(struct decoy *d, const struct roster_record *r);
void decoy_remove(struct decoy *d, const uint8_t id[ROSTER_ID_LEN]);
void decoy_end(struct decoy *d);

/* Whether this person has nothing that this host asks for: the decoy stands in for her. */
bool decoy_stands_in(const struct decoy *d, const struct roster_record *r);

#endif
