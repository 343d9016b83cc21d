/* SPDX-License-Identifier: Apache-2.0
 *
 * sync.look, sync.take, sync.roster, sync.events, sync.counters, sync.counters.take: what comes in
 * is judged like a roster file; counters are only raised.
 */
#include "toyamad/verb_sync.h"

#include "core/wire/handed.h"
#include "toyamad/intake.h"
#include "toyamad/mapped.h"
#include "toyamad/registry/export.h"
#include "toyamad/registry/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SOURCE     "database"
#define EVENTS_MAX 5000 /* in one file */
#define ONE_MAX    HANDED_ITEM_MAX

void sync_add_number(struct admin_pairs *row, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    admin_pair_add(row, key, text);
}

bool sync_is_taken(struct task *t)
{
    if (t->broker->keys.kind == REGISTER_TAKEN)
        return true;
    task_done(t, ADMIN_REFUSED, NULL, "this host's people are its own");
    return false;
}

void sync_look(struct task *t)
{
    const struct broker *b = t->broker;
    struct admin_pairs row = {0};

    admin_pair_add(&row, "zone", b->registry.zone);
    sync_add_number(&row, "issue", b->registry.issue.number);
    sync_add_number(&row, "base", b->registry.installed ? b->registry.issue.number : 0);
    sync_add_number(&row, "events", b->audit.head.last_sequence);
    sync_add_number(&row, "amended", sync_amended(t->broker));
    sync_add_number(&row, "uses_due", sync_uses_due(t->broker));
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* Written through a buffer: items are small. */
FILE *sync_open_out(struct task *t)
{
    int fd = dup(t->fd);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");

    if (file == NULL) {
        if (fd >= 0)
            close(fd);
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
    }
    return file;
}

void sync_close_out(struct task *t, FILE *file, int err)
{
    bool full = ferror(file) != 0;

    full = fclose(file) != 0 || full;
    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else if (full)
        task_done(t, ADMIN_FAILED, NULL, "the file cannot be written: %s", strerror(errno));
    else
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

bool sync_get_number(struct task *t, const char *key, uint64_t *out)
{
    const char *text = task_get(t, key);
    char *end = NULL;

    errno = 0;
    *out = strtoull(text, &end, 10);
    if (errno == 0 && *text >= '0' && *text <= '9' && *end == '\0' && *out <= INT64_MAX)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"%s\" is not a number", key);
    return false;
}

static bool to_file(void *ctx, const void *p, size_t len)
{
    return fwrite(p, 1, len, ctx) == len;
}

void sync_roster(struct task *t)
{
    struct roster_payload_writer w = {.write = to_file};
    uint64_t after = 0;
    FILE *file;

    if (!sync_is_taken(t))
        return;
    if (!sync_get_number(t, "base", &after) || (file = sync_open_out(t)) == NULL)
        return;
    w.ctx = file;
    sync_close_out(t, file, registry_export(&t->broker->registry, after, &w));
}

static void take_payload(struct task *t, const struct mapped *map)
{
    const struct intake_origin origin = {.source = SOURCE, .by = SOURCE};
    struct broker *b = t->broker;
    struct intake in;
    int err = intake_open_payload(&in, b, map->at, map->len);

    if (err == INTAKE_OK)
        err = intake_install(&in, b, &origin);
    if (err == INTAKE_OK || err == INTAKE_SAME) {
        task_done(t, ADMIN_OK, NULL, "%s", "");
    } else {
        intake_refused(&in, b, err, &origin);
        task_done(t, err == INTAKE_STORE || err == INTAKE_FAILED ? ADMIN_FAILED : ADMIN_REFUSED,
                  NULL, "%s", in.why);
    }
    intake_close(&in);
}

void sync_take(struct task *t)
{
    struct mapped map;

    if (!sync_is_taken(t))
        return;
    if (!mapped_open(&map, t->fd)) {
        task_done(t, ADMIN_FAILED, NULL, "the file cannot be read");
        return;
    }
    take_payload(t, &map);
    mapped_close(&map);
}

static bool write_event(FILE *file, struct store_query *q)
{
    uint8_t der[CHAIN_EVENT_MAX], link[CRYPTO_SHA256_LEN], buf[ONE_MAX];
    struct handed_event e = {.sequence = (uint64_t)store_int(q, 0), .der = der, .link = link};
    size_t len = 0;

    if (!store_blob(q, 1, der, sizeof(der), &e.der_len) ||
        !store_blob_exact(q, 2, link, sizeof(link)) ||
        handed_event_encode(&e, buf, sizeof(buf), &len) != WIRE_OK)
        return false;
    fwrite(buf, 1, len, file);
    return true;
}

void sync_events(struct task *t)
{
    struct store_query q;
    uint64_t after = 0;
    FILE *file;
    int err = REGISTRY_OK;

    if (!sync_get_number(t, "after", &after) || (file = sync_open_out(t)) == NULL)
        return;
    q = store_prepare(&t->broker->registry, "SELECT sequence, der, link FROM event"
                                            " WHERE sequence>? ORDER BY sequence LIMIT ?");
    store_bind_int(&q, 1, (int64_t)after);
    store_bind_int(&q, 2, EVENTS_MAX);
    while (err == REGISTRY_OK && store_row(&q))
        err = write_event(file, &q) ? REGISTRY_OK : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    sync_close_out(t, file, err);
}

static bool write_counter(FILE *file, struct store_query *q)
{
    uint8_t person[ROSTER_ID_LEN], buf[64];
    struct handed_counter c = {.person = person,
                               .failures = (uint64_t)store_int(q, 1),
                               .until = (uint64_t)store_int(q, 2)};
    size_t len = 0;

    if (!store_blob_exact(q, 0, person, sizeof(person)) ||
        handed_counter_encode(&c, buf, sizeof(buf), &len) != WIRE_OK)
        return false;
    fwrite(buf, 1, len, file);
    return true;
}

void sync_counters(struct task *t)
{
    struct store_query q;
    FILE *file;
    int err = REGISTRY_OK;

    if ((file = sync_open_out(t)) == NULL)
        return;
    q = store_prepare(&t->broker->registry, "SELECT person, failures, until FROM counter"
                                            " WHERE failures>0 OR until>? ORDER BY person");
    store_bind_int(&q, 1, broker_now(t->broker));
    while (err == REGISTRY_OK && store_row(&q))
        err = write_counter(file, &q) ? REGISTRY_OK : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    sync_close_out(t, file, err);
}

/* No longer than a lock of this host's own may last, and never lower than what is here. */
static int raise_counter(struct broker *b, const struct handed_counter *c, bool *raised)
{
    const struct policy *p = &b->config.policy;
    int64_t now = broker_now(b), most = p->lock_admin_only ? INT64_MAX : now + p->lock_time;
    int64_t until = (int64_t)c->until > most ? most : (int64_t)c->until;
    uint32_t failures = c->failures > p->lock_after ? p->lock_after : (uint32_t)c->failures;
    struct counter tally = {0};
    int err = registry_counter_get(&b->registry, c->person, &tally);

    if (err != REGISTRY_OK || (failures <= tally.failures && until <= tally.until))
        return err;
    if (failures > tally.failures)
        tally.failures = failures;
    if (until > tally.until)
        tally.until = until;
    *raised = true;
    return registry_counter_put(&b->registry, c->person, &tally);
}

static int raise_all(struct broker *b, const struct mapped *map, size_t *count)
{
    struct tlv_cur cur = tlv_der(map->at, map->len);
    struct handed_counter c;
    struct roster_record *unused = &(struct roster_record){0};
    int r = 0, err = REGISTRY_OK;

    while (err == REGISTRY_OK && (r = handed_counter_next(&cur, &c)) == 1) {
        bool raised = false;
        err = registry_by_id(&b->registry, c.person, unused);
        if (err == REGISTRY_OK)
            err = raise_counter(b, &c, &raised);
        else if (err == REGISTRY_NONE) /* somebody of another issue */
            err = REGISTRY_OK;
        *count += raised;
    }
    return err == REGISTRY_OK && r < 0 ? REGISTRY_LIMIT : err;
}

static int take_counters(struct broker *b, const struct mapped *map)
{
    struct chain_event event = {.kind = "counters-raised"};
    char text[24];
    size_t count = 0;
    int err = registry_begin(&b->registry);

    if (err != REGISTRY_OK)
        return err;
    err = raise_all(b, map, &count);
    snprintf(text, sizeof(text), "%zu", count);
    chain_event_add(&event, "people", text);
    if (err == REGISTRY_OK && count > 0)
        err = audit_append(&b->audit, &event, broker_now(b));
    if (err == REGISTRY_OK && (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        audit_settle(&b->audit);
        return REGISTRY_OK;
    }
    registry_rollback(&b->registry);
    audit_forget(&b->audit);
    return err;
}

void sync_counters_take(struct task *t)
{
    struct mapped map;
    int err;

    if (!mapped_open(&map, t->fd)) {
        task_done(t, ADMIN_FAILED, NULL, "the file cannot be read");
        return;
    }
    err = take_counters(t->broker, &map);
    mapped_close(&map);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else if (err == REGISTRY_LIMIT)
        task_done(t, ADMIN_REFUSED, NULL, "malformed counters");
    else
        task_fail_registry(t, err);
}
