/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading people. The index tables (login, number, hint, key) only say where to look: the record
 * that is found there must be the signed one and must itself contain what was looked for.
 */
#include "toyamad/registry/amend.h"
#include "toyamad/registry/store.h"

#include <string.h>

/* `der` as it stands in the store -> record, if its hash is the signed one. */
static int accept_record(struct registry *reg, const uint8_t id[ROSTER_ID_LEN], const uint8_t *der,
                         size_t len, struct roster_record *out)
{
    const struct roster_entry *entry = store_entry_find(reg, id);
    uint8_t hash[CRYPTO_SHA256_LEN];

    if (entry == NULL)
        return REGISTRY_ALTERED;
    if (crypto_sha256(der, len, hash) != CRYPTO_OK)
        return REGISTRY_FAILED;
    if (!crypto_equal(hash, sizeof(hash), entry->hash, sizeof(entry->hash)) ||
        roster_record_decode(der, len, out) != ROSTER_OK || memcmp(out->id, id, ROSTER_ID_LEN) != 0)
        return REGISTRY_ALTERED;
    registry_amends_apply(reg, out);
    return REGISTRY_OK;
}

static int take_row(struct registry *reg, struct store_query *q, struct roster_record *out)
{
    uint8_t id[ROSTER_ID_LEN], der[ROSTER_RECORD_MAX];
    size_t len = 0;

    if (!store_blob_exact(q, 0, id, sizeof(id)) || !store_blob(q, 1, der, sizeof(der), &len))
        return REGISTRY_ALTERED;
    return accept_record(reg, id, der, len, out);
}

static int take_one(struct registry *reg, struct store_query *q, struct roster_record *out)
{
    int err = REGISTRY_NONE;

    if (store_row(q))
        err = take_row(reg, q, out);
    if (q->err != REGISTRY_OK)
        err = q->err;
    store_finalize(q);
    return err;
}

int registry_by_id(struct registry *reg, const uint8_t id[ROSTER_ID_LEN], struct roster_record *out)
{
    struct store_query q = store_prepare(reg, "SELECT id, record FROM person WHERE id=?");
    int err;

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    err = take_one(reg, &q, out);
    if (err == REGISTRY_NONE && store_entry_find(reg, id) != NULL)
        return REGISTRY_ALTERED;
    return err;
}

int registry_by_login(struct registry *reg, const char *login, struct roster_record *out)
{
    struct store_query q =
        store_prepare(reg, "SELECT p.id, p.record FROM login l JOIN person p ON p.id=l.person"
                           " WHERE l.name=? LIMIT 2");
    int err = REGISTRY_NONE;

    store_bind_text(&q, 1, login);
    if (store_row(&q))
        err = take_row(reg, &q, out);
    if (err == REGISTRY_OK && store_row(&q))
        err = REGISTRY_SHARED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    if (err == REGISTRY_OK && !roster_record_has_login(out, login))
        return REGISTRY_ALTERED;
    return err;
}

int registry_by_number(struct registry *reg, const char *number, struct roster_record *out)
{
    struct store_query q = store_prepare(
        reg, "SELECT p.id, p.record FROM number n JOIN person p ON p.id=n.person WHERE n.number=?");
    int err;

    store_bind_text(&q, 1, number);
    err = take_one(reg, &q, out);
    if (err == REGISTRY_OK && strcmp(out->number, number) != 0)
        return REGISTRY_ALTERED;
    return err;
}

static bool record_has_hint(const struct roster_record *r, const void *hint, size_t len)
{
    for (size_t n = 0; n < r->credentials; n++)
        if (r->credential[n].hint_len == len && memcmp(r->credential[n].hint, hint, len) == 0)
            return true;
    return false;
}

int registry_by_hint(struct registry *reg, const void *hint, size_t len, struct roster_record *out)
{
    struct store_query q = store_prepare(
        reg, "SELECT p.id, p.record FROM hint h JOIN person p ON p.id=h.person WHERE h.hint=?");
    uint8_t id[ROSTER_ID_LEN];
    int err;

    store_bind_blob(&q, 1, hint, len);
    err = take_one(reg, &q, out);
    if (err == REGISTRY_NONE && registry_lent_hint(reg, hint, len, id) == REGISTRY_OK)
        err = registry_by_id(reg, id, out);
    if (err == REGISTRY_OK && !record_has_hint(out, hint, len))
        return REGISTRY_ALTERED;
    return err;
}

static bool credential_has_key(const struct roster_credential *c,
                               const uint8_t hash[CRYPTO_SHA256_LEN])
{
    uint8_t own[CRYPTO_SHA256_LEN];

    for (size_t n = 0; n < c->keys; n++)
        if (crypto_sha256(c->key[n].spki, c->key[n].len, own) == CRYPTO_OK &&
            memcmp(own, hash, sizeof(own)) == 0)
            return true;
    return false;
}

int registry_by_key(struct registry *reg, const uint8_t hash[CRYPTO_SHA256_LEN],
                    struct roster_record *out)
{
    struct store_query q = store_prepare(
        reg, "SELECT p.id, p.record FROM key k JOIN person p ON p.id=k.person WHERE k.hash=?");
    uint8_t id[ROSTER_ID_LEN];
    int err;

    store_bind_blob(&q, 1, hash, CRYPTO_SHA256_LEN);
    err = take_one(reg, &q, out);
    if (err == REGISTRY_NONE && registry_lent_key(reg, hash, id) == REGISTRY_OK)
        err = registry_by_id(reg, id, out);
    if (err != REGISTRY_OK)
        return err;
    for (size_t n = 0; n < out->credentials; n++)
        if (credential_has_key(&out->credential[n], hash))
            return REGISTRY_OK;
    return REGISTRY_ALTERED;
}

/* `seen`: how many there were; all, where `each` had enough. */
static int walk(struct registry *reg, const char *sql,
                bool (*each)(void *ctx, const struct roster_record *r), void *ctx, size_t *seen)
{
    struct store_query q = store_prepare(reg, sql);
    struct roster_record record;
    bool more = true;
    int err = REGISTRY_OK;

    for (*seen = 0; more && err == REGISTRY_OK && store_row(&q); (*seen)++)
        if ((err = take_row(reg, &q, &record)) == REGISTRY_OK)
            more = each(ctx, &record);
    if (q.err != REGISTRY_OK)
        err = q.err;
    if (!more)
        *seen = reg->entries;
    store_finalize(&q);
    return err;
}

int registry_each(struct registry *reg, bool (*each)(void *ctx, const struct roster_record *r),
                  void *ctx)
{
    size_t seen = 0;

    return walk(reg, "SELECT id, record FROM person ORDER BY id", each, ctx, &seen);
}

int registry_each_by_number(struct registry *reg,
                            bool (*each)(void *ctx, const struct roster_record *r), void *ctx)
{
    size_t seen = 0;
    int err = walk(reg,
                   "SELECT p.id, p.record FROM number n CROSS JOIN person p ON p.id=n.person"
                   " ORDER BY n.number",
                   each, ctx, &seen);

    return err == REGISTRY_OK && seen != reg->entries ? REGISTRY_ALTERED : err;
}
