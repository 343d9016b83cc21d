/* SPDX-License-Identifier: Apache-2.0
 *
 * The record hashes of the installed issue, sorted by person id.
 */
#include "toyamad/registry/store.h"

#include <stdlib.h>
#include <string.h>

static int compare(const void *a, const void *b)
{
    return memcmp(((const struct roster_entry *)a)->id, ((const struct roster_entry *)b)->id,
                  ROSTER_ID_LEN);
}

const struct roster_entry *store_entry_find(const struct registry *reg,
                                            const uint8_t id[ROSTER_ID_LEN])
{
    struct roster_entry key = {0};

    if (reg->entries == 0)
        return NULL;
    memcpy(key.id, id, ROSTER_ID_LEN);
    return bsearch(&key, reg->entry, reg->entries, sizeof(key), compare);
}

static int append(struct registry *reg, const uint8_t id[ROSTER_ID_LEN], const void *der,
                  size_t len)
{
    struct roster_entry *grown;

    if (reg->entries == reg->entry_cap) {
        size_t cap = reg->entry_cap == 0 ? 64 : reg->entry_cap * 2;
        grown = reallocarray(reg->entry, cap, sizeof(*grown));
        if (grown == NULL)
            return REGISTRY_FAILED;
        reg->entry = grown;
        reg->entry_cap = cap;
    }
    memcpy(reg->entry[reg->entries].id, id, ROSTER_ID_LEN);
    if (crypto_sha256(der, len, reg->entry[reg->entries].hash) != CRYPTO_OK)
        return REGISTRY_FAILED;
    reg->entries++;
    return REGISTRY_OK;
}

int store_entries_load(struct registry *reg)
{
    struct store_query q = store_prepare(reg, "SELECT id, record FROM person ORDER BY id");
    uint8_t id[ROSTER_ID_LEN], der[ROSTER_RECORD_MAX];
    size_t len = 0;
    int err = REGISTRY_OK;

    while (err == REGISTRY_OK && store_row(&q)) {
        if (!store_blob_exact(&q, 0, id, sizeof(id)) || !store_blob(&q, 1, der, sizeof(der), &len))
            err = REGISTRY_ALTERED;
        else
            err = append(reg, id, der, len);
    }
    if (err == REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int store_entries_root(const struct roster_entry *entry, size_t count,
                       uint8_t out[CRYPTO_SHA256_LEN])
{
    struct roster_root root;
    int r = ROSTER_OK;

    roster_root_begin(&root);
    for (size_t n = 0; n < count && r == ROSTER_OK; n++)
        r = roster_root_add(&root, entry[n].id, entry[n].hash);
    if (r == ROSTER_OK)
        r = roster_root_finish(&root, out);
    roster_root_free(&root);
    return r == ROSTER_OK ? REGISTRY_OK : REGISTRY_FAILED;
}
