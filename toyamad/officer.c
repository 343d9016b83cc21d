/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/officer.h"

#include "core/wire/card.h"
#include "toyamad/rights.h"

#include <string.h>

const struct roster_issue *officer_issue(const struct broker *b)
{
    return b->config.roster.kind == REGISTER_OWN ? NULL : &b->registry.issue;
}

bool officer_possible(const struct roster_record *r)
{
    return r->category != ROSTER_CONTRACTOR && r->category != ROSTER_SUPPORT;
}

static bool person_good(const struct roster_record *r, int64_t now)
{
    return r->state == ROSTER_ACTIVE && officer_possible(r) && r->valid_from <= now &&
           (r->valid_until == 0 || now <= r->valid_until);
}

uint8_t officer_roles(struct broker *b, const struct roster_record *r)
{
    const struct roster_issue *issue = officer_issue(b);
    struct roster_record effective = *r;
    const struct roster_officer *officer;
    int64_t now = broker_now(b);

    roster_record_effective(&effective, now);
    if (!person_good(&effective, now))
        return 0;
    if (issue == NULL)
        return effective.roles;
    officer = roster_issue_officer(issue, r->id);
    return officer == NULL ? 0 : effective.roles & officer->roles;
}

const struct roster_key *officer_key(const struct roster_credential *c)
{
    for (size_t n = 0; n < c->keys && c->family == CARD_PIV; n++)
        if (c->key[n].ref == OFFICER_KEY && c->key[n].pin)
            return &c->key[n];
    return NULL;
}

bool officer_card_good(struct broker *b, const struct roster_record *r, size_t n)
{
    const struct roster_credential *c = &r->credential[n];
    int64_t now = broker_now(b);

    return c->state == ROSTER_ACTIVE && !c->temporary && c->from <= now &&
           (c->until == 0 || now <= c->until) && !rights_suspended(&b->config.policy, r, n, now);
}

bool officer_listed(const struct roster_issue *issue, const uint8_t person[ROSTER_ID_LEN],
                    const struct roster_key *key)
{
    const struct roster_officer *officer = roster_issue_officer(issue, person);
    uint8_t hash[CRYPTO_SHA256_LEN];

    return officer != NULL && (officer->roles & ROSTER_APPROVER) != 0 &&
           crypto_sha256(key->spki, key->len, hash) == CRYPTO_OK &&
           crypto_equal(officer->key, officer->key_len, hash, sizeof(hash));
}
