/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/stream.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/random.h>

#define SHA1_BLOCK 64

/* The kernel's generator, not the library's: no state of ours to be copied by a fork. */
int crypto_random(void *buf, size_t len)
{
    uint8_t *p = buf;
    size_t done = 0;

    while (done < len) {
        ssize_t n = getrandom(p + done, len - done, 0);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return CRYPTO_FAILED;
        done += (size_t)n;
    }
    return CRYPTO_OK;
}

static int hash_parts(const char *name, const void *a, size_t alen, const void *b, size_t blen,
                      uint8_t *out, size_t outlen)
{
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned got = 0;
    EVP_MD *md = EVP_MD_fetch(NULL, name, NULL);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    int r = CRYPTO_FAILED;

    if (md == NULL || ctx == NULL || EVP_DigestInit_ex2(ctx, md, NULL) != 1 ||
        (alen > 0 && EVP_DigestUpdate(ctx, a, alen) != 1) ||
        (blen > 0 && EVP_DigestUpdate(ctx, b, blen) != 1) ||
        EVP_DigestFinal_ex(ctx, digest, &got) != 1 || got != outlen)
        goto out;
    memcpy(out, digest, outlen);
    r = CRYPTO_OK;
out:
    EVP_MD_CTX_free(ctx);
    EVP_MD_free(md);
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}

int crypto_sha256(const void *data, size_t len, uint8_t out[CRYPTO_SHA256_LEN])
{
    return hash_parts("SHA2-256", data, len, NULL, 0, out, CRYPTO_SHA256_LEN);
}

int crypto_sha256_two(const void *a, size_t alen, const void *b, size_t blen,
                      uint8_t out[CRYPTO_SHA256_LEN])
{
    return hash_parts("SHA2-256", a, alen, b, blen, out, CRYPTO_SHA256_LEN);
}

int crypto_sha384(const void *data, size_t len, uint8_t out[CRYPTO_SHA384_LEN])
{
    return hash_parts("SHA2-384", data, len, NULL, 0, out, CRYPTO_SHA384_LEN);
}

struct sha256 {
    EVP_MD *md;
    EVP_MD_CTX *ctx;
};

void sha256_free(struct sha256 *sha)
{
    if (sha == NULL)
        return;
    EVP_MD_CTX_free(sha->ctx);
    EVP_MD_free(sha->md);
    OPENSSL_free(sha);
}

struct sha256 *sha256_new(void)
{
    struct sha256 *sha = OPENSSL_zalloc(sizeof(*sha));

    if (sha != NULL) {
        sha->md = EVP_MD_fetch(NULL, "SHA2-256", NULL);
        sha->ctx = EVP_MD_CTX_new();
        if (sha->md != NULL && sha->ctx != NULL && EVP_DigestInit_ex2(sha->ctx, sha->md, NULL) == 1)
            return sha;
    }
    sha256_free(sha);
    ERR_clear_error();
    return NULL;
}

int sha256_add(struct sha256 *sha, const void *data, size_t len)
{
    if (len == 0 || EVP_DigestUpdate(sha->ctx, data, len) == 1)
        return CRYPTO_OK;
    ERR_clear_error();
    return CRYPTO_FAILED;
}

int sha256_end(struct sha256 *sha, uint8_t out[CRYPTO_SHA256_LEN])
{
    if (EVP_DigestFinal_ex(sha->ctx, out, NULL) == 1)
        return CRYPTO_OK;
    ERR_clear_error();
    return CRYPTO_FAILED;
}

static int mac_of(const char *name, const void *key, size_t keylen, const void *data, size_t len,
                  uint8_t *out, size_t outlen)
{
    static const uint8_t nothing[1];
    uint8_t mac[EVP_MAX_MD_SIZE];
    size_t got = 0;
    int r = CRYPTO_FAILED;

    if (EVP_Q_mac(NULL, "HMAC", NULL, name, NULL, key, keylen, len > 0 ? data : nothing, len, mac,
                  sizeof(mac), &got) != NULL &&
        got == outlen) {
        memcpy(out, mac, outlen);
        r = CRYPTO_OK;
    }
    OPENSSL_cleanse(mac, sizeof(mac));
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}

int crypto_hmac_sha256(const uint8_t key[CRYPTO_KEY_LEN], const void *data, size_t len,
                       uint8_t out[CRYPTO_SHA256_LEN])
{
    return mac_of("SHA2-256", key, CRYPTO_KEY_LEN, data, len, out, CRYPTO_SHA256_LEN);
}

int crypto_hmac_sha1(const void *key, size_t keylen, const void *data, size_t len,
                     uint8_t out[CRYPTO_SHA1_LEN])
{
    if (keylen == 0 || keylen > SHA1_BLOCK)
        return CRYPTO_LENGTH;
    return mac_of("SHA1", key, keylen, data, len, out, CRYPTO_SHA1_LEN);
}

bool crypto_equal(const void *a, size_t alen, const void *b, size_t blen)
{
    return alen == blen && alen > 0 && CRYPTO_memcmp(a, b, alen) == 0;
}
