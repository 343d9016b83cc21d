/* SPDX-License-Identifier: Apache-2.0
 *
 * issue approve: the next issues of all zones, signed by another person's card.
 */
#include "toyamad/approve.h"
#include "toyamad/log.h"
#include "toyamad/names.h"
#include "toyamad/patience.h"
#include "toyamad/verb_issue.h"

#include <stdio.h>
#include <string.h>

static void describe(const struct task *t, const struct station_plan *plan,
                     const struct approve_result *result, struct chain_event *event)
{
    char number[24];

    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "issue-approved");
    chain_event_add(event, "operator", t->operator.number);
    chain_event_add(event, "approver", result->number);
    for (size_t n = 0; n < plan->zones; n++) {
        const struct station_next *next = &plan->next[n];
        if (!next->due)
            continue;
        snprintf(number, sizeof(number), "%llu", (unsigned long long)next->issue.number);
        chain_event_add(event, next->zone.name, number);
    }
}

static void take_signatures(struct plan_approval *a, const struct approve_result *result)
{
    a->spki_len = result->spki_len;
    memcpy(a->spki, result->spki, sizeof(a->spki));
    for (size_t n = 0; n < result->signatures && n < STATION_ZONES; n++) {
        a->signature[n].len = result->signature[n].len;
        memcpy(a->signature[n].sig, result->signature[n].octets, sizeof(a->signature[n].sig));
        a->signatures++;
    }
}

/* The next start finds what is not written now. */
static void settle_keys(struct station *st, const struct station_plan *plan)
{
    for (size_t n = 0; n < plan->zones; n++)
        if (plan->next[n].due && plan->next[n].zone.next.key_len > 0 &&
            zone_settle(st, plan->next[n].zone.name) != REGISTRY_OK)
            log_error("the new keys of zone %s are in use, but not in their place yet: %s",
                      plan->next[n].zone.name, st->why);
}

/* What the loop stands still for. */
static int sign_and_install(struct task *t, struct station *st, struct station_plan *plan,
                            const struct plan_approval *approval, struct chain_event *event)
{
    int err;

    task_event(t, "X96", NULL);
    patience(true);
    if ((err = plan_sign(st, plan, approval)) == REGISTRY_OK &&
        (err = plan_commit(st, plan, event)) == REGISTRY_OK)
        settle_keys(st, plan);
    patience(false);
    return err;
}

static void on_approved(struct task *t, const struct approve_result *result)
{
    struct station_plan *plan = t->work;
    struct plan_approval approval = {0};
    struct chain_event event;
    struct station st;
    int err;

    if (!verb_station(t, &st))
        return;
    take_signatures(&approval, result);
    describe(t, plan, result, &event);
    if ((err = sign_and_install(t, &st, plan, &approval, &event)) != REGISTRY_OK) {
        verb_station_failed(t, &st, err);
        return;
    }
    if (plan->rotates)
        verb_key_end_rotation(t->broker);
    for (size_t n = 0; n < plan->zones; n++)
        if (plan->next[n].due)
            verb_issue_zone(t, &plan->next[n]);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

void verb_issue_sign(struct task *t, const struct station_plan *plan)
{
    struct approve_blob blob[STATION_ZONES];
    struct approve_what what = {
        .subject = "issue", .blob = blob, .author = plan->author, .authors = plan->authors};

    for (size_t n = 0; n < plan->zones; n++)
        if (plan->next[n].due)
            blob[what.blobs++] = (struct approve_blob){.der = plan->next[n].done.der,
                                                       .len = plan->next[n].done.der_len,
                                                       .trust = &plan->next[n].zone.trust.issue};
    approve_begin(t, &what, on_approved);
}

/* After a restore none before all. */
static bool resumed(struct task *t, struct station *st)
{
    static const char *const zones[] = {"individual-number", "lgwan", "internet"};

    for (size_t n = 0; n < sizeof(zones) / sizeof(zones[0]); n++)
        if (zone_exists(st, zones[n]) && !verb_station_resumed(t, zones[n]))
            return false;
    return true;
}

void issue_approve(struct task *t)
{
    uint8_t token[CRYPTO_SHA256_LEN];
    struct station_plan *plan;
    struct station st;
    int err;

    if (!verb_station(t, &st))
        return;
    if (!names_unhex(task_get(t, "token"), token, sizeof(token))) {
        task_done(t, ADMIN_USAGE, NULL, "\"token\" is not one of a preview");
        return;
    }
    if (!resumed(t, &st) || !task_take_devices(t) || (plan = verb_issue_plan(t)) == NULL)
        return;
    patience(true);
    err = plan_stage(&st, strcmp(task_get(t, "renew"), "yes") == 0, token, plan);
    patience(false);
    if (err != REGISTRY_OK)
        verb_station_failed(t, &st, err);
    else
        verb_issue_sign(t, plan);
}
