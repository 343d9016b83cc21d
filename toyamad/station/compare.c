/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/compare.h"

#include "toyamad/registry/zones.h"

#include <stdlib.h>
#include <string.h>

struct comparing {
    struct station *st;
    const struct station_zone *zone;
    int (*each)(void *ctx, const struct station_difference *d, struct projected *p);
    void *ctx;
    struct station_comparison *out;
    struct roster_root root;
    struct projected projected;
    uint64_t seen;
};

static int hash_record(const struct roster_record *r, uint8_t hash[CRYPTO_SHA256_LEN])
{
    uint8_t der[ROSTER_RECORD_MAX];
    size_t len = 0;

    if (roster_record_encode(r, der, sizeof(der), &len) != ROSTER_OK ||
        crypto_sha256(der, len, hash) != CRYPTO_OK)
        return REGISTRY_FAILED;
    return REGISTRY_OK;
}

/* digest = SHA-256(digest || id || hash) */
static int digest_person(struct comparing *c, const uint8_t id[ROSTER_ID_LEN],
                         const uint8_t hash[CRYPTO_SHA256_LEN])
{
    uint8_t both[ROSTER_ID_LEN + CRYPTO_SHA256_LEN];

    memcpy(both, id, ROSTER_ID_LEN);
    memcpy(both + ROSTER_ID_LEN, hash, CRYPTO_SHA256_LEN);
    return crypto_sha256_two(c->out->digest, sizeof(c->out->digest), both, sizeof(both),
                             c->out->digest) == CRYPTO_OK
               ? REGISTRY_OK
               : REGISTRY_FAILED;
}

static bool works(enum roster_state state)
{
    return state == ROSTER_ACTIVE || state == ROSTER_SUSPENDED;
}

static bool credential_works(const struct roster_record *r, const uint8_t id[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < r->credentials; n++)
        if (memcmp(r->credential[n].id, id, ROSTER_ID_LEN) == 0)
            return works(r->credential[n].state);
    return false;
}

/* Something that worked does not any more. */
static bool stops(const struct roster_record *old, const struct roster_record *fresh)
{
    bool stopped = works(old->state) && !works(fresh->state);

    for (size_t n = 0; n < old->credentials; n++)
        stopped = stopped || (works(old->credential[n].state) &&
                              !credential_works(fresh, old->credential[n].id));
    return stopped;
}

static enum station_change kind_of(const struct station_difference *d)
{
    if (d->old == NULL)
        return STATION_ADDED;
    if (d->fresh == NULL)
        return STATION_REMOVED;
    return stops(d->old, d->fresh) ? STATION_STOPPED : STATION_CHANGED;
}

static int differ(struct comparing *c, const struct zones_pair *pair, bool there)
{
    struct station_difference d = {.zone = c->zone,
                                   .old = pair->old,
                                   .fresh = there ? &c->projected.record : NULL,
                                   .master = pair->master};

    d.change = kind_of(&d);
    c->out->differing[d.change]++;
    return c->each(c->ctx, &d, &c->projected);
}

/* For the zone's next keys. */
static int seal_anew(struct comparing *c, const struct zones_pair *pair)
{
    const struct station_difference d = {.zone = c->zone,
                                         .change = STATION_CHANGED,
                                         .old = pair->old,
                                         .fresh = &c->projected.record,
                                         .master = pair->master,
                                         .only_sealed = true};

    return project_renew(&c->projected) ? c->each(c->ctx, &d, &c->projected) : REGISTRY_OK;
}

static int add_to_root(struct comparing *c, const uint8_t id[ROSTER_ID_LEN],
                       const uint8_t hash[CRYPTO_SHA256_LEN])
{
    return roster_root_add(&c->root, id, hash) == ROSTER_OK ? REGISTRY_OK : REGISTRY_FAILED;
}

static int take_there(struct comparing *c, const struct zones_pair *pair)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    bool same, changing = c->zone->next.key_len > 0;
    int err;

    if ((err = hash_record(&c->projected.record, hash)) != REGISTRY_OK ||
        (err = digest_person(c, pair->id, hash)) != REGISTRY_OK)
        return station_fail(c->st, err, "the record of staff number %s does not fit zone %s",
                            pair->master->number, c->zone->name);
    same = pair->old != NULL && memcmp(hash, pair->old_hash, sizeof(hash)) == 0;
    if (!same)
        err = differ(c, pair, true);
    else if (changing)
        err = seal_anew(c, pair);
    if (err == REGISTRY_OK && (!same || changing))
        err = hash_record(&c->projected.record, hash);
    if (err != REGISTRY_OK)
        return err;
    c->out->people++;
    return add_to_root(c, pair->id, hash);
}

static int take_pair(void *ctx, const struct zones_pair *pair)
{
    struct comparing *c = ctx;
    int err = REGISTRY_NONE;

    station_alive(++c->seen);
    if (pair->master != NULL)
        err = project_person(c->st, c->zone, pair->master, pair->old, &c->projected);
    if (err == REGISTRY_OK)
        return take_there(c, pair);
    if (err != REGISTRY_NONE)
        return err;
    return pair->old != NULL ? differ(c, pair, false) : REGISTRY_OK;
}

static int check_old(struct station *st, const struct station_zone *zone, uint64_t count,
                     const uint8_t root[CRYPTO_SHA256_LEN])
{
    const struct roster_issue *issue = &zone->trust.issue;
    bool good = issue->number == 0
                    ? count == 0
                    : count == issue->count && memcmp(root, issue->root, CRYPTO_SHA256_LEN) == 0;

    return good ? REGISTRY_OK
                : station_fail(st, REGISTRY_ALTERED,
                               "the records of zone %s are not the ones that issue %llu was signed "
                               "for",
                               zone->name, (unsigned long long)issue->number);
}

static int walk(struct comparing *c)
{
    uint8_t root[CRYPTO_SHA256_LEN];
    uint64_t count = 0;
    int err = zones_walk(c->st->reg, c->zone->name, take_pair, c, root, &count);

    if (err != REGISTRY_OK && c->st->why[0] == '\0')
        return station_fail(c->st, err, "zone %s: %s", c->zone->name, registry_strerror(err));
    if (err != REGISTRY_OK || (err = check_old(c->st, c->zone, count, root)) != REGISTRY_OK)
        return err;
    return roster_root_finish(&c->root, c->out->root) == ROSTER_OK ? REGISTRY_OK : REGISTRY_FAILED;
}

int compare_zone(struct station *st, const struct station_zone *zone,
                 int (*each)(void *ctx, const struct station_difference *d, struct projected *p),
                 void *ctx, struct station_comparison *out)
{
    struct comparing *c = calloc(1, sizeof(*c));
    int err;

    if (c == NULL)
        return station_fail(st, REGISTRY_FAILED, "out of memory");
    *out = (struct station_comparison){0};
    c->st = st;
    c->zone = zone;
    c->each = each;
    c->ctx = ctx;
    c->out = out;
    roster_root_begin(&c->root);
    err = walk(c);
    roster_root_free(&c->root);
    free(c);
    return err;
}
