/* SPDX-License-Identifier: Apache-2.0
 *
 * temporary issue, return, list.
 */
#include "toyamad/amend_task.h"
#include "toyamad/enrol.h"
#include "toyamad/names.h"
#include "toyamad/registry/stock.h"
#include "toyamad/rights.h"
#include "toyamad/situations.h"
#include "toyamad/temporary.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECONDS_OF_A_MINUTE 60
#define MINUTES_OF_AN_HOUR  60

/* Lent, and not back yet; its time may be over. */
static bool is_out(const struct roster_credential *c)
{
    return c->temporary && (c->state == ROSTER_ACTIVE || c->state == ROSTER_SUSPENDED) &&
           !roster_sealed_deputy(c);
}

/* This evening's moment in local time; 0 where it is over. */
static int64_t evening(struct task *t)
{
    const uint32_t minutes = t->broker->config.roster.temporary_until;
    int64_t now = broker_now(t->broker), when;
    time_t clock = (time_t)now;
    struct tm tm = {0};

    if (localtime_r(&clock, &tm) == NULL)
        return 0;
    tm.tm_hour = (int)(minutes / MINUTES_OF_AN_HOUR);
    tm.tm_min = (int)(minutes % MINUTES_OF_AN_HOUR);
    tm.tm_sec = 0;
    tm.tm_isdst = -1;
    when = (int64_t)mktime(&tm);
    return when > now ? when : 0;
}

static bool has_right(struct task *t)
{
    const struct broker *b = t->broker;
    struct roster_record r = t->person;

    /* The station lends for other zones than its own. */
    if (b->config.roster.kind == REGISTER_STATION)
        return r.state == ROSTER_ACTIVE;
    roster_record_effective(&r, broker_now(t->broker));
    return rights_person(&b->config.policy, &r, broker_now(t->broker)) == PERSON_ACTIVE;
}

static bool refuse(struct task *t, enum admin_result result, const char *msg, const char *why)
{
    task_done(t, result, msg, "%s", why);
    return false;
}

bool temporary_prepare(struct task *t)
{
    int64_t until = evening(t);
    enum roster_reason reason;
    const char *form;

    if (!amend_task_reason(t, ROSTER_FORGOTTEN, &reason) || !amend_task_form(t, &form))
        return false;
    if (until == 0)
        return refuse(t, ADMIN_REFUSED, "H39", "temporary_until is over for today");
    if (!has_right(t))
        return refuse(t, ADMIN_REFUSED, NULL, "this person may not log in here today");
    for (size_t n = 0; n < t->person.credentials; n++)
        if (is_out(&t->person.credential[n]))
            return refuse(t, ADMIN_EXISTS, "H38", "a card that was lent is not returned");
    t->credential.temporary = true;
    t->credential.reason = reason;
    t->credential.from = broker_now(t->broker);
    t->credential.until = until;
    return true;
}

/* K19: to be read out, or shown, to the person. */
static void say_lent(struct task *t)
{
    task_done_until(t, "K19", "name", t->person.name, t->credential.until);
}

static void say_amended(struct task *t)
{
    if (amend_task_publish(t))
        say_lent(t);
}

void temporary_finish(struct task *t)
{
    const char *form = task_get(t, "form");

    if (!amend_taken_host(t->broker)) {
        if (enrol_store(t, "card-lent"))
            say_lent(t);
        return;
    }
    cardlink_close(&t->card);
    if (!task_reload_person(t) ||
        !amend_task_begin(t, ROSTER_AMEND_TEMPORARY, t->credential.reason, form))
        return;
    t->credential.enrolled = t->said.created;
    t->said.until = t->credential.until;
    t->said.cards = 1;
    t->said.card[0] = t->credential;
    amend_task_approve(t, "card-lent", say_amended);
}

void temporary_issue(struct task *t)
{
    if (amend_task_may(t))
        enrol_lend(t);
}

static struct roster_credential *choose_lent(struct task *t)
{
    const char *prefix = task_get(t, "card");
    struct roster_credential *found = NULL;
    char id[2 * ROSTER_ID_LEN + 1];

    for (size_t n = 0; n < t->person.credentials; n++) {
        names_hex(t->person.credential[n].id, ROSTER_ID_LEN, id);
        if (is_out(&t->person.credential[n]) && strncmp(id, prefix, strlen(prefix)) == 0)
            found = &t->person.credential[n];
    }
    if (found == NULL)
        task_done(t, ADMIN_NOT_FOUND, NULL, "no card is lent to %s", t->person.number);
    return found;
}

void temporary_return(struct task *t)
{
    struct roster_credential *c;
    struct chain_event event;

    if (!amend_task_may(t) || !task_find_person(t) || (c = choose_lent(t)) == NULL)
        return;
    if (!amend_taken_host(t->broker)) {
        c->state = ROSTER_RETURNED;
        c->reason = ROSTER_ENDED;
        task_describe(t, "card-returned", c, &event);
        if (situation_store(t, c->label, STOCK_RETURNED, &event))
            task_done(t, ADMIN_OK, NULL, "%s", "");
    } else if (amend_task_begin(t, ROSTER_AMEND_STOP, ROSTER_ENDED, "")) {
        memcpy(t->said.credential, c->id, sizeof(t->said.credential));
        amend_task_describe(t, "card-returned", &event);
        if (amend_task_record(t, &event))
            amend_task_done(t);
    }
}

/* The lending ledger: what is not back. */
static bool list_one(void *ctx, const struct roster_record *r)
{
    struct task *t = ctx;
    char text[2 * ROSTER_ID_LEN + 1];

    for (size_t n = 0; n < r->credentials; n++) {
        const struct roster_credential *c = &r->credential[n];
        struct admin_pairs row = {0};
        if (!is_out(c))
            continue;
        task_add_held(&row, r, c);
        names_time(c->from, text);
        admin_pair_add(&row, "lent", text);
        names_time(c->until, text);
        admin_pair_add(&row, "until", text);
        admin_pair_add(&row, "overdue", broker_now(t->broker) > c->until ? "yes" : "no");
        task_row(t, &row);
    }
    return true;
}

void temporary_list(struct task *t)
{
    task_list(t, "lent-cards-viewed", list_one);
}
