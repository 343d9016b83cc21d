/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/param_build.h>
#include <openssl/rsa.h>

#include "core/crypto/openssl_key.h"

static EVP_PKEY *key_from(const char *type, OSSL_PARAM *params)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    EVP_PKEY *key = NULL;

    if (ctx != NULL && EVP_PKEY_fromdata_init(ctx) == 1 &&
        EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_PUBLIC_KEY, params) != 1)
        key = NULL;
    EVP_PKEY_CTX_free(ctx);
    return key;
}

static EVP_PKEY *key_rsa(const struct spki *spki)
{
    OSSL_PARAM_BLD *bld = OSSL_PARAM_BLD_new();
    OSSL_PARAM *params = NULL;
    BIGNUM *modulus = BN_bin2bn(spki->modulus.val, (int)spki->modulus.len, NULL);
    EVP_PKEY *key = NULL;

    if (bld != NULL && modulus != NULL &&
        OSSL_PARAM_BLD_push_BN(bld, OSSL_PKEY_PARAM_RSA_N, modulus) == 1 &&
        OSSL_PARAM_BLD_push_uint64(bld, OSSL_PKEY_PARAM_RSA_E, spki->exponent) == 1 &&
        (params = OSSL_PARAM_BLD_to_param(bld)) != NULL)
        key = key_from("RSA", params);
    OSSL_PARAM_free(params);
    OSSL_PARAM_BLD_free(bld);
    BN_free(modulus);
    return key;
}

static EVP_PKEY *key_ec(const struct spki *spki)
{
    char p256[] = "P-256", p384[] = "P-384";
    char *group = spki->alg == CRYPTO_P384 ? p384 : p256;
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
                           /* Only read; the parameter type has no const. */
                           OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY,
                                                             (void *)(uintptr_t)spki->point.val,
                                                             spki->point.len),
                           OSSL_PARAM_construct_end()};

    return key_from("EC", params);
}

static bool alg_is_rsa(enum crypto_alg alg)
{
    return alg == CRYPTO_RSA2048 || alg == CRYPTO_RSA3072;
}

int openssl_key_public(const void *der, size_t len, struct spki *spki, EVP_PKEY **key)
{
    int r = spki_parse(der, len, spki);

    if (r != CRYPTO_OK)
        return r;
    *key = alg_is_rsa(spki->alg) ? key_rsa(spki) : key_ec(spki);
    if (*key != NULL)
        return CRYPTO_OK;
    ERR_clear_error();
    return CRYPTO_BAD_KEY;
}

int crypto_key_alg(const void *spki, size_t len, enum crypto_alg *alg)
{
    struct spki parsed;
    EVP_PKEY *key = NULL;
    int r = openssl_key_public(spki, len, &parsed, &key);

    if (r == CRYPTO_OK)
        *alg = parsed.alg;
    EVP_PKEY_free(key);
    return r;
}

/* Ecdsa-Sig-Value (RFC 3279 2.2.3) and nothing behind it. */
static bool signature_is_der(const void *sig, size_t len)
{
    struct tlv_cur cur = tlv_der(sig, len);
    struct tlv_cur body;
    struct tlv number = {0};

    return tlv_enter(&cur, DER_SEQUENCE, &body) == WIRE_OK && tlv_end(&cur) == WIRE_OK &&
           tlv_expect(&body, DER_INTEGER, &number) == WIRE_OK &&
           tlv_expect(&body, DER_INTEGER, &number) == WIRE_OK && tlv_end(&body) == WIRE_OK;
}

static bool signature_fits(const struct spki *spki, const void *sig, size_t len)
{
    return alg_is_rsa(spki->alg) ? len == spki->modulus.len : signature_is_der(sig, len);
}

static int verify_begin(EVP_PKEY_CTX *ctx, EVP_MD *sha256, enum crypto_alg alg)
{
    if (ctx == NULL || sha256 == NULL || EVP_PKEY_verify_init(ctx) != 1)
        return CRYPTO_FAILED;
    if (alg_is_rsa(alg) && (EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) != 1 ||
                            EVP_PKEY_CTX_set_signature_md(ctx, sha256) != 1))
        return CRYPTO_FAILED;
    return CRYPTO_OK;
}

static int verify_with(EVP_PKEY *key, enum crypto_alg alg, const void *digest, size_t digestlen,
                       const void *sig, size_t siglen)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, key, NULL);
    EVP_MD *sha256 = EVP_MD_fetch(NULL, "SHA2-256", NULL);
    int r = verify_begin(ctx, sha256, alg);

    if (r == CRYPTO_OK && EVP_PKEY_verify(ctx, sig, siglen, digest, digestlen) != 1)
        r = CRYPTO_BAD_SIGNATURE;
    EVP_PKEY_CTX_free(ctx);
    EVP_MD_free(sha256);
    if (r != CRYPTO_OK)
        ERR_clear_error();
    return r;
}

int crypto_verify(const void *spki, size_t spkilen, const void *digest, size_t digestlen,
                  const void *sig, size_t siglen)
{
    struct spki parsed;
    EVP_PKEY *key = NULL;
    int r = openssl_key_public(spki, spkilen, &parsed, &key);

    if (r != CRYPTO_OK)
        return r;
    if (digestlen != crypto_digest_len(parsed.alg))
        r = CRYPTO_LENGTH;
    else if (!signature_fits(&parsed, sig, siglen))
        r = CRYPTO_BAD_SIGNATURE;
    else
        r = verify_with(key, parsed.alg, digest, digestlen, sig, siglen);
    EVP_PKEY_free(key);
    return r;
}
