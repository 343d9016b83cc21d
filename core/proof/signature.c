/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/signature.h"

#include "core/wire/tlv.h"

#define CHALLENGE_MAX 512

static const char *label_of(enum proof_use use)
{
    switch (use) {
    case PROOF_CARD_9E:
        return "toyama login card";
    case PROOF_PIN_9A:
        return "toyama login pin";
    case PROOF_ENROL_9E:
        return "toyama enrol card";
    case PROOF_ENROL_9A:
        return "toyama enrol pin";
    case PROOF_ENROL_9C:
        return "toyama enrol approval";
    default:
        return NULL;
    }
}

static bool alg_is_known(enum crypto_alg alg)
{
    return alg == CRYPTO_RSA2048 || alg == CRYPTO_RSA3072 || alg == CRYPTO_P256 ||
           alg == CRYPTO_P384;
}

static int write_challenge(const char *label, const char *zone, const char *host, uint8_t key_ref,
                           uint8_t buf[CHALLENGE_MAX], size_t *len)
{
    struct tlv_out out = tlv_writer(buf, CHALLENGE_MAX);
    uint8_t nonce[PROOF_NONCE_LEN];
    size_t mark;

    if (crypto_random(nonce, sizeof(nonce)) != CRYPTO_OK)
        return PROOF_FAILED;
    mark = tlv_open(&out, DER_SEQUENCE);
    tlv_put_text(&out, DER_UTF8, label);
    tlv_put_text(&out, DER_UTF8, zone);
    tlv_put_text(&out, DER_UTF8, host);
    tlv_put(&out, DER_OCTETS, &key_ref, sizeof(key_ref));
    tlv_put(&out, DER_OCTETS, nonce, sizeof(nonce));
    tlv_close(&out, mark);
    return tlv_finish(&out, len) == WIRE_OK ? PROOF_OK : PROOF_FAILED;
}

static int hash_challenge(struct proof_signature *proof, const uint8_t *der, size_t len)
{
    proof->digest_len = crypto_digest_len(proof->alg);
    if (proof->digest_len == CRYPTO_SHA384_LEN)
        return crypto_sha384(der, len, proof->digest);
    return crypto_sha256(der, len, proof->digest);
}

int proof_signature_begin(struct proof_signature *proof, enum proof_use use, const char *zone,
                          const char *host, uint8_t key_ref, enum crypto_alg alg)
{
    const char *label = label_of(use);
    uint8_t der[CHALLENGE_MAX];
    size_t len = 0;

    *proof = (struct proof_signature){0};
    if (label == NULL || !alg_is_known(alg))
        return PROOF_STATE;
    proof->alg = alg;
    proof->key_ref = key_ref;
    if (write_challenge(label, zone, host, key_ref, der, &len) != PROOF_OK ||
        hash_challenge(proof, der, len) != CRYPTO_OK)
        return PROOF_FAILED;
    proof->armed = true;
    return PROOF_OK;
}

static int check_one(const struct proof_signature *proof, const struct proof_key *key,
                     const void *answer, size_t len)
{
    enum crypto_alg alg = (enum crypto_alg)0;
    int r = crypto_key_alg(key->spki, key->len, &alg);

    if (r == CRYPTO_OK)
        r = alg != proof->alg
                ? CRYPTO_BAD_KEY
                : crypto_verify(key->spki, key->len, proof->digest, proof->digest_len, answer, len);
    return r;
}

int proof_signature_check(struct proof_signature *proof, const void *answer, size_t len,
                          const struct proof_key *keys, size_t count, size_t *index)
{
    int result = PROOF_REFUSED;

    if (!proof->armed)
        return PROOF_STATE;
    proof->armed = false;
    for (size_t n = 0; n < count; n++) {
        int r = check_one(proof, &keys[n], answer, len);
        if (r == CRYPTO_OK) {
            if (index != NULL)
                *index = n;
            return PROOF_OK;
        }
        if (r == CRYPTO_FAILED)
            result = PROOF_FAILED;
    }
    return result;
}
