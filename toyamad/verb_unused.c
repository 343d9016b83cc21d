/* SPDX-License-Identifier: Apache-2.0
 *
 * card unused: cards whose holders have not logged in for long; with "suspend" those that are
 * unused for longer are suspended, by record or, on a helpdesk's host, by amendment. What was
 * suspended once is not found again. Logins at other hosts count as far as the zone's database told
 * of them; nobody signed that, so it is said, and a look comes before a suspension.
 */
#include "toyamad/amend_task.h"
#include "toyamad/bulk.h"
#include "toyamad/names.h"
#include "toyamad/registry/uses.h"
#include "toyamad/rights.h"
#include "toyamad/situations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <systemd/sd-daemon.h>

#define DAY 86400
/* People of one transaction, with an event for each of their cards. */
#define CHUNK (BULK_EVENTS_MAX / (ROSTER_CREDENTIALS + 1))

/* When somebody last logged in; 0: never, as far as is known. */
struct seen {
    int64_t here;  /* seconds since 1970 UTC */
    int64_t day;   /* elsewhere: days since then */
    int64_t newer; /* of both, seconds; elsewhere the end of that day */
};

struct unused {
    struct task *t;
    int64_t now;
    long notify, suspend; /* days */
    bool suspends, dry;
    uint8_t (*id)[ROSTER_ID_LEN]; /* owned: of people with cards to suspend */
    size_t count, cap;
    int err;
};

static bool is_candidate(const struct roster_credential *c)
{
    return c->state == ROSTER_ACTIVE && !c->temporary &&
           (prove_factor(c->family) & FACTOR_POSSESSION) != 0;
}

/* Days since it could have been used, or its holder logged in. */
static long idle_days(const struct unused *u, const struct roster_record *r,
                      const struct roster_credential *c, const struct seen *last)
{
    int64_t since = c->enrolled > r->valid_from ? c->enrolled : r->valid_from;

    since = last->newer > since ? last->newer : since;
    since = c->from > since ? c->from : since;
    return u->now > since ? (long)((u->now - since) / DAY) : 0;
}

static bool too_long(const struct unused *u, const struct roster_record *r,
                     const struct roster_credential *c, const struct seen *last)
{
    return is_candidate(c) && idle_days(u, r, c, last) >= u->suspend;
}

static void tell(const struct unused *u, const struct roster_record *r,
                 const struct roster_credential *c, const struct seen *last)
{
    struct admin_pairs row = {0};
    char text[2 * ROSTER_ID_LEN + 1];

    task_add_held(&row, r, c);
    names_time(last->here, text);
    admin_pair_add(&row, "last_login", text);
    text[0] = '\0';
    if (last->day > 0)
        broker_local_time(last->day * DAY, text, 11);
    admin_pair_add(&row, "elsewhere", text);
    snprintf(text, sizeof(text), "%ld", idle_days(u, r, c, last));
    admin_pair_add(&row, "days", text);
    admin_pair_add(&row, "state",
                   u->suspends && too_long(u, r, c, last) ? "suspended"
                                                          : roster_state_name(c->state));
    task_row(u->t, &row);
}

static bool keep(struct unused *u, const uint8_t id[ROSTER_ID_LEN])
{
    void *grown = u->id;

    if (u->count == u->cap) {
        u->cap = u->cap == 0 ? BULK_MAX : 2 * u->cap;
        grown = reallocarray(u->id, u->cap, sizeof(u->id[0]));
        if (grown == NULL) {
            u->err = REGISTRY_FAILED;
            return false;
        }
        u->id = grown;
    }
    memcpy(u->id[u->count++], id, ROSTER_ID_LEN);
    return true;
}

static bool last_login(struct unused *u, const struct roster_record *r, struct seen *out)
{
    struct registry *reg = &u->t->broker->registry;
    struct counter tally = {0};

    *out = (struct seen){0};
    if ((u->err = registry_counter_get(reg, r->id, &tally)) == REGISTRY_OK)
        u->err = registry_use_get(reg, r->id, &out->day);
    out->here = out->newer = tally.last_login;
    if (out->day > 0 && (out->day + 1) * DAY - 1 > out->newer)
        out->newer = (out->day + 1) * DAY - 1;
    return u->err == REGISTRY_OK;
}

/* Whoever has gone, or has no right here, is person tidy's. */
static bool look_at(void *ctx, const struct roster_record *person)
{
    struct unused *u = ctx;
    struct roster_record r = *person;
    bool suspend = false;
    struct seen last = {0};

    roster_record_effective(&r, u->now);
    if (r.state != ROSTER_ACTIVE || (r.valid_until != 0 && u->now > r.valid_until) ||
        (r.zones & rights_zone_bit(u->t->broker->config.policy.zone)) == 0)
        return true;
    if (!last_login(u, &r, &last))
        return false;
    for (size_t n = 0; n < r.credentials; n++) {
        const struct roster_credential *c = &r.credential[n];
        if (!is_candidate(c) || idle_days(u, &r, c, &last) < u->notify)
            continue;
        tell(u, &r, c, &last);
        suspend = suspend || too_long(u, &r, c, &last);
    }
    return !suspend || !u->suspends || keep(u, r.id);
}

static void suspend_card(const struct unused *u, const struct roster_record *r,
                         struct roster_credential *c, struct chain_event *event)
{
    char id[2 * ROSTER_ID_LEN + 1];

    c->state = ROSTER_SUSPENDED;
    c->reason = ROSTER_UNUSED;
    names_hex(c->id, ROSTER_ID_LEN, id);
    *event = (struct chain_event){.kind = "card-suspended"};
    chain_event_add(event, "person", r->number);
    chain_event_add(event, "card", id);
    chain_event_add(event, "reason", roster_reason_name(ROSTER_UNUSED));
    chain_event_add(event, "operator", u->t->operator.number);
}

static bool suspend_one(struct unused *u, struct bulk *bulk, const uint8_t id[ROSTER_ID_LEN])
{
    struct roster_record r;
    struct chain_event event;
    struct seen last = {0};

    if (!bulk_check(bulk, registry_by_id(&u->t->broker->registry, id, &r)) ||
        !bulk_check(bulk, last_login(u, &r, &last) ? REGISTRY_OK : u->err))
        return false;
    for (size_t n = 0; n < r.credentials; n++)
        if (too_long(u, &r, &r.credential[n], &last)) {
            suspend_card(u, &r, &r.credential[n], &event);
            if (!bulk_note(bulk, &event))
                return false;
        }
    return bulk_put(bulk, &r, NULL);
}

static bool suspend_some(struct unused *u, size_t at, size_t count)
{
    struct bulk bulk;
    bool good = bulk_begin(&bulk, u->t);

    for (size_t n = at; n < at + count && good; n++)
        good = suspend_one(u, &bulk, u->id[n]);
    good = good && bulk_commit(&bulk);
    bulk_end(&bulk);
    sd_notify(0, "WATCHDOG=1");
    return good;
}

/* A helpdesk's suspensions end by themselves: the next run makes them anew. */
static bool say_suspended(struct unused *u, const struct roster_credential *c)
{
    struct task *t = u->t;
    struct chain_event event;

    if (!amend_task_begin(t, ROSTER_AMEND_SUSPEND, ROSTER_UNUSED, ""))
        return false;
    memcpy(t->said.credential, c->id, sizeof(t->said.credential));
    t->said.until = t->said.created + ROSTER_SUSPEND_MAX;
    amend_task_describe(t, "card-suspended", &event);
    return amend_task_record(t, &event);
}

static bool say_all(struct unused *u)
{
    struct task *t = u->t;
    struct seen last = {0};

    for (size_t n = 0; n < u->count; n++) {
        int err = registry_by_id(&t->broker->registry, u->id[n], &t->person);
        if (err != REGISTRY_OK || !last_login(u, &t->person, &last)) {
            task_fail_registry(t, err != REGISTRY_OK ? err : u->err);
            return false;
        }
        for (size_t k = 0; k < t->person.credentials; k++)
            if (too_long(u, &t->person, &t->person.credential[k], &last) &&
                !say_suspended(u, &t->person.credential[k]))
                return false;
    }
    return true;
}

static bool suspend_all(struct unused *u)
{
    if (amend_taken_host(u->t->broker))
        return say_all(u);
    for (size_t at = 0; at < u->count; at += CHUNK)
        if (!suspend_some(u, at, u->count - at < CHUNK ? u->count - at : CHUNK))
            return false;
    return true;
}

static bool take_days(struct unused *u)
{
    const struct config_roster *c = &u->t->broker->config.roster;
    const char *days = task_get(u->t, "days");

    u->notify = c->unused_notify;
    u->suspend = c->unused_suspend;
    if (days[0] == '\0')
        return true;
    if (strspn(days, "0123456789") != strlen(days) || strlen(days) > 4) {
        task_done(u->t, ADMIN_USAGE, NULL, "\"days\" is a number of days");
        return false;
    }
    u->notify = u->suspend = strtol(days, NULL, 10);
    return true;
}

static bool record_view(struct task *t)
{
    struct chain_event event = {.kind = "unused-viewed"};

    chain_event_add(&event, "operator", t->operator.number);
    return task_event_only(t, &event);
}

/* Which logins are counted. */
static int say_basis(struct task *t)
{
    struct args args = {0};
    int64_t told = 0;
    char when[24];
    int err = registry_meta_get(&t->broker->registry, REGISTRY_USES_TOLD, &told);

    if (err == REGISTRY_NONE) {
        task_event(t, "H77", &args);
        return REGISTRY_OK;
    }
    broker_local_time(told, when, 17);
    args_add(&args, "time", ARG_TIME, when);
    task_event(t, "H78", &args);
    return err;
}

static void run(struct unused *u)
{
    struct task *t = u->t;
    int err = amend_taken_host(t->broker) ? say_basis(t) : REGISTRY_OK;

    if (err == REGISTRY_OK)
        err = registry_each_by_number(&t->broker->registry, look_at, u);
    err = u->err != REGISTRY_OK ? u->err : err;
    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else if (u->dry || !u->suspends)
        task_done(t, ADMIN_OK, u->dry ? "H59" : NULL, "%s", "");
    else if (!suspend_all(u))
        return;
    else if (amend_taken_host(t->broker) && u->count > 0)
        amend_task_done(t);
    else
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

void card_unused(struct task *t)
{
    struct unused u = {.t = t, .now = broker_now(t->broker)};

    u.suspends = strcmp(task_get(t, "suspend"), "yes") == 0;
    u.dry = strcmp(task_get(t, "dry-run"), "yes") == 0;
    if (t->broker->config.roster.kind == REGISTER_STATION) {
        task_done(t, ADMIN_REFUSED, "H60", "nobody logs in at a station");
        return;
    }
    if ((u.suspends && !u.dry && !amend_task_may(t)) || !take_days(&u) || !record_view(t))
        return;
    run(&u);
    free(u.id);
}
