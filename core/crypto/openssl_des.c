/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/crypto/crypto.h"
#include "core/wire/wipe.h"

/* The library counts in int. */
#define DES_DATA_MAX ((size_t)1 << 16)

static const char *cipher_of(size_t keylen)
{
    switch (keylen) {
    case CRYPTO_DES2_LEN:
        return "DES-EDE-CBC";
    case CRYPTO_DES3_LEN:
        return "DES-EDE3-CBC";
    default:
        return NULL;
    }
}

static bool encrypt(EVP_CIPHER_CTX *ctx, const uint8_t *data, size_t len, uint8_t *out)
{
    uint8_t rest[EVP_MAX_BLOCK_LENGTH];
    int done = 0, end = 0;

    return EVP_CIPHER_CTX_set_padding(ctx, 0) == 1 &&
           EVP_EncryptUpdate(ctx, out, &done, data, (int)len) == 1 && done >= 0 &&
           (size_t)done == len && EVP_EncryptFinal_ex(ctx, rest, &end) == 1 && end == 0;
}

int crypto_des_cbc(const uint8_t *key, size_t keylen, const uint8_t iv[CRYPTO_DES_BLOCK],
                   const uint8_t *data, size_t len, uint8_t *out)
{
    const char *name = cipher_of(keylen);
    EVP_CIPHER *cipher = NULL;
    EVP_CIPHER_CTX *ctx = NULL;
    int r = CRYPTO_FAILED;

    if (name == NULL || len == 0 || len % CRYPTO_DES_BLOCK != 0 || len > DES_DATA_MAX)
        return CRYPTO_LENGTH;
    cipher = EVP_CIPHER_fetch(NULL, name, NULL);
    ctx = EVP_CIPHER_CTX_new();
    if (cipher == NULL || ctx == NULL || EVP_EncryptInit_ex2(ctx, cipher, key, iv, NULL) != 1 ||
        !encrypt(ctx, data, len, out))
        goto out;
    r = CRYPTO_OK;
out:
    EVP_CIPHER_CTX_free(ctx);
    EVP_CIPHER_free(cipher);
    if (r != CRYPTO_OK) {
        ERR_clear_error();
        wire_wipe(out, len);
    }
    return r;
}
