/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/index.h"

#include <string.h>

#define SLOT_LEN 4 /* octets, big-endian: so that they sort as the numbers do */

struct index index_begin(struct registry *reg)
{
    static const char *const clear[INDEX_TABLES] = {
        "DELETE FROM login WHERE name=? AND person=?",
        "DELETE FROM number WHERE number=? AND person=?",
        "DELETE FROM hint WHERE hint=? AND person=?", "DELETE FROM key WHERE hash=? AND person=?",
        "DELETE FROM slot WHERE slot=? AND person=?"};
    static const char *const insert[INDEX_TABLES] = {
        "INSERT OR IGNORE INTO login(name, person) VALUES(?,?)",
        "INSERT OR IGNORE INTO number(number, person) VALUES(?,?)",
        "INSERT OR IGNORE INTO hint(hint, person) VALUES(?,?)",
        "INSERT OR IGNORE INTO key(hash, person) VALUES(?,?)",
        "INSERT OR IGNORE INTO slot(slot, person) VALUES(?,?)"};
    static const char *const own[INDEX_TABLES] = {
        "SELECT 1 FROM login WHERE name=? AND person=?",
        "SELECT 1 FROM number WHERE number=? AND person=?",
        "SELECT 1 FROM hint WHERE hint=? AND person=?",
        "SELECT 1 FROM key WHERE hash=? AND person=?",
        "SELECT 1 FROM slot WHERE slot=? AND person=?"};
    struct index ix = {.reg = reg,
                       .stored = store_prepare(reg, "SELECT record FROM person WHERE id=?")};

    for (size_t n = 0; n < INDEX_TABLES; n++) {
        ix.clear[n] = store_prepare(reg, clear[n]);
        ix.insert[n] = store_prepare(reg, insert[n]);
        ix.own[n] = store_prepare(reg, own[n]);
    }
    return ix;
}

void index_end(struct index *ix)
{
    store_finalize(&ix->stored);
    for (size_t n = 0; n < INDEX_TABLES; n++) {
        store_finalize(&ix->clear[n]);
        store_finalize(&ix->insert[n]);
        store_finalize(&ix->own[n]);
        sorted_free(&ix->kept[n]);
        sorted_free(&ix->held[n]);
    }
}

static int64_t slot_of(const uint8_t *key)
{
    int64_t slot = 0;

    for (size_t n = 0; n < SLOT_LEN; n++)
        slot = slot << 8 | key[n];
    return slot;
}

static void bind_key(struct store_query *q, enum index_table table, const uint8_t *key, size_t len)
{
    if (table == INDEX_SLOT)
        store_bind_int(q, 1, slot_of(key));
    else if (table == INDEX_LOGIN || table == INDEX_NUMBER)
        store_bind_text(q, 1, (const char *)key);
    else
        store_bind_kept(q, 1, key, len);
}

static void bind(struct store_query *q, enum index_table table, const uint8_t *key, size_t len,
                 const uint8_t *person)
{
    bind_key(q, table, key, len);
    store_bind_kept(q, 2, person, ROSTER_ID_LEN);
}

/* A row that was there already is the person's own, or the name, number, card or key is somebody
 * else's. */
static int insert(struct index *ix, enum index_table table, const uint8_t *key, size_t len,
                  const uint8_t *person)
{
    struct store_query *own = &ix->own[table];
    bool mine;
    int err;

    bind(&ix->insert[table], table, key, len, person);
    err = store_again(&ix->insert[table]);
    if (err != REGISTRY_OK || sqlite3_changes(ix->reg->db) == 1)
        return err;
    bind(own, table, key, len, person);
    mine = store_row(own);
    err = store_reset(own);
    return err == REGISTRY_OK && !mine ? REGISTRY_EXISTS : err;
}

/* What is done with each key of a person. */
typedef int index_step(struct index *ix, enum index_table table, const void *key, size_t len,
                       const uint8_t *person);

static int put(struct index *ix, enum index_table table, const void *key, size_t len,
               const uint8_t *person)
{
    if (!ix->holds)
        return insert(ix, table, key, len, person);
    return sorted_add(&ix->held[table], key, len, person) ? REGISTRY_OK : REGISTRY_FAILED;
}

static int keep(struct index *ix, enum index_table table, const void *key, size_t len,
                const uint8_t *person)
{
    return sorted_add(&ix->kept[table], key, len, person) ? REGISTRY_OK : REGISTRY_FAILED;
}

static bool is_kept(const struct sorted *s, const void *key, size_t len)
{
    for (size_t n = 0; n < s->rows; n++)
        if (s->row[n].len == len && memcmp(sorted_key(s, n), key, len) == 0)
            return true;
    return false;
}

static int clear(struct index *ix, enum index_table table, const void *key, size_t len,
                 const uint8_t *person)
{
    if (is_kept(&ix->kept[table], key, len))
        return REGISTRY_OK;
    bind(&ix->clear[table], table, key, len, person);
    return store_again(&ix->clear[table]);
}

static int each_text(struct index *ix, index_step *step, enum index_table table, const char *text,
                     const uint8_t *person)
{
    return step(ix, table, text, strlen(text) + 1, person);
}

static int each_slot(struct index *ix, index_step *step, uint32_t slot, const uint8_t *person)
{
    uint8_t key[SLOT_LEN];

    for (size_t n = 0; n < SLOT_LEN; n++)
        key[n] = (uint8_t)(slot >> (8 * (SLOT_LEN - 1 - n)));
    return step(ix, INDEX_SLOT, key, sizeof(key), person);
}

static int each_of_credential(struct index *ix, index_step *step, const struct roster_credential *c,
                              const uint8_t *person)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    int err = REGISTRY_OK;

    if (c->slot > 0)
        err = each_slot(ix, step, c->slot, person);
    if (err == REGISTRY_OK && c->hint_len > 0)
        err = step(ix, INDEX_HINT, c->hint, c->hint_len, person);
    for (size_t n = 0; n < c->keys && err == REGISTRY_OK; n++) {
        if (crypto_sha256(c->key[n].spki, c->key[n].len, hash) != CRYPTO_OK)
            return REGISTRY_FAILED;
        err = step(ix, INDEX_KEY, hash, sizeof(hash), person);
    }
    return err;
}

static int each_key(struct index *ix, index_step *step, const struct roster_record *r)
{
    int err = each_text(ix, step, INDEX_NUMBER, r->number, r->id);

    for (size_t n = 0; n < r->logins && err == REGISTRY_OK; n++)
        err = each_text(ix, step, INDEX_LOGIN, r->login[n], r->id);
    for (size_t n = 0; n < r->credentials && err == REGISTRY_OK; n++)
        err = each_of_credential(ix, step, &r->credential[n], r->id);
    return err;
}

int index_put(struct index *ix, const struct roster_record *r)
{
    return each_key(ix, put, r);
}

/* REGISTRY_ALTERED: it is not the record whose hash is known. */
static int stored_record(struct index *ix, const uint8_t person[ROSTER_ID_LEN],
                         struct roster_record *out)
{
    const struct roster_entry *entry = store_entry_find(ix->reg, person);
    uint8_t der[ROSTER_RECORD_MAX], hash[CRYPTO_SHA256_LEN];
    size_t len = 0;
    bool row, good;
    int err;

    store_bind_kept(&ix->stored, 1, person, ROSTER_ID_LEN);
    row = store_row(&ix->stored);
    good = row && store_blob(&ix->stored, 0, der, sizeof(der), &len);
    if ((err = store_reset(&ix->stored)) != REGISTRY_OK)
        return err;
    if (!row && entry == NULL)
        return REGISTRY_NONE;
    return good && entry != NULL && crypto_sha256(der, len, hash) == CRYPTO_OK &&
                   memcmp(hash, entry->hash, sizeof(hash)) == 0 &&
                   roster_record_decode(der, len, out) == ROSTER_OK &&
                   memcmp(out->id, person, sizeof(out->id)) == 0
               ? REGISTRY_OK
               : REGISTRY_ALTERED;
}

/* Whatever a table has of him. No table has an order by person: all rows are read. */
static int clear_all(struct index *ix, const uint8_t person[ROSTER_ID_LEN])
{
    static const char *const sql[INDEX_TABLES] = {
        "DELETE FROM login WHERE person=?", "DELETE FROM number WHERE person=?",
        "DELETE FROM hint WHERE person=?", "DELETE FROM key WHERE person=?",
        "DELETE FROM slot WHERE person=?"};
    int err = REGISTRY_OK;

    for (size_t n = 0; n < INDEX_TABLES && err == REGISTRY_OK; n++) {
        struct store_query q = store_prepare(ix->reg, sql[n]);
        store_bind_blob(&q, 1, person, ROSTER_ID_LEN);
        err = store_done(&q);
    }
    return err;
}

/* Looked up by key, so that no table needs another order by person: what is there is what the
 * record says that was written with it. A damaged one says nothing. */
int index_clear(struct index *ix, const uint8_t person[ROSTER_ID_LEN],
                const struct roster_record *next)
{
    struct roster_record stored;
    int err = stored_record(ix, person, &stored);

    if (err == REGISTRY_ALTERED)
        return clear_all(ix, person);
    if (err != REGISTRY_OK)
        return err == REGISTRY_NONE ? REGISTRY_OK : err;
    for (size_t n = 0; n < INDEX_TABLES; n++)
        ix->kept[n].rows = ix->kept[n].used = 0;
    if (next != NULL)
        err = each_key(ix, keep, next);
    return err == REGISTRY_OK ? each_key(ix, clear, &stored) : err;
}

void index_hold(struct index *ix)
{
    ix->holds = true;
}

static int release(struct index *ix, enum index_table table)
{
    struct sorted *s = &ix->held[table];
    int err = REGISTRY_OK;

    sorted_sort(s);
    for (size_t n = 0; n < s->rows && err == REGISTRY_OK; n++)
        err = insert(ix, table, sorted_key(s, n), s->row[n].len, sorted_person(s, n));
    sorted_free(s);
    return err;
}

int index_release(struct index *ix)
{
    int err = REGISTRY_OK;

    ix->holds = false;
    for (size_t n = 0; n < INDEX_TABLES && err == REGISTRY_OK; n++)
        err = release(ix, (enum index_table)n);
    return err;
}
