/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/stream.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/evp.h>

struct gcm {
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *ctx;
};

static int failed(int r)
{
    ERR_clear_error();
    return r;
}

void gcm_free(struct gcm *gcm)
{
    if (gcm == NULL)
        return;
    EVP_CIPHER_CTX_free(gcm->ctx);
    EVP_CIPHER_free(gcm->cipher);
    OPENSSL_free(gcm);
}

struct gcm *gcm_new(bool encrypt, const uint8_t key[CRYPTO_KEY_LEN],
                    const uint8_t nonce[GCM_NONCE_LEN])
{
    struct gcm *gcm = OPENSSL_zalloc(sizeof(*gcm));

    if (gcm != NULL) {
        gcm->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
        gcm->ctx = EVP_CIPHER_CTX_new();
        /* The default nonce length of GCM is 12 octets. */
        if (gcm->cipher != NULL && gcm->ctx != NULL &&
            EVP_CipherInit_ex2(gcm->ctx, gcm->cipher, key, nonce, encrypt, NULL) == 1)
            return gcm;
    }
    gcm_free(gcm);
    ERR_clear_error();
    return NULL;
}

int gcm_aad(struct gcm *gcm, const void *aad, size_t len)
{
    int n = 0;

    if (len > INT_MAX)
        return CRYPTO_LENGTH;
    if (len == 0 || EVP_CipherUpdate(gcm->ctx, NULL, &n, aad, (int)len) == 1)
        return CRYPTO_OK;
    return failed(CRYPTO_FAILED);
}

int gcm_crypt(struct gcm *gcm, const void *data, size_t len, uint8_t *out)
{
    int n = 0;

    if (len > INT_MAX)
        return CRYPTO_LENGTH;
    if (len == 0 ||
        (EVP_CipherUpdate(gcm->ctx, out, &n, data, (int)len) == 1 && n >= 0 && (size_t)n == len))
        return CRYPTO_OK;
    return failed(CRYPTO_FAILED);
}

static bool finish(struct gcm *gcm)
{
    uint8_t rest[EVP_MAX_BLOCK_LENGTH];
    int n = 0;

    return EVP_CipherFinal_ex(gcm->ctx, rest, &n) == 1 && n == 0;
}

int gcm_tag(struct gcm *gcm, uint8_t tag[GCM_TAG_LEN])
{
    if (finish(gcm) && EVP_CIPHER_CTX_ctrl(gcm->ctx, EVP_CTRL_AEAD_GET_TAG, GCM_TAG_LEN, tag) == 1)
        return CRYPTO_OK;
    return failed(CRYPTO_FAILED);
}

int gcm_check(struct gcm *gcm, const uint8_t tag[GCM_TAG_LEN])
{
    uint8_t copy[GCM_TAG_LEN]; /* the library's parameter has no const */

    for (size_t n = 0; n < sizeof(copy); n++)
        copy[n] = tag[n];
    if (EVP_CIPHER_CTX_ctrl(gcm->ctx, EVP_CTRL_AEAD_SET_TAG, GCM_TAG_LEN, copy) != 1)
        return failed(CRYPTO_FAILED);
    return finish(gcm) ? CRYPTO_OK : failed(CRYPTO_BAD_SEAL);
}
