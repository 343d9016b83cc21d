/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/officers.h"

#include <string.h>

#define APPROVAL_KEY 0x9C /* PIV, SP 800-73: digital signature */

struct collecting {
    struct station *st;
    const struct roster_issue *before;
    struct station_plan *plan;
    int err;
};

static bool credential_counts(const struct roster_credential *c, int64_t now)
{
    return c->state == ROSTER_ACTIVE && !c->temporary && c->from <= now &&
           (c->until == 0 || c->until >= now);
}

bool officers_key(const struct roster_record *r, int64_t now, uint8_t out[CRYPTO_SHA256_LEN])
{
    for (size_t n = 0; n < r->credentials; n++) {
        const struct roster_credential *c = &r->credential[n];
        for (size_t k = 0; credential_counts(c, now) && k < c->keys; k++)
            if (c->key[k].ref == APPROVAL_KEY)
                return crypto_spki_hash(c->key[k].spki, c->key[k].len, out) == CRYPTO_OK;
    }
    return false;
}

static bool person_counts(const struct roster_record *r, int64_t now)
{
    return r->state == ROSTER_ACTIVE && r->valid_from <= now &&
           (r->valid_until == 0 || r->valid_until >= now);
}

static bool note_office(struct collecting *c, const struct roster_record *r, uint8_t before,
                        uint8_t after)
{
    struct station_office *o = &c->plan->office[c->plan->offices];

    if (c->plan->offices == STATION_OFFICES)
        return false;
    *o = (struct station_office){.before = before, .after = after, .wanted = r->roles};
    memcpy(o->person, r->id, sizeof(o->person));
    memcpy(o->number, r->number, sizeof(o->number));
    memcpy(o->name, r->name, sizeof(o->name));
    c->plan->offices++;
    return true;
}

static bool add_officer(struct collecting *c, const struct roster_officer *officer)
{
    if (c->plan->officers == ROSTER_OFFICERS)
        return false;
    c->plan->officer[c->plan->officers++] = *officer;
    return true;
}

static uint8_t roles_before(const struct collecting *c, const uint8_t person[ROSTER_ID_LEN])
{
    const struct roster_officer *o =
        c->before != NULL ? roster_issue_officer(c->before, person) : NULL;

    return o != NULL ? o->roles : 0;
}

static bool take(void *ctx, const struct roster_record *master)
{
    struct collecting *c = ctx;
    struct roster_record r = *master;
    struct roster_officer officer = {0};
    uint8_t before = roles_before(c, master->id);

    if (master->roles == 0 && before == 0)
        return true;
    roster_record_effective(&r, c->st->now);
    memcpy(officer.person, r.id, sizeof(officer.person));
    officer.roles = person_counts(&r, c->st->now) ? r.roles : 0;
    if ((officer.roles & ROSTER_APPROVER) != 0 && !officers_key(&r, c->st->now, officer.key))
        officer.roles &= (uint8_t)~ROSTER_APPROVER;
    if ((officer.roles & ROSTER_APPROVER) != 0)
        officer.key_len = sizeof(officer.key);
    if ((officer.roles != 0 && !add_officer(c, &officer)) ||
        ((officer.roles != before || officer.roles != r.roles) &&
         !note_office(c, &r, before, officer.roles)))
        c->err = REGISTRY_LIMIT;
    return c->err == REGISTRY_OK;
}

/* Officers of the issue who are not registered any more. */
static void note_gone(struct collecting *c)
{
    struct roster_record nobody = {0}, r;

    for (size_t n = 0; c->before != NULL && n < c->before->officers; n++) {
        const struct roster_officer *o = &c->before->officer[n];
        if (registry_by_id(c->st->reg, o->person, &r) != REGISTRY_NONE)
            continue;
        memcpy(nobody.id, o->person, sizeof(nobody.id));
        if (!note_office(c, &nobody, o->roles, 0))
            c->err = REGISTRY_LIMIT;
    }
}

int officers_collect(struct station *st, const struct roster_issue *before,
                     struct station_plan *plan)
{
    struct collecting c = {st, before, plan, REGISTRY_OK};
    int err;

    plan->officers = plan->offices = 0;
    err = registry_each(st->reg, take, &c);
    if (err == REGISTRY_OK && c.err == REGISTRY_OK)
        note_gone(&c);
    if (err == REGISTRY_OK)
        err = c.err;
    return err == REGISTRY_OK
               ? err
               : station_fail(st, err, "the offices cannot be read: %s", registry_strerror(err));
}
