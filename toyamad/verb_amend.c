/* SPDX-License-Identifier: Apache-2.0
 *
 * card stop, card suspend, card resume, roster extend and the helpdesk's part of lockout clear.
 */
#include "core/wire/wipe.h"
#include "toyamad/amend_task.h"
#include "toyamad/log.h"
#include "toyamad/names.h"
#include "toyamad/station/stops.h"
#include "toyamad/verb_station.h"

#include <string.h>

/* One change of a credential's state, on every kind of host. */
struct change {
    enum roster_amends amends;
    enum roster_state state;
    const char *event;
    unsigned from; /* bits 1 << state: what it may be before */
};

static const struct change stopping = {ROSTER_AMEND_STOP, ROSTER_STOPPED, "card-stopped",
                                       1U << ROSTER_ACTIVE | 1U << ROSTER_SUSPENDED};
static const struct change resuming = {ROSTER_AMEND_RESUME, ROSTER_ACTIVE, "card-resumed",
                                       1U << ROSTER_SUSPENDED};
static const struct change suspending = {ROSTER_AMEND_SUSPEND, ROSTER_SUSPENDED, "card-suspended",
                                         1U << ROSTER_ACTIVE};

/* What stops the card in the other zones: the operator reads it out to them. */
static void tell_code(struct task *t, const struct roster_credential *c)
{
    char code[STOP_TEXT_CAP] = "";
    struct admin_pairs row = {0};
    struct args args = {0};
    struct station st;
    int err;

    verb_station_fill(t, &st);
    if ((err = stops_code(&st, c, code)) == REGISTRY_OK) {
        args_add(&args, "staff", ARG_TEXT, t->person.number);
        args_add(&args, "reason", ARG_TEXT, roster_reason_name(c->reason));
        args_add(&args, "code", ARG_TEXT, code);
        admin_pair_add(&row, "stop_code", code);
        task_row(t, &row);
        task_done_saying(t, "H01", &args);
    } else {
        if (err != REGISTRY_NONE)
            log_error("%s", st.why);
        task_done(t, ADMIN_OK, NULL, "%s", "");
    }
    wire_wipe(code, sizeof(code));
    wire_wipe(&row, sizeof(row));
    wire_wipe(&args, sizeof(args));
}

static void change_record(struct task *t, struct roster_credential *c, const struct change *change,
                          enum roster_reason reason, const char *form)
{
    struct chain_event event;

    c->state = change->state;
    c->reason = reason;
    task_describe(t, change->event, c, &event);
    if (reason != ROSTER_NO_REASON)
        chain_event_add(&event, "reason", roster_reason_name(reason));
    if (form[0] != '\0')
        chain_event_add(&event, "form", form);
    if (!task_store(t, &event))
        return;
    if (c->state == ROSTER_STOPPED && t->broker->config.roster.kind == REGISTER_STATION)
        tell_code(t, c);
    else
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* "until" is a day: its last second. */
static bool take_until(struct task *t)
{
    const char *text = task_get(t, "until");
    struct roster_amendment *a = &t->said;

    if (text[0] == '\0')
        return true;
    if (!names_date_parse(text, true, &a->until) || a->until <= a->created)
        task_done(t, ADMIN_USAGE, NULL, "\"until\": \"%s\" is not a day to come like 2026-04-01",
                  text);
    else if (a->until - a->created > ROSTER_SUSPEND_MAX)
        task_done(t, ADMIN_USAGE, NULL, "a suspension lasts at most %d days: stop the card",
                  ROSTER_SUSPEND_MAX / 86400);
    else
        return true;
    return false;
}

static void amend_credential(struct task *t, const struct roster_credential *c,
                             const struct change *change, enum roster_reason reason,
                             const char *form)
{
    struct chain_event event;

    if (!amend_task_begin(t, change->amends, reason, form) || !take_until(t))
        return;
    memcpy(t->said.credential, c->id, sizeof(t->said.credential));
    if (roster_amends_approved(change->amends)) {
        amend_task_approve(t, change->event, NULL);
        return;
    }
    amend_task_describe(t, change->event, &event);
    if (amend_task_record(t, &event))
        amend_task_done(t);
}

/* What the roster says itself, no helpdesk lifts. */
static bool suspended_here(struct task *t, const struct roster_credential *c)
{
    const struct registry_amends *known = &t->broker->registry.amends;

    for (size_t n = 0; n < known->count; n++)
        if (known->item[n].kind == ROSTER_AMEND_SUSPEND &&
            memcmp(known->item[n].credential, c->id, sizeof(c->id)) == 0)
            return true;
    task_done(t, ADMIN_REFUSED, "H37", "the card is suspended by the roster");
    return false;
}

/* Several approvers open it, and nobody else (deputy open). */
static bool is_sealed(struct task *t, const struct roster_credential *c,
                      const struct change *change)
{
    if (change->amends != ROSTER_AMEND_RESUME || !roster_sealed_deputy(c))
        return false;
    task_done(t, ADMIN_REFUSED, "H66", "a sealed deputy card is opened by \"deputy open\"");
    return true;
}

static void change_card(struct task *t, const struct change *change)
{
    struct roster_credential *c;
    enum roster_reason reason;
    const char *form;

    if (!amend_task_may(t) || !amend_task_reason(t, ROSTER_OTHER, &reason) ||
        !amend_task_form(t, &form) || !task_find_person(t) ||
        (c = task_choose_state(t, task_get(t, "card"), change->from)) == NULL ||
        is_sealed(t, c, change))
        return;
    if (change->amends == ROSTER_AMEND_RESUME && task_get(t, "reason")[0] == '\0')
        reason = ROSTER_NO_REASON;
    if (amend_taken_host(t->broker)) {
        if (change->amends != ROSTER_AMEND_RESUME || suspended_here(t, c))
            amend_credential(t, c, change, reason, form);
    } else if (task_get(t, "until")[0] != '\0') {
        task_done(t, ADMIN_USAGE, NULL, "\"until\" is for the helpdesk's host of a zone");
    } else {
        change_record(t, c, change, reason, form);
    }
}

void card_resume(struct task *t)
{
    change_card(t, &resuming);
}

void card_stop(struct task *t)
{
    change_card(t, &stopping);
}

void card_suspend(struct task *t)
{
    change_card(t, &suspending);
}

static bool take_extension(struct task *t)
{
    const char *text = task_get(t, "until");
    struct roster_amendment *a = &t->said;

    if (!names_date_parse(text, true, &a->until) || a->until <= a->created)
        task_done(t, ADMIN_USAGE, NULL, "\"until\": \"%s\" is not a day to come like 2026-04-01",
                  text);
    else if (a->until - a->created > ROSTER_EXTEND_MAX)
        task_done(t, ADMIN_USAGE, NULL, "at most %d days at a time", ROSTER_EXTEND_MAX / 86400);
    else
        return true;
    return false;
}

/* Where no roster can be carried here: the one that is installed counts as new enough. */
void roster_extend(struct task *t)
{
    enum roster_reason reason;
    const char *form;

    if (!amend_helpdesk(t->broker))
        task_done(t, ADMIN_REFUSED, "H31", "%s is for the helpdesk's host of the zone", t->verb);
    else if (amend_task_reason(t, ROSTER_DISASTER, &reason) && amend_task_form(t, &form) &&
             amend_task_begin(t, ROSTER_AMEND_EXTEND, reason, form) && take_extension(t))
        amend_task_approve(t, "roster-extended", NULL);
}

void amend_clear(struct task *t)
{
    struct chain_event event;

    if (!amend_task_begin(t, ROSTER_AMEND_CLEAR, ROSTER_NO_REASON, ""))
        return;
    amend_task_describe(t, "lockout-cleared", &event);
    if (amend_task_record(t, &event))
        amend_task_done(t);
}
