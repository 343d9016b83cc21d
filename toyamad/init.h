/* SPDX-License-Identifier: Apache-2.0
 *
 * The first start of a host: keys and an empty, signed registry. Refuses existing state.
 */
#ifndef TOYAMA_TOYAMAD_INIT_H
#define TOYAMA_TOYAMAD_INIT_H

/* A sysexits.h code; says what it made or why not. `join`: the join file of a host that takes its
 * people from elsewhere, else NULL. */
int init_host(const char *config_path, const char *join);

#endif
