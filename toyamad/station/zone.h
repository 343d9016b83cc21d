/* SPDX-License-Identifier: Apache-2.0
 *
 * A zone that the station serves: its keys, and how far its chain of issues has come. The keys lie
 * in zones/ZONE.key, sealed with the station's seal key.
 */
#ifndef TOYAMA_TOYAMAD_STATION_ZONE_H
#define TOYAMA_TOYAMAD_STATION_ZONE_H

#include "core/crypto/cms.h"
#include "core/roster/rekey.h"
#include "toyamad/station/station.h"

struct station_helpdesk {
    char host[ROSTER_TEXT_MAX];
    uint8_t key[CRYPTO_SHA256_LEN]; /* hash of its SubjectPublicKeyInfo */
};

struct station_zone {
    char name[ROSTER_TEXT_MAX];
    uint8_t bit;                 /* ROSTER_* */
    uint8_t key[KEYS_PKCS8_MAX]; /* opens the zone's roster files */
    size_t key_len;
    uint8_t cert[CMS_CERT_MAX];
    size_t cert_len;
    uint8_t seal[CRYPTO_KEY_LEN]; /* seals templates and secrets for the zone */
    /* Where the zone changes its keys (docs/architecture.md). */
    struct roster_rekey next;   /* from the next issue on; key_len 0: none */
    bool carried;               /* the issue hands the next ones over, sealed with `seal` */
    struct roster_rekey old;    /* what files are still sealed for; key_len 0: the present ones */
    struct roster_trust anchor; /* before the first issue */
    size_t helpdesks;           /* hosts that are to speak for the zone; the issue says who does */
    struct station_helpdesk helpdesk[ROSTER_HELPDESKS];
    /* Not in the file: */
    struct roster_trust trust; /* behind the newest issue */
    bool handed;               /* an issue has handed over keys, */
    bool alone;                /* and the last one that did says that there are no others */
};

/* Makes the keys of a zone and the beginning of its chain. The file is not yet there. */
int zone_make(struct station *st, const char *name, const struct roster_officer *officers,
              size_t count, struct station_zone *out);
/* Writes the file of a new zone. REGISTRY_EXISTS. */
int zone_create(struct station *st, const struct station_zone *zone);
/* Puts it in the place of the one that is there, in one step. */
int zone_replace(struct station *st, const struct station_zone *zone);
/* Beside the one that is there, or will be: swap_mark and swap_finish (swap.h) must follow. */
int zone_put(struct station *st, const struct station_zone *zone);
/* Makes the next keys. `carried`: the zone's hosts follow by the issue; else each joins again.
 * REGISTRY_EXISTS: a change has begun already and is not ended. */
int zone_rekey(struct station *st, struct station_zone *zone, bool carried);
/* Files are sealed for the present keys only, and the next issue says so. REGISTRY_NONE: no change
 * is under way, or its issue is not approved yet. */
int zone_rekey_end(struct station *st, struct station_zone *zone);
/* After an approval: puts into the file which keys are in use since. What zone_load finds does not
 * depend on it. */
int zone_settle(struct station *st, const char *name);
void zone_present_keys(const struct station_zone *zone, struct roster_rekey *out);
/* The next issue is to say that a change of keys has ended. */
bool zone_tells_end(const struct station_zone *zone);
/* What templates and secrets of the next issue are sealed with. */
const uint8_t *zone_next_seal(const struct station_zone *zone);
/* Reads the file and walks the whole chain of the zone's issues. REGISTRY_NONE: no such zone;
 * REGISTRY_ALTERED: file or chain. The caller wipes. */
int zone_load(struct station *st, const char *name, struct station_zone *out);
void zone_wipe(struct station_zone *zone);
bool zone_exists(struct station *st, const char *name);
/* The zones that exist, in the order of their bits; REGISTRY_ALTERED where one does not load. The
 * caller wipes each. */
int zone_load_all(struct station *st, struct station_zone *const out[STATION_ZONES], size_t *count);

#endif
