/* SPDX-License-Identifier: Apache-2.0
 *
 * The content of a roster file, before it is sealed. Inside toyamad/station only.
 */
#ifndef TOYAMA_TOYAMAD_STATION_PAYLOAD_H
#define TOYAMA_TOYAMAD_STATION_PAYLOAD_H

#include "toyamad/station/export.h"
#include "toyamad/station/zone.h"

/* Writes the payload of the zone's newest issue to `fd` from where it stands and counts into `out`.
 * REGISTRY_ALTERED where the rows are not what was signed; what `fd` got is worth nothing then. */
int payload_write(struct station *st, const struct station_zone *zone, uint64_t base, int fd,
                  struct station_exported *out);

#endif
