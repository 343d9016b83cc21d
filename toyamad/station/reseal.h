/* SPDX-License-Identifier: Apache-2.0
 *
 * Another seal key: everything at rest is opened with the old one and sealed with the new one, at a
 * station and at a stand-alone host. The store changes in one transaction; the files follow it.
 */
#ifndef TOYAMA_TOYAMAD_STATION_RESEAL_H
#define TOYAMA_TOYAMAD_STATION_RESEAL_H

#include "toyamad/station/station.h"

/* Makes a new key and seals everything with it. `fresh` gets the keys as they are then: on
 * REGISTRY_OK the store holds to them already, and swap_finish (swap.h) must follow.
 * REGISTRY_REFUSED: the key is a systemd credential, which is not ours to change. The caller wipes.
 */
int reseal_store(struct station *st, const uint8_t by[ROSTER_ID_LEN], struct chain_event *event,
                 struct keys *fresh);

#endif
