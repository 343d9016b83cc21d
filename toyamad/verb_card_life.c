/* SPDX-License-Identifier: Apache-2.0
 *
 * card found, return and destroy. A stop is final: what is found stays stopped, and goes back into
 * use only as another credential.
 */
#include "toyamad/choose.h"
#include "toyamad/names.h"
#include "toyamad/registry/stock.h"
#include "toyamad/situations.h"

#include "core/roster/life.h"

#include <stdio.h>
#include <string.h>

#define HISTORY_EVENTS 20000 /* that are looked through for what happened to a card */
#define SHORT_ID       8     /* hexadecimal digits of a card in a login's event */
#define BIT(reason)    (1U << (reason))
#define ENDINGS                                                                                    \
    (BIT(ROSTER_DAMAGED) | BIT(ROSTER_FOUND) | BIT(ROSTER_REPLACED) | BIT(ROSTER_UNUSED) |         \
     BIT(ROSTER_RETIRED) | BIT(ROSTER_TRANSFERRED) | BIT(ROSTER_ENDED) | BIT(ROSTER_OTHER))

struct history {
    struct task *t;
    char id[2 * ROSTER_ID_LEN + 1];
};

static bool is_about(const struct history *h, const struct chain_event *e)
{
    const char *card = chain_event_get(e, "card");
    size_t len = card != NULL ? strlen(card) : 0;

    return len >= SHORT_ID && strncmp(card, h->id, len) == 0;
}

static bool tell_event(void *ctx, const struct chain_event *e)
{
    const struct history *h = ctx;
    struct admin_pairs row = {0};
    char text[24];

    if (!is_about(h, e))
        return true;
    snprintf(text, sizeof(text), "%llu", (unsigned long long)e->sequence);
    admin_pair_add(&row, "sequence", text);
    names_time(e->time, text);
    admin_pair_add(&row, "time", text);
    admin_pair_add(&row, "kind", e->kind);
    for (size_t n = 0; n < e->count; n++)
        admin_pair_add(&row, e->pair[n].key, e->pair[n].value);
    task_row(h->t, &row);
    return true;
}

/* Whether somebody tried the card while it was away is what the CSIRT asks. */
static bool tell_history(struct task *t, const struct roster_credential *c)
{
    struct history h = {.t = t};
    int err;

    names_hex(c->id, ROSTER_ID_LEN, h.id);
    err = audit_each(&t->broker->audit, HISTORY_EVENTS, tell_event, &h);
    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    return err == REGISTRY_OK;
}

void card_found(struct task *t)
{
    static const struct choice choice = {roster_is_lost, "H52", "no such card is lost"};
    struct roster_credential *c, found;
    struct chain_event event;

    if (!task_find_person(t) || (c = choose_card(t, task_get(t, "card"), &choice)) == NULL)
        return;
    c->reason = ROSTER_FOUND;
    found = *c;
    situation_describe(t, "card-found", c, &event);
    if (task_store(t, &event) && tell_history(t, &found))
        task_done(t, ADMIN_OK, found.state == ROSTER_SUSPENDED ? "H51" : "H50", "%s", "");
}

static void give_back(struct task *t, const struct choice *choice, enum roster_reason reason)
{
    struct roster_credential *c;
    struct chain_event event;

    if (!task_find_person(t) || (c = choose_card(t, task_get(t, "card"), choice)) == NULL)
        return;
    if (reason != ROSTER_NO_REASON)
        c->reason = reason;
    if (!situation_reason(t, ENDINGS, &c->reason))
        return;
    c->state = ROSTER_RETURNED;
    situation_describe(t, "card-returned", c, &event);
    if (situation_store(t, c->label, STOCK_RETURNED, &event))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

void card_return(struct task *t)
{
    static const struct choice choice = {roster_can_return, "H53", "returned or destroyed already"};

    give_back(t, &choice, ROSTER_NO_REASON);
}

static bool is_lent_key(const struct roster_credential *c)
{
    return c->family == CARD_YUBIKEY && roster_can_return(c);
}

/* Its access code stays here, so that the next person's secret can be written into it. */
void yubikey_return(struct task *t)
{
    static const struct choice choice = {is_lent_key, "H53", "no such key is out"};

    give_back(t, &choice, ROSTER_ENDED);
}

static bool is_staff_now(struct task *t, struct roster_record *r)
{
    int64_t now = broker_now(t->broker);

    roster_record_effective(r, now);
    return r->state == ROSTER_ACTIVE && now >= r->valid_from &&
           (r->valid_until == 0 || now <= r->valid_until) && r->category != ROSTER_CONTRACTOR &&
           r->category != ROSTER_SUPPORT;
}

/* Two people see the card destroyed: neither the holder nor the operator is the witness. */
static bool take_witness(struct task *t, char number[ROSTER_TEXT_MAX])
{
    struct registry *reg = &t->broker->registry;
    const char *name = task_get(t, "witness");
    struct roster_record witness = {0};
    int err = registry_by_number(reg, name, &witness);

    if (err == REGISTRY_NONE)
        err = registry_by_login(reg, name, &witness);
    if (err != REGISTRY_OK) {
        task_done(t, ADMIN_NOT_FOUND, NULL, "the witness \"%s\": %s", name, registry_strerror(err));
        return false;
    }
    if (!is_staff_now(t, &witness) || memcmp(witness.id, t->person.id, ROSTER_ID_LEN) == 0 ||
        memcmp(witness.id, t->operator.id, ROSTER_ID_LEN) == 0) {
        task_done(t, ADMIN_REFUSED, "H54", "%s cannot be the witness", witness.number);
        return false;
    }
    memcpy(number, witness.number, ROSTER_TEXT_MAX);
    return true;
}

void card_destroy(struct task *t)
{
    static const struct choice choice = {roster_can_destroy, "H55",
                                         "neither stopped nor returned, or still lost"};
    char witness[ROSTER_TEXT_MAX];
    struct roster_credential *c;
    struct chain_event event;

    if (!task_find_person(t) || (c = choose_card(t, task_get(t, "card"), &choice)) == NULL ||
        !take_witness(t, witness))
        return;
    c->state = ROSTER_DESTROYED;
    situation_describe(t, "card-destroyed", c, &event);
    chain_event_add(&event, "witness", witness);
    if (situation_store(t, c->label, STOCK_DESTROYED, &event) && paper_row(t, event.sequence))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}
