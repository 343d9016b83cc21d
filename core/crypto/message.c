/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/spki.h"

int crypto_spki_hash(const void *spki, size_t len, uint8_t out[CRYPTO_SHA256_LEN])
{
    return crypto_sha256(spki, len, out);
}

int crypto_verify_message(const void *spki, size_t spkilen, const void *data, size_t len,
                          const void *sig, size_t siglen)
{
    uint8_t digest[CRYPTO_HASH_MAX];
    struct spki key;
    int r = spki_parse(spki, spkilen, &key);

    if (r != CRYPTO_OK)
        return r;
    r = key.alg == CRYPTO_P384 ? crypto_sha384(data, len, digest)
                               : crypto_sha256(data, len, digest);
    if (r != CRYPTO_OK)
        return r;
    return crypto_verify(spki, spkilen, digest, crypto_digest_len(key.alg), sig, siglen);
}

int crypto_p256_sign_message(const void *key, size_t keylen, const void *data, size_t len,
                             uint8_t *sig, size_t cap, size_t *siglen)
{
    uint8_t digest[CRYPTO_SHA256_LEN];
    int r = crypto_sha256(data, len, digest);

    return r != CRYPTO_OK ? r : crypto_p256_sign(key, keylen, digest, sig, cap, siglen);
}
