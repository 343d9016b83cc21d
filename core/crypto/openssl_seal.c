/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#include "core/wire/wipe.h"

#define SEAL_VERSION 1
#define NONCE_LEN    12
#define TAG_LEN      16
#define HEAD_LEN     (1 + NONCE_LEN)
/* The library counts in int; nothing that is sealed comes near. */
#define SEAL_MAX ((size_t)1 << 30)

struct gcm {
    EVP_CIPHER *cipher;
    EVP_CIPHER_CTX *ctx;
};

static void gcm_free(struct gcm *g)
{
    EVP_CIPHER_CTX_free(g->ctx);
    EVP_CIPHER_free(g->cipher);
}

static bool gcm_begin(struct gcm *g, int encrypt, const uint8_t *key, const uint8_t *nonce,
                      const void *aad, size_t aadlen)
{
    int n = 0;

    g->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
    g->ctx = EVP_CIPHER_CTX_new();
    /* The default nonce length of GCM is 12 octets. */
    if (g->cipher == NULL || g->ctx == NULL ||
        EVP_CipherInit_ex2(g->ctx, g->cipher, key, nonce, encrypt, NULL) != 1)
        return false;
    return aadlen == 0 || EVP_CipherUpdate(g->ctx, NULL, &n, aad, (int)aadlen) == 1;
}

static bool gcm_crypt(struct gcm *g, const uint8_t *data, size_t len, uint8_t *out)
{
    int n = 0;

    return len == 0 ||
           (EVP_CipherUpdate(g->ctx, out, &n, data, (int)len) == 1 && n >= 0 && (size_t)n == len);
}

static bool gcm_final(struct gcm *g)
{
    uint8_t rest[EVP_MAX_BLOCK_LENGTH];
    int n = 0;

    return EVP_CipherFinal_ex(g->ctx, rest, &n) == 1 && n == 0;
}

int crypto_seal(const uint8_t key[CRYPTO_KEY_LEN], const void *aad, size_t aadlen, const void *data,
                size_t len, uint8_t *out, size_t cap, size_t *outlen)
{
    struct gcm g = {0};
    int r = CRYPTO_FAILED;

    if (len > SEAL_MAX || aadlen > SEAL_MAX || cap < len + CRYPTO_SEAL_EXTRA)
        return CRYPTO_LENGTH;
    out[0] = SEAL_VERSION;
    if (crypto_random(out + 1, NONCE_LEN) != CRYPTO_OK ||
        !gcm_begin(&g, 1, key, out + 1, aad, aadlen) || !gcm_crypt(&g, data, len, out + HEAD_LEN) ||
        !gcm_final(&g) ||
        EVP_CIPHER_CTX_ctrl(g.ctx, EVP_CTRL_AEAD_GET_TAG, TAG_LEN, out + HEAD_LEN + len) != 1)
        goto out;
    *outlen = len + CRYPTO_SEAL_EXTRA;
    r = CRYPTO_OK;
out:
    gcm_free(&g);
    if (r != CRYPTO_OK) {
        ERR_clear_error();
        wire_wipe(out, len + CRYPTO_SEAL_EXTRA);
    }
    return r;
}

static int open_checked(const uint8_t *key, const void *aad, size_t aadlen, const uint8_t *sealed,
                        size_t textlen, uint8_t *out)
{
    struct gcm g = {0};
    uint8_t tag[TAG_LEN];
    int r = CRYPTO_FAILED;

    for (size_t n = 0; n < TAG_LEN; n++)
        tag[n] = sealed[HEAD_LEN + textlen + n];
    if (!gcm_begin(&g, 0, key, sealed + 1, aad, aadlen) ||
        !gcm_crypt(&g, sealed + HEAD_LEN, textlen, out) ||
        EVP_CIPHER_CTX_ctrl(g.ctx, EVP_CTRL_AEAD_SET_TAG, TAG_LEN, tag) != 1)
        goto out;
    r = gcm_final(&g) ? CRYPTO_OK : CRYPTO_BAD_SEAL;
out:
    gcm_free(&g);
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}

int crypto_unseal(const uint8_t key[CRYPTO_KEY_LEN], const void *aad, size_t aadlen,
                  const void *sealed, size_t len, uint8_t *out, size_t cap, size_t *outlen)
{
    const uint8_t *octets = sealed;
    size_t textlen;
    int r = CRYPTO_BAD_SEAL;

    if (len < CRYPTO_SEAL_EXTRA || octets[0] != SEAL_VERSION)
        goto out;
    textlen = len - CRYPTO_SEAL_EXTRA;
    r = CRYPTO_LENGTH;
    if (textlen > SEAL_MAX || aadlen > SEAL_MAX || textlen > cap)
        goto out;
    r = open_checked(key, aad, aadlen, octets, textlen, out);
    if (r == CRYPTO_OK)
        *outlen = textlen;
out:
    if (r != CRYPTO_OK)
        wire_wipe(out, cap);
    return r;
}
