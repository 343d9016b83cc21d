/* SPDX-License-Identifier: Apache-2.0
 *
 * role grant, revoke, list. What a record says here is a wish where issues are approved: it holds
 * with the next one. What is taken away holds at once on this host.
 */
#include "toyamad/names.h"
#include "toyamad/officer.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

static const struct roster_credential *approver_card(struct broker *b,
                                                     const struct roster_record *r)
{
    for (size_t n = 0; n < r->credentials; n++)
        if (officer_key(&r->credential[n]) != NULL && officer_card_good(b, r, n))
            return &r->credential[n];
    return NULL;
}

/* False: the call was ended. */
static bool begin(struct task *t, enum roster_role *role)
{
    if (!roster_role_parse(task_get(t, "role"), role)) {
        task_done(t, ADMIN_USAGE, NULL, "\"%s\" is not a role", task_get(t, "role"));
        return false;
    }
    return task_find_person(t);
}

static void store(struct task *t, const char *kind, enum roster_role role,
                  const struct roster_credential *card)
{
    struct chain_event event;

    task_describe(t, kind, card, &event);
    chain_event_add(&event, "role", roster_role_name(role));
    if (task_store(t, &event))
        task_done(t, ADMIN_OK, officer_issue(t->broker) != NULL ? "X93" : NULL, "%s", "");
}

void role_grant(struct task *t)
{
    const struct roster_credential *card = NULL;
    enum roster_role role;

    if (!begin(t, &role))
        return;
    if (role == ROSTER_APPROVER)
        card = approver_card(t->broker, &t->person);
    if (!officer_possible(&t->person))
        task_done(t, ADMIN_REFUSED, "X91", "%s is %s", t->person.number,
                  roster_category_name(t->person.category));
    else if (!roster_roles_sound(t->person.roles | (uint8_t)role))
        task_done(t, ADMIN_REFUSED, "X94", "%s has the other role", t->person.number);
    else if (role == ROSTER_APPROVER && card == NULL)
        task_done(t, ADMIN_REFUSED, "X92", "no active PIV card of %s has a proven key 9C",
                  t->person.number);
    else if ((t->person.roles & (uint8_t)role) != 0)
        task_done(t, ADMIN_EXISTS, NULL, "%s has this role", t->person.number);
    else {
        t->person.roles |= (uint8_t)role;
        store(t, "role-granted", role, card);
    }
}

void role_revoke(struct task *t)
{
    enum roster_role role;

    if (!begin(t, &role))
        return;
    if ((t->person.roles & (uint8_t)role) == 0) {
        task_done(t, ADMIN_NOT_FOUND, NULL, "%s does not have this role", t->person.number);
        return;
    }
    t->person.roles &= (uint8_t) ~(unsigned)role;
    store(t, "role-revoked", role, NULL);
}

static uint8_t issued_roles(const struct task *t, const struct roster_record *r)
{
    const struct roster_issue *issue = officer_issue(t->broker);
    const struct roster_officer *officer =
        issue != NULL ? roster_issue_officer(issue, r->id) : NULL;

    return officer != NULL ? officer->roles : 0;
}

static bool list_one(void *ctx, const struct roster_record *r)
{
    struct task *t = ctx;
    const struct roster_credential *card = approver_card(t->broker, r);
    uint8_t holds = officer_roles(t->broker, r), all = r->roles | issued_roles(t, r);
    char words[64], waiting[64], id[2 * ROSTER_ID_LEN + 1] = "";
    struct admin_pairs row = {0};

    if (all == 0)
        return true;
    operator_roles_format(holds, words, sizeof(words));
    operator_roles_format(all & (uint8_t)~holds, waiting, sizeof(waiting));
    if (card != NULL)
        names_hex(card->id, ROSTER_ID_LEN, id);
    admin_pair_add(&row, "number", r->number);
    admin_pair_add(&row, "name", r->name);
    admin_pair_add(&row, "section", r->section);
    admin_pair_add(&row, "roles", words);
    admin_pair_add(&row, "roles_waiting", waiting);
    admin_pair_add(&row, "card", id);
    task_row(t, &row);
    return true;
}

void role_list(struct task *t)
{
    task_list(t, "roles-viewed", list_one);
}
