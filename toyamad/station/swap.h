/* SPDX-License-Identifier: Apache-2.0
 *
 * Files of keys that change together with the store. The new one stands beside the one in use
 * (NAME.next) before the store changes, and takes its place behind the commit that says so, at the
 * next start if not now. Whoever dies between has the old files and the old store, or both new.
 */
#ifndef TOYAMA_TOYAMAD_STATION_SWAP_H
#define TOYAMA_TOYAMAD_STATION_SWAP_H

#include "toyamad/registry/registry.h"

/* Before anything is put: ends what is committed, takes away what is not. Also at the start, before
 * anything sealed is opened. `changed`: keys that were loaded before must be loaded again. */
int swap_begin(struct registry *reg, const char *state, bool *changed, char *why, size_t whycap);
/* `name` inside of `state`: authority.key.next, zones/ZONE.key, seal.key. */
int swap_put(const char *state, const char *name, const void *data, size_t len, char *why,
             size_t whycap);
/* Inside of the transaction: with its commit, what was put counts. */
int swap_mark(struct registry *reg);
/* Behind it: puts the files in their places. */
int swap_finish(struct registry *reg, const char *state, char *why, size_t whycap);

#endif
