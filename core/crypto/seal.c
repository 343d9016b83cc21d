/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/stream.h"
#include "core/wire/wipe.h"

#define SEAL_VERSION 1
#define HEAD_LEN     (1 + GCM_NONCE_LEN)
/* The library counts in int; nothing that is sealed comes near. */
#define SEAL_MAX ((size_t)1 << 30)

int crypto_seal(const uint8_t key[CRYPTO_KEY_LEN], const void *aad, size_t aadlen, const void *data,
                size_t len, uint8_t *out, size_t cap, size_t *outlen)
{
    struct gcm *gcm = NULL;
    int r;

    if (len > SEAL_MAX || aadlen > SEAL_MAX || cap < len + CRYPTO_SEAL_EXTRA)
        return CRYPTO_LENGTH;
    out[0] = SEAL_VERSION;
    r = crypto_random(out + 1, GCM_NONCE_LEN);
    if (r == CRYPTO_OK && (gcm = gcm_new(true, key, out + 1)) == NULL)
        r = CRYPTO_FAILED;
    if (r == CRYPTO_OK && (r = gcm_aad(gcm, aad, aadlen)) == CRYPTO_OK &&
        (r = gcm_crypt(gcm, data, len, out + HEAD_LEN)) == CRYPTO_OK &&
        (r = gcm_tag(gcm, out + HEAD_LEN + len)) == CRYPTO_OK)
        *outlen = len + CRYPTO_SEAL_EXTRA;
    gcm_free(gcm);
    if (r != CRYPTO_OK)
        wire_wipe(out, len + CRYPTO_SEAL_EXTRA);
    return r;
}

static int open_checked(const uint8_t *key, const void *aad, size_t aadlen, const uint8_t *sealed,
                        size_t textlen, uint8_t *out)
{
    struct gcm *gcm = gcm_new(false, key, sealed + 1);
    int r = CRYPTO_FAILED;

    if (gcm != NULL && (r = gcm_aad(gcm, aad, aadlen)) == CRYPTO_OK &&
        (r = gcm_crypt(gcm, sealed + HEAD_LEN, textlen, out)) == CRYPTO_OK)
        r = gcm_check(gcm, sealed + HEAD_LEN + textlen);
    gcm_free(gcm);
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
