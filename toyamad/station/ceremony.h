/* SPDX-License-Identifier: Apache-2.0
 *
 * The beginning of a station: the first officers, and the keys of the zones, whose first issues
 * these officers approve.
 */
#ifndef TOYAMA_TOYAMAD_STATION_CEREMONY_H
#define TOYAMA_TOYAMAD_STATION_CEREMONY_H

#include "toyamad/station/plan.h"

/* Whether no zone has an issue yet. An unreadable store has some. */
bool ceremony_open(struct registry *reg);
/* Makes the officers of the register those of this host, and keys for `zones` (ROSTER_* bits), with
 * the event, anew each time until an issue is approved. REGISTRY_NONE: there is not one registrar
 * and, another person, one approver with a proven key. */
int ceremony_begin(struct station *st, uint8_t zones, struct chain_event *event);

#endif
