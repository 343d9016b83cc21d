/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/import.h"

#include "toyamad/registry/amend.h"
#include "toyamad/registry/drain.h"
#include "toyamad/registry/index.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MANY_ROWS   1000
#define DRAIN_EVERY 256                        /* templates and keys */
#define CACHE_LARGE "PRAGMA cache_size=-49152" /* KiB: the orders of 400,000 templates */
#define CACHE_SMALL "PRAGMA cache_size=-2000"
/* A write-ahead log would hold all of it once more. With a journal of what was there before, new
 * pages are written once; either is undone at the next start where this process dies. */
#define JOURNAL_BEFORE "PRAGMA journal_mode=TRUNCATE"
#define JOURNAL_AHEAD  "PRAGMA journal_mode=WAL"

static bool is_many(const struct roster_take *take)
{
    return take->rows > MANY_ROWS;
}

/* The record as it is stored, if its hash is the signed one. */
static int stored_record(struct registry *reg, const uint8_t id[ROSTER_ID_LEN],
                         struct roster_record *out)
{
    struct store_query q = store_prepare(reg, "SELECT record FROM person WHERE id=?");
    const struct roster_entry *entry = store_entry_find(reg, id);
    uint8_t der[ROSTER_RECORD_MAX], hash[CRYPTO_SHA256_LEN];
    size_t len = 0;
    int err = REGISTRY_ALTERED;

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    if (store_row(&q) && store_blob(&q, 0, der, sizeof(der), &len) && entry != NULL &&
        crypto_sha256(der, len, hash) == CRYPTO_OK &&
        memcmp(hash, entry->hash, sizeof(hash)) == 0 &&
        roster_record_decode(der, len, out) == ROSTER_OK)
        err = REGISTRY_OK;
    store_finalize(&q);
    return err;
}

static bool base_record(void *ctx, const uint8_t id[ROSTER_ID_LEN], struct roster_record *out)
{
    return stored_record(ctx, id, out) == REGISTRY_OK;
}

int registry_import_check(struct registry *reg, const struct roster_payload *payload,
                          const uint8_t *signer, struct roster_take *out)
{
    struct roster_trust trust;
    const struct roster_base base = {.trust = &trust,
                                     .installed = reg->installed,
                                     .entry = reg->entry,
                                     .entries = reg->entries,
                                     .record = base_record,
                                     .ctx = reg};

    registry_trust(reg, &trust);
    return roster_take(&base, payload, signer, out);
}

/* What an import does to one person, each prepared once. */
enum statement {
    ADD_PERSON,
    CHANGE_PERSON,
    DROP_PERSON,
    DROP_TEMPLATES,
    DROP_SECRETS,
    DROP_COUNTER,
    PUT_TEMPLATE,
    PUT_SECRET,
    OLD_TEMPLATES,
    OLD_SECRETS,
    DROP_TEMPLATE,
    DROP_SECRET,
    STATEMENTS
};

/* A template or key of somebody else is not overwritten: the row then does not change. A changed
 * person's row may be gone: he comes back with the record that was signed. */
static const char *const sql[STATEMENTS] = {
    [ADD_PERSON] = "INSERT INTO person(record, id) VALUES(?,?)",
    [CHANGE_PERSON] = ("INSERT INTO person(record, id) VALUES(?,?)"
                       " ON CONFLICT(id) DO UPDATE SET record=excluded.record"),
    [DROP_PERSON] = "DELETE FROM person WHERE id=?",
    [DROP_TEMPLATES] = "DELETE FROM template WHERE person=?",
    [DROP_SECRETS] = "DELETE FROM secret WHERE person=?",
    [DROP_COUNTER] = "DELETE FROM counter WHERE person=?",
    [PUT_TEMPLATE] = ("INSERT INTO template(id, person, sealed) VALUES(?,?,?) ON CONFLICT(id)"
                      " DO UPDATE SET sealed=excluded.sealed WHERE person=excluded.person"),
    [PUT_SECRET] = ("INSERT INTO secret(credential, person, sealed, ref) VALUES(?,?,?,?)"
                    " ON CONFLICT(credential, ref)"
                    " DO UPDATE SET sealed=excluded.sealed WHERE person=excluded.person"),
    [OLD_TEMPLATES] = "SELECT id, 0 FROM template WHERE person=?",
    [OLD_SECRETS] = "SELECT credential, ref FROM secret WHERE person=?",
    [DROP_TEMPLATE] = "DELETE FROM template WHERE id=?",
    [DROP_SECRET] = "DELETE FROM secret WHERE credential=? AND ref=?",
};

struct writer {
    struct registry *reg;
    const struct roster_take *take;
    struct index index;
    struct store_query q[STATEMENTS];
};

static void writer_begin(struct writer *w, struct registry *reg, const struct roster_take *take)
{
    *w = (struct writer){.reg = reg, .take = take, .index = index_begin(reg)};
    for (size_t n = 0; n < STATEMENTS; n++)
        w->q[n] = store_prepare(reg, sql[n]);
}

static void writer_end(struct writer *w)
{
    for (size_t n = 0; n < STATEMENTS; n++)
        store_finalize(&w->q[n]);
    index_end(&w->index);
}

static int run_for(struct writer *w, enum statement s, const uint8_t person[ROSTER_ID_LEN])
{
    store_bind_blob(&w->q[s], 1, person, ROSTER_ID_LEN);
    return store_again(&w->q[s]);
}

static int drop_person(struct writer *w, const uint8_t id[ROSTER_ID_LEN])
{
    static const enum statement all[] = {DROP_TEMPLATES, DROP_SECRETS, DROP_COUNTER, DROP_PERSON};
    int err = REGISTRY_OK;

    for (size_t n = 0; n < sizeof(all) / sizeof(all[0]) && err == REGISTRY_OK; n++)
        err = run_for(w, all[n], id);
    return err;
}

static int compare_seal(const void *a, const void *b)
{
    const struct roster_take_seal *x = a, *y = b;
    int order = memcmp(x->id, y->id, sizeof(x->id));

    return order != 0 ? order : (int)x->ref - (int)y->ref;
}

static bool still_named(const struct writer *w, const struct roster_take_seal *key)
{
    return w->take->seals > 0 &&
           bsearch(key, w->take->seal, w->take->seals, sizeof(*key), compare_seal) != NULL;
}

static int drop_seal(struct writer *w, enum statement drop, const struct roster_take_seal *key)
{
    store_bind_blob(&w->q[drop], 1, key->id, sizeof(key->id));
    if (drop == DROP_SECRET)
        store_bind_int(&w->q[drop], 2, key->ref);
    return store_again(&w->q[drop]);
}

/* What a changed person had and the record does not name any more. Rows are collected first: a
 * table is not changed while it is read. */
static int drop_unnamed(struct writer *w, enum statement old, enum statement drop,
                        const uint8_t person[ROSTER_ID_LEN])
{
    struct roster_take_seal stale[ROSTER_FINGERS + ROSTER_CREDENTIALS * ROSTER_KEYS];
    struct store_query *q = &w->q[old];
    size_t count = 0;
    int err;

    store_bind_blob(q, 1, person, ROSTER_ID_LEN);
    while (store_row(q)) {
        struct roster_take_seal key = {.ref = (uint8_t)store_int(q, 1)};
        if (store_blob_exact(q, 0, key.id, sizeof(key.id)) && !still_named(w, &key) &&
            count < sizeof(stale) / sizeof(stale[0]))
            stale[count++] = key;
    }
    err = store_reset(q);
    for (size_t n = 0; n < count && err == REGISTRY_OK; n++)
        err = drop_seal(w, drop, &stale[n]);
    return err;
}

/* Numbers, cards and logins may pass from one person to another in one issue: everybody's are
 * cleared before anybody's are written. */
static int clear_row(struct writer *w, const struct roster_take_row *row)
{
    struct roster_record next;
    int err;

    if (row->kind == ROSTER_TAKEN_ADDED)
        return REGISTRY_OK;
    if (row->kind == ROSTER_TAKEN_REMOVED) {
        err = index_clear(&w->index, row->id, NULL);
        return err != REGISTRY_OK ? err : drop_person(w, row->id);
    }
    if (roster_record_decode(row->der, row->len, &next) != ROSTER_OK)
        return REGISTRY_FAILED;
    if ((err = index_clear(&w->index, row->id, &next)) != REGISTRY_OK)
        return err;
    err = drop_unnamed(w, OLD_TEMPLATES, DROP_TEMPLATE, row->id);
    return err != REGISTRY_OK ? err : drop_unnamed(w, OLD_SECRETS, DROP_SECRET, row->id);
}

static int write_row(struct writer *w, const struct roster_take_row *row)
{
    struct store_query *q = &w->q[row->kind == ROSTER_TAKEN_ADDED ? ADD_PERSON : CHANGE_PERSON];
    struct roster_record record;
    int err;

    if (row->kind == ROSTER_TAKEN_REMOVED)
        return REGISTRY_OK;
    if (roster_record_decode(row->der, row->len, &record) != ROSTER_OK)
        return REGISTRY_FAILED;
    store_bind_kept(q, 1, row->der, row->len);
    store_bind_blob(q, 2, row->id, sizeof(row->id));
    err = store_again(q);
    return err != REGISTRY_OK ? err : index_put(&w->index, &record);
}

static int write_seal(struct writer *w, const struct roster_take_seal *seal)
{
    struct store_query *q = &w->q[seal->ref == 0 ? PUT_TEMPLATE : PUT_SECRET];
    int err;

    if (!seal->write)
        return REGISTRY_OK;
    store_bind_blob(q, 1, seal->id, sizeof(seal->id));
    store_bind_blob(q, 2, seal->person, sizeof(seal->person));
    store_bind_kept(q, 3, seal->sealed, seal->len);
    if (seal->ref != 0)
        store_bind_int(q, 4, seal->ref);
    err = store_again(q);
    return err == REGISTRY_OK && sqlite3_changes(w->reg->db) != 1 ? REGISTRY_EXISTS : err;
}

/* The issues behind the one that is left; before the first import the installed one itself, too. */
static int write_issues(struct registry *reg, const struct roster_payload *payload,
                        const struct roster_take *take)
{
    struct tlv_cur chain = payload->part[ROSTER_PART_CHAIN];
    uint64_t first = reg->installed ? reg->issue.number + 1 : reg->issue.number;
    struct roster_signed s;
    struct roster_issue issue;
    int r, err = REGISTRY_OK;

    if (take->trust.issue.number > INT64_MAX)
        return REGISTRY_LIMIT;
    for (;;) {
        const uint8_t *begin = chain.p;
        if ((r = roster_payload_signed(&chain, &s)) <= 0 || err != REGISTRY_OK)
            break;
        if (roster_issue_decode(s.der, s.der_len, &issue) != ROSTER_OK)
            return REGISTRY_FAILED;
        if (issue.number >= first)
            err = store_issue_put(reg, issue.number, begin, (size_t)(chain.p - begin));
    }
    return r < 0 ? REGISTRY_FAILED : err;
}

/* Most of an import. Records and names, which the next start reads, stay in the kernel's memory. */
static int write_seals(struct writer *w)
{
    const struct roster_take *take = w->take;
    int err = REGISTRY_OK;

    if (is_many(take))
        drain_begin(w->reg);
    for (size_t n = 0; n < take->seals && err == REGISTRY_OK; n++) {
        err = write_seal(w, &take->seal[n]);
        if (err == REGISTRY_OK && is_many(take) && n % DRAIN_EVERY == 0)
            err = drain_step(w->reg);
    }
    return err;
}

static int write_rows(struct writer *w)
{
    const struct roster_take *take = w->take;
    int err = REGISTRY_OK;

    for (size_t n = 0; n < take->rows && err == REGISTRY_OK; n++)
        err = write_row(w, &take->row[n]);
    if (err == REGISTRY_OK)
        err = index_release(&w->index);
    return err == REGISTRY_OK ? write_seals(w) : err;
}

/* Where most people are new, the tables of names are made faster from all of their rows at once. */
static bool mostly_new(const struct roster_take *take)
{
    return is_many(take) && take->count[ROSTER_TAKEN_ADDED] > take->entries / 2;
}

static int write_all(struct writer *w)
{
    const struct roster_take *take = w->take;
    int err = REGISTRY_OK;

    for (size_t n = 0; n < take->rows && err == REGISTRY_OK; n++)
        err = clear_row(w, &take->row[n]);
    if (mostly_new(take))
        index_hold(&w->index);
    return err == REGISTRY_OK ? write_rows(w) : err;
}

int registry_import_begin(struct registry *reg, const struct roster_take *take)
{
    if (is_many(take)) {
        store_exec(reg->db, CACHE_LARGE);
        store_exec(reg->db, JOURNAL_BEFORE);
        store_grow_in(reg, 0);
    }
    return registry_begin(reg);
}

void registry_import_end(struct registry *reg, const struct roster_take *take)
{
    if (is_many(take)) {
        store_grow_in(reg, STORE_GROWTH);
        store_exec(reg->db, JOURNAL_AHEAD);
        store_exec(reg->db, CACHE_SMALL);
    }
}

int registry_import_write(struct registry *reg, const struct roster_payload *payload,
                          const struct roster_take *take)
{
    struct writer w;
    int err;

    if (take->from != (reg->installed ? reg->issue.number : 0))
        return REGISTRY_ALTERED;
    writer_begin(&w, reg, take);
    if ((err = write_all(&w)) == REGISTRY_OK)
        err = write_issues(reg, payload, take);
    if (err == REGISTRY_OK)
        err = registry_amends_prune(reg, &take->trust.issue);
    writer_end(&w);
    return err;
}

void registry_import_settle(struct registry *reg, struct roster_take *take)
{
    free(reg->entry);
    reg->entry = take->entry;
    reg->entries = take->entries;
    reg->entry_cap = take->entry_cap;
    reg->issue = take->trust.issue;
    memcpy(reg->issue_hash, take->trust.hash, sizeof(reg->issue_hash));
    reg->installed = true;
    take->entry = NULL;
    take->entries = take->entry_cap = 0;
    /* Who may say what has changed with the issue. */
    reg->amends.changed = true;
    registry_amends_settle(reg);
}
