/* SPDX-License-Identifier: Apache-2.0
 *
 * stop: a stop code stops its card in this host's zone, at once and without a network. What the
 * operator is told is the same whether somebody here has the card, had it stopped before, or nobody
 * knows the code: digits that were made up find out nothing.
 */
#include "core/wire/wipe.h"
#include "toyamad/amend_task.h"
#include "toyamad/names.h"
#include "toyamad/registry/amend.h"

#include <stdio.h>
#include <string.h>

#define WRONG_MAX  5 /* unknown codes in an hour */
#define HOUR       3600
#define META_COUNT "stop_wrong"
#define META_SINCE "stop_since"

struct wrong {
    int64_t count, since;
};

static int read_wrong(struct broker *b, int64_t now, struct wrong *out)
{
    int err;

    *out = (struct wrong){0};
    if ((err = registry_meta_get(&b->registry, META_COUNT, &out->count)) == REGISTRY_OK)
        err = registry_meta_get(&b->registry, META_SINCE, &out->since);
    if (err == REGISTRY_NONE || now - out->since >= HOUR) {
        *out = (struct wrong){.since = now};
        return REGISTRY_OK;
    }
    return err;
}

/* The counter and its event: both or neither. */
static int count_wrong(struct task *t, struct wrong *wrong, int64_t now)
{
    struct broker *b = t->broker;
    struct chain_event event = {.kind = "stop-code-unknown"};
    char text[24];
    int err;

    snprintf(text, sizeof(text), "%lld", (long long)++wrong->count);
    chain_event_add(&event, "count", text);
    chain_event_add(&event, "operator", t->operator.number);
    audit_ready(&b->audit);
    if ((err = registry_begin(&b->registry)) != REGISTRY_OK)
        return err;
    if ((err = registry_meta_put(&b->registry, META_COUNT, wrong->count)) == REGISTRY_OK &&
        (err = registry_meta_put(&b->registry, META_SINCE, wrong->since)) == REGISTRY_OK &&
        (err = audit_append(&b->audit, &event, now)) == REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        audit_settle(&b->audit);
        return REGISTRY_OK;
    }
    registry_rollback(&b->registry);
    audit_forget(&b->audit);
    return err;
}

static void describe(const struct task *t, const struct roster_credential *c, bool again,
                     struct chain_event *event)
{
    task_describe(t, again ? "card-stopped-again" : "card-stopped", c, event);
    chain_event_add(event, "reason", roster_reason_name(again ? c->reason : ROSTER_LOST));
    chain_event_add(event, "by", "stop-code");
}

/* False: the call was ended. */
static bool stop_here(struct task *t, const struct stop_code *code, size_t at)
{
    struct roster_credential *c = &t->person.credential[at];
    bool again = c->state != ROSTER_ACTIVE && c->state != ROSTER_SUSPENDED;
    struct chain_event event;
    int err;

    describe(t, c, again, &event);
    if (again)
        return task_event_only(t, &event);
    if (!amend_taken_host(t->broker)) {
        c->state = ROSTER_STOPPED;
        c->reason = ROSTER_LOST;
        return task_store(t, &event);
    }
    err = amend_record_stop(t->broker, code, c->id, &event);
    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    return err == REGISTRY_OK;
}

/* A code that nobody has takes as long as the others. */
static void waste(const struct stop_code *code)
{
    static const uint8_t nobody[ROSTER_ID_LEN];
    uint8_t hash[STOP_HASH_LEN];

    if (stop_hash(code, nobody, hash) == STOP_OK)
        wire_wipe(hash, sizeof(hash));
}

static void answer(struct task *t)
{
    if (amend_task_publish(t))
        task_done(t, ADMIN_OK, "H33", "%s", "");
}

static void look_up(struct task *t, const struct stop_code *code, struct wrong *wrong, int64_t now)
{
    size_t at = 0;
    int err = registry_stop_find(&t->broker->registry, code, &t->person, &at);

    if (err == REGISTRY_NONE) {
        waste(code);
        err = count_wrong(t, wrong, now);
    } else if (err == REGISTRY_OK && !stop_here(t, code, at)) {
        return;
    }
    if (err == REGISTRY_OK)
        answer(t);
    else
        task_fail_registry(t, err);
}

static bool parse(struct task *t, struct stop_code *code)
{
    int r = stop_parse(task_get(t, "code"), code);

    if (r != STOP_OK)
        task_done(t, ADMIN_USAGE, "H34", "%s", stop_strerror(r));
    return r == STOP_OK;
}

void stop_by_code(struct task *t)
{
    int64_t now = broker_now(t->broker);
    struct stop_code code = {0};
    struct wrong wrong;
    int err;

    if (!parse(t, &code))
        return;
    if ((err = read_wrong(t->broker, now, &wrong)) != REGISTRY_OK)
        task_fail_registry(t, err);
    else if (wrong.count >= WRONG_MAX)
        task_done(t, ADMIN_REFUSED, "H35", "%d unknown codes within an hour", WRONG_MAX);
    else
        look_up(t, &code, &wrong, now);
    wire_wipe(&code, sizeof(code));
}
