/* SPDX-License-Identifier: Apache-2.0
 *
 * The signature challenge: what a card's key is asked to sign, and the check of its answer. Run by
 * the broker, never by a worker. The digest is SHA-2 over
 *   SEQUENCE { UTF8String label, UTF8String zone, UTF8String host, OCTET STRING key reference,
 *              OCTET STRING nonce }
 * (SHA-256; SHA-384 for P-384), with another label for each use, so that an answer for one key,
 * use, zone or host is worth nothing elsewhere.
 */
#ifndef TOYAMA_CORE_PROOF_SIGNATURE_H
#define TOYAMA_CORE_PROOF_SIGNATURE_H

#include "core/crypto/crypto.h"
#include "core/proof/proof.h"

enum proof_use {
    PROOF_CARD_9E = 1,
    PROOF_PIN_9A = 2,
    PROOF_ENROL_9E = 3,
    PROOF_ENROL_9A = 4,
    PROOF_ENROL_9C = 5
};

#define PROOF_NONCE_LEN 32

struct proof_signature {
    enum crypto_alg alg;
    uint8_t key_ref;
    uint8_t digest[CRYPTO_HASH_MAX];
    size_t digest_len;
    bool armed; /* one answer only */
};

/* Draws the nonce and computes the digest to be signed. */
int proof_signature_begin(struct proof_signature *proof, enum proof_use use, const char *zone,
                          const char *host, uint8_t key_ref, enum crypto_alg alg);
/* PROOF_OK only for a fresh answer that verifies under `spki`, whose algorithm must be the one of
 * begin. The challenge is spent whatever the outcome; to try several enrolled keys against one
 * answer, give them all: `index` (may be NULL) says which one verified. */
struct proof_key {
    const uint8_t *spki;
    size_t len;
};
int proof_signature_check(struct proof_signature *proof, const void *answer, size_t len,
                          const struct proof_key *keys, size_t count, size_t *index);

#endif
