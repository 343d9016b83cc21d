/* SPDX-License-Identifier: Apache-2.0
 *
 * HMAC-SHA1 challenge and response, as a YubiKey's slot answers it. Run by the broker, never by a
 * worker. The key is shared: who reads it off a host can answer for the token.
 *
 * A slot in "less than 64" mode drops the last octet of what it is sent and every equal octet
 * before it, and hosts fill up with zeros; so the challenge has one length and never ends in 00.
 */
#ifndef TOYAMA_CORE_PROOF_HMAC_H
#define TOYAMA_CORE_PROOF_HMAC_H

#include "core/crypto/crypto.h"
#include "core/proof/proof.h"

#define PROOF_HMAC_KEY       20
#define PROOF_HMAC_CHALLENGE 32
#define PROOF_HMAC_ANSWER    CRYPTO_SHA1_LEN

struct proof_hmac {
    uint8_t challenge[PROOF_HMAC_CHALLENGE];
    bool armed; /* one answer only */
};

/* What was enrolled. */
struct proof_hmac_key {
    uint8_t key[PROOF_HMAC_KEY];
};

int proof_hmac_begin(struct proof_hmac *proof);
/* PROOF_OK only for a fresh answer of exactly PROOF_HMAC_ANSWER octets by one of `keys`; `index`
 * (may be NULL) says which. */
int proof_hmac_check(struct proof_hmac *proof, const void *answer, size_t len,
                     const struct proof_hmac_key *keys, size_t count, size_t *index);

#endif
