/* SPDX-License-Identifier: Apache-2.0
 *
 * support list, contractor list: people of other houses, and when their terms end.
 */
#include "core/roster/life.h"
#include "toyamad/names.h"
#include "toyamad/person_fields.h"
#include "toyamad/situations.h"

#include <stdio.h>
#include <string.h>

static void add_joined(struct admin_pairs *row, const struct roster_record *r)
{
    char text[ADMIN_VALUE_MAX], hours[ROSTER_HOURS_MAX];

    roster_zones_format(r->zones, text, sizeof(text));
    admin_pair_add(row, "zones", text);
    person_join(r->host, sizeof(r->host[0]), r->hosts, text, sizeof(text));
    admin_pair_add(row, "hosts", text);
    roster_hours_format(&r->hours, hours);
    admin_pair_add(row, "hours", hours);
}

static void tell(struct task *t, const struct roster_record *r)
{
    struct admin_pairs row = {0};
    char text[24];

    admin_pair_add(&row, "number", r->number);
    admin_pair_add(&row, "name", r->name);
    admin_pair_add(&row, "section", r->section);
    admin_pair_add(&row, "form", r->form);
    names_time(r->valid_until, text);
    admin_pair_add(&row, "until", text);
    admin_pair_add(&row, "state", roster_state_name(r->state));
    snprintf(text, sizeof(text), "%zu", roster_cards_live(r, 0, NULL));
    admin_pair_add(&row, "cards", text);
    admin_pair_add(&row, "escort", r->escort ? "yes" : "no");
    add_joined(&row, r);
    task_row(t, &row);
}

static bool tell_category(struct task *t, const struct roster_record *person,
                          enum roster_category category)
{
    struct roster_record r = *person;

    roster_record_effective(&r, broker_now(t->broker));
    if (r.category == category)
        tell(t, &r);
    return true;
}

static bool one_supporter(void *t, const struct roster_record *r)
{
    return tell_category(t, r, ROSTER_SUPPORT);
}

static bool one_contractor(void *t, const struct roster_record *r)
{
    return tell_category(t, r, ROSTER_CONTRACTOR);
}

void support_list(struct task *t)
{
    task_list(t, "list-viewed", one_supporter);
}

void contractor_list(struct task *t)
{
    task_list(t, "list-viewed", one_contractor);
}
