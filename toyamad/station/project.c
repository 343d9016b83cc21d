/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/project.h"

#include "core/wire/wipe.h"
#include "toyamad/registry/zones.h"

#include <string.h>

#define AAD_MAX    512
#define SEALED_MAX (REGISTRY_SECRET_MAX + CRYPTO_SEAL_EXTRA)

/* Rule 12 of the design: a shared key lives in exactly one zone. */
static void drop_foreign_secrets(struct roster_record *r, uint8_t zone)
{
    size_t kept = 0;

    for (size_t n = 0; n < r->credentials; n++)
        if (!roster_family_shared(r->credential[n].family) || r->credential[n].zones == zone) {
            if (kept != n)
                r->credential[kept] = r->credential[n];
            kept++;
        }
    memset(r->credential + kept, 0, (r->credentials - kept) * sizeof(r->credential[0]));
    r->credentials = kept;
}

/* A template never changes under its id. */
static void keep_fingers(const struct roster_record *old, struct projected *p)
{
    for (size_t n = 0; n < p->record.fingers; n++) {
        struct roster_finger *f = &p->record.finger[n];
        p->fresh_finger[n] = true;
        for (size_t m = 0; old != NULL && m < old->fingers; m++)
            if (memcmp(f->id, old->finger[m].id, ROSTER_ID_LEN) == 0) {
                memcpy(f->sealed_hash, old->finger[m].sealed_hash, sizeof(f->sealed_hash));
                p->fresh_finger[n] = false;
            }
    }
}

static int open_zone_secret(struct station *st, const struct station_zone *zone,
                            const uint8_t *person, const struct roster_credential *c, uint8_t ref,
                            uint8_t secret[REGISTRY_SECRET_MAX], size_t *len,
                            uint8_t hash[CRYPTO_SHA256_LEN])
{
    uint8_t sealed[SEALED_MAX], aad[AAD_MAX];
    size_t sealedlen = 0, aadlen = 0;
    uint64_t changed = 0;
    int err = zones_secret_get(st->reg, zone->name, c->id, ref, sealed, sizeof(sealed), &sealedlen,
                               &changed);

    if (err != REGISTRY_OK)
        return err;
    if (roster_secret_aad(zone->name, person, c, ref, aad, sizeof(aad), &aadlen) != ROSTER_OK ||
        crypto_sha256(sealed, sealedlen, hash) != CRYPTO_OK)
        return REGISTRY_FAILED;
    return crypto_unseal(zone->seal, aad, aadlen, sealed, sealedlen, secret, REGISTRY_SECRET_MAX,
                         len) == CRYPTO_OK
               ? REGISTRY_OK
               : REGISTRY_ALTERED;
}

/* A secret may change under its credential: the zone's copy is opened and compared. One that does
 * not open is made anew. */
static int keep_key(struct station *st, const struct station_zone *zone, const uint8_t *person,
                    const struct roster_credential *c, struct roster_key *key, bool *fresh)
{
    uint8_t mine[REGISTRY_SECRET_MAX] = {0}, theirs[REGISTRY_SECRET_MAX] = {0};
    uint8_t hash[CRYPTO_SHA256_LEN];
    size_t minelen = 0, theirslen = 0;
    int err = registry_secret_get(st->reg, person, c, key, mine, sizeof(mine), &minelen);
    int there = err != REGISTRY_OK
                    ? err
                    : open_zone_secret(st, zone, person, c, key->ref, theirs, &theirslen, hash);

    *fresh = there != REGISTRY_OK || !crypto_equal(mine, minelen, theirs, theirslen);
    if (!*fresh)
        memcpy(key->spki, hash, sizeof(hash));
    wire_wipe(mine, sizeof(mine));
    wire_wipe(theirs, sizeof(theirs));
    if (err != REGISTRY_OK)
        return station_fail(st, err, "a shared key of the register does not open: %s",
                            registry_strerror(err));
    return there == REGISTRY_NONE || there == REGISTRY_ALTERED ? REGISTRY_OK : there;
}

static int keep_secrets(struct station *st, const struct station_zone *zone, struct projected *p)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < p->record.credentials && err == REGISTRY_OK; n++) {
        struct roster_credential *c = &p->record.credential[n];
        if (!roster_family_shared(c->family))
            continue;
        for (size_t k = 0; k < c->keys && err == REGISTRY_OK; k++)
            err = keep_key(st, zone, p->record.id, c, &c->key[k], &p->fresh_key[n][k]);
    }
    return err;
}

int project_person(struct station *st, const struct station_zone *zone,
                   const struct roster_record *master, const struct roster_record *old,
                   struct projected *out)
{
    struct roster_record now = *master;

    *out = (struct projected){0};
    roster_record_effective(&now, st->now);
    if (!roster_record_for_zone(&now, zone->bit, (st->finger_zones & zone->bit) != 0, &out->record))
        return REGISTRY_NONE;
    drop_foreign_secrets(&out->record, zone->bit);
    keep_fingers(old, out);
    return keep_secrets(st, zone, out);
}

static const struct roster_finger *master_finger(const struct roster_record *master,
                                                 const uint8_t id[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < master->fingers; n++)
        if (memcmp(master->finger[n].id, id, ROSTER_ID_LEN) == 0)
            return &master->finger[n];
    return NULL;
}

static int seal_finger(struct station *st, const struct station_zone *zone,
                       const struct roster_record *master, struct roster_finger *f)
{
    uint8_t template[REGISTRY_SEALED_MAX], sealed[REGISTRY_SEALED_MAX], aad[AAD_MAX];
    const struct roster_finger *from = master_finger(master, f->id);
    size_t len = 0, sealedlen = 0, aadlen = 0;
    int err = from == NULL ? REGISTRY_ALTERED
                           : registry_template_get(st->reg, master->id, from, template,
                                                   sizeof(template), &len);

    if (err != REGISTRY_OK)
        return station_fail(st, err, "a template of staff number %s does not open: %s",
                            master->number, registry_strerror(err));
    if (roster_template_aad(zone->name, master->id, f, aad, sizeof(aad), &aadlen) != ROSTER_OK ||
        crypto_seal(zone_next_seal(zone), aad, aadlen, template, len, sealed, sizeof(sealed),
                    &sealedlen) != CRYPTO_OK ||
        crypto_sha256(sealed, sealedlen, f->sealed_hash) != CRYPTO_OK)
        err = REGISTRY_FAILED;
    wire_wipe(template, sizeof(template));
    return err != REGISTRY_OK
               ? err
               : zones_stage_template(st->reg, zone->name, f->id, master->id, sealed, sealedlen);
}

/* What the zone's record says of a key may be the zone's own copy already. */
static const struct roster_key *master_key(const struct roster_record *master,
                                           const struct roster_credential *c, uint8_t ref)
{
    for (size_t n = 0; n < master->credentials; n++)
        for (size_t k = 0; k < master->credential[n].keys; k++)
            if (memcmp(master->credential[n].id, c->id, sizeof(c->id)) == 0 &&
                master->credential[n].key[k].ref == ref)
                return &master->credential[n].key[k];
    return NULL;
}

static int seal_key(struct station *st, const struct station_zone *zone,
                    const struct roster_record *master, const struct roster_credential *c,
                    struct roster_key *key)
{
    uint8_t secret[REGISTRY_SECRET_MAX] = {0}, sealed[SEALED_MAX], aad[AAD_MAX];
    const struct roster_key *from = master_key(master, c, key->ref);
    size_t len = 0, sealedlen = 0, aadlen = 0;
    int err = from == NULL
                  ? REGISTRY_ALTERED
                  : registry_secret_get(st->reg, master->id, c, from, secret, sizeof(secret), &len);

    if (err == REGISTRY_OK && (roster_secret_aad(zone->name, master->id, c, key->ref, aad,
                                                 sizeof(aad), &aadlen) != ROSTER_OK ||
                               crypto_seal(zone_next_seal(zone), aad, aadlen, secret, len, sealed,
                                           sizeof(sealed), &sealedlen) != CRYPTO_OK ||
                               crypto_sha256(sealed, sealedlen, key->spki) != CRYPTO_OK))
        err = REGISTRY_FAILED;
    wire_wipe(secret, sizeof(secret));
    return err != REGISTRY_OK ? err
                              : zones_stage_secret(st->reg, zone->name, c->id, key->ref, master->id,
                                                   sealed, sealedlen);
}

static int seal_fingers(struct station *st, const struct station_zone *zone,
                        const struct roster_record *master, struct projected *p)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < p->record.fingers && err == REGISTRY_OK; n++) {
        struct roster_finger *f = &p->record.finger[n];
        err = p->fresh_finger[n]
                  ? seal_finger(st, zone, master, f)
                  : zones_stage_template(st->reg, zone->name, f->id, master->id, NULL, 0);
    }
    return err;
}

static int seal_keys(struct station *st, const struct station_zone *zone,
                     const struct roster_record *master, struct projected *p)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < p->record.credentials; n++) {
        struct roster_credential *c = &p->record.credential[n];
        if (!roster_family_shared(c->family))
            continue;
        for (size_t k = 0; k < c->keys && err == REGISTRY_OK; k++)
            err = p->fresh_key[n][k] ? seal_key(st, zone, master, c, &c->key[k])
                                     : zones_stage_secret(st->reg, zone->name, c->id, c->key[k].ref,
                                                          master->id, NULL, 0);
    }
    return err;
}

bool project_renew(struct projected *p)
{
    const struct roster_record *r = &p->record;
    bool any = r->fingers > 0;

    for (size_t n = 0; n < r->fingers; n++)
        p->fresh_finger[n] = true;
    for (size_t n = 0; n < r->credentials; n++)
        for (size_t k = 0;
             roster_family_shared(r->credential[n].family) && k < r->credential[n].keys; k++)
            any = p->fresh_key[n][k] = true;
    return any;
}

int project_seal(struct station *st, const struct station_zone *zone,
                 const struct roster_record *master, struct projected *p)
{
    int err = seal_fingers(st, zone, master, p);

    return err != REGISTRY_OK ? err : seal_keys(st, zone, master, p);
}
