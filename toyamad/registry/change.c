/* SPDX-License-Identifier: Apache-2.0
 *
 * Changing the roster: rows, the next issue and, after the commit, the hashes in memory.
 */
#include "toyamad/registry/index.h"

#include <stdlib.h>
#include <string.h>

static int put_row(struct registry *reg, const uint8_t id[ROSTER_ID_LEN], const uint8_t *der,
                   size_t len)
{
    struct store_query q =
        store_prepare(reg, "INSERT INTO person(id, record) VALUES(?,?)"
                           " ON CONFLICT(id) DO UPDATE SET record=excluded.record");

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    store_bind_blob(&q, 2, der, len);
    return store_done(&q);
}

static int put_person(struct registry *reg, const struct roster_record *r, const uint8_t *der,
                      size_t len)
{
    struct index ix = index_begin(reg);
    int err;

    if ((err = index_clear(&ix, r->id, r)) == REGISTRY_OK &&
        (err = put_row(reg, r->id, der, len)) == REGISTRY_OK)
        err = index_put(&ix, r);
    index_end(&ix);
    return err;
}

static size_t position(const struct registry *reg, const uint8_t id[ROSTER_ID_LEN], bool *found)
{
    size_t low = 0, high = reg->entries;

    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (memcmp(reg->entry[mid].id, id, ROSTER_ID_LEN) < 0)
            low = mid + 1;
        else
            high = mid;
    }
    *found = low < reg->entries && memcmp(reg->entry[low].id, id, ROSTER_ID_LEN) == 0;
    return low;
}

/* A copy of the table with room for one more at `at` (or without the one there). */
static bool copy_entries(const struct registry *reg, struct registry_change *change, size_t at,
                         bool found, bool put)
{
    size_t behind = found ? at + 1 : at;
    size_t count = reg->entries - (found ? 1 : 0) + (put ? 1 : 0);
    size_t next = put ? at + 1 : at;

    change->entry = calloc(count + 1, sizeof(*change->entry));
    if (change->entry == NULL)
        return false;
    if (at > 0)
        memcpy(change->entry, reg->entry, at * sizeof(*change->entry));
    if (reg->entries > behind)
        memcpy(change->entry + next, reg->entry + behind,
               (reg->entries - behind) * sizeof(*change->entry));
    change->entries = count;
    return true;
}

int registry_put(struct registry *reg, const struct roster_record *r, int64_t now,
                 struct registry_change *change)
{
    uint8_t der[ROSTER_RECORD_MAX];
    size_t len = 0, at;
    bool found;
    int err;

    *change = (struct registry_change){.record = r, .issue = reg->issue};
    if (reg->keys->kind == REGISTER_TAKEN)
        return REGISTRY_TAKEN;
    if (roster_record_encode(r, der, sizeof(der), &len) != ROSTER_OK)
        return REGISTRY_LIMIT;
    if ((err = put_person(reg, r, der, len)) != REGISTRY_OK)
        return err;
    at = position(reg, r->id, &found);
    if (!copy_entries(reg, change, at, found, true))
        return REGISTRY_FAILED;
    memcpy(change->entry[at].id, r->id, ROSTER_ID_LEN);
    if (crypto_sha256(der, len, change->entry[at].hash) != CRYPTO_OK)
        return REGISTRY_FAILED;
    return store_issue_next(reg, change->entry, change->entries, now, change);
}

static int delete_rows(struct registry *reg, const uint8_t id[ROSTER_ID_LEN])
{
    static const char *const sql[] = {
        "DELETE FROM template WHERE person=?", "DELETE FROM secret WHERE person=?",
        "DELETE FROM counter WHERE person=?", "DELETE FROM person WHERE id=?"};
    struct index ix = index_begin(reg);
    int err = index_clear(&ix, id, NULL);

    index_end(&ix);
    for (size_t n = 0; n < sizeof(sql) / sizeof(sql[0]) && err == REGISTRY_OK; n++) {
        struct store_query q = store_prepare(reg, sql[n]);
        store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
        err = store_done(&q);
    }
    return err;
}

int registry_remove(struct registry *reg, const uint8_t id[ROSTER_ID_LEN], int64_t now,
                    struct registry_change *change)
{
    size_t at;
    bool found;
    int err;

    *change = (struct registry_change){.issue = reg->issue};
    if (reg->keys->kind == REGISTER_TAKEN)
        return REGISTRY_TAKEN;
    memcpy(change->removed, id, ROSTER_ID_LEN);
    at = position(reg, id, &found);
    if (!found)
        return REGISTRY_NONE;
    if ((err = delete_rows(reg, id)) != REGISTRY_OK)
        return err;
    if (!copy_entries(reg, change, at, true, false))
        return REGISTRY_FAILED;
    return store_issue_next(reg, change->entry, change->entries, now, change);
}

int registry_note(struct registry *reg, const struct roster_officer *officers, size_t count,
                  int64_t now, struct registry_change *change)
{
    *change = (struct registry_change){.issue = reg->issue};
    if (reg->keys->kind == REGISTER_TAKEN)
        return REGISTRY_TAKEN;
    if (count > ROSTER_OFFICERS)
        return REGISTRY_LIMIT;
    if (!copy_entries(reg, change, reg->entries, false, false))
        return REGISTRY_FAILED;
    if (officers != NULL) {
        memcpy(change->issue.officer, officers, count * sizeof(*officers));
        change->issue.officers = count;
    }
    return store_issue_next(reg, change->entry, change->entries, now, change);
}

void registry_settle(struct registry *reg, struct registry_change *change)
{
    free(reg->entry);
    reg->entry = change->entry;
    reg->entries = change->entries;
    reg->entry_cap = change->entries;
    reg->installed = true;
    reg->issue = change->issue;
    memcpy(reg->issue_hash, change->issue_hash, sizeof(reg->issue_hash));
    change->entry = NULL;
}

void registry_drop(struct registry_change *change)
{
    free(change->entry);
    change->entry = NULL;
}
