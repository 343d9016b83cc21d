/* SPDX-License-Identifier: Apache-2.0
 *
 * person add and remove.
 */
#include "toyamad/decoy.h"
#include "toyamad/names.h"
#include "toyamad/person_fields.h"
#include "toyamad/person_term.h"
#include "toyamad/rights.h"

#include <stdio.h>
#include <string.h>

static void start_event(struct chain_event *event, const char *kind, const struct task *t)
{
    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    chain_event_add(event, "person", t->person.number);
    chain_event_add(event, "operator", t->operator.number);
}

/* At the station, which serves several zones, they are said; elsewhere it is this host's. */
static bool take_zones(struct task *t, uint8_t *zones)
{
    if (t->broker->config.roster.kind != REGISTER_STATION)
        *zones = rights_zone_bit(t->broker->config.policy.zone);
    else if (admin_pair_get(&t->pairs, "zones") == NULL) {
        task_done(t, ADMIN_USAGE, NULL, "the station needs \"zones\"");
        return false;
    }
    return person_take_zones(t, zones);
}

static bool number_free(struct task *t)
{
    if (!operator_word(t->person.number))
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"%s\" cannot be a staff number", t->person.number);
    return false;
}

static bool build(struct task *t)
{
    struct roster_record *r = &t->person;

    *r = (struct roster_record){.state = ROSTER_ACTIVE, .valid_from = broker_now(t->broker)};
    if (crypto_random(r->id, sizeof(r->id)) != CRYPTO_OK) {
        task_done(t, ADMIN_FAILED, NULL, "no random numbers");
        return false;
    }
    return person_take_text(t, "number", r->number, sizeof(r->number)) && number_free(t) &&
           person_take_text(t, "name", r->name, sizeof(r->name)) &&
           person_take_text(t, "kana", r->kana, sizeof(r->kana)) &&
           person_take_text(t, "section", r->section, sizeof(r->section)) &&
           person_take_text(t, "form", r->form, sizeof(r->form)) && person_take_logins(t, r) &&
           person_take_category(t, &r->category) && take_zones(t, &r->zones) &&
           person_take_hosts(t, r->host, &r->hosts) && person_take_hours(t, &r->hours) &&
           person_take_flag(t, "escort", &r->escort) &&
           person_take_date(t, "from", false, &r->valid_from) &&
           person_take_until(t, r->category, r->valid_from, &r->valid_until) &&
           person_term_fits(t, r, r->valid_from);
}

void person_add(struct task *t)
{
    struct chain_event event;
    struct admin_pairs row = {0};
    char id[2 * ROSTER_ID_LEN + 1], zones[64];
    static const char *const rights[] = {"hosts", "escort", "hours", "form"};

    if (!build(t) || !person_names_free(t, &t->person))
        return;
    start_event(&event, "person-added", t);
    chain_event_add(&event, "login", t->person.login[0]);
    chain_event_add(&event, "category", roster_category_name(t->person.category));
    roster_zones_format(t->person.zones, zones, sizeof(zones));
    chain_event_add(&event, "zones", zones);
    for (size_t n = 0; n < sizeof(rights) / sizeof(rights[0]); n++)
        if (task_get(t, rights[n])[0] != '\0')
            chain_event_add(&event, rights[n], task_get(t, rights[n]));
    if (!task_store(t, &event))
        return;
    names_hex(t->person.id, ROSTER_ID_LEN, id);
    admin_pair_add(&row, "id", id);
    admin_pair_add(&row, "number", t->person.number);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

static int remove_rows(struct task *t, struct chain_event *event, struct registry_change *change)
{
    struct broker *b = t->broker;
    int err = registry_begin(&b->registry);

    if (err != REGISTRY_OK)
        return err;
    registry_by(&b->registry, t->operator.id);
    if ((err = registry_remove(&b->registry, t->person.id, broker_now(b), change)) == REGISTRY_OK &&
        (err = audit_append(&b->audit, event, broker_now(b))) == REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        registry_settle(&b->registry, change);
        decoy_remove(b->decoy, t->person.id);
        audit_settle(&b->audit);
        return REGISTRY_OK;
    }
    registry_rollback(&b->registry);
    registry_drop(change);
    audit_forget(&b->audit);
    return err;
}

/* With the record, the only copy of the access code would go. */
static bool keys_are_given_back(struct task *t)
{
    for (size_t n = 0; n < t->person.credentials; n++)
        if (t->person.credential[n].family == CARD_YUBIKEY) {
            task_done(t, ADMIN_REFUSED, NULL,
                      "a YubiKey is registered: \"yubikey remove\" first, which shows its access "
                      "code");
            return false;
        }
    return true;
}

void person_remove(struct task *t)
{
    struct registry_change change = {0};
    struct chain_event event;
    char fingers[24];
    int err;

    if (!task_find_person(t) || !keys_are_given_back(t))
        return;
    start_event(&event, "person-removed", t);
    snprintf(fingers, sizeof(fingers), "%zu", t->person.fingers);
    chain_event_add(&event, "fingers-deleted", fingers);
    err = remove_rows(t, &event, &change);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_fail_registry(t, err);
}
