/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/person_term.h"

#include <stdio.h>
#include <time.h>

#define APRIL 3 /* tm_mon */

/* The last second before a first of April, local time; 0 where it cannot be told. */
static int64_t fiscal_year_end(int64_t when)
{
    time_t clock = (time_t)when;
    struct tm tm = {0}, end;

    if (localtime_r(&clock, &tm) == NULL)
        return 0;
    end = (struct tm){.tm_year = tm.tm_year + (tm.tm_mon >= APRIL ? 1 : 0),
                      .tm_mon = APRIL,
                      .tm_mday = 1,
                      .tm_isdst = -1};
    return (int64_t)mktime(&end) - 1;
}

/* The last second of the day that is so many days later. */
static int64_t days_later(int64_t when, uint32_t days)
{
    time_t clock = (time_t)when;
    struct tm tm = {0}, end;

    if (localtime_r(&clock, &tm) == NULL)
        return 0;
    end = (struct tm){.tm_year = tm.tm_year,
                      .tm_mon = tm.tm_mon,
                      .tm_mday = tm.tm_mday + (int)days + 1,
                      .tm_isdst = -1};
    return (int64_t)mktime(&end) - 1;
}

static bool refuse(struct task *t, const char *msg, const char *what, int64_t last)
{
    char day[17];

    broker_local_time(last, day, 11);
    task_done(t, ADMIN_USAGE, msg, "%s: %s", what, day);
    return false;
}

bool person_term_fits(struct task *t, const struct roster_record *r, int64_t from)
{
    int64_t now = broker_now(t->broker), last;

    if (from < now)
        from = now;
    if (r->category == ROSTER_CONTRACTOR) {
        if (r->form[0] == '\0') {
            task_done(t, ADMIN_USAGE, "H63", "a contractor needs the number of the contract: form");
            return false;
        }
        last = fiscal_year_end(from);
        return r->valid_until <= last || refuse(t, "H64", "the fiscal year ends on", last);
    }
    if (r->category == ROSTER_SUPPORT) {
        last = days_later(from, t->broker->config.roster.support_days);
        return r->valid_until <= last || refuse(t, "H65", "support staff until", last);
    }
    return true;
}
