/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/x509.h>

#include "core/crypto/crypto.h"
#include "tests/fuzz/fuzz.h"

/* What is admitted here is a key for OpenSSL's own parser too. */
static void check_key(const uint8_t *data, size_t size)
{
    const uint8_t *at = data;
    enum crypto_alg alg = (enum crypto_alg)0;
    EVP_PKEY *key;

    if (crypto_key_alg(data, size, &alg) != CRYPTO_OK)
        return;
    key = d2i_PUBKEY(NULL, &at, (long)size);
    fuzz_require(key != NULL && at == data + size);
    EVP_PKEY_free(key);
    fuzz_require(crypto_verify(data, size, data, crypto_digest_len(alg), data, size) ==
                 CRYPTO_BAD_SIGNATURE);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t len = 0;

    check_key(data, size);
    if (crypto_cert_spki(data, size, spki, sizeof(spki), &len) == CRYPTO_OK)
        check_key(spki, len);
    fuzz_require(ERR_peek_error() == 0);
    return 0;
}
