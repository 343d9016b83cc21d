/* SPDX-License-Identifier: Apache-2.0
 *
 * A shared key or a memorised secret lives in exactly one zone: at a station the operator names it,
 * unless there is only one that it can be.
 */
#ifndef TOYAMA_TOYAMAD_LONE_ZONE_H
#define TOYAMA_TOYAMAD_LONE_ZONE_H

#include "toyamad/task.h"

/* Into t->credential.zones, where "zones" of the call is taken already; elsewhere than at a station
 * it stays as it is. t->person is there. False: the call was ended. */
bool lone_zone_choose(struct task *t);

#endif
