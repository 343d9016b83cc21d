/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <string.h>

#include "core/crypto/openssl_key.h"

#define SIGNATURE_MAX 80 /* DER of two P-256 scalars takes at most 72 */

static int copy_out(const uint8_t *from, int len, uint8_t *out, size_t cap, size_t *outlen)
{
    if (from == NULL || len <= 0)
        return CRYPTO_FAILED;
    if ((size_t)len > cap)
        return CRYPTO_LENGTH;
    memcpy(out, from, (size_t)len);
    *outlen = (size_t)len;
    return CRYPTO_OK;
}

static int write_spki(const EVP_PKEY *key, uint8_t *out, size_t cap, size_t *outlen)
{
    uint8_t *der = NULL;
    int len = i2d_PUBKEY(key, &der);
    int r = copy_out(der, len, out, cap, outlen);

    OPENSSL_free(der);
    return r;
}

static int write_private(const EVP_PKEY *key, uint8_t *out, size_t cap, size_t *outlen)
{
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key);
    uint8_t *der = NULL;
    int len = info != NULL ? i2d_PKCS8_PRIV_KEY_INFO(info, &der) : -1;
    int r = copy_out(der, len, out, cap, outlen);

    OPENSSL_clear_free(der, len > 0 ? (size_t)len : 0);
    PKCS8_PRIV_KEY_INFO_free(info);
    return r;
}

static bool is_p256(const EVP_PKEY *key)
{
    char group[32] = "";
    size_t len = 0;

    return EVP_PKEY_is_a(key, "EC") == 1 &&
           EVP_PKEY_get_group_name(key, group, sizeof(group), &len) == 1 &&
           strcmp(group, "prime256v1") == 0;
}

EVP_PKEY *openssl_key_private(const void *der, size_t len)
{
    const uint8_t *at = der;
    PKCS8_PRIV_KEY_INFO *info = NULL;
    EVP_PKEY *key = NULL;

    if (len > LONG_MAX || (info = d2i_PKCS8_PRIV_KEY_INFO(NULL, &at, (long)len)) == NULL)
        return NULL;
    if ((size_t)(at - (const uint8_t *)der) == len)
        key = EVP_PKCS82PKEY_ex(info, NULL, NULL);
    PKCS8_PRIV_KEY_INFO_free(info);
    if (key != NULL && !is_p256(key)) {
        EVP_PKEY_free(key);
        key = NULL;
    }
    return key;
}

int crypto_p256_generate(uint8_t *key, size_t cap, size_t *keylen, uint8_t *spki, size_t spkicap,
                         size_t *spkilen)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    size_t len = 0;
    int r = CRYPTO_FAILED;

    if (pair != NULL && (r = write_private(pair, key, cap, &len)) == CRYPTO_OK) {
        if ((r = write_spki(pair, spki, spkicap, spkilen)) == CRYPTO_OK)
            *keylen = len;
        else
            OPENSSL_cleanse(key, len);
    }
    EVP_PKEY_free(pair);
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}

static int sign_with(EVP_PKEY *key, const uint8_t *digest, uint8_t *sig, size_t cap, size_t *siglen)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    uint8_t buf[SIGNATURE_MAX];
    size_t len = sizeof(buf);
    int r = CRYPTO_FAILED;

    if (ctx != NULL && EVP_PKEY_sign_init(ctx) == 1 &&
        EVP_PKEY_sign(ctx, buf, &len, digest, CRYPTO_SHA256_LEN) == 1)
        r = copy_out(buf, (int)len, sig, cap, siglen);
    EVP_PKEY_CTX_free(ctx);
    return r;
}

int crypto_p256_sign(const void *key, size_t keylen, const uint8_t digest[CRYPTO_SHA256_LEN],
                     uint8_t *sig, size_t cap, size_t *siglen)
{
    EVP_PKEY *pair = openssl_key_private(key, keylen);
    int r = CRYPTO_BAD_KEY;

    if (pair != NULL)
        r = sign_with(pair, digest, sig, cap, siglen);
    EVP_PKEY_free(pair);
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}

int crypto_p256_spki(const void *key, size_t keylen, uint8_t *spki, size_t cap, size_t *spkilen)
{
    EVP_PKEY *pair = openssl_key_private(key, keylen);
    int r = CRYPTO_BAD_KEY;

    if (pair != NULL)
        r = write_spki(pair, spki, cap, spkilen);
    EVP_PKEY_free(pair);
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}
