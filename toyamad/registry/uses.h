/* SPDX-License-Identifier: Apache-2.0
 *
 * On which day people last logged in at other hosts, as the zone's database told it: for the rule
 * about unused cards and nothing else. Nobody signed it; it decides over no login.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_USES_H
#define TOYAMA_TOYAMAD_REGISTRY_USES_H

#include "toyamad/registry/registry.h"

/* registry_meta_get: when other hosts were last heard of, seconds since 1970 UTC. */
#define REGISTRY_USES_TOLD "uses_told"

/* 0: never, as far as is known; else the day since 1970 UTC. */
int registry_use_get(struct registry *reg, const uint8_t person[ROSTER_ID_LEN], int64_t *day);
/* Inside of a transaction: a later day takes the place of an earlier one, not the other way. */
int registry_use_raise(struct registry *reg, const uint8_t person[ROSTER_ID_LEN], int64_t day);
/* Inside of a transaction: of people who are here no more. */
int registry_uses_prune(struct registry *reg);

#endif
