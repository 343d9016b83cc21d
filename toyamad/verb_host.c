/* SPDX-License-Identifier: Apache-2.0
 *
 * status, devices, lockout, audit and clock.
 */
#include "toyamad/amend.h"
#include "toyamad/log.h"
#include "toyamad/names.h"
#include "toyamad/task.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void add_number(struct admin_pairs *row, const char *key, uint64_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%llu", (unsigned long long)value);
    admin_pair_add(row, key, text);
}

static void add_time(struct admin_pairs *row, const char *key, int64_t when)
{
    char text[24];

    names_time(when, text);
    admin_pair_add(row, key, text);
}

struct totals {
    uint64_t people, cards, tokens, fingers;
};

static bool count_one(void *ctx, const struct roster_record *r)
{
    struct totals *totals = ctx;

    totals->people++;
    totals->cards += task_count_cards(r, FACTOR_CARD);
    totals->tokens += task_count_cards(r, FACTOR_TOKEN);
    totals->fingers += r->fingers;
    return true;
}

static void add_registry(struct task *t, struct admin_pairs *row)
{
    struct broker *b = t->broker;
    struct totals totals = {0};
    int err = REGISTRY_OK;

    if (b->registry_good)
        err = registry_each(&b->registry, count_one, &totals);
    add_number(row, "roster", b->registry.installed ? b->registry.issue.number : 0);
    add_time(row, "roster_time", b->registry.installed ? b->registry.issue.created : 0);
    add_number(row, "people", totals.people);
    add_number(row, "cards", totals.cards);
    add_number(row, "tokens", totals.tokens);
    add_number(row, "fingers", totals.fingers);
    add_number(row, "events", b->audit.head.last_sequence);
    add_time(row, "last_event", b->audit.head.last_time);
    if (!b->registry_good)
        admin_pair_add(row, "registry", b->config_good ? b->registry_why : "config not good");
    else
        admin_pair_add(row, "registry", err == REGISTRY_OK ? "good" : registry_strerror(err));
}

void host_status(struct task *t)
{
    struct broker *b = t->broker;
    const struct policy *p = &b->config.policy;
    struct admin_pairs row = {0};
    char require[32] = "";
    bool clock_good = b->registry_good && broker_clock_good(b);

    if (b->config_good)
        policy_factors_format(p->require, require, sizeof(require));
    admin_pair_add(&row, "zone", policy_zone_name(p->zone));
    admin_pair_add(&row, "require", require);
    admin_pair_add(&row, "host", p->host);
    admin_pair_add(&row, "version", TOYAMA_VERSION);
    add_registry(t, &row);
    admin_pair_add(&row, "demo", p->demo ? "yes" : "no");
    admin_pair_add(&row, "clock", clock_good ? "good" : b->registry_good ? "behind" : "unknown");
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

static bool show_lockout(void *ctx, const struct roster_record *r)
{
    struct task *t = ctx;
    struct admin_pairs row = {0};
    struct counter tally = {0};

    if (registry_counter_get(&t->broker->registry, r->id, &tally) != REGISTRY_OK ||
        (tally.failures == 0 && tally.until == 0))
        return true;
    admin_pair_add(&row, "number", r->number);
    add_number(&row, "failures", tally.failures);
    if (tally.until == INT64_MAX)
        admin_pair_add(&row, "until", "operator");
    else
        add_time(&row, "until", tally.until);
    task_row(t, &row);
    return true;
}

void lockout_show(struct task *t)
{
    task_list(t, "lockout-viewed", show_lockout);
}

static int clear_counter(struct task *t, struct chain_event *event)
{
    struct broker *b = t->broker;
    struct counter tally = {0};
    int err = registry_counter_get(&b->registry, t->person.id, &tally);

    tally.failures = 0;
    tally.until = 0;
    if (err != REGISTRY_OK)
        return err;
    return audit_write_counted(&b->audit, event, broker_now(b), t->person.id, &tally);
}

void lockout_clear(struct task *t)
{
    struct chain_event event = {.kind = "lockout-cleared"};
    int err;

    if (!task_find_person(t))
        return;
    if (amend_helpdesk(t->broker)) {
        amend_clear(t);
        return;
    }
    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "operator", t->operator.number);
    err = clear_counter(t, &event);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_fail_registry(t, err);
}

static bool show_event(void *ctx, const struct chain_event *e)
{
    struct task *t = ctx;
    struct admin_pairs row = {0};

    if (e->sequence == t->broker->audit.head.last_sequence)
        return true; /* this view itself */
    add_number(&row, "sequence", e->sequence);
    add_time(&row, "time", e->time);
    admin_pair_add(&row, "kind", e->kind);
    for (size_t n = 0; n < e->count; n++)
        admin_pair_add(&row, e->pair[n].key, e->pair[n].value);
    task_row(t, &row);
    return true;
}

void audit_show(struct task *t)
{
    struct chain_event event = {.kind = "audit-viewed"};
    const char *last = task_get(t, "last");
    char *end = NULL;
    unsigned long count = last[0] == '\0' ? 20 : strtoul(last, &end, 10);
    int err;

    if (count == 0 || (end != NULL && *end != '\0')) {
        task_done(t, ADMIN_USAGE, NULL, "\"last\" is a number of events");
        return;
    }
    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    err = audit_each(&t->broker->audit, count < ULONG_MAX ? count + 1 : count, show_event, t);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_fail_registry(t, err);
}

void audit_check(struct task *t)
{
    struct admin_pairs row = {0};
    uint64_t events = 0, broken_at = 0;
    char why[256] = "";

    if (audit_verify(&t->broker->audit, &events, &broken_at, why, sizeof(why)) != REGISTRY_OK) {
        task_done(t, ADMIN_REFUSED, NULL, "%s", why);
        return;
    }
    add_number(&row, "events", events);
    add_time(&row, "last_time", t->broker->audit.head.last_time);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

void clock_accept(struct task *t)
{
    struct chain_event event = {.kind = "clock-accepted"};
    int err;

    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    err = broker_clock_accept(t->broker);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_fail_registry(t, err);
}
