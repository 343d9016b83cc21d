/* SPDX-License-Identifier: Apache-2.0
 *
 * person add, show, list, remove.
 */
#include "toyamad/decoy.h"
#include "toyamad/names.h"
#include "toyamad/person_pin.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

static void start_event(struct chain_event *event, const char *kind, const struct task *t)
{
    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    chain_event_add(event, "person", t->person.number);
    chain_event_add(event, "operator", "root");
}

static bool copy_text(struct task *t, const char *key, char *out, size_t cap)
{
    const char *value = task_get(t, key);

    if (strlen(value) >= cap) {
        task_done(t, ADMIN_USAGE, NULL, "\"%s\" has more than %zu octets", key, cap - 1);
        return false;
    }
    memcpy(out, value, strlen(value) + 1);
    return true;
}

static bool take_logins(struct task *t)
{
    char list[ADMIN_VALUE_MAX], *save = NULL;
    struct roster_record *r = &t->person;

    snprintf(list, sizeof(list), "%s", task_get(t, "login"));
    for (char *name = strtok_r(list, ",", &save); name != NULL; name = strtok_r(NULL, ",", &save)) {
        if (!roster_login_valid(name) || roster_record_has_login(r, name)) {
            task_done(t, ADMIN_USAGE, NULL, "\"%s\" is not a login name, or stands twice", name);
            return false;
        }
        if (r->logins == ROSTER_LOGINS) {
            task_done(t, ADMIN_USAGE, NULL, "more than %d logins", ROSTER_LOGINS);
            return false;
        }
        memcpy(r->login[r->logins++], name, strlen(name) + 1);
    }
    if (r->logins == 0)
        task_done(t, ADMIN_USAGE, NULL, "\"login\" is empty");
    return r->logins > 0;
}

static bool take_date(struct task *t, const char *key, bool end, int64_t *out)
{
    const char *text = task_get(t, key);

    if (text[0] == '\0' || names_date_parse(text, end, out))
        return true;
    task_done(t, ADMIN_USAGE, NULL, "\"%s\": \"%s\" is not a date like 2026-04-01", key, text);
    return false;
}

/* Everybody but regular staff needs an end date (traceability R-001). */
static bool take_validity(struct task *t)
{
    struct roster_record *r = &t->person;

    r->valid_from = broker_now(t->broker);
    if (!take_date(t, "from", false, &r->valid_from) ||
        !take_date(t, "until", true, &r->valid_until))
        return false;
    if (r->valid_until != 0 && r->valid_until < r->valid_from)
        task_done(t, ADMIN_USAGE, NULL, "\"until\" lies before \"from\"");
    else if (r->category != ROSTER_REGULAR && r->valid_until == 0)
        task_done(t, ADMIN_USAGE, NULL, "category \"%s\" needs an end date: until",
                  roster_category_name(r->category));
    else if (r->category == ROSTER_REGULAR && r->valid_until != 0)
        task_done(t, ADMIN_USAGE, NULL, "category \"regular\" has no end date");
    else
        return true;
    return false;
}

static bool build(struct task *t)
{
    struct roster_record *r = &t->person;

    *r = (struct roster_record){.state = ROSTER_ACTIVE};
    roster_zones_parse(policy_zone_name(t->broker->config.policy.zone), &r->zones);
    if (crypto_random(r->id, sizeof(r->id)) != CRYPTO_OK) {
        task_done(t, ADMIN_FAILED, NULL, "no random numbers");
        return false;
    }
    if (!roster_category_parse(task_get(t, "category"), &r->category)) {
        task_done(t, ADMIN_USAGE, NULL, "unknown category \"%s\"", task_get(t, "category"));
        return false;
    }
    return copy_text(t, "number", r->number, sizeof(r->number)) &&
           copy_text(t, "name", r->name, sizeof(r->name)) &&
           copy_text(t, "kana", r->kana, sizeof(r->kana)) &&
           copy_text(t, "section", r->section, sizeof(r->section)) && take_logins(t) &&
           take_validity(t);
}

/* A name that is taken is named, before the store finds a constraint. */
static bool taken(struct task *t)
{
    struct registry *reg = &t->broker->registry;
    struct roster_record *other = &(struct roster_record){0};
    bool shared = strcmp(task_get(t, "share"), "yes") == 0;

    if (registry_by_number(reg, t->person.number, other) != REGISTRY_NONE) {
        task_done(t, ADMIN_EXISTS, NULL, "staff number %s is registered", t->person.number);
        return true;
    }
    for (size_t n = 0; n < t->person.logins && !shared; n++)
        if (registry_by_login(reg, t->person.login[n], other) != REGISTRY_NONE) {
            task_done(t, ADMIN_EXISTS, NULL,
                      "login %s belongs to somebody else: share=yes makes it a shared account",
                      t->person.login[n]);
            return true;
        }
    return false;
}

void person_add(struct task *t)
{
    struct chain_event event;
    struct admin_pairs row = {0};
    char id[2 * ROSTER_ID_LEN + 1];

    if (!build(t) || taken(t))
        return;
    start_event(&event, "person-added", t);
    chain_event_add(&event, "login", t->person.login[0]);
    chain_event_add(&event, "category", roster_category_name(t->person.category));
    if (!task_store(t, &event))
        return;
    names_hex(t->person.id, ROSTER_ID_LEN, id);
    admin_pair_add(&row, "id", id);
    admin_pair_add(&row, "number", t->person.number);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

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

static void add_logins(struct admin_pairs *row, const struct roster_record *r)
{
    char list[ROSTER_LOGINS * ROSTER_LOGIN_MAX] = "";
    size_t used = 0;

    for (size_t n = 0; n < r->logins; n++)
        used += (size_t)snprintf(list + used, sizeof(list) - used, "%s%s", n == 0 ? "" : ",",
                                 r->login[n]);
    admin_pair_add(row, "login", list);
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
    add_logins(&row, r);
    add_time(&row, "from", r->valid_from);
    add_time(&row, "until", r->valid_until);
    add_number(&row, "cards", task_count_cards(r, FACTOR_CARD));
    add_number(&row, "tokens", task_count_cards(r, FACTOR_TOKEN));
    admin_pair_add(&row, "pin", person_pin_find(r) != NULL ? "yes" : "no");
    add_number(&row, "fingers", r->fingers);
    admin_pair_add(&row, "locked", tally.until > broker_now(t->broker) ? "yes" : "no");
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

void person_show(struct task *t)
{
    struct chain_event event;

    if (!task_find_person(t))
        return;
    start_event(&event, "person-viewed", t);
    if (!task_event_only(t, &event))
        return;
    send_person(t, &t->person);
    send_credentials(t, FACTOR_CARD);
    send_credentials(t, FACTOR_TOKEN);
    send_credentials(t, FACTOR_PIN);
    for (size_t n = 0; n < t->person.fingers; n++)
        send_finger(t, &t->person.finger[n]);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

static bool list_one(void *ctx, const struct roster_record *r)
{
    send_person(ctx, r);
    return true;
}

void person_list(struct task *t)
{
    struct chain_event event = {.kind = "list-viewed"};
    int err;

    chain_event_add(&event, "operator", "root");
    if (!task_event_only(t, &event))
        return;
    err = registry_each(&t->broker->registry, list_one, t);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_fail_registry(t, err);
}

static int remove_rows(struct task *t, struct chain_event *event, struct registry_change *change)
{
    struct broker *b = t->broker;
    int err = registry_begin(&b->registry);

    if (err != REGISTRY_OK)
        return err;
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
