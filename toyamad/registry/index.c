/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/index.h"

struct index index_begin(struct registry *reg)
{
    static const char *const clear[INDEX_TABLES] = {
        "DELETE FROM login WHERE person=?", "DELETE FROM number WHERE person=?",
        "DELETE FROM hint WHERE person=?", "DELETE FROM key WHERE person=?",
        "DELETE FROM slot WHERE person=?"};
    static const char *const insert[INDEX_TABLES] = {
        "INSERT INTO login(name, person) VALUES(?,?)",
        "INSERT INTO number(number, person) VALUES(?,?)",
        "INSERT INTO hint(hint, person) VALUES(?,?)", "INSERT INTO key(hash, person) VALUES(?,?)",
        "INSERT OR IGNORE INTO slot(slot, person) VALUES(?,?)"};
    struct index ix = {.reg = reg};

    for (size_t n = 0; n < INDEX_TABLES; n++) {
        ix.clear[n] = store_prepare(reg, clear[n]);
        ix.insert[n] = store_prepare(reg, insert[n]);
    }
    return ix;
}

void index_end(struct index *ix)
{
    for (size_t n = 0; n < INDEX_TABLES; n++) {
        store_finalize(&ix->clear[n]);
        store_finalize(&ix->insert[n]);
    }
}

int index_clear(struct index *ix, const uint8_t person[ROSTER_ID_LEN])
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < INDEX_TABLES && err == REGISTRY_OK; n++) {
        store_bind_blob(&ix->clear[n], 1, person, ROSTER_ID_LEN);
        err = store_again(&ix->clear[n]);
    }
    return err;
}

/* A constraint that fails means that the name, number, card or key is somebody else's. */
static int insert(struct index *ix, enum index_table table, const uint8_t *person)
{
    struct store_query *q = &ix->insert[table];
    int err;

    store_bind_blob(q, 2, person, ROSTER_ID_LEN);
    err = store_again(q);
    if (err == REGISTRY_STORE &&
        (sqlite3_extended_errcode(ix->reg->db) & 0xFF) == SQLITE_CONSTRAINT)
        return REGISTRY_EXISTS;
    return err;
}

static int put_text(struct index *ix, enum index_table table, const char *text,
                    const uint8_t *person)
{
    store_bind_text(&ix->insert[table], 1, text);
    return insert(ix, table, person);
}

static int put_blob(struct index *ix, enum index_table table, const void *p, size_t len,
                    const uint8_t *person)
{
    store_bind_blob(&ix->insert[table], 1, p, len);
    return insert(ix, table, person);
}

static int put_credential(struct index *ix, const struct roster_credential *c,
                          const uint8_t *person)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    int err = REGISTRY_OK;

    if (c->slot > 0) {
        store_bind_int(&ix->insert[INDEX_SLOT], 1, c->slot);
        err = insert(ix, INDEX_SLOT, person);
    }
    if (err == REGISTRY_OK && c->hint_len > 0)
        err = put_blob(ix, INDEX_HINT, c->hint, c->hint_len, person);
    for (size_t n = 0; n < c->keys && err == REGISTRY_OK; n++) {
        if (crypto_sha256(c->key[n].spki, c->key[n].len, hash) != CRYPTO_OK)
            return REGISTRY_FAILED;
        err = put_blob(ix, INDEX_KEY, hash, sizeof(hash), person);
    }
    return err;
}

int index_put(struct index *ix, const struct roster_record *r)
{
    int err = put_text(ix, INDEX_NUMBER, r->number, r->id);

    for (size_t n = 0; n < r->logins && err == REGISTRY_OK; n++)
        err = put_text(ix, INDEX_LOGIN, r->login[n], r->id);
    for (size_t n = 0; n < r->credentials && err == REGISTRY_OK; n++)
        err = put_credential(ix, &r->credential[n], r->id);
    return err;
}
