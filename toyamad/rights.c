/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/rights.h"

#include "toyamad/prove.h"

#include <time.h>

uint8_t rights_zone_bit(enum zone zone)
{
    uint8_t bit = 0;

    if (zone != ZONE_NONE)
        roster_zones_parse(policy_zone_name(zone), &bit);
    return bit;
}

static bool local_time(int64_t when, struct tm *tm)
{
    time_t t = (time_t)when;

    return localtime_r(&t, tm) != NULL;
}

static bool within_hours(const struct roster_hours *hours, int64_t now)
{
    struct tm tm = {0};

    return hours->days == 0 ||
           (local_time(now, &tm) &&
            roster_hours_allow(hours, (unsigned)tm.tm_wday,
                               (unsigned)tm.tm_hour * 60 + (unsigned)tm.tm_min));
}

enum person_state rights_person(const struct policy *p, const struct roster_record *r, int64_t now)
{
    if (r->state != ROSTER_ACTIVE)
        return PERSON_STOPPED;
    if (now < r->valid_from)
        return PERSON_NOT_YET;
    if (r->valid_until != 0 && now > r->valid_until)
        return PERSON_EXPIRED;
    if ((r->zones & rights_zone_bit(p->zone)) == 0 ||
        !roster_host_allowed(r->host, r->hosts, p->host, p->place))
        return PERSON_NOT_HERE;
    return within_hours(&r->hours, now) ? PERSON_ACTIVE : PERSON_NOT_NOW;
}

static bool counts_here(const struct policy *p, const struct roster_credential *c)
{
    return c->zones == 0 || (c->zones & rights_zone_bit(p->zone)) != 0;
}

static enum credential_state state_alone(const struct policy *p, const struct roster_credential *c,
                                         int64_t now)
{
    if (c->state != ROSTER_ACTIVE)
        return CREDENTIAL_STOPPED;
    if (!counts_here(p, c))
        return CREDENTIAL_NOT_HERE;
    if (now < c->from)
        return CREDENTIAL_NOT_YET;
    return c->until != 0 && now > c->until ? CREDENTIAL_EXPIRED : CREDENTIAL_ACTIVE;
}

static bool is_possession(const struct roster_credential *c)
{
    return (prove_factor(c->family) & FACTOR_POSSESSION) != 0;
}

bool rights_suspended(const struct policy *p, const struct roster_record *r, size_t n, int64_t now)
{
    const struct roster_credential *c = &r->credential[n];

    if (c->temporary || !is_possession(c) || !counts_here(p, c))
        return false;
    for (size_t m = 0; m < r->credentials; m++)
        if (r->credential[m].temporary && is_possession(&r->credential[m]) &&
            state_alone(p, &r->credential[m], now) == CREDENTIAL_ACTIVE)
            return true;
    return false;
}

enum credential_state rights_credential(const struct policy *p, const struct roster_record *r,
                                        size_t n, int64_t now)
{
    if (n >= r->credentials)
        return CREDENTIAL_UNKNOWN;
    if (rights_suspended(p, r, n, now))
        return CREDENTIAL_STOPPED;
    return state_alone(p, &r->credential[n], now);
}

const struct roster_exception *rights_exception(const struct policy *p,
                                                const struct roster_record *r, int64_t now)
{
    const struct roster_exception *e = &r->exception[0];

    if (r->exceptions == 0 || now < e->from || now > e->until || e->hosts == 0 ||
        !roster_host_allowed(e->host, e->hosts, p->host, p->place) ||
        !policy_exception_allows(p->zone, p->require, e->factors) ||
        (p->require & ~(unsigned)e->factors) == 0)
        return NULL;
    return e;
}

int64_t rights_next_hours(const struct roster_hours *hours, int64_t now)
{
    struct tm tm = {0};

    if (!local_time(now, &tm))
        return 0;
    for (int ahead = 0; ahead <= 7; ahead++) {
        struct tm next = {.tm_year = tm.tm_year,
                          .tm_mon = tm.tm_mon,
                          .tm_mday = tm.tm_mday + ahead,
                          .tm_hour = hours->begin / 60,
                          .tm_min = hours->begin % 60,
                          .tm_isdst = -1};
        int64_t when = (int64_t)mktime(&next);
        if (when > now && (hours->days & 1U << next.tm_wday) != 0)
            return when;
    }
    return 0;
}

int64_t rights_end(const struct roster_record *r, size_t n)
{
    int64_t end = r->valid_until;

    if (n < r->credentials && !r->credential[n].temporary && r->credential[n].until != 0 &&
        (end == 0 || r->credential[n].until < end))
        end = r->credential[n].until;
    return end;
}
