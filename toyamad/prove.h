/* SPDX-License-Identifier: Apache-2.0
 *
 * One question to a card or token and the check of its answer, whatever the family. The broker
 * draws the challenge, a worker carries it; shared keys are unsealed here, for the one check.
 */
#ifndef TOYAMA_TOYAMAD_PROVE_H
#define TOYAMA_TOYAMAD_PROVE_H

#include "core/proof/hmac.h"
#include "core/proof/mac_a.h"
#include "core/proof/signature.h"
#include "toyamad/cardlink.h"

#define PROVE_ANY SIZE_MAX /* any of the person's credentials */

/* What a key is asked by: keys of one shape answer the same question. */
struct prove_shape {
    uint8_t family; /* core/wire/card.h enum card_family */
    uint8_t ref;
    uint8_t alg; /* enum card_alg */
    bool pin;
};

struct prove {
    struct prove_shape shape;
    union {
        struct proof_signature signature;
        struct proof_mac_a mac_a;
        struct proof_hmac hmac;
    } proof;
};

/* The factor (core/policy) that a family proves. */
unsigned prove_factor(uint8_t family);
/* "signature" or "shared-key". */
const char *prove_strength(uint8_t family);
/* False where the key is of no known algorithm. */
bool prove_shape(const struct roster_credential *c, const struct roster_key *key,
                 struct prove_shape *out);
/* Number `turn` of the distinct shapes of the person's keys that need no PIN and prove `factor`. */
bool prove_free_shape(const struct roster_record *r, unsigned factor, unsigned turn,
                      struct prove_shape *out);
/* The key that logs in behind the PIN, or without; NULL: the credential has none. */
const struct roster_key *prove_key(const struct roster_credential *c, bool pin);
/* The credential of this family that has the key of the certificate, or PROVE_ANY. Anybody may have
 * the certificate: nothing is proven. */
size_t prove_by_certificate(const struct roster_record *r, uint8_t family, const void *der,
                            size_t len);

/* Draws the challenge and fills family, key, alg and digest of `signing`, which points into `p`.
 * PROOF_OK or enum proof_err. */
int prove_begin(struct prove *p, const struct policy *policy, enum proof_use use,
                const struct prove_shape *shape, struct card_signing *signing);
/* PROOF_OK where a key of this shape made the answer; `owner` says whose credential it is: of all
 * or only of `among`. The challenge is spent whatever the outcome. */
int prove_check(struct prove *p, struct registry *reg, const struct roster_record *r, size_t among,
                const void *answer, size_t len, size_t *owner);

#endif
