/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/hmac.h"

#include "core/wire/wipe.h"

int proof_hmac_begin(struct proof_hmac *proof)
{
    *proof = (struct proof_hmac){0};
    if (crypto_random(proof->challenge, sizeof(proof->challenge)) != CRYPTO_OK)
        return PROOF_FAILED;
    proof->challenge[PROOF_HMAC_CHALLENGE - 1] |= 1;
    proof->armed = true;
    return PROOF_OK;
}

static int check_one(const struct proof_hmac *proof, const struct proof_hmac_key *key,
                     const void *answer, size_t len)
{
    uint8_t expected[CRYPTO_SHA1_LEN];
    int r = PROOF_FAILED;

    if (crypto_hmac_sha1(key->key, sizeof(key->key), proof->challenge, sizeof(proof->challenge),
                         expected) == CRYPTO_OK)
        r = crypto_equal(expected, sizeof(expected), answer, len) ? PROOF_OK : PROOF_REFUSED;
    wire_wipe(expected, sizeof(expected));
    return r;
}

int proof_hmac_check(struct proof_hmac *proof, const void *answer, size_t len,
                     const struct proof_hmac_key *keys, size_t count, size_t *index)
{
    int result = PROOF_REFUSED;

    if (!proof->armed)
        return PROOF_STATE;
    proof->armed = false;
    for (size_t n = 0; n < count; n++) {
        int r = check_one(proof, &keys[n], answer, len);
        if (r == PROOF_OK) {
            if (index != NULL)
                *index = n;
            return PROOF_OK;
        }
        if (r == PROOF_FAILED)
            result = PROOF_FAILED;
    }
    return result;
}
