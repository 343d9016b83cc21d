/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/create.h"

#include "tests/virtual/card/hex.h"
#include "tests/virtual/card/state.h"

#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#define VALID_SECONDS (10L * 365 * 24 * 3600)

bool create_alg(const char *name, enum slot_alg *out)
{
    static const struct {
        const char *name;
        enum slot_alg alg;
    } names[] = {{"none", ALG_NONE},
                 {"p256", ALG_P256},
                 {"p384", ALG_P384},
                 {"rsa2048", ALG_RSA2048},
                 {"rsa3072", ALG_RSA3072}};

    for (size_t n = 0; n < sizeof(names) / sizeof(names[0]); n++) {
        if (strcmp(name, names[n].name) == 0) {
            *out = names[n].alg;
            return true;
        }
    }
    return false;
}

static EVP_PKEY *make_key(enum slot_alg alg)
{
    switch (alg) {
    case ALG_RSA2048:
        return EVP_RSA_gen(2048);
    case ALG_RSA3072:
        return EVP_RSA_gen(3072);
    case ALG_P256:
        return EVP_EC_gen("P-256");
    case ALG_P384:
        return EVP_EC_gen("P-384");
    case ALG_NONE:
    default:
        return NULL;
    }
}

static bool fill_certificate(X509 *x, const char *subject, EVP_PKEY *key)
{
    X509_NAME *name = X509_get_subject_name(x);
    uint32_t serial = 0;

    return RAND_bytes((uint8_t *)&serial, sizeof(serial)) == 1 && X509_set_version(x, 2) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial + UINT64_C(1)) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, (const uint8_t *)subject, -1, -1,
                                      0) == 1 &&
           X509_set_issuer_name(x, name) == 1 && X509_set_pubkey(x, key) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(x), 0) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(x), VALID_SECONDS) != NULL;
}

static bool certify(struct slot *slot, const char *subject)
{
    X509 *x = X509_new();
    uint8_t *at = slot->cert;
    bool good = x != NULL && fill_certificate(x, subject, slot->key) &&
                X509_sign(x, slot->key, EVP_sha256()) > 0;
    int len = good ? i2d_X509(x, NULL) : 0;

    good = len > 0 && len <= (int)sizeof(slot->cert) && i2d_X509(x, &at) == len;
    slot->cert_len = good ? (size_t)len : 0;
    X509_free(x);
    return good;
}

static bool fill_slot(struct slot *slot, enum slot_alg alg, const char *subject)
{
    slot->alg = (uint8_t)alg;
    if (alg == ALG_NONE)
        return true;
    slot->key = make_key(alg);
    return slot->key != NULL && certify(slot, subject);
}

/* Another card's certificates and GUID over keys of our own. */
static bool clone_public(struct card *card, const char *path)
{
    struct card other;
    bool good;

    card_init(&other, card->applet, card->like);
    good = state_load(&other, path);
    for (size_t n = 0; n < CARD_SLOTS && good; n++) {
        struct slot *to = &card->slots[n], *from = &other.slots[n];
        good = fill_slot(to, (enum slot_alg)from->alg, "clone");
        memcpy(to->cert, from->cert, from->cert_len);
        to->cert_len = from->cert_len;
    }
    memcpy(card->guid, other.guid, sizeof(card->guid));
    card_free(&other);
    return good;
}

static bool set_pin(uint8_t out[CARD_PIN_LEN], const char *digits)
{
    size_t len = strlen(digits);

    for (size_t n = 0; n < CARD_PIN_LEN; n++)
        out[n] = n < len ? (uint8_t)digits[n] : 0xFF;
    return len >= 4 && len <= CARD_PIN_LEN;
}

static bool set_guid(struct card *card, const char *hex)
{
    size_t len = 0;

    if (hex == NULL)
        return RAND_bytes(card->guid, sizeof(card->guid)) == 1;
    return hex_read(hex, card->guid, sizeof(card->guid), &len) && len == sizeof(card->guid);
}

bool create_card(struct card *card, const struct create *create)
{
    card->tries = card->like->pin_tries;
    card->puk_tries = CARD_PUK_TRIES;
    if (!set_pin(card->pin, create->pin != NULL ? create->pin : "123456") ||
        !set_pin(card->puk, create->puk != NULL ? create->puk : "12345678"))
        return false;
    if (create->clone != NULL)
        return clone_public(card, create->clone);
    for (size_t n = 0; n < CARD_SLOTS; n++)
        if (!fill_slot(&card->slots[n], create->algs[n], create->subject))
            return false;
    return set_guid(card, create->guid);
}
