/* SPDX-License-Identifier: Apache-2.0
 *
 * After a restore from an older backup: the station takes over, from the newest roster file of a
 * zone, the issues that it made itself and forgot. Every one is verified as a terminal does. The
 * register stays as it is: the next preview shows what has to be done again.
 */
#ifndef TOYAMA_TOYAMAD_STATION_ADOPT_H
#define TOYAMA_TOYAMAD_STATION_ADOPT_H

#include "toyamad/station/zone.h"

struct adopted {
    uint64_t from, to; /* numbers of issues */
    uint64_t people;
};

/* `by`: the operator. Opens, judges and installs the file, with the event, in one transaction.
 * REGISTRY_REFUSED: not a file of this zone's history that is newer than the newest issue here. */
int adopt_file(struct station *st, const struct station_zone *zone, int fd,
               const uint8_t by[ROSTER_ID_LEN], struct chain_event *event, struct adopted *out);

#endif
