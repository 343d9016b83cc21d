/* SPDX-License-Identifier: Apache-2.0
 *
 * A key of 20 octets, an octet, then the answer: no input is right, the right answer is, and not
 * with an octet more or less or a bit turned.
 */
#include "core/proof/hmac.h"
#include "tests/fuzz/fuzz.h"

static int check(const struct proof_hmac *fresh, const struct proof_hmac_key *key,
                 const uint8_t *answer, size_t len)
{
    struct proof_hmac proof = *fresh;
    int r = proof_hmac_check(&proof, answer, len, key, 1, NULL);

    fuzz_require(!proof.armed);
    return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct proof_hmac proof = {.challenge = {1, 2, 3}, .armed = true};
    struct proof_hmac_key key;
    uint8_t right[PROOF_HMAC_ANSWER + 1] = {0};

    if (size < sizeof(key.key) + 1)
        return 0;
    memcpy(key.key, data, sizeof(key.key));
    fuzz_require(check(&proof, &key, data + 21, size - 21) == PROOF_REFUSED);
    fuzz_require(crypto_hmac_sha1(key.key, sizeof(key.key), proof.challenge,
                                  sizeof(proof.challenge), right) == CRYPTO_OK);
    fuzz_require(check(&proof, &key, right, PROOF_HMAC_ANSWER) == PROOF_OK);
    fuzz_require(check(&proof, &key, right, PROOF_HMAC_ANSWER - 1) == PROOF_REFUSED);
    fuzz_require(check(&proof, &key, right, PROOF_HMAC_ANSWER + 1) == PROOF_REFUSED);
    right[data[20] % PROOF_HMAC_ANSWER] ^= (uint8_t)(1U << data[20] % 8);
    fuzz_require(check(&proof, &key, right, PROOF_HMAC_ANSWER) == PROOF_REFUSED);
    return 0;
}
