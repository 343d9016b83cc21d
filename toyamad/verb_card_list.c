/* SPDX-License-Identifier: Apache-2.0
 *
 * card list, and how a credential is described and chosen.
 */
#include "toyamad/choose.h"
#include "toyamad/names.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

static const char *kind_of(const struct roster_credential *c)
{
    switch (prove_factor(c->family)) {
    case FACTOR_PIN:
        return "pin";
    case FACTOR_TOKEN:
        return "token";
    default:
        return "card";
    }
}

struct roster_credential *task_choose_card(struct task *t, const char *prefix)
{
    return task_choose_state(t, prefix, 1U << ROSTER_ACTIVE);
}

struct roster_credential *task_choose_state(struct task *t, const char *prefix, unsigned states)
{
    struct roster_credential *found = NULL;

    for (size_t n = 0; n < t->person.credentials; n++) {
        struct roster_credential *c = &t->person.credential[n];
        if ((states & 1U << c->state) == 0 || (prove_factor(c->family) & FACTOR_POSSESSION) == 0 ||
            !choose_means(c, prefix))
            continue;
        if (found != NULL) {
            task_done(t, ADMIN_USAGE, NULL,
                      "several cards fit: give the start of the id, or the label");
            return NULL;
        }
        found = c;
    }
    if (found == NULL)
        task_done(t, ADMIN_NOT_FOUND, NULL, "no %s card fits",
                  states == 1U << ROSTER_SUSPENDED ? "suspended" : "active");
    return found;
}

size_t task_count_cards(const struct roster_record *r, unsigned factor)
{
    size_t count = 0;

    for (size_t n = 0; n < r->credentials; n++)
        count += prove_factor(r->credential[n].family) == factor;
    return count;
}

void task_describe(const struct task *t, const char *kind, const struct roster_credential *card,
                   struct chain_event *event)
{
    char id[2 * ROSTER_ID_LEN + 1];

    *event = (struct chain_event){0};
    snprintf(event->kind, sizeof(event->kind), "%s", kind);
    chain_event_add(event, "person", t->person.number);
    if (card != NULL) {
        names_hex(card->id, ROSTER_ID_LEN, id);
        chain_event_add(event, "card", id);
    }
    chain_event_add(event, "operator", t->operator.number);
}

void task_add_credential(struct admin_pairs *row, const struct roster_credential *c)
{
    char id[2 * ROSTER_ID_LEN + 1];

    names_hex(c->id, ROSTER_ID_LEN, id);
    admin_pair_add(row, "kind", kind_of(c));
    admin_pair_add(row, "id", id);
    admin_pair_add(row, "family", roster_family_name(c->family));
    admin_pair_add(row, "strength", prove_strength(c->family));
    admin_pair_add(row, "state", roster_state_name(c->state));
    admin_pair_add(row, "label", c->label);
    admin_pair_add(row, "pin", prove_key(c, true) != NULL ? "yes" : "no");
}

void task_add_held(struct admin_pairs *row, const struct roster_record *r,
                   const struct roster_credential *c)
{
    char id[2 * ROSTER_ID_LEN + 1];

    names_hex(c->id, ROSTER_ID_LEN, id);
    admin_pair_add(row, "number", r->number);
    admin_pair_add(row, "name", r->name);
    admin_pair_add(row, "section", r->section);
    admin_pair_add(row, "id", id);
    admin_pair_add(row, "label", c->label);
}

static bool send_all(void *ctx, const struct roster_record *r)
{
    for (size_t n = 0; n < r->credentials; n++) {
        struct admin_pairs row = {0};
        char enrolled[24];
        admin_pair_add(&row, "number", r->number);
        admin_pair_add(&row, "name", r->name);
        task_add_credential(&row, &r->credential[n]);
        names_time(r->credential[n].enrolled, enrolled);
        admin_pair_add(&row, "enrolled", enrolled);
        task_row(ctx, &row);
    }
    return true;
}

void card_list(struct task *t)
{
    task_list(t, "cards-viewed", send_all);
}
