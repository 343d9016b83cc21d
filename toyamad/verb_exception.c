/* SPDX-License-Identifier: Apache-2.0
 *
 * exception add, end, list.
 */
#include "toyamad/exception.h"
#include "toyamad/names.h"
#include "toyamad/person_fields.h"
#include "toyamad/rights.h"
#include "toyamad/workdays.h"

#include <stdio.h>
#include <string.h>

#define YEAR_DAYS 366

const char *exception_state(const struct roster_exception *e, int64_t now)
{
    if (now < e->from)
        return "ahead";
    return now > e->until ? "over" : "running";
}

/* Individual-number: the person may log in there, now or by a plan. */
static bool in_number_zone(const struct roster_record *r)
{
    uint8_t zones = r->zones;

    for (size_t n = 0; n < r->plans; n++)
        zones |= r->plan[n].zones;
    return (zones & ROSTER_INDIVIDUAL_NUMBER) != 0;
}

/* The card, and a PIN or a finger but not both: an exception leaves something out. */
static bool take_factors(struct task *t, struct roster_exception *e)
{
    char list[64];
    unsigned factors = 0;

    snprintf(list, sizeof(list), "%s", task_get(t, "factors"));
    for (char *comma = strchr(list, ','); comma != NULL; comma = strchr(comma, ','))
        *comma = ' ';
    if (!policy_factors_parse(list, &factors) ||
        (factors != (FACTOR_CARD | FACTOR_PIN) && factors != (FACTOR_CARD | FACTOR_FINGER))) {
        task_done(t, ADMIN_USAGE, NULL, "\"factors\" must be \"card pin\" or \"card finger\"");
        return false;
    }
    e->factors = (uint8_t)factors;
    return true;
}

static bool take_moment(struct task *t, const char *key, bool end, int64_t *out)
{
    const char *text = task_get(t, key);

    if (text[0] == '\0' || names_moment_parse(text, end, out))
        return true;
    task_done(t, ADMIN_USAGE, NULL,
              "\"%s\": \"%s\" is neither a date like 2026-04-01 nor a time like 2026-04-01T17:15",
              key, text);
    return false;
}

static bool take_reason(struct task *t, struct roster_exception *e)
{
    if (roster_reason_parse(task_get(t, "reason"), &e->reason))
        return true;
    task_done(t, ADMIN_USAGE, NULL, "unknown reason \"%s\"", task_get(t, "reason"));
    return false;
}

static bool days_are_few(struct task *t, const struct roster_exception *e)
{
    struct holidays h;
    char why[512] = "";

    if (!workdays_read(t->broker->config.roster.holidays, &h, why, sizeof(why)))
        task_done(t, ADMIN_MISCONFIGURED, "H72", "%s", why);
    else if (workdays_count(&h, e->from, e->until) > EXCEPTION_WORKING_DAYS)
        task_done(t, ADMIN_REFUSED, NULL,
                  "in the individual-number zone %d working days at most, unless the reason is "
                  "no-finger",
                  EXCEPTION_WORKING_DAYS);
    else
        return true;
    return false;
}

/* Whoever has no finger that could be enrolled is looked at once a year. */
static bool term_is_short(struct task *t, const struct roster_exception *e)
{
    bool few = in_number_zone(&t->person) && e->reason != ROSTER_NO_FINGER;

    if (e->until <= e->from || e->until < broker_now(t->broker))
        task_done(t, ADMIN_USAGE, NULL, "\"until\" has passed, or lies before \"from\"");
    else if (e->until - e->from > YEAR_DAYS * INT64_C(86400))
        task_done(t, ADMIN_REFUSED, NULL, "an exception is looked at again after a year at most");
    else
        return !few || days_are_few(t, e);
    return false;
}

static bool build(struct task *t, struct roster_exception *e)
{
    *e = (struct roster_exception){.from = broker_now(t->broker)};
    if (!take_factors(t, e) || !take_reason(t, e) || !person_take_hosts(t, e->host, &e->hosts) ||
        !person_take_text(t, "form", e->form, sizeof(e->form)) ||
        !take_moment(t, "from", false, &e->from) || !take_moment(t, "until", true, &e->until) ||
        !term_is_short(t, e))
        return false;
    if (e->hosts > 0)
        return true;
    task_done(t, ADMIN_USAGE, NULL, "an exception names its hosts");
    return false;
}

static void describe(const struct task *t, const char *kind, const struct roster_exception *e,
                     struct chain_event *event)
{
    char factors[32], hosts[CHAIN_VALUE_MAX], from[24], until[24];

    task_describe(t, kind, NULL, event);
    policy_factors_format(e->factors, factors, sizeof(factors));
    person_join(e->host, sizeof(e->host[0]), e->hosts, hosts, sizeof(hosts));
    names_time(e->from, from);
    names_time(e->until, until);
    chain_event_add(event, "factors", factors);
    chain_event_add(event, "hosts", hosts);
    chain_event_add(event, "from", from);
    chain_event_add(event, "until", until);
    chain_event_add(event, "reason", roster_reason_name(e->reason));
    chain_event_add(event, "form", e->form);
}

static bool approved_by(struct task *t, const struct roster_exception *e,
                        char number[ROSTER_TEXT_MAX])
{
    static const uint8_t nobody[ROSTER_ID_LEN] = {0};
    struct roster_record *approver = &(struct roster_record){0};

    snprintf(number, ROSTER_TEXT_MAX, "-");
    if (memcmp(e->approver, nobody, sizeof(nobody)) == 0)
        return false;
    if (registry_by_id(&t->broker->registry, e->approver, approver) == REGISTRY_OK)
        memcpy(number, approver->number, ROSTER_TEXT_MAX);
    return true;
}

static void say_added(struct task *t, const struct roster_exception *e)
{
    struct args args = {0};
    char until[20], approver[ROSTER_TEXT_MAX];

    broker_local_time(e->until, until, 17);
    approved_by(t, e, approver);
    args_add(&args, "staff", ARG_TEXT, t->person.number);
    args_add(&args, "time", ARG_TIME, until);
    args_add(&args, "reason", ARG_TEXT, roster_reason_name(e->reason));
    args_add(&args, "approver", ARG_TEXT, approver);
    task_done_saying(t, (e->factors & FACTOR_PIN) != 0 ? "H11" : "H11f", &args);
}

static bool is_in_effect(struct task *t)
{
    if (t->person.exceptions == 0 || t->person.exception[0].until < broker_now(t->broker))
        return false;
    task_done(t, ADMIN_EXISTS, NULL, "there is one already: \"exception end\" first");
    return true;
}

static void store(struct task *t, const char *approver)
{
    struct chain_event event;

    if (is_in_effect(t))
        return;
    t->person.exceptions = 1;
    t->person.exception[0] = t->exception;
    describe(t, "exception-added", &t->exception, &event);
    if (approver != NULL)
        chain_event_add(&event, "approver", approver);
    if (task_store(t, &event))
        say_added(t, &t->exception);
}

/* The record may have changed while the approver's card was waited for. */
static void approved(struct task *t, const struct approve_result *result)
{
    memcpy(t->exception.approver, result->person, ROSTER_ID_LEN);
    if (task_reload_person(t))
        store(t, result->number);
}

/* Nobody approves what lets himself in. */
static void ask_approver(struct task *t)
{
    uint8_t der[ROSTER_EXCEPTION_MAX], serial[ROSTER_ID_LEN];
    struct approve_blob blob = {.der = der};
    const struct approve_what what = {.subject = "exception",
                                      .blob = &blob,
                                      .blobs = 1,
                                      .author = (const uint8_t(*)[ROSTER_ID_LEN]) & t->person.id,
                                      .authors = 1};

    if (crypto_random(serial, sizeof(serial)) != CRYPTO_OK ||
        roster_exception_encode(&t->exception, t->person.id, serial, der, sizeof(der), &blob.len) !=
            ROSTER_OK)
        task_done(t, ADMIN_FAILED, NULL, "what is to be approved could not be put into words");
    else
        approve_begin(t, &what, approved);
}

void exception_add(struct task *t)
{
    if (!task_find_person(t) || !build(t, &t->exception) || is_in_effect(t))
        return;
    if (t->broker->config.roster.approval)
        ask_approver(t);
    else
        store(t, NULL);
}

void exception_end(struct task *t)
{
    int64_t now = broker_now(t->broker);
    struct roster_exception *e = &t->person.exception[0];
    struct chain_event event;

    if (!task_find_person(t))
        return;
    if (t->person.exceptions == 0 || e->until < now) {
        task_done(t, ADMIN_NOT_FOUND, NULL, "%s has no exception that could end", t->person.number);
        return;
    }
    if (e->from < now - 1)
        e->until = now - 1;
    else
        t->person.exceptions = 0;
    describe(t, "exception-ended", e, &event);
    if (t->person.exceptions == 0)
        *e = (struct roster_exception){0};
    if (task_store(t, &event))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* Fingers that were enrolled since need not be enrolled again. */
static bool wants_fingers(const struct roster_record *r, const struct roster_exception *e)
{
    for (size_t n = 0; n < r->fingers; n++)
        if (r->finger[n].enrolled > e->from)
            return false;
    return e->reason == ROSTER_INJURED;
}

static void add_exception(struct task *t, struct admin_pairs *row, const struct roster_exception *e)
{
    char factors[32], hosts[ADMIN_VALUE_MAX], from[24], until[24], approver[ROSTER_TEXT_MAX];

    policy_factors_format(e->factors, factors, sizeof(factors));
    person_join(e->host, sizeof(e->host[0]), e->hosts, hosts, sizeof(hosts));
    names_time(e->from, from);
    names_time(e->until, until);
    admin_pair_add(row, "kind", "exception");
    admin_pair_add(row, "factors", factors);
    admin_pair_add(row, "reason", roster_reason_name(e->reason));
    admin_pair_add(row, "from", from);
    admin_pair_add(row, "until", until);
    admin_pair_add(row, "hosts", hosts);
    admin_pair_add(row, "approver", approved_by(t, e, approver) ? approver : "");
    admin_pair_add(row, "form", e->form);
    admin_pair_add(row, "standing", exception_state(e, broker_now(t->broker)));
}

static void say_ended(struct task *t, const struct roster_record *r,
                      const struct roster_exception *e)
{
    struct args args = {0};

    if (broker_now(t->broker) <= e->until || !wants_fingers(r, e))
        return;
    args_add(&args, "staff", ARG_TEXT, r->number);
    task_event(t, "H12", &args);
}

void exception_send(struct task *t, const struct roster_record *r)
{
    for (size_t n = 0; n < r->exceptions; n++) {
        struct admin_pairs row = {0};
        add_exception(t, &row, &r->exception[n]);
        task_row(t, &row);
        say_ended(t, r, &r->exception[n]);
    }
}

static bool list_one(void *ctx, const struct roster_record *r)
{
    for (size_t n = 0; n < r->exceptions; n++) {
        struct admin_pairs row = {0};
        admin_pair_add(&row, "number", r->number);
        admin_pair_add(&row, "name", r->name);
        add_exception(ctx, &row, &r->exception[n]);
        task_row(ctx, &row);
        say_ended(ctx, r, &r->exception[n]);
    }
    return true;
}

void exception_list(struct task *t)
{
    task_list(t, "exceptions-viewed", list_one);
}
