/* SPDX-License-Identifier: Apache-2.0
 *
 * The rows: stored, loaded, dropped, and what the log's head says of them.
 */
#include "toyamad/registry/amend.h"

#include "core/wire/wipe.h"
#include "toyamad/registry/store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct row {
    uint8_t id[ROSTER_ID_LEN];
    uint8_t der[ROSTER_AMENDED_MAX];
    size_t len;
};

static bool take_row(struct store_query *q, struct row *row)
{
    return store_blob_exact(q, 0, row->id, sizeof(row->id)) &&
           store_blob(q, 1, row->der, sizeof(row->der), &row->len);
}

static struct store_query all_rows(struct registry *reg)
{
    return store_prepare(reg, "SELECT id, der FROM amendment ORDER BY id");
}

static int hash_rows(struct registry *reg, uint8_t out[CRYPTO_SHA256_LEN])
{
    struct store_query q = all_rows(reg);
    struct roster_root all;
    struct row row;
    uint8_t hash[CRYPTO_SHA256_LEN];
    int err = REGISTRY_OK;

    roster_root_begin(&all);
    while (err == REGISTRY_OK && store_row(&q)) {
        if (!take_row(&q, &row))
            err = REGISTRY_ALTERED;
        else if (crypto_sha256_two(row.id, sizeof(row.id), row.der, row.len, hash) != CRYPTO_OK ||
                 roster_root_add(&all, row.id, hash) != ROSTER_OK)
            err = REGISTRY_FAILED;
    }
    if (err == REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    if (err == REGISTRY_OK && roster_root_finish(&all, out) != ROSTER_OK)
        err = REGISTRY_FAILED;
    roster_root_free(&all);
    return err;
}

void registry_amends_hash(const struct registry *reg, uint8_t out[CRYPTO_SHA256_LEN])
{
    memcpy(out, reg->amends.pending, CRYPTO_SHA256_LEN);
}

/* A stop code, as the stop of the credential that the row is named after. */
static bool take_notice(struct registry *reg, const struct row *row, struct roster_amendment *out)
{
    struct stop_code code;
    struct store_query q;
    bool found = false;

    if (stop_notice_decode(row->der, row->len, &code) != STOP_OK)
        return false;
    *out = (struct roster_amendment){.kind = ROSTER_AMEND_STOP, .reason = ROSTER_LOST};
    memcpy(out->credential, row->id, sizeof(out->credential));
    q = store_prepare(reg, "SELECT person FROM slot WHERE slot=?");
    store_bind_int(&q, 1, code.slot);
    wire_wipe(&code, sizeof(code));
    found = store_row(&q) && store_blob_exact(&q, 0, out->person, sizeof(out->person));
    store_finalize(&q);
    return found || q.err == REGISTRY_OK;
}

/* Whoever signed it may have lost his office with a later issue: a stop and a suspension hold all
 * the same, what gives somebody a way in does not. `*use` tells. */
static bool take_amended(struct registry *reg, const struct row *row, struct roster_amendment *out,
                         bool *use)
{
    struct roster_amended a;
    int r;

    if (roster_amended_decode(row->der, row->len, &a) != ROSTER_OK ||
        roster_amendment_decode(a.der, a.der_len, out) != ROSTER_OK ||
        memcmp(out->id, row->id, sizeof(row->id)) != 0)
        return false;
    r = roster_amended_verify(&a, &reg->issue, out);
    *use = r == ROSTER_OK || (r == ROSTER_UNKNOWN_SIGNER && (out->kind == ROSTER_AMEND_STOP ||
                                                             out->kind == ROSTER_AMEND_SUSPEND));
    return r == ROSTER_OK || r == ROSTER_UNKNOWN_SIGNER;
}

static int compare(const void *a, const void *b)
{
    const struct roster_amendment *x = a, *y = b;

    if (x->created != y->created)
        return x->created < y->created ? -1 : 1;
    return memcmp(x->id, y->id, sizeof(x->id));
}

static int append(struct registry_amends *to, const struct roster_amendment *item)
{
    struct roster_amendment *grown;

    if ((to->count & (to->count - 1)) == 0) {
        grown = reallocarray(to->item, to->count == 0 ? 1 : 2 * to->count, sizeof(*grown));
        if (grown == NULL)
            return REGISTRY_FAILED;
        to->item = grown;
    }
    to->item[to->count++] = *item;
    return REGISTRY_OK;
}

static int take_item(struct registry *reg, const struct row *row, struct registry_amends *to)
{
    struct roster_amendment item;
    bool use = true;

    if (!take_notice(reg, row, &item) && !take_amended(reg, row, &item, &use))
        return REGISTRY_ALTERED;
    return use ? append(to, &item) : REGISTRY_OK;
}

static int load(struct registry *reg, struct registry_amends *out)
{
    struct store_query q = all_rows(reg);
    struct row row;
    int err = REGISTRY_OK;

    *out = (struct registry_amends){0};
    while (err == REGISTRY_OK && store_row(&q))
        err = take_row(&q, &row) ? take_item(reg, &row, out) : REGISTRY_ALTERED;
    if (err == REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    if (err == REGISTRY_OK)
        err = hash_rows(reg, out->hash);
    memcpy(out->pending, out->hash, sizeof(out->pending));
    if (err == REGISTRY_OK && out->count > 0)
        qsort(out->item, out->count, sizeof(out->item[0]), compare);
    if (err != REGISTRY_OK)
        free(out->item);
    return err;
}

int registry_amends_each(struct registry *reg,
                         bool (*each)(void *ctx, const uint8_t id[ROSTER_ID_LEN],
                                      const uint8_t *der, size_t len),
                         void *ctx)
{
    struct store_query q = all_rows(reg);
    struct row row;
    int err = REGISTRY_OK;

    while (err == REGISTRY_OK && store_row(&q)) {
        if (!take_row(&q, &row))
            err = REGISTRY_ALTERED;
        else if (!each(ctx, row.id, row.der, row.len))
            break;
    }
    if (err == REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int registry_amends_open(struct registry *reg, char *why, size_t whycap)
{
    int err = load(reg, &reg->amends);

    if (err == REGISTRY_OK)
        return REGISTRY_OK;
    reg->amends = (struct registry_amends){0};
    snprintf(why, whycap, "an amendment of the registry is refused: %s", registry_strerror(err));
    return err;
}

void registry_amends_close(struct registry *reg)
{
    free(reg->amends.item);
    reg->amends = (struct registry_amends){0};
}

void registry_amends_settle(struct registry *reg)
{
    struct registry_amends fresh;

    if (!reg->amends.changed)
        return;
    /* Where memory runs out, what is known stays: it is only ever late, never gone. */
    if (load(reg, &fresh) == REGISTRY_OK) {
        free(reg->amends.item);
        reg->amends = fresh;
    }
    memcpy(reg->amends.hash, reg->amends.pending, sizeof(reg->amends.hash));
    reg->amends.changed = false;
}

void registry_amends_forget(struct registry *reg)
{
    memcpy(reg->amends.pending, reg->amends.hash, sizeof(reg->amends.pending));
    reg->amends.changed = false;
}

static int touched(struct registry *reg)
{
    reg->amends.changed = true;
    return hash_rows(reg, reg->amends.pending);
}

static int insert(struct registry *reg, const uint8_t id[ROSTER_ID_LEN], const void *der,
                  size_t len)
{
    struct store_query q = store_prepare(reg, "INSERT INTO amendment(id, der) VALUES(?,?)");
    int err;

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    store_bind_blob(&q, 2, der, len);
    err = store_done(&q);
    if (err == REGISTRY_STORE && (sqlite3_extended_errcode(reg->db) & 0xFF) == SQLITE_CONSTRAINT)
        return REGISTRY_EXISTS;
    return err == REGISTRY_OK ? touched(reg) : err;
}

/* The record of the person in the store; the transaction may have put it there. REGISTRY_NONE. */
static int stored_record(struct registry *reg, const uint8_t id[ROSTER_ID_LEN],
                         struct roster_record *out)
{
    struct store_query q = store_prepare(reg, "SELECT record FROM person WHERE id=?");
    uint8_t der[ROSTER_RECORD_MAX];
    size_t len = 0;
    int err = REGISTRY_NONE;

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    if (store_row(&q))
        err = store_blob(&q, 0, der, sizeof(der), &len) &&
                      roster_record_decode(der, len, out) == ROSTER_OK
                  ? REGISTRY_OK
                  : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

/* REGISTRY_OLD where the issue outlives it. */
static int outlived(struct registry *reg, const struct roster_amendment *a,
                    const struct roster_issue *issue)
{
    struct roster_record r;
    int err = stored_record(reg, a->person, &r);

    if (err != REGISTRY_OK && err != REGISTRY_NONE)
        return err;
    return roster_amendment_outlived(a, issue, err == REGISTRY_OK ? &r : NULL) ? REGISTRY_OLD
                                                                               : REGISTRY_OK;
}

int registry_amend_put(struct registry *reg, const struct roster_amended *a,
                       struct roster_amendment *out, int *r)
{
    uint8_t der[ROSTER_AMENDED_MAX];
    size_t len = 0;
    int err;

    if ((*r = roster_amended_verify(a, &reg->issue, out)) != ROSTER_OK)
        return REGISTRY_ALTERED;
    if (out->kind != ROSTER_AMEND_EXTEND && store_entry_find(reg, out->person) == NULL)
        return REGISTRY_NONE;
    if ((err = outlived(reg, out, &reg->issue)) != REGISTRY_OK)
        return err;
    if (roster_amended_encode(a, der, sizeof(der), &len) != ROSTER_OK)
        return REGISTRY_FAILED;
    return insert(reg, out->id, der, len);
}

int registry_stop_put(struct registry *reg, const struct stop_code *code,
                      const uint8_t credential[ROSTER_ID_LEN])
{
    uint8_t der[STOP_NOTICE_MAX];
    size_t len = 0;

    if (stop_notice_encode(code, der, sizeof(der), &len) != STOP_OK)
        return REGISTRY_FAILED;
    return insert(reg, credential, der, len);
}

static int drop(struct registry *reg, const uint8_t id[ROSTER_ID_LEN])
{
    struct store_query q = store_prepare(reg, "DELETE FROM amendment WHERE id=?");

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    return store_done(&q);
}

/* Rows that `load` left out count as well: what nobody may say any more is outlived, too. */
static int prune_row(struct registry *reg, const struct row *row, const struct roster_issue *next)
{
    struct roster_amendment item;
    bool use = true;
    int err;

    if (!take_notice(reg, row, &item) && !take_amended(reg, row, &item, &use))
        return REGISTRY_ALTERED;
    err = outlived(reg, &item, next);
    return err == REGISTRY_OLD ? drop(reg, row->id) : err;
}

int registry_amends_prune(struct registry *reg, const struct roster_issue *next)
{
    struct store_query q = all_rows(reg);
    struct row row;
    int err = REGISTRY_OK;

    while (err == REGISTRY_OK && store_row(&q))
        err = take_row(&q, &row) ? prune_row(reg, &row, next) : REGISTRY_ALTERED;
    if (err == REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err == REGISTRY_OK ? touched(reg) : err;
}
