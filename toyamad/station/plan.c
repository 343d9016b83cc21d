/* SPDX-License-Identifier: Apache-2.0
 *
 * What differs, what is made from it, and the token that ties the two.
 */
#include "toyamad/station/plan.h"

#include "core/wire/wipe.h"
#include "toyamad/registry/zones.h"
#include "toyamad/station/compare.h"
#include "toyamad/station/officers.h"

#include <string.h>

/* Who looks at the differences, or what is made of them. */
struct building {
    struct station *st;
    bool seal;
    int (*each)(void *ctx, const struct station_difference *d);
    void *ctx;
};

static int seal_difference(struct building *b, const struct station_difference *d,
                           struct projected *p)
{
    uint8_t der[ROSTER_RECORD_MAX];
    size_t len = 0;
    int err = d->fresh != NULL ? project_seal(b->st, d->zone, d->master, p) : REGISTRY_OK;

    if (err != REGISTRY_OK)
        return err;
    if (d->fresh != NULL && roster_record_encode(&p->record, der, sizeof(der), &len) != ROSTER_OK)
        return REGISTRY_FAILED;
    return zones_stage_record(b->st->reg, d->zone->name,
                              d->fresh != NULL ? p->record.id : d->old->id, der, len);
}

static int on_difference(void *ctx, const struct station_difference *d, struct projected *p)
{
    struct building *b = ctx;

    if (b->seal) {
        if (d->zone->next.key_len > 0)
            project_renew(p);
        return seal_difference(b, d, p);
    }
    return b->each != NULL && !d->only_sealed ? b->each(b->ctx, d) : REGISTRY_OK;
}

static bool helpdesks_differ(const struct station_zone *z)
{
    const struct roster_issue *issue = &z->trust.issue;
    bool differ = issue->helpdesks != z->helpdesks;

    for (size_t n = 0; !differ && n < z->helpdesks; n++)
        differ = memcmp(issue->helpdesk[n], z->helpdesk[n].key, sizeof(issue->helpdesk[n])) != 0;
    return differ;
}

static bool officers_differ(const struct station_plan *plan, const struct roster_issue *issue)
{
    bool differ = issue->officers != plan->officers;

    for (size_t n = 0; !differ && n < plan->officers; n++) {
        const struct roster_officer *a = &plan->officer[n], *b = &issue->officer[n];
        differ = memcmp(a->person, b->person, sizeof(a->person)) != 0 || a->roles != b->roles ||
                 a->key_len != b->key_len || memcmp(a->key, b->key, a->key_len) != 0;
    }
    return differ;
}

static bool zone_differs(const struct station_plan *plan, const struct station_next *next)
{
    const struct roster_issue *issue = &next->zone.trust.issue;
    bool differs = issue->number == 0 || helpdesks_differ(&next->zone) ||
                   next->zone.next.key_len > 0 || officers_differ(plan, issue) ||
                   memcmp(issue->authority, plan->authority, sizeof(plan->authority)) != 0;

    for (size_t n = 0; n <= STATION_REMOVED; n++)
        differs = differs || next->compared.differing[n] > 0;
    return differs;
}

/* The moment of the last approval: all zones were equal to the register then. What a zone that has
 * no issue yet contains was never approved for it, whoever entered it and when. */
static int64_t last_approval(const struct station_plan *plan)
{
    int64_t last = 0;

    for (size_t n = 0; n < plan->zones; n++) {
        const struct roster_issue *issue = &plan->next[n].zone.trust.issue;
        if (issue->number == 0)
            return 0;
        last = issue->created > last ? issue->created : last;
    }
    return last;
}

static int find_authors(struct station *st, struct station_plan *plan)
{
    int err = registry_authors(st->reg, last_approval(plan), plan->author, ROSTER_AUTHORS,
                               &plan->authors);

    if (err == REGISTRY_LIMIT)
        return station_fail(st, err, "more than %d people made changes since the last approval",
                            ROSTER_AUTHORS);
    return err == REGISTRY_OK ? err
                              : station_fail(st, err, "who made the changes cannot be told: %s",
                                             registry_strerror(err));
}

static int digest(uint8_t sum[CRYPTO_SHA256_LEN], const void *p, size_t len)
{
    return crypto_sha256_two(sum, CRYPTO_SHA256_LEN, p, len, sum) == CRYPTO_OK ? REGISTRY_OK
                                                                               : REGISTRY_FAILED;
}

static int digest_zone(uint8_t sum[CRYPTO_SHA256_LEN], const struct station_next *next)
{
    const uint8_t due = (uint8_t)((next->due ? 1 : 0) | (zone_tells_end(&next->zone) ? 2 : 0));
    const struct roster_rekey *keys = &next->zone.next;
    int err;

    if ((err = digest(sum, next->zone.name, sizeof(next->zone.name))) != REGISTRY_OK ||
        (err = digest(sum, next->zone.trust.hash, sizeof(next->zone.trust.hash))) != REGISTRY_OK ||
        (err = digest(sum, next->compared.digest, sizeof(next->compared.digest))) != REGISTRY_OK ||
        (err = digest(sum, keys->cert, keys->cert_len)) != REGISTRY_OK ||
        (err = digest(sum, &due, sizeof(due))) != REGISTRY_OK)
        return err;
    for (size_t n = 0; n < next->zone.helpdesks && err == REGISTRY_OK; n++)
        err = digest(sum, next->zone.helpdesk[n].key, sizeof(next->zone.helpdesk[n].key));
    return err;
}

static int digest_officer(uint8_t sum[CRYPTO_SHA256_LEN], const struct roster_officer *o)
{
    uint8_t all[ROSTER_ID_LEN + 1 + CRYPTO_SHA256_LEN] = {0};

    memcpy(all, o->person, ROSTER_ID_LEN);
    all[ROSTER_ID_LEN] = o->roles;
    memcpy(all + ROSTER_ID_LEN + 1, o->key, o->key_len);
    return digest(sum, all, sizeof(all));
}

static int make_token(struct station_plan *plan)
{
    uint8_t *sum = plan->token;
    int err = digest(sum, plan->authority, sizeof(plan->authority));

    for (size_t n = 0; n < plan->zones && err == REGISTRY_OK; n++)
        err = digest_zone(sum, &plan->next[n]);
    for (size_t n = 0; n < plan->officers && err == REGISTRY_OK; n++)
        err = digest_officer(sum, &plan->officer[n]);
    for (size_t n = 0; n < plan->authors && err == REGISTRY_OK; n++)
        err = digest(sum, plan->author[n], ROSTER_ID_LEN);
    return err;
}

static int load(struct station *st, struct station_plan *plan)
{
    struct station_zone *zone[STATION_ZONES] = {&plan->next[0].zone, &plan->next[1].zone,
                                                &plan->next[2].zone};
    int err = zone_load_all(st, zone, &plan->zones);

    if (err == REGISTRY_OK && plan->zones == 0)
        return station_fail(st, REGISTRY_NONE, "this station serves no zone yet");
    return err;
}

static int build(struct building *b, bool renew, struct station_plan *plan)
{
    struct station *st = b->st;
    int err;

    *plan = (struct station_plan){0};
    memcpy(plan->local, st->reg->issue_hash, sizeof(plan->local));
    plan->rotates = st->keys->next_len > 0;
    if (crypto_spki_hash(plan->rotates ? st->keys->next_spki : st->keys->authority_spki,
                         plan->rotates ? st->keys->next_spki_len : st->keys->authority_spki_len,
                         plan->authority) != CRYPTO_OK)
        return station_fail(st, REGISTRY_FAILED, "the authority's key does not hash");
    if ((err = load(st, plan)) != REGISTRY_OK ||
        (err = officers_collect(st, &plan->next[0].zone.trust.issue, plan)) != REGISTRY_OK ||
        (err = find_authors(st, plan)) != REGISTRY_OK)
        return err;
    for (size_t n = 0; n < plan->zones && err == REGISTRY_OK; n++) {
        struct station_next *next = &plan->next[n];
        err = compare_zone(st, &next->zone, on_difference, b, &next->compared);
        next->differs = zone_differs(plan, next);
        next->due = next->differs || renew;
    }
    return err == REGISTRY_OK ? make_token(plan) : err;
}

int plan_make(struct station *st, bool renew,
              int (*each)(void *ctx, const struct station_difference *d), void *ctx,
              struct station_plan *out)
{
    struct building b = {.st = st, .each = each, .ctx = ctx};

    return build(&b, renew, out);
}

static int hand_over(struct station *st, const struct station_zone *zone,
                     struct roster_issue *issue)
{
    struct roster_rekey keys = zone->next;
    bool good = true;

    if (zone_tells_end(zone))
        zone_present_keys(zone, &keys);
    if (keys.key_len > 0)
        good = roster_rekey_seal(&keys, zone->carried ? zone->seal : keys.seal, issue) == ROSTER_OK;
    wire_wipe(&keys, sizeof(keys));
    if (good)
        return REGISTRY_OK;
    return station_fail(st, REGISTRY_FAILED, "the new keys of zone %s could not be sealed",
                        zone->name);
}

static int make_issue(struct station *st, const struct station_plan *plan,
                      struct station_next *next)
{
    const struct roster_trust *trust = &next->zone.trust;
    struct roster_issue *issue = &next->issue;

    *issue = (struct roster_issue){.number = trust->issue.number + 1,
                                   .count = next->compared.people,
                                   .authors = plan->authors,
                                   .officers = plan->officers,
                                   .helpdesks = next->zone.helpdesks};
    issue->created = st->now > trust->issue.created ? st->now : trust->issue.created;
    memcpy(issue->zone, next->zone.name, sizeof(issue->zone));
    memcpy(issue->previous, trust->hash, sizeof(issue->previous));
    memcpy(issue->root, next->compared.root, sizeof(issue->root));
    memcpy(issue->authority, plan->authority, sizeof(issue->authority));
    memcpy(issue->author, plan->author, sizeof(issue->author));
    memcpy(issue->officer, plan->officer, sizeof(issue->officer));
    for (size_t n = 0; n < next->zone.helpdesks; n++)
        memcpy(issue->helpdesk[n], next->zone.helpdesk[n].key, sizeof(issue->helpdesk[n]));
    next->done = (struct roster_signed){0};
    if (hand_over(st, &next->zone, issue) != REGISTRY_OK)
        return REGISTRY_FAILED;
    return roster_issue_encode(issue, next->done.der, sizeof(next->done.der),
                               &next->done.der_len) == ROSTER_OK
               ? REGISTRY_OK
               : station_fail(st, REGISTRY_LIMIT, "the issue of zone %s holds too much",
                              next->zone.name);
}

static int make_issues(struct station *st, struct station_plan *plan)
{
    bool any = false;
    int err = REGISTRY_OK;

    for (size_t n = 0; n < plan->zones && err == REGISTRY_OK; n++)
        if (plan->next[n].due) {
            any = true;
            err = make_issue(st, plan, &plan->next[n]);
        }
    return err == REGISTRY_OK && !any ? station_fail(st, REGISTRY_NONE, "nothing differs") : err;
}

int plan_stage(struct station *st, bool renew, const uint8_t token[CRYPTO_SHA256_LEN],
               struct station_plan *out)
{
    struct building b = {.st = st, .seal = true};
    int err = registry_begin(st->reg);

    if (err != REGISTRY_OK)
        return station_fail(st, err, "%s", registry_strerror(err));
    if ((err = zones_stage_clear(st->reg)) == REGISTRY_OK &&
        (err = build(&b, renew, out)) == REGISTRY_OK &&
        memcmp(out->token, token, CRYPTO_SHA256_LEN) != 0)
        err = station_fail(st, REGISTRY_CHANGED, "something was changed since the preview");
    if (err == REGISTRY_OK && (err = make_issues(st, out)) == REGISTRY_OK)
        err = registry_commit(st->reg);
    if (err == REGISTRY_OK)
        return err;
    registry_rollback(st->reg);
    return st->why[0] != '\0' ? err : station_fail(st, err, "%s", registry_strerror(err));
}

void plan_wipe(struct station_plan *plan)
{
    for (size_t n = 0; n < STATION_ZONES; n++)
        zone_wipe(&plan->next[n].zone);
}
