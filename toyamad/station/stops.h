/* SPDX-License-Identifier: Apache-2.0
 *
 * Stop codes (core/roster/stop.h): every card and security key that the station enrols gets a slot
 * and a secret. The record bears the slow hash; the secret stays here, sealed, until somebody loses
 * the card and the code is read out to the other zones.
 */
#ifndef TOYAMA_TOYAMAD_STATION_STOPS_H
#define TOYAMA_TOYAMAD_STATION_STOPS_H

#include "core/roster/stop.h"
#include "toyamad/station/station.h"

/* Inside of a transaction, before the record is stored: codes for what has none. About 50 ms for
 * each. */
int stops_assign(struct station *st, struct roster_record *r);
/* Inside of a transaction: the code of `c`, where it has one, is sealed with `fresh`. */
int stops_reseal(struct station *st, const struct roster_credential *c, const struct keys *fresh);
/* REGISTRY_NONE where the credential has no code. The caller wipes `text`. */
int stops_code(struct station *st, const struct roster_credential *c, char text[STOP_TEXT_CAP]);

#endif
