/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/batch.h"

#include <stdlib.h>
#include <string.h>

int registry_batch_begin(struct registry *reg, struct registry_batch *b)
{
    *b = (struct registry_batch){.reg = reg, .change = {.issue = reg->issue}};
    if (reg->keys->kind == REGISTER_TAKEN)
        return REGISTRY_TAKEN;
    b->index = index_begin(reg);
    b->put = store_prepare(reg, "INSERT INTO person(id, record) VALUES(?,?)"
                                " ON CONFLICT(id) DO UPDATE SET record=excluded.record");
    b->taken = store_prepare(reg, "SELECT 1 FROM login WHERE name=? AND person<>? LIMIT 1");
    b->cap = reg->entries + 64;
    b->change.entry = calloc(b->cap, sizeof(*b->change.entry));
    if (b->change.entry == NULL)
        return REGISTRY_FAILED;
    if (reg->entries > 0)
        memcpy(b->change.entry, reg->entry, reg->entries * sizeof(*reg->entry));
    b->change.entries = reg->entries;
    return REGISTRY_OK;
}

static int compare(const void *a, const void *b)
{
    return memcmp(((const struct roster_entry *)a)->id, ((const struct roster_entry *)b)->id,
                  ROSTER_ID_LEN);
}

/* The entries that were there are sorted; new ones stand behind them until the issue. */
static struct roster_entry *entry_of(struct registry_batch *b, const uint8_t id[ROSTER_ID_LEN])
{
    struct roster_entry key, *grown;

    memcpy(key.id, id, ROSTER_ID_LEN);
    grown = b->reg->entries == 0
                ? NULL
                : bsearch(&key, b->change.entry, b->reg->entries, sizeof(key), compare);
    if (grown != NULL)
        return grown;
    if (b->change.entries == b->cap) {
        grown = reallocarray(b->change.entry, b->cap * 2, sizeof(*grown));
        if (grown == NULL)
            return NULL;
        b->change.entry = grown;
        b->cap *= 2;
    }
    memcpy(b->change.entry[b->change.entries].id, id, ROSTER_ID_LEN);
    return &b->change.entry[b->change.entries++];
}

int registry_batch_put(struct registry_batch *b, const struct roster_record *r)
{
    uint8_t der[ROSTER_RECORD_MAX], hash[CRYPTO_SHA256_LEN];
    struct roster_entry *entry;
    size_t len = 0;
    int err;

    if (roster_record_encode(r, der, sizeof(der), &len) != ROSTER_OK)
        return REGISTRY_LIMIT;
    if ((err = index_clear(&b->index, r->id, r)) != REGISTRY_OK)
        return err;
    store_bind_blob(&b->put, 1, r->id, ROSTER_ID_LEN);
    store_bind_blob(&b->put, 2, der, len);
    if ((err = store_again(&b->put)) != REGISTRY_OK ||
        (err = index_put(&b->index, r)) != REGISTRY_OK)
        return err;
    if (crypto_sha256(der, len, hash) != CRYPTO_OK || (entry = entry_of(b, r->id)) == NULL)
        return REGISTRY_FAILED;
    memcpy(entry->hash, hash, sizeof(entry->hash));
    return REGISTRY_OK;
}

int registry_batch_login(struct registry_batch *b, const char *login,
                         const uint8_t person[ROSTER_ID_LEN], bool *taken)
{
    store_bind_text(&b->taken, 1, login);
    store_bind_blob(&b->taken, 2, person, ROSTER_ID_LEN);
    *taken = store_row(&b->taken);
    return store_reset(&b->taken);
}

int registry_batch_issue(struct registry_batch *b, int64_t now)
{
    qsort(b->change.entry, b->change.entries, sizeof(*b->change.entry), compare);
    return store_issue_next(b->reg, b->change.entry, b->change.entries, now, &b->change);
}

void registry_batch_end(struct registry_batch *b)
{
    index_end(&b->index);
    store_finalize(&b->put);
    store_finalize(&b->taken);
}
