/* SPDX-License-Identifier: Apache-2.0
 *
 * Who is to hold an office, by what the register says. Inside toyamad/station only.
 */
#ifndef TOYAMA_TOYAMAD_STATION_OFFICERS_H
#define TOYAMA_TOYAMAD_STATION_OFFICERS_H

#include "toyamad/station/plan.h"

/* Fills officers and offices of the plan. An office needs a person who is active and within his
 * term as of st->now; an approver's, besides, an active card whose key 9C was proven. `before`: the
 * issue whose officers hold now; may be NULL. */
int officers_collect(struct station *st, const struct roster_issue *before,
                     struct station_plan *plan);
/* SHA-256 of the key 9C of the person's active card; false where he has none. */
bool officers_key(const struct roster_record *r, int64_t now, uint8_t out[CRYPTO_SHA256_LEN]);

#endif
