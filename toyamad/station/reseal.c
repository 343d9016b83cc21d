/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/reseal.h"

#include "core/wire/wipe.h"
#include "toyamad/registry/batch.h"
#include "toyamad/station/stops.h"
#include "toyamad/station/swap.h"
#include "toyamad/station/zone_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Everything of one person, while `reg` looks at the old keys and, to seal, at the new ones. */
struct resealing {
    struct station *st;
    const struct keys *old;
    const struct keys *fresh;
    struct registry_batch batch;
    struct roster_record record;
    uint8_t template[REGISTRY_SEALED_MAX];
};

static int reseal_finger(struct resealing *r, struct roster_finger *f)
{
    struct registry *reg = r->st->reg;
    size_t len = 0;
    int err = registry_template_get(reg, r->record.id, f, r->template, sizeof(r->template), &len);

    if (err != REGISTRY_OK || (err = registry_template_delete(reg, f->id)) != REGISTRY_OK)
        return err;
    reg->keys = r->fresh;
    err = registry_template_put(reg, r->record.id, f, r->template, len);
    reg->keys = r->old;
    return err;
}

static int reseal_key(struct resealing *r, const struct roster_credential *c,
                      struct roster_key *key)
{
    struct registry *reg = r->st->reg;
    uint8_t secret[REGISTRY_SECRET_MAX] = {0};
    size_t len = 0;
    int err = registry_secret_get(reg, r->record.id, c, key, secret, sizeof(secret), &len);

    if (err == REGISTRY_OK) {
        reg->keys = r->fresh;
        err = registry_secret_put(reg, r->record.id, c, key, secret, len);
        reg->keys = r->old;
    }
    wire_wipe(secret, sizeof(secret));
    return err;
}

static int reseal_credential(struct resealing *r, struct roster_credential *c)
{
    int err = REGISTRY_OK;

    for (size_t k = 0; roster_family_shared(c->family) && k < c->keys && err == REGISTRY_OK; k++)
        err = reseal_key(r, c, &c->key[k]);
    if (err == REGISTRY_OK && c->slot != 0)
        err = stops_reseal(r->st, c, r->fresh);
    return err;
}

static int reseal_person(struct resealing *r, const uint8_t id[ROSTER_ID_LEN])
{
    int err = registry_by_id(r->st->reg, id, &r->record);

    for (size_t n = 0; n < r->record.fingers && err == REGISTRY_OK; n++)
        err = reseal_finger(r, &r->record.finger[n]);
    for (size_t n = 0; n < r->record.credentials && err == REGISTRY_OK; n++)
        err = reseal_credential(r, &r->record.credential[n]);
    return err == REGISTRY_OK ? registry_batch_put(&r->batch, &r->record) : err;
}

static int reseal_people(struct resealing *r)
{
    const struct registry *reg = r->st->reg;
    int err = registry_batch_begin(r->st->reg, &r->batch);

    for (size_t n = 0; n < reg->entries && err == REGISTRY_OK; n++) {
        station_alive(n);
        err = reseal_person(r, reg->entry[n].id);
    }
    return err;
}

/* Inside of a transaction. */
static int reseal_rows(struct resealing *r, const uint8_t by[ROSTER_ID_LEN],
                       struct chain_event *event)
{
    struct station *st = r->st;
    int err = reseal_people(r);

    registry_by(st->reg, by);
    if (err == REGISTRY_OK && (err = registry_batch_issue(&r->batch, st->now)) == REGISTRY_OK &&
        (err = swap_mark(st->reg)) == REGISTRY_OK)
        err = audit_append(st->audit, event, st->now);
    return err;
}

static int change_store(struct resealing *r, const uint8_t by[ROSTER_ID_LEN],
                        struct chain_event *event)
{
    struct station *st = r->st;
    int err = registry_begin(st->reg);

    if (err == REGISTRY_OK && (err = reseal_rows(r, by, event)) == REGISTRY_OK &&
        (err = registry_commit(st->reg)) == REGISTRY_OK) {
        registry_settle(st->reg, &r->batch.change);
        audit_settle(st->audit);
    } else {
        registry_rollback(st->reg);
        registry_drop(&r->batch.change);
        audit_forget(st->audit);
        station_fail(st, err, "nothing was sealed anew: %s", registry_strerror(err));
    }
    registry_batch_end(&r->batch);
    return err;
}

static int write_zone(struct station *st, const struct station_zone *zone, const struct keys *fresh)
{
    uint8_t file[ZONE_FILE_MAX];
    char name[ROSTER_TEXT_MAX + 16];
    size_t len = 0;

    if (!zone_file_seal(zone, fresh->seal, file, sizeof(file), &len))
        return station_fail(st, REGISTRY_FAILED, "the keys of zone %s could not be sealed",
                            zone->name);
    snprintf(name, sizeof(name), "zones/%s.key", zone->name);
    return swap_put(st->state, name, file, len, st->why, sizeof(st->why));
}

struct all_zones {
    struct station_zone zone[STATION_ZONES];
};

static int load_zones(struct station *st, struct all_zones *all, size_t *count)
{
    struct station_zone *const each[STATION_ZONES] = {&all->zone[0], &all->zone[1], &all->zone[2]};

    return zone_load_all(st, each, count);
}

static int write_zones(struct station *st, const struct keys *fresh)
{
    struct all_zones *all = calloc(1, sizeof(*all));
    size_t count = 0;
    int err;

    if (all == NULL)
        return station_fail(st, REGISTRY_FAILED, "out of memory");
    err = load_zones(st, all, &count);
    for (size_t n = 0; n < count && err == REGISTRY_OK; n++)
        err = write_zone(st, &all->zone[n], fresh);
    wire_wipe(all, sizeof(*all));
    free(all);
    return err;
}

static int write_files(struct station *st, const struct keys *fresh)
{
    int err;

    if ((err = station_swap_begin(st)) != REGISTRY_OK ||
        (err = swap_put(st->state, "seal.key", fresh->seal, sizeof(fresh->seal), st->why,
                        sizeof(st->why))) != REGISTRY_OK)
        return err;
    return write_zones(st, fresh);
}

static int make_key(struct station *st, struct keys *fresh)
{
    if (keys_seal_is_credential())
        return station_fail(st, REGISTRY_REFUSED, "the seal key is a systemd credential");
    *fresh = *st->keys;
    if (crypto_random(fresh->seal, sizeof(fresh->seal)) != CRYPTO_OK)
        return station_fail(st, REGISTRY_FAILED, "no random numbers");
    memcpy(fresh->roster_seal, fresh->seal, sizeof(fresh->roster_seal));
    return REGISTRY_OK;
}

int reseal_store(struct station *st, const uint8_t by[ROSTER_ID_LEN], struct chain_event *event,
                 struct keys *fresh)
{
    struct resealing *r;
    int err;

    if ((err = make_key(st, fresh)) != REGISTRY_OK || (err = write_files(st, fresh)) != REGISTRY_OK)
        return err;
    r = calloc(1, sizeof(*r));
    if (r == NULL)
        return station_fail(st, REGISTRY_FAILED, "out of memory");
    r->st = st;
    r->old = st->reg->keys;
    r->fresh = fresh;
    err = change_store(r, by, event);
    wire_wipe(r, sizeof(*r));
    free(r);
    return err;
}
