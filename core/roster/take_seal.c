/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/take_seal.h"

#include <stdlib.h>
#include <string.h>

static bool same_finger(const struct roster_record *r, const struct roster_finger *f)
{
    for (size_t n = 0; n < r->fingers; n++)
        if (memcmp(r->finger[n].id, f->id, sizeof(f->id)) == 0)
            return memcmp(r->finger[n].sealed_hash, f->sealed_hash, sizeof(f->sealed_hash)) == 0;
    return false;
}

static bool same_key(const struct roster_credential *c, const struct roster_key *key)
{
    for (size_t n = 0; n < c->keys; n++)
        if (c->key[n].ref == key->ref)
            return c->key[n].len == key->len && memcmp(c->key[n].spki, key->spki, key->len) == 0;
    return false;
}

static bool same_shared_key(const struct roster_record *r, const struct roster_credential *c,
                            const struct roster_key *key)
{
    for (size_t n = 0; n < r->credentials; n++)
        if (memcmp(r->credential[n].id, c->id, sizeof(c->id)) == 0)
            return r->credential[n].family == c->family && same_key(&r->credential[n], key);
    return false;
}

static int add(struct roster_take *take, const struct roster_record *r,
               const uint8_t id[ROSTER_ID_LEN], uint8_t ref, const uint8_t hash[CRYPTO_SHA256_LEN],
               bool there)
{
    struct roster_take_seal seal = {.ref = ref, .write = !there};

    memcpy(seal.id, id, sizeof(seal.id));
    memcpy(seal.person, r->id, sizeof(seal.person));
    memcpy(seal.hash, hash, sizeof(seal.hash));
    return take_seal_add(take, &seal);
}

static int add_keys(struct roster_take *take, const struct roster_record *r,
                    const struct roster_credential *c, const struct roster_record *before)
{
    int err = ROSTER_OK;

    for (size_t n = 0; n < c->keys && err == ROSTER_OK; n++)
        err = c->key[n].len == CRYPTO_SHA256_LEN
                  ? add(take, r, c->id, c->key[n].ref, c->key[n].spki,
                        before != NULL && same_shared_key(before, c, &c->key[n]))
                  : ROSTER_FORMAT;
    return err;
}

int take_seals_of(struct roster_take *take, const struct roster_record *r,
                  const struct roster_record *before)
{
    int err = ROSTER_OK;

    for (size_t n = 0; n < r->fingers && err == ROSTER_OK; n++)
        err = add(take, r, r->finger[n].id, 0, r->finger[n].sealed_hash,
                  before != NULL && same_finger(before, &r->finger[n]));
    for (size_t n = 0; n < r->credentials && err == ROSTER_OK; n++)
        if (roster_family_shared(r->credential[n].family))
            err = add_keys(take, r, &r->credential[n], before);
    return err;
}

static int compare(const void *a, const void *b)
{
    const struct roster_take_seal *x = a, *y = b;
    int order = memcmp(x->id, y->id, sizeof(x->id));

    return order != 0 ? order : (int)x->ref - (int)y->ref;
}

/* Two records that name one template, or a credential that two people have. */
static bool named_twice(const struct roster_take *take)
{
    for (size_t n = 1; n < take->seals; n++)
        if (compare(&take->seal[n - 1], &take->seal[n]) == 0)
            return true;
    return false;
}

static int meet(struct roster_take *take, const uint8_t id[ROSTER_ID_LEN], uint8_t ref,
                const uint8_t *sealed, size_t len)
{
    struct roster_take_seal key = {.ref = ref}, *seal = NULL;
    uint8_t hash[CRYPTO_SHA256_LEN];

    memcpy(key.id, id, sizeof(key.id));
    if (take->seals > 0)
        seal = bsearch(&key, take->seal, take->seals, sizeof(key), compare);
    if (seal == NULL || seal->sealed != NULL)
        return ROSTER_SEALED;
    if (crypto_sha256(sealed, len, hash) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    if (memcmp(hash, seal->hash, sizeof(hash)) != 0)
        return ROSTER_SEALED;
    seal->sealed = sealed;
    seal->len = len;
    return ROSTER_OK;
}

static int meet_templates(struct roster_take *take, struct tlv_cur part)
{
    uint8_t id[ROSTER_ID_LEN];
    const uint8_t *sealed = NULL;
    size_t len = 0;
    int r;

    while ((r = roster_payload_sealed(&part, id, &sealed, &len)) > 0)
        if ((r = meet(take, id, 0, sealed, len)) != ROSTER_OK)
            return r;
    return r;
}

static int meet_secrets(struct roster_take *take, struct tlv_cur part)
{
    uint8_t id[ROSTER_ID_LEN], ref = 0;
    const uint8_t *sealed = NULL;
    size_t len = 0;
    int r;

    while ((r = roster_payload_secret(&part, id, &ref, &sealed, &len)) > 0)
        if ((r = meet(take, id, ref, sealed, len)) != ROSTER_OK)
            return r;
    return r;
}

/* A payload of all records brings everything. */
static bool all_came(const struct roster_take *take, bool full)
{
    for (size_t n = 0; n < take->seals; n++)
        if (take->seal[n].sealed == NULL && (full || take->seal[n].write))
            return false;
    return true;
}

int take_seals_match(struct roster_take *take, const struct roster_payload *payload)
{
    int r;

    if (take->seals > 0)
        qsort(take->seal, take->seals, sizeof(*take->seal), compare);
    if (named_twice(take))
        return ROSTER_SEALED;
    if ((r = meet_templates(take, payload->part[ROSTER_PART_TEMPLATES])) != ROSTER_OK ||
        (r = meet_secrets(take, payload->part[ROSTER_PART_SECRETS])) != ROSTER_OK)
        return r;
    return all_came(take, payload->base == 0) ? ROSTER_OK : ROSTER_SEALED;
}
