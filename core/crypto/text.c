/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

const char *crypto_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "cryptographic library failed",
                                       "key not admitted",
                                       "signature does not verify",
                                       "seal does not open",
                                       "bad length",
                                       "not of the expected format",
                                       "sealed for another key",
                                       "signed by another key",
                                       "reading or writing failed"};
    int index = -err;

    if (index < 0 || (size_t)index >= sizeof(text) / sizeof(text[0]))
        return "unknown error";
    return text[index];
}

size_t crypto_digest_len(enum crypto_alg alg)
{
    return alg == CRYPTO_P384 ? CRYPTO_SHA384_LEN : CRYPTO_SHA256_LEN;
}
