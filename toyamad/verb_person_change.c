/* SPDX-License-Identifier: Apache-2.0
 *
 * person change: at once, or from a day on. What is changed for a day ahead stands in the record as
 * a plan, so that it is signed, and carried to the terminals, before.
 */
#include "toyamad/person_fields.h"
#include "toyamad/person_term.h"

#include <string.h>

/* Whatever does not stand in a plan. */
static const char *const at_once[] = {"name", "kana", "login", "share", "hours", "escort", "form"};
static const char *const fields[] = {"name",    "kana",  "login", "hours",    "escort", "form",
                                     "section", "zones", "hosts", "category", "until"};
#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static bool is_given(const struct task *t, const char *key)
{
    return admin_pair_get(&t->pairs, key) != NULL;
}

static void describe(const struct task *t, struct chain_event *event)
{
    task_describe(t, "person-changed", NULL, event);
    if (is_given(t, "from"))
        chain_event_add(event, "from", task_get(t, "from"));
    if (is_given(t, "cancel"))
        chain_event_add(event, "cancel", task_get(t, "cancel"));
    for (size_t n = 0; n < COUNT(fields); n++)
        if (is_given(t, fields[n]))
            chain_event_add(event, fields[n], task_get(t, fields[n]));
}

/* What a plan holds, too, and so what is decided last: by category and term. */
static bool change_duty(struct task *t, struct roster_record *r, int64_t from)
{
    return person_take_text(t, "section", r->section, sizeof(r->section)) &&
           person_take_zones(t, &r->zones) && person_take_hosts(t, r->host, &r->hosts) &&
           person_take_category(t, &r->category) &&
           person_take_until(t, r->category, from, &r->valid_until) &&
           person_term_fits(t, r, from) && person_may_hold_roles(t, r);
}

static bool is_named(struct task *t)
{
    if (t->person.name[0] == '\0')
        task_done(t, ADMIN_USAGE, NULL, "\"name\" is empty");
    return t->person.name[0] != '\0';
}

static bool change_now(struct task *t)
{
    struct roster_record *r = &t->person;

    return person_take_text(t, "name", r->name, sizeof(r->name)) && is_named(t) &&
           person_take_text(t, "kana", r->kana, sizeof(r->kana)) &&
           person_take_text(t, "form", r->form, sizeof(r->form)) && person_take_logins(t, r) &&
           person_take_hours(t, &r->hours) && person_take_flag(t, "escort", &r->escort) &&
           change_duty(t, r, r->valid_from) && person_names_free(t, r);
}

/* The plan of that moment is taken out of the record; false: there was none. */
static bool drop_plan(struct roster_record *r, int64_t from)
{
    size_t n = 0;

    while (n < r->plans && r->plan[n].from != from)
        n++;
    if (n == r->plans)
        return false;
    r->plans--;
    memmove(&r->plan[n], &r->plan[n + 1], (r->plans - n) * sizeof(r->plan[0]));
    memset(&r->plan[r->plans], 0, sizeof(r->plan[0]));
    return true;
}

static bool put_plan(struct roster_record *r, const struct roster_plan *plan)
{
    size_t n = 0;

    drop_plan(r, plan->from);
    if (r->plans == ROSTER_PLANS)
        return false;
    while (n < r->plans && r->plan[n].from < plan->from)
        n++;
    memmove(&r->plan[n + 1], &r->plan[n], (r->plans - n) * sizeof(r->plan[0]));
    r->plan[n] = *plan;
    r->plans++;
    return true;
}

static bool plannable(struct task *t)
{
    for (size_t n = 0; n < COUNT(at_once); n++)
        if (is_given(t, at_once[n])) {
            task_done(t, ADMIN_USAGE, NULL, "\"%s\" cannot be planned: change it without \"from\"",
                      at_once[n]);
            return false;
        }
    return true;
}

static bool cancel_plan(struct task *t, int64_t from)
{
    if (drop_plan(&t->person, from))
        return true;
    task_done(t, ADMIN_NOT_FOUND, NULL, "no change is planned for %s", task_get(t, "from"));
    return false;
}

/* The plan says all of what it touches: the person as he will be then, with the changes. */
static bool plan_change(struct task *t, int64_t from)
{
    struct roster_record then = t->person;
    struct roster_plan plan = {.from = from};

    roster_record_effective(&then, from);
    if (!plannable(t) || !change_duty(t, &then, from))
        return false;
    memcpy(plan.section, then.section, sizeof(plan.section));
    plan.category = then.category;
    plan.valid_until = then.valid_until;
    plan.zones = then.zones;
    plan.hosts = then.hosts;
    memcpy(plan.host, then.host, sizeof(plan.host));
    if (put_plan(&t->person, &plan))
        return true;
    task_done(t, ADMIN_USAGE, NULL, "%d changes are planned already: cancel one", ROSTER_PLANS);
    return false;
}

static bool change(struct task *t)
{
    bool cancel = false;
    int64_t from = 0;

    if (!person_take_date(t, "from", false, &from) || !person_take_flag(t, "cancel", &cancel))
        return false;
    if (cancel && from != 0)
        return cancel_plan(t, from);
    if (cancel)
        task_done(t, ADMIN_USAGE, NULL, "\"cancel\" needs \"from\": which change?");
    else if (from == 0)
        return change_now(t);
    else if (from <= broker_now(t->broker))
        task_done(t, ADMIN_USAGE, NULL, "\"from\" has passed: change it without");
    else
        return plan_change(t, from);
    return false;
}

static bool says_something(struct task *t)
{
    for (size_t n = 0; n < COUNT(fields); n++)
        if (is_given(t, fields[n]))
            return true;
    if (is_given(t, "cancel"))
        return true;
    task_done(t, ADMIN_USAGE, NULL, "nothing is to be changed");
    return false;
}

void person_change(struct task *t)
{
    struct chain_event event;

    if (!says_something(t) || !task_find_person(t))
        return;
    roster_record_effective(&t->person, broker_now(t->broker));
    if (!change(t))
        return;
    describe(t, &event);
    if (task_store(t, &event))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}
