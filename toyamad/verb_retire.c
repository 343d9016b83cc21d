/* SPDX-License-Identifier: Apache-2.0
 *
 * person retire: now, and everything goes with it; or on a day that is to come, when the person
 * may log in for the last time and person tidy does the rest.
 */
#include "toyamad/leave.h"
#include "toyamad/names.h"
#include "toyamad/situations.h"

#include <string.h>

#define REASONS                                                                                    \
    (1U << ROSTER_RETIRED | 1U << ROSTER_TRANSFERRED | 1U << ROSTER_ENDED | 1U << ROSTER_OTHER)

/* What was to come would bring the person back, or put the end off. */
static void cut_plans(struct roster_record *r, int64_t until)
{
    size_t kept = 0;

    while (kept < r->plans && r->plan[kept].from < until) {
        r->plan[kept].valid_until = until;
        kept++;
    }
    memset(&r->plan[kept], 0, (r->plans - kept) * sizeof(r->plan[0]));
    r->plans = kept;
}

static bool take_day(struct task *t, int64_t *until)
{
    const char *day = task_get(t, "until");

    if (!names_date_parse(day, true, until))
        task_done(t, ADMIN_USAGE, NULL, "\"until\": \"%s\" is not a date like 2026-04-01", day);
    else if (*until < broker_now(t->broker))
        task_done(t, ADMIN_USAGE, NULL, "\"until\": %s is over", day);
    else if (*until <= t->person.valid_from)
        task_done(t, ADMIN_USAGE, NULL, "\"until\": the person begins later");
    else
        return true;
    return false;
}

static void retire_later(struct task *t, enum roster_reason reason)
{
    struct roster_record *r = &t->person;
    struct chain_event event;
    int64_t until = 0;

    if (!take_day(t, &until))
        return;
    r->valid_until = until;
    r->reason = reason;
    cut_plans(r, until);
    task_describe(t, "person-retires", NULL, &event);
    chain_event_add(&event, "on", task_get(t, "until"));
    chain_event_add(&event, "reason", roster_reason_name(reason));
    if (task_get(t, "form")[0] != '\0')
        chain_event_add(&event, "form", task_get(t, "form"));
    if (task_store(t, &event))
        task_done(t, ADMIN_OK, "H61", "%s", "");
}

static void end_now(struct task *t, enum roster_reason reason, struct leave *leave)
{
    struct roster_record *r = &t->person;
    int64_t now = broker_now(t->broker);

    roster_record_effective(r, now);
    r->valid_until = now > r->valid_from ? now : r->valid_from + 1;
    r->state = ROSTER_STOPPED;
    r->reason = reason;
    r->roles = 0;
    cut_plans(r, 0);
    memset(r->exception, 0, sizeof(r->exception));
    r->exceptions = 0;
    leave_stop_cards(r, reason, leave);
}

static void retire_now(struct task *t, enum roster_reason reason)
{
    struct registry *reg = &t->broker->registry;
    struct leave leave = {0};
    struct chain_event event;
    int err;

    end_now(t, reason, &leave);
    audit_ready(&t->broker->audit);
    if ((err = registry_begin(reg)) == REGISTRY_OK &&
        (err = leave_delete_fingers(reg, &t->person, &leave)) != REGISTRY_OK)
        registry_rollback(reg);
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    leave_describe(t, "person-retired", &t->person, reason, &leave, &event);
    if (task_store_open(t, &event) && (leave.fingers == 0 || paper_row(t, event.sequence)))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

void person_retire(struct task *t)
{
    enum roster_reason reason = ROSTER_RETIRED;

    if (!task_find_person(t) || !situation_reason(t, REASONS, &reason))
        return;
    if (t->person.state != ROSTER_ACTIVE)
        task_done(t, ADMIN_REFUSED, "H62", "%s is %s", t->person.number,
                  roster_state_name(t->person.state));
    else if (task_get(t, "until")[0] != '\0')
        retire_later(t, reason);
    else
        retire_now(t, reason);
}
