/* SPDX-License-Identifier: Apache-2.0
 *
 * After a restore the zones may have newer issues than the station remembers. Issues that it made
 * now would be a second history, which no terminal takes: it makes and writes none before somebody
 * looked at a terminal of each zone.
 */
#ifndef TOYAMA_TOYAMAD_STATION_RESUME_H
#define TOYAMA_TOYAMAD_STATION_RESUME_H

#include "toyamad/station/zone.h"

/* Every zone that has its keys in `state` waits. */
int resume_mark(struct registry *reg, const char *state);
bool resume_waits(struct registry *reg, const char *zone);
/* `number` is what a terminal of the zone shows. Inside of a transaction: the zone does not wait
 * any more. REGISTRY_REFUSED where the terminals are ahead: the station has to take over their
 * issues first (adopt.h). */
int resume_zone(struct station *st, const struct station_zone *zone, uint64_t number);

#endif
