/* SPDX-License-Identifier: Apache-2.0
 *
 * Walks over everybody's fingers in many small steps, while the records may change: when it comes
 * to the end, it goes once more over those that are new or changed since it began.
 */
#ifndef TOYAMA_TOYAMAD_SEARCH_WALK_H
#define TOYAMA_TOYAMAD_SEARCH_WALK_H

#include "toyamad/registry/registry.h"

#define SEARCH_WALKS_MAX 5

struct search_walk {
    struct registry *reg;
    struct roster_entry *seen; /* records as the walks before saw them, sorted by id */
    size_t seens;
    struct roster_entry *now; /* as they were when this walk began */
    size_t nows;
    uint64_t issue; /* that belongs to `now` */
    unsigned walks;
    bool begun;                   /* `after` holds the person before */
    uint8_t after[ROSTER_ID_LEN]; /* the last person */
    struct roster_record record;  /* of that person */
    size_t finger;                /* the next one */
};

/* False: no memory. */
bool search_walk_begin(struct search_walk *walk, struct registry *reg);
/* The next finger, which belongs to walk->record. REGISTRY_NONE behind the last one. */
int search_walk_next(struct search_walk *walk, const struct roster_finger **out);
/* After REGISTRY_NONE: REGISTRY_OK where a further walk is needed and begins now, REGISTRY_NONE
 * where all were seen as they are, REGISTRY_LIMIT where they never come to rest. */
int search_walk_again(struct search_walk *walk);
void search_walk_end(struct search_walk *walk);

#endif
