/* SPDX-License-Identifier: Apache-2.0
 *
 * One event for each attempt, refusal, change and view, chained from the first (core/chain). Events
 * live in the registry's store, so that an event and the counters that it explains are one commit
 * and one sync.
 */
#ifndef TOYAMA_TOYAMAD_AUDIT_AUDIT_H
#define TOYAMA_TOYAMAD_AUDIT_AUDIT_H

#include "core/chain/chain.h"
#include "toyamad/registry/registry.h"

struct audit {
    struct registry *reg;
    struct chain_walk head;    /* the last committed event */
    struct chain_walk pending; /* what the head becomes with the commit */
};

/* Loads the head and checks that the last event fits its predecessor. */
int audit_open(struct audit *audit, struct registry *reg);
/* Inside of a registry transaction: numbers, times (never before the last event; `now` is then told
 * as `clock`) and links. */
int audit_append(struct audit *audit, struct chain_event *event, int64_t now);
/* After the commit; after a rollback audit_forget. */
void audit_settle(struct audit *audit);
void audit_forget(struct audit *audit);
/* Transaction, append, commit, settle: for an event that stands alone. */
int audit_write(struct audit *audit, struct chain_event *event, int64_t now);
/* The same with the person's counters, which the event explains: both or neither. */
int audit_write_counted(struct audit *audit, struct chain_event *event, int64_t now,
                        const uint8_t person[ROSTER_ID_LEN], const struct counter *tally);
/* Walks the whole chain; `broken_at` gets the sequence number of the first fault. */
int audit_verify(struct audit *audit, uint64_t *events, uint64_t *broken_at);
/* The newest `last` events, oldest first, until `each` returns false. */
int audit_each(struct audit *audit, uint64_t last,
               bool (*each)(void *ctx, const struct chain_event *e), void *ctx);

#endif
