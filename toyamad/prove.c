/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/prove.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/officer.h"
#include "toyamad/shared.h"

#include <string.h>

#define CANDIDATES (ROSTER_CREDENTIALS * ROSTER_KEYS)

static const struct {
    uint8_t family;
    unsigned factor;
    uint8_t alg; /* 0: as the key says */
    const char *strength;
} families[] = {
    {CARD_PIV, FACTOR_CARD, 0, "signature"},
    {CARD_JPKI, FACTOR_CARD, 0, "signature"},
    {CARD_FELICA, FACTOR_CARD, CARD_MAC_A, "shared-key"},
    {CARD_YUBIKEY, FACTOR_TOKEN, CARD_HMAC_SHA1, "shared-key"},
    {CARD_MEMORISED, FACTOR_PIN, 0, "memorised"},
};

/* Keys of one shape, and whose they are. */
struct candidates {
    const struct roster_credential *credential[CANDIDATES];
    const struct roster_key *key[CANDIDATES];
    size_t owner[CANDIDATES];
    size_t count;
};

static size_t row_of(uint8_t family)
{
    size_t n = 0;

    while (n < sizeof(families) / sizeof(families[0]) && families[n].family != family)
        n++;
    return n;
}

unsigned prove_factor(uint8_t family)
{
    size_t n = row_of(family);

    return n < sizeof(families) / sizeof(families[0]) ? families[n].factor : 0;
}

const char *prove_strength(uint8_t family)
{
    size_t n = row_of(family);

    return n < sizeof(families) / sizeof(families[0]) ? families[n].strength : "none";
}

bool prove_shape(const struct roster_credential *c, const struct roster_key *key,
                 struct prove_shape *out)
{
    size_t n = row_of(c->family);
    enum crypto_alg alg;

    if (n == sizeof(families) / sizeof(families[0]) || c->family == CARD_MEMORISED)
        return false;
    *out = (struct prove_shape){c->family, key->ref, families[n].alg, key->pin};
    if (out->alg != 0)
        return true;
    if (crypto_key_alg(key->spki, key->len, &alg) != CRYPTO_OK)
        return false;
    out->alg = (uint8_t)alg;
    return true;
}

static bool same_shape(const struct prove_shape *a, const struct prove_shape *b)
{
    return a->family == b->family && a->ref == b->ref && a->alg == b->alg && a->pin == b->pin;
}

static bool seen_before(const struct prove_shape *seen, unsigned count,
                        const struct prove_shape *shape)
{
    for (unsigned n = 0; n < count; n++)
        if (same_shape(&seen[n], shape))
            return true;
    return false;
}

bool prove_free_shape(const struct roster_record *r, unsigned factor, unsigned turn,
                      struct prove_shape *out)
{
    struct prove_shape seen[CANDIDATES];
    unsigned count = 0;

    for (size_t n = 0; n < r->credentials * ROSTER_KEYS; n++) {
        const struct roster_credential *c = &r->credential[n / ROSTER_KEYS];
        const size_t k = n % ROSTER_KEYS;
        if (k >= c->keys || c->key[k].pin || prove_factor(c->family) != factor ||
            !prove_shape(c, &c->key[k], out) || seen_before(seen, count, out))
            continue;
        if (count == turn)
            return true;
        seen[count++] = *out;
    }
    return false;
}

const struct roster_key *prove_key(const struct roster_credential *c, bool pin)
{
    for (size_t n = 0; n < c->keys; n++)
        if (c->key[n].pin == pin && c->key[n].ref != OFFICER_KEY)
            return &c->key[n];
    return NULL;
}

size_t prove_by_certificate(const struct roster_record *r, uint8_t family, const void *der,
                            size_t len)
{
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t spki_len = 0;

    if (crypto_cert_spki(der, len, spki, sizeof(spki), &spki_len) != CRYPTO_OK)
        return PROVE_ANY;
    for (size_t n = 0; n < r->credentials; n++) {
        const struct roster_credential *c = &r->credential[n];
        if (c->family == family && c->keys > 0 && c->key[0].len == spki_len &&
            memcmp(c->key[0].spki, spki, spki_len) == 0)
            return n;
    }
    return PROVE_ANY;
}

int prove_begin(struct prove *p, const struct policy *policy, enum proof_use use,
                const struct prove_shape *shape, struct card_signing *signing)
{
    struct proof_signature *s = &p->proof.signature;
    int r;

    *p = (struct prove){.shape = *shape};
    signing->family = shape->family;
    signing->key = shape->ref;
    signing->alg = shape->alg;
    if (shape->alg == CARD_MAC_A) {
        r = proof_mac_a_begin(&p->proof.mac_a);
        signing->digest = p->proof.mac_a.rc;
        signing->digest_len = sizeof(p->proof.mac_a.rc);
    } else if (shape->alg == CARD_HMAC_SHA1) {
        r = proof_hmac_begin(&p->proof.hmac);
        signing->digest = p->proof.hmac.challenge;
        signing->digest_len = sizeof(p->proof.hmac.challenge);
    } else {
        r = proof_signature_begin(s, use, policy_zone_name(policy->zone), policy->host, shape->ref,
                                  (enum crypto_alg)shape->alg);
        signing->digest = s->digest;
        signing->digest_len = s->digest_len;
    }
    return r;
}

static void collect(const struct prove *p, const struct roster_record *r, size_t among,
                    struct candidates *out)
{
    struct prove_shape shape;

    out->count = 0;
    for (size_t n = 0; n < r->credentials * ROSTER_KEYS; n++) {
        const struct roster_credential *c = &r->credential[n / ROSTER_KEYS];
        const size_t k = n % ROSTER_KEYS;
        if ((among != PROVE_ANY && among != n / ROSTER_KEYS) || k >= c->keys ||
            !prove_shape(c, &c->key[k], &shape) || !same_shape(&shape, &p->shape))
            continue;
        out->credential[out->count] = c;
        out->key[out->count] = &c->key[k];
        out->owner[out->count++] = n / ROSTER_KEYS;
    }
}

static int check_signature(struct prove *p, const struct candidates *c, const void *answer,
                           size_t len, size_t *index)
{
    struct proof_key keys[CANDIDATES];

    for (size_t n = 0; n < c->count; n++)
        keys[n] = (struct proof_key){c->key[n]->spki, c->key[n]->len};
    return proof_signature_check(&p->proof.signature, answer, len, keys, c->count, index);
}

/* A row that does not open proves nothing; the person's other credentials still may. */
static bool unseal(struct registry *reg, const struct roster_record *r, const struct candidates *c,
                   size_t n, uint8_t out[SHARED_DER_MAX], size_t *len)
{
    int err;

    if (r->number[0] == '\0') /* the decoy: there is nothing to be found, and nothing to be said */
        return false;
    err = registry_secret_get(reg, r->id, c->credential[n], c->key[n], out, SHARED_DER_MAX, len);
    if (err != REGISTRY_OK)
        log_error("registry: shared key of %s: %s", r->number, registry_strerror(err));
    return err == REGISTRY_OK;
}

static int check_mac_a(struct prove *p, struct registry *reg, const struct roster_record *r,
                       struct candidates *c, const void *answer, size_t len, size_t *index)
{
    struct proof_mac_a_key keys[CANDIDATES] = {0};
    uint8_t der[SHARED_DER_MAX];
    size_t derlen = 0, count = 0;
    int result;

    for (size_t n = 0; n < c->count; n++)
        if (unseal(reg, r, c, n, der, &derlen) && shared_felica_decode(der, derlen, &keys[count]))
            c->owner[count++] = c->owner[n];
    result = proof_mac_a_check(&p->proof.mac_a, answer, len, keys, count, index);
    wire_wipe(keys, sizeof(keys));
    wire_wipe(der, sizeof(der));
    return result;
}

static int check_hmac(struct prove *p, struct registry *reg, const struct roster_record *r,
                      struct candidates *c, const void *answer, size_t len, size_t *index)
{
    struct proof_hmac_key keys[CANDIDATES] = {0};
    struct shared_yubikey shared = {0};
    uint8_t der[SHARED_DER_MAX];
    size_t derlen = 0, count = 0;
    int result;

    for (size_t n = 0; n < c->count; n++)
        if (unseal(reg, r, c, n, der, &derlen) && shared_yubikey_decode(der, derlen, &shared)) {
            keys[count] = shared.key;
            c->owner[count++] = c->owner[n];
        }
    result = proof_hmac_check(&p->proof.hmac, answer, len, keys, count, index);
    wire_wipe(keys, sizeof(keys));
    wire_wipe(&shared, sizeof(shared));
    wire_wipe(der, sizeof(der));
    return result;
}

int prove_check(struct prove *p, struct registry *reg, const struct roster_record *r, size_t among,
                const void *answer, size_t len, size_t *owner)
{
    struct candidates c;
    size_t index = 0;
    int result;

    collect(p, r, among, &c);
    if (p->shape.alg == CARD_MAC_A)
        result = check_mac_a(p, reg, r, &c, answer, len, &index);
    else if (p->shape.alg == CARD_HMAC_SHA1)
        result = check_hmac(p, reg, r, &c, answer, len, &index);
    else
        result = check_signature(p, &c, answer, len, &index);
    if (result == PROOF_OK)
        *owner = c.owner[index];
    return result;
}
