/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes with a verdict's sentence: dates, and whatever the person should know who is let in.
 */
#include "toyamad/age.h"
#include "toyamad/attempt.h"
#include "toyamad/rights.h"

#include <string.h>
#include <time.h>

#define SOON_DAYS 14 /* before the end of the validity */
#define DAY       86400

static void add_date(struct args *args, int64_t when)
{
    char text[20];

    broker_local_time(when, text, 11);
    args_add(args, "date", ARG_DATE, text);
}

static void add_time(struct args *args, int64_t when)
{
    char text[20];

    broker_local_time(when, text, 17);
    args_add(args, "time", ARG_TIME, text);
}

static void add_lock_minutes(const struct attempt *a, struct args *args)
{
    int64_t left = a->tally.until - broker_now(a->broker);
    unsigned long minutes = a->tally.until == INT64_MAX || left < 0
                                ? a->broker->config.policy.lock_time / 60
                                : (unsigned long)(left + 59) / 60;

    args_add_number(args, "minutes", minutes);
}

void attempt_refusal_args(const struct attempt *a, unsigned cause, struct args *args)
{
    const struct roster_credential *c = &a->person.credential[a->credential];

    attempt_args(a, args);
    if (cause == DECISION_EXPIRED)
        add_date(args, a->person.valid_until);
    else if (cause == DECISION_NOT_YET)
        add_date(args, a->person.valid_from);
    else if (cause == DECISION_NOT_NOW)
        add_time(args, rights_next_hours(&a->person.hours, broker_now(a->broker)));
    else if (cause == DECISION_CARD_EXPIRED)
        add_date(args, c->until);
    else if (cause == CAUSE_LENT_OVER)
        add_time(args, c->until);
    else if (cause == DECISION_CARD_NOT_YET)
        add_time(args, c->from);
    else if (cause == DECISION_LOCKED)
        add_lock_minutes(a, args);
}

/* M16 by the time of day, with or without a login before. */
static const char *greeting(const struct attempt *a)
{
    static const char *const id[3][2] = {{"M16n", "M16"}, {"M16dn", "M16d"}, {"M16en", "M16e"}};
    time_t now = (time_t)broker_now(a->broker);
    struct tm tm = {0};
    int part;

    localtime_r(&now, &tm);
    part = tm.tm_hour >= 4 && tm.tm_hour < 11 ? 0 : tm.tm_hour >= 11 && tm.tm_hour < 18 ? 1 : 2;
    return id[part][a->tally.last_login != 0];
}

/* Nights between two moments, by the local calendar. */
static int64_t days_until(int64_t now, int64_t when)
{
    time_t from = (time_t)now, to = (time_t)when;
    struct tm a = {0}, b = {0};

    localtime_r(&from, &a);
    localtime_r(&to, &b);
    a.tm_hour = b.tm_hour = 12;
    a.tm_min = a.tm_sec = b.tm_min = b.tm_sec = 0;
    return ((int64_t)mktime(&b) - (int64_t)mktime(&a) + DAY / 2) / DAY;
}

static const char *loan_message(struct attempt *a, const struct roster_credential *c)
{
    if (c->family == CARD_YUBIKEY)
        return "M11k";
    return days_until(broker_now(a->broker), c->until) == 0 ? "M11" : "M11d";
}

static void tell_temporary(struct attempt *a)
{
    const struct roster_credential *c = &a->person.credential[a->credential];
    struct args args;

    if (!c->temporary)
        return;
    attempt_args(a, &args);
    add_time(&args, c->until);
    attempt_message(a, loan_message(a, c), &args);
}

static void tell_end(struct attempt *a)
{
    int64_t now = broker_now(a->broker), end = rights_end(&a->person, a->credential);
    int64_t days = end == 0 ? INT64_MAX : days_until(now, end);
    struct args args;

    if (days < 0 || days > SOON_DAYS)
        return;
    attempt_args(a, &args);
    args_add_number(&args, "days", (unsigned long)days);
    add_date(&args, end);
    attempt_message(a, days == 0 ? "M26t" : "M26", &args);
}

static void tell_age(struct attempt *a)
{
    struct args args;

    if (age_extended(a->broker) && a->broker->config.policy.zone == ZONE_INDIVIDUAL_NUMBER) {
        attempt_args(a, &args);
        attempt_message(a, "M27", &args);
    }
    if (!age_warns(a->broker))
        return;
    attempt_args(a, &args);
    args_add_number(&args, "days", age_days(a->broker));
    attempt_message(a, "M23", &args);
}

static void tell_misses(struct attempt *a)
{
    struct args args;

    if (a->tally.misses == 0)
        return;
    attempt_args(a, &args);
    args_add_number(&args, "count", a->tally.misses);
    attempt_message(a, "M17", &args);
}

const char *attempt_greet(struct attempt *a, struct args *args)
{
    tell_temporary(a);
    tell_end(a);
    tell_age(a);
    tell_misses(a);
    attempt_args(a, args);
    args_add(args, "name", ARG_TEXT, a->person.name);
    if (a->tally.last_login != 0) {
        add_time(args, a->tally.last_login);
        args_add(args, "place", ARG_TEXT, a->tally.last_place);
    }
    return greeting(a);
}
