/* SPDX-License-Identifier: Apache-2.0
 *
 * The enrolment station: it holds the master records of everybody, in a registry like any other
 * host's, and makes from them what each zone may know. Per zone it keeps keys of its own and the
 * newest approved issue with its records, templates and secrets, sealed for that zone. This room
 * compares, makes the next issues, has them signed, and writes what is carried to the zones. The
 * verbs of admin.sock call it (toyamad/verb_*.c); it knows no sockets, no cards and no people who
 * wait. Nothing here runs on hosts of another kind.
 *
 * Calls return an enum registry_err; `why` gets an English sentence where they fail.
 */
#ifndef TOYAMA_TOYAMAD_STATION_STATION_H
#define TOYAMA_TOYAMAD_STATION_STATION_H

#include "toyamad/audit/audit.h"
#include "toyamad/keys.h"
#include "toyamad/registry/registry.h"

#include <limits.h>

struct station {
    struct registry *reg;
    struct audit *audit;
    const struct keys *keys;
    const char *state;    /* folder of the host's keys */
    uint8_t finger_zones; /* ROSTER_* bits of the zones that get templates */
    int64_t now;          /* seconds since 1970 UTC */
    char why[256];
};

#define STATION_ZONES 3

/* Keeps the sentence and returns `err`. */
int station_fail(struct station *st, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Before keys change in files (swap.h). REGISTRY_FAILED: an earlier change got into its place only
 * now, and what was read before is not what is there. */
int station_swap_begin(struct station *st);
/* Long walks call this now and then, so that the service's watchdog sees that we live. */
void station_alive(uint64_t count);

#endif
