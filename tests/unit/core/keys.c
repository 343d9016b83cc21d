/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/keys.h"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "tests/unit/core/unit.h"

EVP_PKEY *keys_rsa(unsigned bits, unsigned long exponent)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
    BIGNUM *e = BN_new();
    EVP_PKEY *key = NULL;

    assert_true(ctx != NULL && e != NULL && BN_set_word(e, exponent) == 1);
    assert_int_equal(EVP_PKEY_keygen_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, (int)bits), 1);
    assert_int_equal(EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e), 1);
    assert_int_equal(EVP_PKEY_keygen(ctx, &key), 1);
    BN_free(e);
    EVP_PKEY_CTX_free(ctx);
    return key;
}

EVP_PKEY *keys_ec(const char *curve)
{
    EVP_PKEY *key = EVP_EC_gen(curve);

    assert_non_null(key);
    return key;
}

EVP_PKEY *keys_for(enum crypto_alg alg)
{
    switch (alg) {
    case CRYPTO_RSA2048:
        return keys_rsa(2048, 65537);
    case CRYPTO_RSA3072:
        return keys_rsa(3072, 65537);
    case CRYPTO_P256:
        return keys_ec("P-256");
    case CRYPTO_P384:
        return keys_ec("P-384");
    default:
        fail();
        return NULL;
    }
}

void keys_spki(const EVP_PKEY *key, struct keys_blob *out)
{
    uint8_t *at = out->octets;
    int len = i2d_PUBKEY(key, NULL);

    assert_in_range(len, 1, sizeof(out->octets));
    out->len = (size_t)i2d_PUBKEY(key, &at);
}

void keys_sign(EVP_PKEY *key, const char *md, const uint8_t *digest, size_t len,
               struct keys_blob *out)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);

    out->len = sizeof(out->octets);
    assert_non_null(ctx);
    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    if (EVP_PKEY_is_a(key, "RSA")) {
        assert_int_equal(EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING), 1);
        assert_int_equal(EVP_PKEY_CTX_set_signature_md(ctx, EVP_get_digestbyname(md)), 1);
    }
    assert_int_equal(EVP_PKEY_sign(ctx, out->octets, &out->len, digest, len), 1);
    EVP_PKEY_CTX_free(ctx);
}
