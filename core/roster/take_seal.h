/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of roster_take: the templates and shared keys that records name, and those that came.
 */
#ifndef TOYAMA_CORE_ROSTER_TAKE_SEAL_H
#define TOYAMA_CORE_ROSTER_TAKE_SEAL_H

#include "core/roster/take.h"

int take_seal_add(struct roster_take *take, const struct roster_take_seal *seal);
/* All that `r` names; what `before` (may be NULL) names alike is there already. */
int take_seals_of(struct roster_take *take, const struct roster_record *r,
                  const struct roster_record *before);
/* Orders them and finds each in the payload. ROSTER_SEALED where one is missing, left over, there
 * twice or not the one that the record names. */
int take_seals_match(struct roster_take *take, const struct roster_payload *payload);

#endif
