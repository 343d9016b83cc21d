/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>

#include "tests/unit/core/keys.h"
#include "tests/unit/core/unit.h"

static const char text[] = "what was displayed";

/* A card signs SHA-256 with RSA and P-256, SHA-384 with P-384. */
static void test_each_algorithm(void **state)
{
    static const enum crypto_alg algs[] = {CRYPTO_RSA2048, CRYPTO_RSA3072, CRYPTO_P256,
                                           CRYPTO_P384};
    uint8_t digest[CRYPTO_HASH_MAX];
    struct keys_blob spki, sig;

    (void)state;
    for (size_t n = 0; n < COUNT(algs); n++) {
        EVP_PKEY *key = keys_for(algs[n]);
        keys_spki(key, &spki);
        assert_int_equal(algs[n] == CRYPTO_P384 ? crypto_sha384(text, sizeof(text), digest)
                                                : crypto_sha256(text, sizeof(text), digest),
                         CRYPTO_OK);
        keys_sign(key, "SHA256", digest, crypto_digest_len(algs[n]), &sig);
        EVP_PKEY_free(key);
        assert_int_equal(
            crypto_verify_message(spki.octets, spki.len, text, sizeof(text), sig.octets, sig.len),
            CRYPTO_OK);
        assert_int_equal(crypto_verify_message(spki.octets, spki.len, text, sizeof(text) - 1,
                                               sig.octets, sig.len),
                         CRYPTO_BAD_SIGNATURE);
        sig.octets[sig.len - 1] ^= 1;
        assert_int_equal(
            crypto_verify_message(spki.octets, spki.len, text, sizeof(text), sig.octets, sig.len),
            CRYPTO_BAD_SIGNATURE);
        assert_int_equal(crypto_verify_message(spki.octets, spki.len - 1, text, sizeof(text),
                                               sig.octets, sig.len),
                         CRYPTO_BAD_KEY);
    }
    assert_int_equal(ERR_peek_error(), 0);
}

static void test_own_signature(void **state)
{
    uint8_t key[256], spki[CRYPTO_SPKI_MAX], sig[80], hash[CRYPTO_SHA256_LEN], own[sizeof(hash)];
    size_t keylen = 0, spkilen = 0, siglen = 0;

    (void)state;
    assert_int_equal(crypto_p256_generate(key, sizeof(key), &keylen, spki, sizeof(spki), &spkilen),
                     CRYPTO_OK);
    assert_int_equal(
        crypto_p256_sign_message(key, keylen, text, sizeof(text), sig, sizeof(sig), &siglen),
        CRYPTO_OK);
    assert_int_equal(crypto_verify_message(spki, spkilen, text, sizeof(text), sig, siglen),
                     CRYPTO_OK);
    assert_int_equal(
        crypto_p256_sign_message(key, keylen - 1, text, sizeof(text), sig, sizeof(sig), &siglen),
        CRYPTO_BAD_KEY);
    assert_int_equal(crypto_spki_hash(spki, spkilen, hash), CRYPTO_OK);
    assert_int_equal(crypto_sha256(spki, spkilen, own), CRYPTO_OK);
    assert_memory_equal(hash, own, sizeof(hash));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_algorithm),
        cmocka_unit_test(test_own_signature),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
