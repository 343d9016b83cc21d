/* SPDX-License-Identifier: Apache-2.0
 *
 * Joining: what one terminal needs to belong to a zone, and the keys of hosts that speak for it.
 */
#ifndef TOYAMA_TOYAMAD_STATION_HELPDESK_H
#define TOYAMA_TOYAMAD_STATION_HELPDESK_H

#include "core/roster/join.h"
#include "toyamad/station/zone.h"

#define JOINING_LIFE 86400 /* seconds that a join file is good for */

struct joining {
    char code[CODE_TEXT_CAP]; /* shown once */
    int64_t expires;
    uint8_t file[JOIN_FILE_MAX];
    size_t len;
};

/* The join file of one host. With `helpdesk` it holds a new key, whose hash takes its place in
 * `zone` (instead of an older one of the same host); the zone's file is not written here. The
 * caller wipes. REGISTRY_LIMIT: no place for one more helpdesk. */
int joining_make(struct station *st, struct station_zone *zone, const char *host, bool helpdesk,
                 struct joining *out);
/* Takes a host out of the list. REGISTRY_NONE. */
int helpdesk_remove(struct station *st, struct station_zone *zone, const char *host);

#endif
