/* SPDX-License-Identifier: Apache-2.0
 *
 * The first start of a host: keys and an empty, signed registry. Refuses existing state.
 */
#ifndef TOYAMA_TOYAMAD_INIT_H
#define TOYAMA_TOYAMAD_INIT_H

/* What the host begins with, beside its config; both NULL: with nothing. */
struct init_from {
    const char *join;    /* the join file of a host that takes its people from elsewhere */
    const char *restore; /* a backup */
};

/* A sysexits.h code; says what it made or why not. */
int init_host(const char *config_path, const struct init_from *from);

#endif
