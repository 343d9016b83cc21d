/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/audit/audit.h"

#include "core/wire/wipe.h"
#include "toyamad/audit/anchor.h"
#include "toyamad/audit/head.h"
#include "toyamad/names.h"
#include "toyamad/registry/amend.h"
#include "toyamad/registry/store.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define ANCHOR_EVERY 32 /* events */

struct row {
    uint8_t der[CHAIN_EVENT_MAX];
    size_t len;
    uint8_t link[CRYPTO_SHA256_LEN];
};

static bool take_row(struct store_query *q, struct row *row)
{
    return store_blob(q, 0, row->der, sizeof(row->der), &row->len) &&
           store_blob_exact(q, 1, row->link, sizeof(row->link));
}

static int walk(struct store_query *q, struct chain_walk *state,
                bool (*each)(void *, const struct chain_event *), void *ctx)
{
    struct row row;
    struct chain_event event;
    int err = REGISTRY_OK;

    while (err == REGISTRY_OK && store_row(q)) {
        if (!take_row(q, &row) ||
            chain_walk_step(state, row.der, row.len, row.link, &event) != CHAIN_OK)
            err = REGISTRY_ALTERED;
        else if (each != NULL && !each(ctx, &event))
            break;
    }
    if (q->err != REGISTRY_OK)
        err = q->err;
    store_finalize(q);
    return err;
}

/* The state of a walk in front of event `sequence`, taken from the row before it. */
static int walk_from(struct audit *audit, uint64_t sequence, struct chain_walk *out)
{
    struct store_query q =
        store_prepare(audit->reg, "SELECT der, link FROM event WHERE sequence=?");
    struct row row;
    struct chain_event event;
    int err = REGISTRY_ALTERED;

    *out = (struct chain_walk){0};
    if (sequence <= 1) {
        store_finalize(&q);
        return REGISTRY_OK;
    }
    store_bind_int(&q, 1, (int64_t)sequence - 1);
    if (store_row(&q) && take_row(&q, &row) &&
        chain_event_decode(row.der, row.len, &event) == CHAIN_OK) {
        *out = (struct chain_walk){.last_sequence = event.sequence, .last_time = event.time};
        memcpy(out->link, row.link, sizeof(out->link));
        err = REGISTRY_OK;
    }
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

static int last_sequence(struct audit *audit, uint64_t *out)
{
    struct store_query q = store_prepare(audit->reg, "SELECT coalesce(max(sequence),0) FROM event");

    if (store_row(&q))
        *out = (uint64_t)store_int(&q, 0);
    store_finalize(&q);
    return q.err;
}

int audit_event_at(struct audit *audit, uint64_t sequence, struct chain_event *out)
{
    struct store_query q =
        store_prepare(audit->reg, "SELECT der, link FROM event WHERE sequence=?");
    struct row row;
    int err = REGISTRY_NONE;

    store_bind_int(&q, 1, (int64_t)sequence);
    if (store_row(&q))
        err = take_row(&q, &row) && chain_event_decode(row.der, row.len, out) == CHAIN_OK
                  ? REGISTRY_OK
                  : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

static struct store_query select_from(struct audit *audit, uint64_t first)
{
    struct store_query q = store_prepare(
        audit->reg, "SELECT der, link FROM event WHERE sequence>=? ORDER BY sequence");

    store_bind_int(&q, 1, (int64_t)first);
    return q;
}

int audit_each(struct audit *audit, uint64_t last,
               bool (*each)(void *ctx, const struct chain_event *e), void *ctx)
{
    struct chain_walk state;
    struct store_query q;
    uint64_t newest = 0, first;
    int err = last_sequence(audit, &newest);

    first = last >= newest ? 1 : newest - last + 1;
    if (err != REGISTRY_OK || (err = walk_from(audit, first, &state)) != REGISTRY_OK)
        return err;
    q = select_from(audit, first);
    return walk(&q, &state, each, ctx);
}

int audit_get(struct audit *audit, uint64_t sequence, struct chain_event *out,
              uint8_t link[CRYPTO_SHA256_LEN])
{
    struct chain_walk state;
    struct store_query q;
    struct row row;
    int err;

    if (sequence == 0 || sequence > audit->head.last_sequence)
        return REGISTRY_NONE;
    if ((err = walk_from(audit, sequence, &state)) != REGISTRY_OK)
        return err;
    q = select_from(audit, sequence);
    if (!store_row(&q) || !take_row(&q, &row) ||
        chain_walk_step(&state, row.der, row.len, row.link, out) != CHAIN_OK)
        err = q.err != REGISTRY_OK ? q.err : REGISTRY_ALTERED;
    store_finalize(&q);
    memcpy(link, state.link, sizeof(state.link));
    return err;
}

/* The newest events: all that hang together with the head. Older ones are for audit_verify. */
static int load_newest(struct audit *audit, char *why, size_t whycap)
{
    uint64_t newest = 0, first;
    struct store_query q;
    int err = last_sequence(audit, &newest);

    first = newest > AUDIT_OPEN_EVENTS ? newest - AUDIT_OPEN_EVENTS + 1 : 1;
    if (err == REGISTRY_OK && (err = walk_from(audit, first, &audit->head)) == REGISTRY_OK) {
        q = select_from(audit, first);
        err = walk(&q, &audit->head, NULL, NULL);
    }
    audit->pending = audit->head;
    if (err == REGISTRY_ALTERED)
        snprintf(why, whycap, "the log is broken at event %llu",
                 (unsigned long long)audit->head.last_sequence + 1);
    else if (err != REGISTRY_OK)
        snprintf(why, whycap, "the log cannot be read: %s", registry_strerror(err));
    return err;
}

/* The first event under a new key names it, so that a log that began anew does not pass for the old
 * one. */
static int begin_head(struct audit *audit, char *why, size_t whycap)
{
    struct chain_event event = {.kind = "log-key"};
    uint8_t hash[CRYPTO_SHA256_LEN] = {0};
    char text[2 * CRYPTO_SHA256_LEN + 1];
    int err = REGISTRY_FAILED;

    if (crypto_sha256(audit->key.spki, audit->key.spki_len, hash) == CRYPTO_OK) {
        names_hex(hash, sizeof(hash), text);
        chain_event_add(&event, "key", text);
        err = audit_write(audit, &event, (int64_t)time(NULL));
    }
    if (err != REGISTRY_OK)
        snprintf(why, whycap, "the head of the log cannot be signed: %s", registry_strerror(err));
    return err;
}

/* A key that was begun but not installed may have signed the head, or may not. */
static int finish_next_key(struct audit *audit, const char *state, char *why, size_t whycap)
{
    int err;

    if (!audit_key_load(&audit->key, state, AUDIT_KEY_NEXT, why, whycap))
        return REGISTRY_MODE;
    if (head_read(audit->reg, &(struct audit_head){0}) == REGISTRY_NONE &&
        (err = begin_head(audit, why, whycap)) != REGISTRY_OK)
        return err;
    if ((err = head_check(audit->reg, &audit->key, &audit->head, why, whycap)) != REGISTRY_OK)
        return err;
    return audit_key_install(state, why, whycap) ? REGISTRY_OK : REGISTRY_STORE;
}

static int begin_key(struct audit *audit, const char *state, char *why, size_t whycap)
{
    if (audit_key_exists(state, AUDIT_KEY_NEXT))
        return finish_next_key(audit, state, why, whycap);
    if (head_read(audit->reg, &(struct audit_head){0}) != REGISTRY_NONE) {
        snprintf(why, whycap, "%s/%s is missing, but the log has a signed head", state,
                 AUDIT_KEY_FILE);
        return REGISTRY_ALTERED;
    }
    if (!audit_key_create(state, AUDIT_KEY_NEXT, why, whycap))
        return REGISTRY_STORE;
    return finish_next_key(audit, state, why, whycap);
}

/* A host that was set up a moment ago has its key, but nothing to sign yet. */
static bool is_fresh(const struct audit *audit)
{
    const struct registry *reg = audit->reg;

    return audit->head.last_sequence == 0 && reg->entries == 0 &&
           (!reg->installed || reg->issue.number <= 1) &&
           head_read(audit->reg, &(struct audit_head){0}) == REGISTRY_NONE;
}

static int open_head(struct audit *audit, const char *state, char *why, size_t whycap)
{
    if (!audit_key_exists(state, AUDIT_KEY_FILE))
        return begin_key(audit, state, why, whycap);
    if (!audit_key_load(&audit->key, state, AUDIT_KEY_FILE, why, whycap))
        return REGISTRY_MODE;
    if (is_fresh(audit))
        return REGISTRY_OK;
    return head_check(audit->reg, &audit->key, &audit->head, why, whycap);
}

int audit_open(struct audit *audit, struct registry *reg, const char *state, const char *host,
               char *why, size_t whycap)
{
    int err;

    *audit = (struct audit){.reg = reg};
    snprintf(audit->host, sizeof(audit->host), "%s", host);
    snprintf(audit->state, sizeof(audit->state), "%s", state);
    if ((err = load_newest(audit, why, whycap)) == REGISTRY_OK &&
        (err = open_head(audit, state, why, whycap)) == REGISTRY_OK &&
        (err = anchor_check(audit, why, whycap)) == REGISTRY_OK) {
        anchor_write(audit, true);
        return REGISTRY_OK;
    }
    audit_close(audit);
    return err;
}

void audit_keep_head(struct audit *audit)
{
    if (audit->head.last_sequence != audit->anchored)
        anchor_write(audit, true);
}

void audit_close(struct audit *audit)
{
    wire_wipe(&audit->key, sizeof(audit->key));
    audit_space_close(&audit->space);
}

int audit_head(struct audit *audit, struct audit_head *out)
{
    return head_read(audit->reg, out);
}

int audit_verify(struct audit *audit, uint64_t *events, uint64_t *broken_at, char *why,
                 size_t whycap)
{
    struct chain_walk state = {0};
    struct store_query q = select_from(audit, 0);
    int err = walk(&q, &state, NULL, NULL);

    *events = state.last_sequence;
    *broken_at = 0;
    if (err == REGISTRY_OK && state.last_sequence == 0 && is_fresh(audit))
        return REGISTRY_OK;
    if (err == REGISTRY_OK &&
        (err = head_check(audit->reg, &audit->key, &state, why, whycap)) == REGISTRY_OK)
        return REGISTRY_OK;
    *broken_at = state.last_sequence + 1;
    if (why[0] == '\0')
        snprintf(why, whycap, "the log is broken at event %llu", (unsigned long long)*broken_at);
    return err;
}

static int insert(struct audit *audit, uint64_t sequence, const struct row *row)
{
    struct store_query q =
        store_prepare(audit->reg, "INSERT INTO event(sequence, der, link) VALUES(?,?,?)");

    store_bind_int(&q, 1, (int64_t)sequence);
    store_bind_blob(&q, 2, row->der, row->len);
    store_bind_blob(&q, 3, row->link, sizeof(row->link));
    return store_done(&q);
}

int audit_append_part(struct audit *audit, struct chain_event *event, int64_t now)
{
    struct chain_walk *head = &audit->pending;
    struct row row = {0};
    char clock[24];
    int err;

    event->sequence = head->last_sequence + 1;
    event->time = now > head->last_time ? now : head->last_time;
    if (now < head->last_time) {
        names_time(now, clock);
        chain_event_add(event, "clock", clock);
    }
    if (chain_event_encode(event, row.der, sizeof(row.der), &row.len) != CHAIN_OK ||
        chain_link(head->link, row.der, row.len, row.link) != CHAIN_OK)
        return REGISTRY_FAILED;
    if ((err = insert(audit, event->sequence, &row)) != REGISTRY_OK)
        return err;
    head->last_sequence = event->sequence;
    head->last_time = event->time;
    memcpy(head->link, row.link, sizeof(head->link));
    return REGISTRY_OK;
}

int audit_append(struct audit *audit, struct chain_event *event, int64_t now)
{
    int err = audit_append_part(audit, event, now);

    return err == REGISTRY_OK ? head_write(audit) : err;
}

void audit_settle(struct audit *audit)
{
    audit->head = audit->pending;
    registry_amends_settle(audit->reg);
    audit_space_refill(&audit->space, audit->head.last_time);
    if (audit->head.last_sequence >= audit->anchored + ANCHOR_EVERY)
        anchor_write(audit, false);
}

void audit_forget(struct audit *audit)
{
    audit->pending = audit->head;
    registry_amends_forget(audit->reg);
}

void audit_keep_space(struct audit *audit, const char *state)
{
    audit_space_open(&audit->space, state);
}

void audit_ready(struct audit *audit)
{
    audit_space_free(&audit->space, false);
}

static bool disk_full(sqlite3 *db)
{
    int code = sqlite3_errcode(db) & 0xFF, cause = sqlite3_system_errno(db);

    return code == SQLITE_FULL ||
           (code == SQLITE_IOERR && (cause == ENOSPC || cause == EDQUOT || cause == EFBIG));
}

static int write_once(struct audit *audit, struct chain_event *event, int64_t now,
                      const uint8_t person[ROSTER_ID_LEN], const struct counter *tally, bool *full)
{
    int err = registry_begin(audit->reg);

    if (err == REGISTRY_OK && tally != NULL)
        err = registry_counter_put(audit->reg, person, tally);
    if (err == REGISTRY_OK && (err = audit_append(audit, event, now)) == REGISTRY_OK &&
        (err = registry_commit(audit->reg)) == REGISTRY_OK) {
        audit_settle(audit);
        return REGISTRY_OK;
    }
    *full = disk_full(audit->reg->db);
    registry_rollback(audit->reg);
    audit_forget(audit);
    return err;
}

/* A login that is granted must find room by itself: what is kept is for those that are not. */
static bool may_use_kept_space(const struct chain_event *event)
{
    const char *result = chain_event_get(event, "result");

    return strcmp(event->kind, "login") != 0 || result == NULL || strcmp(result, "granted") != 0;
}

int audit_write_counted(struct audit *audit, struct chain_event *event, int64_t now,
                        const uint8_t person[ROSTER_ID_LEN], const struct counter *tally)
{
    const struct chain_event asked = *event;
    bool full, kept = may_use_kept_space(event);
    int err;

    if (kept)
        audit_ready(audit);
    do {
        full = false;
        *event = asked;
        err = write_once(audit, event, now, person, tally, &full);
    } while (err != REGISTRY_OK && full && kept && audit_space_free(&audit->space, true));
    return err;
}

int audit_write(struct audit *audit, struct chain_event *event, int64_t now)
{
    return audit_write_counted(audit, event, now, NULL, NULL);
}
