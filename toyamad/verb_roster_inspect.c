/* SPDX-License-Identifier: Apache-2.0
 *
 * A look into a roster file of this zone, whether it could be taken or not. Nobody's data and no
 * secret: numbers, keys by their hashes, offices.
 */
#include "toyamad/names.h"
#include "toyamad/verb_roster.h"

#include <stdio.h>
#include <string.h>

#define KEY_SHOWN 8 /* octets of a key's hash */

static void add_key(struct admin_pairs *row, const char *key, const uint8_t *spki, size_t len)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    char text[2 * KEY_SHOWN + 1] = "";

    if (len > 0 && crypto_sha256(spki, len, hash) == CRYPTO_OK)
        names_hex(hash, KEY_SHOWN, text);
    admin_pair_add(row, key, text);
}

static size_t count_items(struct tlv_cur part)
{
    struct tlv t = {0};
    size_t count = 0;

    while (tlv_next(&part, &t) == WIRE_OK)
        count++;
    return count;
}

static void put_head(struct task *t, const struct roster_file *head)
{
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "file");
    admin_pair_add(&row, "zone", head->zone);
    verb_roster_number(&row, "roster", head->number);
    verb_roster_time(&row, "roster_time", head->created);
    verb_roster_number(&row, "people", head->people);
    verb_roster_number(&row, "base", head->base);
    admin_pair_add(&row, "media", head->media);
    task_row(t, &row);
}

static void put_content(struct task *t, const struct roster_payload *p)
{
    static const char *const key[ROSTER_PARTS] = {"issues",    "records", "removed",
                                                  "templates", "secrets", "notices"};
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "content");
    for (size_t n = 0; n < ROSTER_PARTS; n++)
        verb_roster_number(&row, key[n], count_items(p->part[n]));
    task_row(t, &row);
}

static void put_issue(struct task *t, const struct roster_signed *s,
                      const struct roster_issue *issue)
{
    struct admin_pairs row = {0};

    admin_pair_add(&row, "kind", "issue");
    verb_roster_number(&row, "roster", issue->number);
    verb_roster_time(&row, "roster_time", issue->created);
    verb_roster_number(&row, "people", issue->count);
    add_key(&row, "authority", s->key, s->key_len);
    add_key(&row, "approver", s->approver, s->approver_len);
    verb_roster_number(&row, "authors", issue->authors);
    verb_roster_number(&row, "helpdesks", issue->helpdesks);
    task_row(t, &row);
}

static void put_officer(struct task *t, const struct roster_officer *o)
{
    struct admin_pairs row = {0};
    char roles[64] = "", id[2 * ROSTER_ID_LEN + 1], key[2 * KEY_SHOWN + 1] = "";

    for (unsigned bit = ROSTER_REGISTRAR; bit <= ROSTER_AUDITOR; bit <<= 1)
        if ((o->roles & bit) != 0)
            snprintf(roles + strlen(roles), sizeof(roles) - strlen(roles), "%s%s",
                     roles[0] != '\0' ? " " : "", roster_role_name((enum roster_role)bit));
    names_hex(o->person, ROSTER_ID_LEN, id);
    if (o->key_len > 0)
        names_hex(o->key, KEY_SHOWN, key);
    admin_pair_add(&row, "kind", "officer");
    admin_pair_add(&row, "id", id);
    admin_pair_add(&row, "roles", roles);
    admin_pair_add(&row, "key", key);
    task_row(t, &row);
}

/* The newest issue of the chain. False: the chain cannot be read. */
static bool put_chain(struct task *t, struct tlv_cur chain)
{
    struct roster_signed s;
    struct roster_issue issue;
    int r;

    while ((r = roster_payload_signed(&chain, &s)) > 0)
        if (roster_issue_decode(s.der, s.der_len, &issue) != ROSTER_OK)
            return false;
        else if (chain.left == 0)
            break;
    if (r <= 0)
        return false;
    put_issue(t, &s, &issue);
    for (size_t n = 0; n < issue.officers; n++)
        put_officer(t, &issue.officer[n]);
    return true;
}

static bool note_look(struct task *t, const struct intake *in)
{
    struct chain_event event = {.kind = "roster-inspected"};
    char number[24];

    snprintf(number, sizeof(number), "%llu", (unsigned long long)in->head.number);
    chain_event_add(&event, "number", number);
    chain_event_add(&event, "media", in->head.media);
    chain_event_add(&event, "operator", t->operator.number);
    return task_event_only(t, &event);
}

void roster_inspect(struct task *t)
{
    struct intake in;
    int err;

    if (!verb_roster_takes(t))
        return;
    if ((err = intake_open(&in, t->broker, t->fd)) != INTAKE_OK) {
        verb_roster_refuse(t, &in, err);
    } else if (note_look(t, &in)) {
        put_head(t, &in.head);
        put_content(t, &in.payload);
        if (put_chain(t, in.payload.part[ROSTER_PART_CHAIN]))
            task_done(t, ADMIN_OK, NULL, "%s", "");
        else
            task_done(t, ADMIN_REFUSED, "H20", "the chain of issues cannot be read");
    }
    intake_close(&in);
}
