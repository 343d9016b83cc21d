/* SPDX-License-Identifier: Apache-2.0
 *
 * issue preview: what differs from the last approved issues.
 */
#include "toyamad/verb_issue.h"
#include "toyamad/log.h"
#include "toyamad/names.h"
#include "toyamad/station/changes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TOKEN_TEXT (2 * CRYPTO_SHA256_LEN + 1)

static void drop_plan(void *work)
{
    plan_wipe(work);
    free(work);
}

struct station_plan *verb_issue_plan(struct task *t)
{
    struct station_plan *plan = calloc(1, sizeof(*plan));

    if (plan == NULL) {
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
        return NULL;
    }
    t->work = plan;
    t->drop = drop_plan;
    return plan;
}

static bool wants_renewal(const struct task *t)
{
    return strcmp(task_get(t, "renew"), "yes") == 0;
}

static int send_difference(void *ctx, const struct station_difference *d)
{
    static const char *const change[] = {"added", "changed", "stopped", "removed"};
    const struct roster_record *r = d->fresh != NULL ? d->fresh : d->old;
    struct admin_pairs row = {0};
    char what[CHANGES_MAX] = "";

    if (d->old != NULL && d->fresh != NULL)
        changes_words(d->old, d->fresh, what);
    admin_pair_add(&row, "kind", "person");
    admin_pair_add(&row, "zone", d->zone->name);
    admin_pair_add(&row, "change", change[d->change]);
    admin_pair_add(&row, "number", r->number);
    admin_pair_add(&row, "name", r->name);
    admin_pair_add(&row, "what", what);
    task_row(ctx, &row);
    return REGISTRY_OK;
}

void verb_issue_zone(struct task *t, const struct station_next *next)
{
    const struct roster_issue *last = &next->zone.trust.issue;
    const uint64_t *n = next->compared.differing;
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "zone");
    admin_pair_add(&row, "zone", next->zone.name);
    verb_add_number(&row, "roster", last->number + (next->due ? 1 : 0));
    verb_add_time(&row, "roster_time", last->number > 0 ? last->created : 0);
    verb_add_number(&row, "people", next->compared.people);
    verb_add_number(&row, "added", n[STATION_ADDED]);
    verb_add_number(&row, "changed", n[STATION_CHANGED]);
    verb_add_number(&row, "stopped", n[STATION_STOPPED]);
    verb_add_number(&row, "removed", n[STATION_REMOVED]);
    admin_pair_add(&row, "due", next->due ? "yes" : "no");
    task_row(t, &row);
}

static void add_roles(struct admin_pairs *row, const char *key, uint8_t roles)
{
    char text[96] = "";
    size_t used = 0;

    for (unsigned bit = ROSTER_REGISTRAR; bit <= ROSTER_AUDITOR; bit <<= 1)
        if ((roles & bit) != 0)
            used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used > 0 ? " " : "",
                                     roster_role_name((enum roster_role)bit));
    admin_pair_add(row, key, text);
}

static void send_office(struct task *t, const struct station_office *o)
{
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "office");
    admin_pair_add(&row, "number", o->number);
    admin_pair_add(&row, "name", o->name);
    add_roles(&row, "roles_before", o->before);
    add_roles(&row, "roles_after", o->after);
    add_roles(&row, "roles_wanted", o->wanted);
    task_row(t, &row);
}

/* Whoever is not registered any more has only his id. */
static void send_author(struct task *t, const uint8_t id[ROSTER_ID_LEN])
{
    struct admin_pairs row = {0};
    struct roster_record r;
    char hex[2 * ROSTER_ID_LEN + 1];
    bool known = registry_by_id(&t->broker->registry, id, &r) == REGISTRY_OK;

    names_hex(id, ROSTER_ID_LEN, hex);
    admin_pair_add(&row, "kind", "author");
    if (memcmp(id, roster_root_author, ROSTER_ID_LEN) == 0)
        admin_pair_add(&row, "number", "root");
    else
        admin_pair_add(&row, "number", known ? r.number : hex);
    admin_pair_add(&row, "name", known ? r.name : "");
    task_row(t, &row);
}

static void send_token(struct task *t, const struct station_plan *plan)
{
    struct admin_pairs row = {0};
    char token[TOKEN_TEXT];
    bool due = false;

    for (size_t n = 0; n < plan->zones; n++)
        due = due || plan->next[n].due;
    names_hex(plan->token, sizeof(plan->token), token);
    admin_pair_add(&row, "kind", "token");
    admin_pair_add(&row, "token", token);
    admin_pair_add(&row, "due", due ? "yes" : "no");
    task_row(t, &row);
}

static void send_plan(struct task *t, const struct station_plan *plan)
{
    for (size_t n = 0; n < plan->offices; n++)
        send_office(t, &plan->office[n]);
    for (size_t n = 0; n < plan->authors; n++)
        send_author(t, plan->author[n]);
    for (size_t n = 0; n < plan->zones; n++)
        verb_issue_zone(t, &plan->next[n]);
    send_token(t, plan);
}

static void start_event(const struct task *t, struct chain_event *event, const char *kind)
{
    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    chain_event_add(event, "operator", t->operator.number);
}

void issue_preview(struct task *t)
{
    struct station_plan *plan;
    struct chain_event event;
    struct station st;
    int err;

    start_event(t, &event, "issue-previewed");
    if (!verb_station(t, &st) || !task_event_only(t, &event) || (plan = verb_issue_plan(t)) == NULL)
        return;
    if ((err = plan_make(&st, wants_renewal(t), send_difference, t, plan)) != REGISTRY_OK) {
        verb_station_failed(t, &st, err);
        return;
    }
    send_plan(t, plan);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}
