/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/signer.h"

#include <string.h>

/* P-384 signs the octets' SHA-384, the others SHA-256. */
static int digest_of(enum crypto_alg alg, const void *der, size_t len,
                     uint8_t digest[CRYPTO_HASH_MAX])
{
    return alg == CRYPTO_P384 ? crypto_sha384(der, len, digest) : crypto_sha256(der, len, digest);
}

int signer_check(const void *spki, size_t spkilen, const void *der, size_t len, const void *sig,
                 size_t siglen)
{
    enum crypto_alg alg = CRYPTO_P256;
    uint8_t digest[CRYPTO_HASH_MAX];
    int r;

    if (crypto_key_alg(spki, spkilen, &alg) != CRYPTO_OK)
        return ROSTER_UNKNOWN_SIGNER;
    if (digest_of(alg, der, len, digest) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    r = crypto_verify(spki, spkilen, digest,
                      alg == CRYPTO_P384 ? CRYPTO_SHA384_LEN : CRYPTO_SHA256_LEN, sig, siglen);
    if (r == CRYPTO_OK)
        return ROSTER_OK;
    return r == CRYPTO_FAILED ? ROSTER_CRYPTO : ROSTER_SIGNATURE;
}

int signer_approver(const struct roster_issue *issue, const void *spki, size_t len,
                    const struct roster_officer **out)
{
    uint8_t hash[CRYPTO_SHA256_LEN];

    if (crypto_sha256(spki, len, hash) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    for (size_t n = 0; n < issue->officers; n++) {
        const struct roster_officer *o = &issue->officer[n];
        if ((o->roles & ROSTER_APPROVER) != 0 && memcmp(o->key, hash, sizeof(hash)) == 0) {
            *out = o;
            return ROSTER_OK;
        }
    }
    return ROSTER_UNKNOWN_SIGNER;
}
