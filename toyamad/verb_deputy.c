/* SPDX-License-Identifier: Apache-2.0
 *
 * deputy prepare, open, list. On a stand-alone host, which has no approvers, root opens alone; at
 * the station the record changes and the zones follow with the next issue; on a helpdesk's host one
 * amendment for each approver opens the card in the zone, without the station.
 */
#include "toyamad/amend_task.h"
#include "toyamad/choose.h"
#include "toyamad/deputy.h"
#include "toyamad/enrol.h"
#include "toyamad/names.h"
#include "toyamad/situations.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HOUR      3600
#define HOURS_MAX (ROSTER_OPEN_MAX / HOUR)

bool deputy_seal(struct task *t)
{
    if (task_get(t, "until")[0] == '\0' || !t->credential.temporary) {
        task_done(t, ADMIN_USAGE, NULL, "a sealed card needs an end: until");
        return false;
    }
    t->credential.state = ROSTER_SUSPENDED;
    t->credential.reason = ROSTER_DISASTER;
    return true;
}

void deputy_prepare(struct task *t)
{
    t->sealing = true;
    card_enroll(t);
}

static bool take_hours(struct task *t, int64_t *seconds)
{
    const char *hours = task_get(t, "hours");
    long count = strspn(hours, "0123456789") == strlen(hours) && strlen(hours) < 4
                     ? strtol(hours, NULL, 10)
                     : 0;

    *seconds = (int64_t)count * HOUR;
    if (count > 0 && count <= HOURS_MAX)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"hours\" is a number from 1 to %d", HOURS_MAX);
    return false;
}

/* False: the call was ended. */
static bool begin(struct task *t)
{
    static const struct choice choice = {roster_sealed_deputy, "H67", "no sealed card"};
    struct deputy *d = &t->deputy;
    const struct roster_credential *c;
    int64_t seconds = 0, now = broker_now(t->broker);

    *d = (struct deputy){.needed = t->broker->config.roster.deputy_approvers};
    if (!take_hours(t, &seconds) || !task_find_person(t) ||
        (c = choose_card(t, task_get(t, "card"), &choice)) == NULL)
        return false;
    if (c->until <= now) {
        task_done(t, ADMIN_REFUSED, "H68", "it ended");
        return false;
    }
    memcpy(d->credential, c->id, sizeof(d->credential));
    d->until = c->until < now + seconds ? c->until : now + seconds;
    return true;
}

static void describe(const struct task *t, struct chain_event *event)
{
    const struct deputy *d = &t->deputy;
    struct roster_credential c = {0};
    char text[24], key[24];

    memcpy(c.id, d->credential, sizeof(c.id));
    task_describe(t, "deputy-opened", &c, event);
    names_time(d->until, text);
    chain_event_add(event, "until", text);
    chain_event_add(event, "reason", task_get(t, "reason"));
    if (task_get(t, "form")[0] != '\0')
        chain_event_add(event, "form", task_get(t, "form"));
    for (uint32_t n = 0; n < d->signed_by; n++) {
        snprintf(key, sizeof(key), n == 0 ? "approver" : "approver_%u", n + 1);
        chain_event_add(event, key, d->approver[n]);
    }
}

/* The record may have changed while the approvers' cards were waited for. */
static void open_record(struct task *t)
{
    const struct deputy *d = &t->deputy;
    struct chain_event event;

    if (!task_reload_person(t))
        return;
    for (size_t n = 0; n < t->person.credentials; n++) {
        struct roster_credential *c = &t->person.credential[n];
        if (memcmp(c->id, d->credential, sizeof(c->id)) != 0 || !roster_sealed_deputy(c))
            continue;
        c->state = ROSTER_ACTIVE;
        c->from = broker_now(t->broker);
        c->until = d->until;
        describe(t, &event);
        if (task_store(t, &event))
            task_done_until(t, "H69", "staff", t->person.number, d->until);
        return;
    }
    task_done(t, ADMIN_REFUSED, "H67", "not sealed any more");
}

/* All are there: the card opens with the last one. */
static void open_by_amendments(struct task *t)
{
    struct deputy *d = &t->deputy;
    struct roster_amendment out;
    struct chain_event event;
    int err = REGISTRY_OK, r = ROSTER_OK;

    for (uint32_t n = 0; n < d->signed_by && err == REGISTRY_OK; n++) {
        describe(t, &event);
        if (n + 1 < d->signed_by)
            snprintf(event.kind, sizeof(event.kind), "%s", "deputy-approved");
        err = amend_record(t->broker, &d->signed_one[n], &event, &out, &r);
    }
    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else if (amend_task_publish(t))
        task_done_until(t, "H69", "staff", t->person.number, d->until);
}

static void ask_next(struct task *t);

static void approved(struct task *t, const struct approve_result *result)
{
    struct deputy *d = &t->deputy;
    struct roster_amended *a = &d->signed_one[d->signed_by];

    memcpy(d->approver[d->signed_by], result->number, ROSTER_TEXT_MAX);
    memcpy(d->said[d->signed_by].approver, result->person, ROSTER_ID_LEN);
    if (amend_taken_host(t->broker)) {
        memcpy(a->approver, result->spki, result->spki_len);
        a->approver_len = result->spki_len;
        memcpy(a->approval, result->signature[0].octets, result->signature[0].len);
        a->approval_len = result->signature[0].len;
    }
    d->signed_by++;
    if (d->signed_by < d->needed)
        ask_next(t);
    else if (amend_taken_host(t->broker))
        open_by_amendments(t);
    else
        open_record(t);
}

/* What one approver signs: an amendment of his own, as a zone takes it. */
static bool put_into_words(struct task *t)
{
    struct deputy *d = &t->deputy;
    uint32_t n = d->signed_by;
    struct roster_amendment *said = &d->said[n];

    if (!amend_task_begin(t, ROSTER_AMEND_OPEN, ROSTER_DISASTER, task_get(t, "form")))
        return false;
    if (n > 0 && t->said.created <= d->said[n - 1].created)
        t->said.created = d->said[n - 1].created + 1;
    memcpy(t->said.credential, d->credential, sizeof(t->said.credential));
    t->said.until = d->until;
    *said = t->said;
    if (!amend_taken_host(t->broker) ||
        amend_sign(t->broker, said, &d->signed_one[n]) == REGISTRY_OK)
        return true;
    task_done(t, ADMIN_FAILED, NULL, "the amendment could not be signed");
    return false;
}

/* Neither the deputy, nor the operator, nor one who has signed already. */
static void ask_next(struct task *t)
{
    struct deputy *d = &t->deputy;
    uint8_t der[ROSTER_AMENDMENT_MAX], author[DEPUTY_APPROVERS_MAX + 1][ROSTER_ID_LEN];
    struct approve_blob blob = {.der = der};
    const struct approve_what what = {.subject = "deputy",
                                      .blob = &blob,
                                      .blobs = 1,
                                      .author = (const uint8_t(*)[ROSTER_ID_LEN])author,
                                      .authors = d->signed_by + 1};

    if (!put_into_words(t))
        return;
    memcpy(author[0], t->person.id, ROSTER_ID_LEN);
    for (uint32_t n = 0; n < d->signed_by; n++)
        memcpy(author[n + 1], d->said[n].approver, ROSTER_ID_LEN);
    if (amend_taken_host(t->broker))
        blob.trust = &t->broker->registry.issue;
    if (roster_amendment_encode(&t->said, der, sizeof(der), &blob.len) != ROSTER_OK)
        task_done(t, ADMIN_FAILED, NULL, "what is to be approved could not be put into words");
    else
        approve_begin(t, &what, approved);
}

static bool is_root(const struct task *t)
{
    return t->client != NULL && t->client->uid == 0;
}

void deputy_open(struct task *t)
{
    bool alone = t->broker->config.roster.kind == REGISTER_OWN;
    const char *form;

    if (alone && !is_root(t)) {
        task_done(t, ADMIN_REFUSED, NULL, "here only root opens a sealed card");
        return;
    }
    if (!amend_task_may(t) || !amend_task_form(t, &form) || !begin(t))
        return;
    if (alone)
        open_record(t);
    else
        ask_next(t);
}

static const char *standing(const struct task *t, const struct roster_credential *c)
{
    if (broker_now(t->broker) > c->until)
        return "over";
    return roster_sealed_deputy(c) ? "sealed" : roster_state_name(c->state);
}

static bool list_one(void *ctx, const struct roster_record *r)
{
    struct task *t = ctx;
    char text[2 * ROSTER_ID_LEN + 1];

    for (size_t n = 0; n < r->credentials; n++) {
        const struct roster_credential *c = &r->credential[n];
        struct admin_pairs row = {0};
        if (!c->temporary || c->reason != ROSTER_DISASTER)
            continue;
        task_add_held(&row, r, c);
        admin_pair_add(&row, "standing", standing(t, c));
        names_time(c->until, text);
        admin_pair_add(&row, "until", text);
        task_row(t, &row);
    }
    return true;
}

void deputy_list(struct task *t)
{
    task_list(t, "deputies-viewed", list_one);
}
