/* SPDX-License-Identifier: Apache-2.0
 *
 * Both signatures under the next issues, and their installation.
 */
#include "toyamad/registry/zones.h"
#include "toyamad/station/plan.h"

#include <string.h>

static int put_signatures(struct station *st, struct station_next *next,
                          const struct plan_approval *a, size_t which)
{
    struct roster_signed *s = &next->done;

    s->key_len = st->keys->authority_spki_len;
    memcpy(s->key, st->keys->authority_spki, s->key_len);
    s->approver_len = a->spki_len;
    memcpy(s->approver, a->spki, a->spki_len);
    s->approval_len = a->signature[which].len;
    memcpy(s->approval, a->signature[which].sig, s->approval_len);
    return roster_issue_sign(s->der, s->der_len, st->keys->authority, st->keys->authority_len,
                             s->sig, sizeof(s->sig), &s->sig_len) == ROSTER_OK
               ? REGISTRY_OK
               : station_fail(st, REGISTRY_FAILED, "the authority cannot sign");
}

/* By the very rules of a terminal. */
static int check(struct station *st, const struct station_next *next)
{
    struct roster_trust trust = next->zone.trust;
    int r = roster_chain_step(&trust, &next->done);

    if (r == ROSTER_OK)
        return REGISTRY_OK;
    return station_fail(st, REGISTRY_REFUSED, "zone %s: %s", next->zone.name, roster_strerror(r));
}

int plan_sign(struct station *st, struct station_plan *plan, const struct plan_approval *approval)
{
    size_t used = 0;
    int err = REGISTRY_OK;

    if (approval->spki_len > sizeof(approval->spki))
        return station_fail(st, REGISTRY_FAILED, "the approver's key is too long");
    for (size_t n = 0; n < plan->zones && err == REGISTRY_OK; n++) {
        if (!plan->next[n].due)
            continue;
        if (used == approval->signatures)
            return station_fail(st, REGISTRY_REFUSED, "a signature is missing");
        if ((err = put_signatures(st, &plan->next[n], approval, used++)) == REGISTRY_OK)
            err = check(st, &plan->next[n]);
    }
    return err;
}

static int install(struct station *st, struct station_plan *plan, struct registry_change *change)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < plan->zones && err == REGISTRY_OK; n++) {
        const struct station_next *next = &plan->next[n];
        if (next->due &&
            (err = zones_stage_take(st->reg, next->zone.name, next->issue.number)) == REGISTRY_OK)
            err = zones_issue_put(st->reg, next->zone.name, next->issue.number, &next->done);
    }
    if (err != REGISTRY_OK)
        return err;
    registry_by(st->reg, NULL);
    if (plan->rotates)
        registry_rotate(st->reg);
    return registry_note(st->reg, plan->officer, plan->officers, st->now, change);
}

int plan_commit(struct station *st, struct station_plan *plan, struct chain_event *event)
{
    struct registry_change change = {0};
    int err;

    if (memcmp(plan->local, st->reg->issue_hash, sizeof(plan->local)) != 0)
        return station_fail(st, REGISTRY_CHANGED, "somebody changed the register meanwhile");
    if ((err = registry_begin(st->reg)) == REGISTRY_OK &&
        (err = install(st, plan, &change)) == REGISTRY_OK &&
        (err = audit_append(st->audit, event, st->now)) == REGISTRY_OK &&
        (err = registry_commit(st->reg)) == REGISTRY_OK) {
        registry_settle(st->reg, &change);
        audit_settle(st->audit);
        return REGISTRY_OK;
    }
    registry_rollback(st->reg);
    registry_drop(&change);
    audit_forget(st->audit);
    return station_fail(st, err, "%s", registry_strerror(err));
}
