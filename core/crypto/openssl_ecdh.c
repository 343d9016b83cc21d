/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <string.h>

#include "core/crypto/openssl_key.h"
#include "core/crypto/stream.h"

/* SubjectPublicKeyInfo of P-256 (RFC 5480 2) up to the point. */
static const uint8_t before_point[] = {0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48,
                                       0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86, 0x48,
                                       0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00};

static int derive(EVP_PKEY *own, EVP_PKEY *peer, uint8_t shared[CRYPTO_KEY_LEN])
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
    size_t len = CRYPTO_KEY_LEN;
    int r = CRYPTO_FAILED;

    if (ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 && EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
        EVP_PKEY_derive(ctx, shared, &len) == 1 && len == CRYPTO_KEY_LEN)
        r = CRYPTO_OK;
    EVP_PKEY_CTX_free(ctx);
    return r;
}

static bool point_of(EVP_PKEY *key, uint8_t point[P256_POINT_LEN])
{
    size_t len = 0;

    return EVP_PKEY_get_octet_string_param(key, OSSL_PKEY_PARAM_PUB_KEY, point, P256_POINT_LEN,
                                           &len) == 1 &&
           len == P256_POINT_LEN && point[0] == 0x04;
}

int ecdh_to(const void *spki, size_t len, uint8_t point[P256_POINT_LEN],
            uint8_t shared[CRYPTO_KEY_LEN])
{
    EVP_PKEY *peer = NULL, *own = NULL;
    struct spki parsed;
    int r = openssl_key_public(spki, len, &parsed, &peer);

    if (r == CRYPTO_OK && parsed.alg != CRYPTO_P256)
        r = CRYPTO_BAD_KEY;
    if (r == CRYPTO_OK) {
        own = EVP_EC_gen("P-256");
        r = own != NULL && point_of(own, point) ? derive(own, peer, shared) : CRYPTO_FAILED;
    }
    EVP_PKEY_free(own);
    EVP_PKEY_free(peer);
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}

int ecdh_from(const void *key, size_t keylen, const uint8_t point[P256_POINT_LEN],
              uint8_t shared[CRYPTO_KEY_LEN])
{
    uint8_t spki[sizeof(before_point) + P256_POINT_LEN];
    EVP_PKEY *own = openssl_key_private(key, keylen), *peer = NULL;
    struct spki parsed;
    int r = CRYPTO_BAD_KEY;

    memcpy(spki, before_point, sizeof(before_point));
    memcpy(spki + sizeof(before_point), point, P256_POINT_LEN);
    if (own != NULL && openssl_key_public(spki, sizeof(spki), &parsed, &peer) == CRYPTO_OK)
        r = derive(own, peer, shared);
    else if (own != NULL)
        r = CRYPTO_FORMAT;
    EVP_PKEY_free(peer);
    EVP_PKEY_free(own);
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}

static int wrap_with(bool wrap, const uint8_t *kek, const uint8_t *in, size_t len, uint8_t *out,
                     size_t expected, int refusal)
{
    EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-WRAP", NULL);
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    uint8_t buf[KEY_WRAP_LEN + EVP_MAX_BLOCK_LENGTH];
    int n = 0, r = CRYPTO_FAILED;

    if (cipher != NULL && ctx != NULL) {
        EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
        if (EVP_CipherInit_ex2(ctx, cipher, kek, NULL, wrap, NULL) == 1)
            r = EVP_CipherUpdate(ctx, buf, &n, in, (int)len) == 1 && n >= 0 && (size_t)n == expected
                    ? CRYPTO_OK
                    : refusal;
    }
    if (r == CRYPTO_OK)
        memcpy(out, buf, expected);
    else
        ERR_clear_error();
    OPENSSL_cleanse(buf, sizeof(buf));
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    return r;
}

int key_wrap(const uint8_t kek[CRYPTO_KEY_LEN], const uint8_t key[CRYPTO_KEY_LEN],
             uint8_t out[KEY_WRAP_LEN])
{
    return wrap_with(true, kek, key, CRYPTO_KEY_LEN, out, KEY_WRAP_LEN, CRYPTO_FAILED);
}

int key_unwrap(const uint8_t kek[CRYPTO_KEY_LEN], const uint8_t in[KEY_WRAP_LEN],
               uint8_t key[CRYPTO_KEY_LEN])
{
    return wrap_with(false, kek, in, KEY_WRAP_LEN, key, CRYPTO_KEY_LEN, CRYPTO_BAD_SEAL);
}
