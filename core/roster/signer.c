/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/signer.h"

#include <string.h>

int signer_check(const void *spki, size_t spkilen, const void *der, size_t len, const void *sig,
                 size_t siglen)
{
    switch (crypto_verify_message(spki, spkilen, der, len, sig, siglen)) {
    case CRYPTO_OK:
        return ROSTER_OK;
    case CRYPTO_BAD_KEY:
        return ROSTER_UNKNOWN_SIGNER;
    case CRYPTO_FAILED:
        return ROSTER_CRYPTO;
    default:
        return ROSTER_SIGNATURE;
    }
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
