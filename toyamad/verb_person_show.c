/* SPDX-License-Identifier: Apache-2.0
 *
 * person show and list: a person as he is at this moment, and what is ahead of him.
 */
#include "toyamad/exception.h"
#include "toyamad/names.h"
#include "toyamad/person_fields.h"
#include "toyamad/person_pin.h"

#include <stdio.h>
#include <string.h>

static void add_number(struct admin_pairs *row, const char *key, size_t value)
{
    char text[24];

    snprintf(text, sizeof(text), "%zu", value);
    admin_pair_add(row, key, text);
}

static void add_time(struct admin_pairs *row, const char *key, int64_t when)
{
    char text[24];

    names_time(when, text);
    admin_pair_add(row, key, text);
}

static void add_zones(struct admin_pairs *row, uint8_t zones)
{
    char text[64];

    roster_zones_format(zones, text, sizeof(text));
    admin_pair_add(row, "zones", text);
}

static void add_list(struct admin_pairs *row, const char *key, const void *texts, size_t size,
                     size_t count)
{
    char list[ADMIN_VALUE_MAX];

    person_join(texts, size, count, list, sizeof(list));
    admin_pair_add(row, key, list);
}

static void add_rights(struct admin_pairs *row, const struct roster_record *r)
{
    char hours[ROSTER_HOURS_MAX];

    roster_hours_format(&r->hours, hours);
    add_zones(row, r->zones);
    add_list(row, "hosts", r->host, sizeof(r->host[0]), r->hosts);
    admin_pair_add(row, "escort", r->escort ? "yes" : "no");
    admin_pair_add(row, "hours", hours);
    admin_pair_add(row, "form", r->form);
}

static void send_person(struct task *t, const struct roster_record *r)
{
    struct admin_pairs row = {0};
    struct counter tally = {0};
    char id[2 * ROSTER_ID_LEN + 1];

    registry_counter_get(&t->broker->registry, r->id, &tally);
    names_hex(r->id, ROSTER_ID_LEN, id);
    admin_pair_add(&row, "kind", "person");
    admin_pair_add(&row, "id", id);
    admin_pair_add(&row, "number", r->number);
    admin_pair_add(&row, "name", r->name);
    admin_pair_add(&row, "kana", r->kana);
    admin_pair_add(&row, "section", r->section);
    admin_pair_add(&row, "category", roster_category_name(r->category));
    admin_pair_add(&row, "state", roster_state_name(r->state));
    add_list(&row, "login", r->login, sizeof(r->login[0]), r->logins);
    add_time(&row, "from", r->valid_from);
    add_time(&row, "until", r->valid_until);
    add_number(&row, "cards", task_count_cards(r, FACTOR_CARD));
    add_number(&row, "tokens", task_count_cards(r, FACTOR_TOKEN));
    admin_pair_add(&row, "pin", person_pin_find(r) != NULL ? "yes" : "no");
    add_number(&row, "fingers", r->fingers);
    admin_pair_add(&row, "locked", tally.until > broker_now(t->broker) ? "yes" : "no");
    add_rights(&row, r);
    task_row(t, &row);
}

static void send_credentials(struct task *t, unsigned factor)
{
    for (size_t n = 0; n < t->person.credentials; n++) {
        const struct roster_credential *c = &t->person.credential[n];
        struct admin_pairs row = {0};
        if (prove_factor(c->family) != factor)
            continue;
        task_add_credential(&row, c);
        add_number(&row, "keys", c->keys);
        add_time(&row, "enrolled", c->enrolled);
        task_row(t, &row);
    }
}

static void send_finger(struct task *t, const struct roster_finger *f)
{
    struct admin_pairs row = {0};
    char id[2 * ROSTER_ID_LEN + 1];

    names_hex(f->id, ROSTER_ID_LEN, id);
    admin_pair_add(&row, "kind", "finger");
    admin_pair_add(&row, "id", id);
    admin_pair_add(&row, "finger", names_finger(f->finger));
    admin_pair_add(&row, "driver", f->driver);
    admin_pair_add(&row, "device", f->device);
    add_number(&row, "samples", f->samples);
    add_time(&row, "enrolled", f->enrolled);
    task_row(t, &row);
}

static void send_plan(struct task *t, const struct roster_plan *p)
{
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "plan");
    add_time(&row, "from", p->from);
    admin_pair_add(&row, "section", p->section);
    admin_pair_add(&row, "category", roster_category_name(p->category));
    add_time(&row, "until", p->valid_until);
    add_zones(&row, p->zones);
    add_list(&row, "hosts", p->host, sizeof(p->host[0]), p->hosts);
    task_row(t, &row);
}

static void send_rest(struct task *t)
{
    send_credentials(t, FACTOR_CARD);
    send_credentials(t, FACTOR_TOKEN);
    send_credentials(t, FACTOR_PIN);
    for (size_t n = 0; n < t->person.fingers; n++)
        send_finger(t, &t->person.finger[n]);
    for (size_t n = 0; n < t->person.plans; n++)
        send_plan(t, &t->person.plan[n]);
    exception_send(t, &t->person);
}

void person_show(struct task *t)
{
    struct chain_event event;

    if (!task_find_person(t))
        return;
    task_describe(t, "person-viewed", NULL, &event);
    if (!task_event_only(t, &event))
        return;
    roster_record_effective(&t->person, broker_now(t->broker));
    send_person(t, &t->person);
    send_rest(t);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

static bool list_one(void *ctx, const struct roster_record *r)
{
    struct task *t = ctx;

    t->person = *r;
    roster_record_effective(&t->person, broker_now(t->broker));
    send_person(t, &t->person);
    return true;
}

void person_list(struct task *t)
{
    struct chain_event event = {.kind = "list-viewed"};
    int err;

    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    err = registry_each_by_number(&t->broker->registry, list_one, t);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_fail_registry(t, err);
}
