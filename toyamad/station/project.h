/* SPDX-License-Identifier: Apache-2.0
 *
 * What a zone may know of one person. Inside toyamad/station only.
 */
#ifndef TOYAMA_TOYAMAD_STATION_PROJECT_H
#define TOYAMA_TOYAMAD_STATION_PROJECT_H

#include "toyamad/station/zone.h"

struct projected {
    struct roster_record record;
    bool fresh_finger[ROSTER_FINGERS]; /* to be sealed for the zone: new there */
    bool fresh_key[ROSTER_CREDENTIALS][ROSTER_KEYS];
};

/* The zone's copy of `master` as of st->now, minimised: core/roster and, besides, no shared key
 * that was not made for exactly this zone. What is sealed in the zone's newest issue already
 * (`old`, may be NULL) and has the same content there keeps its sealed hash; the rest is marked
 * fresh and still bears the master's. REGISTRY_NONE: the zone knows nothing of him. */
int project_person(struct station *st, const struct station_zone *zone,
                   const struct roster_record *master, const struct roster_record *old,
                   struct projected *out);

/* Marks all that is sealed as fresh: another key comes. False: there is nothing. */
bool project_renew(struct projected *p);
/* Seals what is fresh for the zone, puts it on the stage and its hashes into the record; names what
 * stays. */
int project_seal(struct station *st, const struct station_zone *zone,
                 const struct roster_record *master, struct projected *p);

#endif
