/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/amend_task.h"

#include "toyamad/approve.h"
#include "toyamad/names.h"

#include <stdio.h>
#include <string.h>

#define FETCHES 300 /* seconds */

bool amend_task_reason(struct task *t, enum roster_reason otherwise, enum roster_reason *out)
{
    const char *text = task_get(t, "reason");

    *out = otherwise;
    if (text[0] == '\0' || (roster_reason_parse(text, out) && *out != ROSTER_NO_REASON))
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"%s\" is not a reason", text);
    return false;
}

bool amend_task_form(struct task *t, const char **out)
{
    *out = task_get(t, "form");
    if (strlen(*out) < ROSTER_TEXT_MAX)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"form\" has more than %d octets", ROSTER_TEXT_MAX - 1);
    return false;
}

bool amend_task_may(struct task *t)
{
    const struct broker *b = t->broker;

    if (!amend_taken_host(b) || amend_helpdesk(b))
        return true;
    task_done(t, ADMIN_REFUSED, "H31", "%s is for the helpdesk's host of the zone", t->verb);
    return false;
}

bool amend_task_begin(struct task *t, enum roster_amends kind, enum roster_reason reason,
                      const char *form)
{
    struct roster_amendment *a = &t->said;

    if (!amend_begin(t->broker, kind, a)) {
        task_done(t, ADMIN_FAILED, NULL, "no random numbers");
        return false;
    }
    if (kind != ROSTER_AMEND_EXTEND)
        memcpy(a->person, t->person.id, sizeof(a->person));
    memcpy(a->operator, t->operator.id, sizeof(a->operator));
    a->reason = reason;
    snprintf(a->form, sizeof(a->form), "%s", form);
    return true;
}

void amend_task_describe(const struct task *t, const char *kind, struct chain_event *event)
{
    const struct roster_amendment *a = &t->said;
    static const uint8_t none[ROSTER_ID_LEN];
    char text[2 * ROSTER_ID_LEN + 1];

    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    if (a->kind != ROSTER_AMEND_EXTEND)
        chain_event_add(event, "person", t->person.number);
    if (a->cards > 0 || memcmp(a->credential, none, sizeof(none)) != 0) {
        names_hex(a->cards > 0 ? a->card[0].id : a->credential, ROSTER_ID_LEN, text);
        chain_event_add(event, "card", text);
    }
    if (a->reason != ROSTER_NO_REASON)
        chain_event_add(event, "reason", roster_reason_name(a->reason));
    names_time(a->until, text);
    if (text[0] != '\0')
        chain_event_add(event, "until", text);
    if (a->form[0] != '\0')
        chain_event_add(event, "form", a->form);
    names_hex(a->id, sizeof(a->id), text);
    chain_event_add(event, "amendment", text);
    chain_event_add(event, "operator", t->operator.number);
}

static void refuse(struct task *t, int err, int r)
{
    if (err == REGISTRY_ALTERED && r == ROSTER_UNKNOWN_SIGNER)
        task_done(t, ADMIN_REFUSED, "H31",
                  "the installed roster does not name this host's helpdesk key");
    else if (err == REGISTRY_ALTERED && r != ROSTER_OK)
        task_done(t, ADMIN_REFUSED, NULL, "%s", roster_strerror(r));
    else
        task_fail_registry(t, err);
}

static bool record(struct task *t, const struct approve_result *approval, struct chain_event *event)
{
    struct roster_amendment out;
    struct roster_amended a;
    int r = ROSTER_OK, err = amend_sign(t->broker, &t->said, &a);

    if (err == REGISTRY_OK && approval != NULL) {
        memcpy(a.approver, approval->spki, sizeof(a.approver));
        a.approver_len = approval->spki_len;
        memcpy(a.approval, approval->signature[0].octets, sizeof(a.approval));
        a.approval_len = approval->signature[0].len;
    }
    if (err == REGISTRY_OK)
        err = amend_record(t->broker, &a, event, &out, &r);
    if (err != REGISTRY_OK)
        refuse(t, err, r);
    return err == REGISTRY_OK;
}

bool amend_task_record(struct task *t, struct chain_event *event)
{
    return record(t, NULL, event);
}

static void approved(struct task *t, const struct approve_result *result)
{
    struct chain_event event;

    amend_task_describe(t, t->said_kind, &event);
    chain_event_add(&event, "approver", result->number);
    if (!record(t, result, &event))
        return;
    if (t->said_done != NULL)
        t->said_done(t);
    else
        amend_task_done(t);
}

void amend_task_approve(struct task *t, const char *kind, void (*done)(struct task *t))
{
    uint8_t der[ROSTER_AMENDMENT_MAX];
    struct approve_blob blob = {.der = der, .trust = &t->broker->registry.issue};
    const struct approve_what what = {.subject = "amendment", .blob = &blob, .blobs = 1};

    if (roster_amendment_encode(&t->said, der, sizeof(der), &blob.len) != ROSTER_OK) {
        task_done(t, ADMIN_USAGE, NULL, "an amendment cannot say this");
        return;
    }
    t->said_kind = kind;
    t->said_done = done;
    approve_begin(t, &what, approved);
}

/* toyama-sync has fetched what is in force here, and does so every minute. */
static bool over_database(struct broker *b)
{
    int64_t ago = broker_now(b) - b->fetched;

    return b->fetched > 0 && ago >= 0 && ago < FETCHES;
}

bool amend_task_publish(struct task *t)
{
    if (amend_publish(t->broker))
        return true;
    task_done(t, ADMIN_OK, "H32", "the outbox cannot be written");
    return false;
}

void amend_task_done(struct task *t)
{
    bool outbox = t->broker->config.roster.outbox[0] != '\0';

    if (!amend_task_publish(t))
        return;
    if (over_database(t->broker))
        task_done(t, ADMIN_OK, "H76", "%s", "");
    else
        task_done(t, ADMIN_OK, outbox ? "H30" : "H36", "%s", "");
}
