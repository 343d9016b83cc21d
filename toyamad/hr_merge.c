/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/hr_merge.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* What a plan can change of a person, as of a moment. */
static void take_term(const struct roster_record *r, struct roster_plan *out)
{
    *out = (struct roster_plan){.category = r->category,
                                .valid_until = r->valid_until,
                                .zones = r->zones,
                                .hosts = r->hosts};
    memcpy(out->section, r->section, sizeof(out->section));
    memcpy(out->host, r->host, sizeof(out->host));
}

static void set_term(struct roster_record *r, const struct roster_plan *t)
{
    memcpy(r->section, t->section, sizeof(r->section));
    r->category = t->category;
    r->valid_until = t->valid_until;
    r->zones = t->zones;
    r->hosts = t->hosts;
    memcpy(r->host, t->host, sizeof(r->host));
}

/* The last second before `moment` counts. */
static void term_before(const struct roster_record *r, int64_t moment, struct roster_plan *out)
{
    take_term(r, out);
    for (size_t n = 0; n < r->plans && r->plan[n].from < moment; n++)
        *out = r->plan[n];
    out->from = 0;
}

static bool same_term(const struct roster_plan *a, const struct roster_plan *b)
{
    bool same = strcmp(a->section, b->section) == 0 && a->category == b->category &&
                a->valid_until == b->valid_until && a->zones == b->zones && a->hosts == b->hosts;

    for (size_t n = 0; n < a->hosts && same; n++)
        same = strcmp(a->host[n], b->host[n]) == 0;
    return same;
}

/* First or last second of a calendar day, local time; 0 for no day. */
static int64_t moment_of(uint32_t day, bool end)
{
    struct tm tm = {.tm_year = (int)(day / 10000) - 1900,
                    .tm_mon = (int)(day / 100 % 100) - 1,
                    .tm_mday = (int)(day % 100),
                    .tm_isdst = -1};

    if (day == 0)
        return 0;
    if (end) {
        tm.tm_hour = 23;
        tm.tm_min = tm.tm_sec = 59;
    }
    return (int64_t)mktime(&tm);
}

static int64_t later_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

static int64_t holds_from(const struct hr_row *row, const struct hr_when *when)
{
    return row->effective != 0 ? moment_of(row->effective, false) : when->from;
}

bool hr_merge_later(const struct hr_row *row, const struct hr_when *when)
{
    return holds_from(row, when) > when->now;
}

/* A right to the hosts of one's section moves along. */
static void move_hosts(struct roster_plan *t, const char *section)
{
    for (size_t n = 0; n < t->hosts; n++)
        if (t->host[n][0] == '@' && strcmp(t->host[n] + 1, t->section) == 0 &&
            strlen(section) + 1 < sizeof(t->host[n]))
            snprintf(t->host[n], sizeof(t->host[n]), "@%s", section);
}

static void set_wanted(const struct hr_row *row, struct roster_plan *t)
{
    if ((row->given & HR_SECTION) != 0) {
        move_hosts(t, row->section);
        memcpy(t->section, row->section, sizeof(t->section));
    }
    t->category = row->category;
    t->valid_until = moment_of(row->until, true);
    if ((row->given & HR_ZONES) != 0)
        t->zones = row->zones;
}

static bool set_text(char out[ROSTER_TEXT_MAX], const char text[ROSTER_TEXT_MAX])
{
    if (strcmp(out, text) == 0)
        return false;
    memcpy(out, text, ROSTER_TEXT_MAX);
    return true;
}

static bool set_logins(const struct hr_row *row, struct roster_record *r)
{
    bool same = row->logins == r->logins;

    for (size_t n = 0; n < r->logins && same; n++)
        same = strcmp(row->login[n], r->login[n]) == 0;
    if (same)
        return false;
    r->logins = row->logins;
    memcpy(r->login, row->login, sizeof(r->login));
    return true;
}

/* What no plan can hold. */
static bool set_at_once(const struct hr_row *row, struct roster_record *r)
{
    bool changed = set_text(r->name, row->name);

    if ((row->given & HR_KANA) != 0)
        changed = set_text(r->kana, row->kana) || changed;
    if ((row->given & HR_LOGINS) != 0)
        changed = set_logins(row, r) || changed;
    return changed;
}

static bool has_gone(const struct roster_record *r)
{
    return r->state == ROSTER_STOPPED &&
           (r->reason == ROSTER_RETIRED || r->reason == ROSTER_ENDED ||
            r->reason == ROSTER_TRANSFERRED);
}

static void remove_plan(struct roster_record *r, size_t n)
{
    r->plans--;
    memmove(r->plan + n, r->plan + n + 1, (r->plans - n) * sizeof(r->plan[0]));
    r->plan[r->plans] = (struct roster_plan){0};
}

static int add_plan(struct roster_record *r, const struct roster_plan *plan)
{
    size_t at = 0;

    if (r->plans == ROSTER_PLANS)
        return HR_MERGE_PLANS;
    while (at < r->plans && r->plan[at].from < plan->from)
        at++;
    memmove(r->plan + at + 1, r->plan + at, (r->plans - at) * sizeof(r->plan[0]));
    r->plan[at] = *plan;
    r->plans++;
    return HR_MERGE_OK;
}

/* The term that holds from `moment`, which is to come. */
static int plan_term(struct roster_record *r, int64_t moment, const struct roster_plan *wanted)
{
    struct roster_plan before, plan = *wanted;

    for (size_t n = 0; n < r->plans; n++)
        if (r->plan[n].from == moment) {
            remove_plan(r, n);
            break;
        }
    term_before(r, moment, &before);
    if (same_term(&before, wanted))
        return HR_MERGE_OK;
    plan.from = moment;
    return add_plan(r, &plan);
}

/* Who had gone may log in again, but not before `moment`. */
static void bring_back(struct roster_record *r, int64_t moment, int64_t now)
{
    if (!has_gone(r))
        return;
    r->state = ROSTER_ACTIVE;
    r->reason = ROSTER_NO_REASON;
    if (moment > now && (r->valid_until == 0 || r->valid_until >= now))
        r->valid_until = later_of(now - 1, r->valid_from + 1);
}

static bool comes_back(const struct roster_record *r, const struct roster_plan *before,
                       const struct roster_plan *wanted, int64_t moment, int64_t now)
{
    const int64_t start = later_of(moment, now);
    const bool over = before->valid_until != 0 && before->valid_until + 1 < start;

    if (wanted->valid_until != 0 && wanted->valid_until < start)
        return false;
    return has_gone(r) || over ||
           (wanted->category == ROSTER_REAPPOINTED && before->category != ROSTER_REAPPOINTED);
}

static int merge_term(const struct hr_row *row, const struct hr_when *when, struct roster_record *r,
                      bool *changed, bool *back)
{
    const int64_t moment = holds_from(row, when);
    const int64_t start = later_of(moment, when->now);
    struct roster_plan before, state, wanted;
    int err = HR_MERGE_OK;

    term_before(r, start, &before);
    term_before(r, start + 1, &state);
    wanted = state;
    set_wanted(row, &wanted);
    *back = comes_back(r, &before, &wanted, moment, when->now);
    if (same_term(&state, &wanted) && !(*back && has_gone(r)))
        return HR_MERGE_OK;
    *changed = true;
    if (*back)
        bring_back(r, moment, when->now);
    if (moment > when->now)
        err = plan_term(r, moment, &wanted);
    else
        set_term(r, &wanted);
    if (r->valid_until != 0 && r->valid_until <= r->valid_from)
        return HR_MERGE_TERM;
    return err;
}

/* The first moment of somebody who has not begun. */
static bool set_start(const struct hr_row *row, const struct hr_when *when, struct roster_record *r)
{
    const int64_t from = later_of(holds_from(row, when), moment_of(row->from, false));

    if (row->from == 0 || r->valid_from <= when->now || r->valid_from == from)
        return false;
    r->valid_from = from;
    return true;
}

int hr_merge_row(const struct hr_row *row, const struct hr_when *when, struct roster_record *r,
                 enum hr_outcome *outcome)
{
    bool changed, back = false;
    int err;

    roster_record_effective(r, when->now);
    changed = set_at_once(row, r);
    changed = set_start(row, when, r) || changed;
    err = merge_term(row, when, r, &changed, &back);
    *outcome = !changed ? HR_SAME : back ? HR_REHIRED : HR_CHANGED;
    return err;
}

int hr_merge_new(const struct hr_row *row, const struct hr_when *when, struct roster_record *out,
                 enum hr_outcome *outcome)
{
    const int64_t moment = holds_from(row, when);
    struct roster_plan term = {.zones = when->zones};

    *out = (struct roster_record){.state = ROSTER_ACTIVE};
    *outcome = HR_SAME;
    set_wanted(row, &term);
    if (term.valid_until != 0 && term.valid_until < when->now)
        return HR_MERGE_OK;
    *outcome = HR_NEW;
    if (crypto_random(out->id, sizeof(out->id)) != CRYPTO_OK)
        return HR_MERGE_RANDOM;
    memcpy(out->number, row->number, sizeof(out->number));
    set_at_once(row, out);
    set_term(out, &term);
    out->valid_from = later_of(moment, moment_of(row->from, false));
    if (out->valid_from == 0)
        out->valid_from = when->now;
    return out->valid_until == 0 || out->valid_until > out->valid_from ? HR_MERGE_OK
                                                                       : HR_MERGE_TERM;
}

static bool cap_until(int64_t *until, int64_t end)
{
    if (*until != 0 && *until <= end)
        return false;
    *until = end;
    return true;
}

/* Plans behind the end are gone, those before it end with it. */
static bool cap_plans(struct roster_record *r, int64_t end)
{
    bool changed = false;

    while (r->plans > 0 && r->plan[r->plans - 1].from >= end) {
        remove_plan(r, r->plans - 1);
        changed = true;
    }
    for (size_t n = 0; n < r->plans; n++)
        changed = cap_until(&r->plan[n].valid_until, end) || changed;
    return changed;
}

static bool is_kept_elsewhere(enum roster_category category)
{
    return category == ROSTER_SUPPORT || category == ROSTER_CONTRACTOR;
}

void hr_merge_missing(const struct hr_when *when, struct roster_record *r, enum hr_outcome *outcome)
{
    const int64_t start = when->from != 0 ? when->from : when->now;
    struct roster_plan term;
    bool changed;

    *outcome = HR_SAME;
    roster_record_effective(r, when->now);
    term_before(r, start, &term);
    if (is_kept_elsewhere(term.category) || (has_gone(r) && r->plans == 0))
        return;
    changed = cap_plans(r, start - 1);
    if (start - 1 > r->valid_from)
        changed = cap_until(&r->valid_until, start - 1) || changed;
    else if (!has_gone(r)) {
        r->state = ROSTER_STOPPED;
        r->reason = ROSTER_ENDED;
        changed = true;
    }
    if (changed)
        *outcome = HR_ENDED;
}

const char *hr_merge_word(int err)
{
    switch (err) {
    case HR_MERGE_PLANS:
        return "plans";
    case HR_MERGE_TERM:
        return "term";
    case HR_MERGE_RANDOM:
        return "random";
    default:
        return "";
    }
}
