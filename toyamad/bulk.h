/* SPDX-License-Identifier: Apache-2.0
 *
 * Several people changed by one call: one transaction, one issue, an event for each. Nothing of it
 * is there until bulk_commit, and then all.
 */
#ifndef TOYAMA_TOYAMAD_BULK_H
#define TOYAMA_TOYAMAD_BULK_H

#include "toyamad/registry/batch.h"
#include "toyamad/task.h"

#define BULK_MAX        256 /* people of one transaction: others must not wait long for the store */
#define BULK_EVENTS_MAX ((size_t)2 * BULK_MAX)

struct bulk {
    struct task *task;
    struct registry_batch batch;
    struct bulk_one *one; /* owned */
    size_t count;
    bool open;
};

/* Begins the transaction. False: the call was ended. */
bool bulk_begin(struct bulk *b, struct task *t);
/* The person as he becomes, each at most once, and what is recorded about it (NULL: nothing).
 * False: everything was taken back and the call was ended. */
bool bulk_put(struct bulk *b, const struct roster_record *r, const struct chain_event *event);
/* One more event of the same transaction. */
bool bulk_note(struct bulk *b, const struct chain_event *event);
/* What a row beside the records needs: registry_rollback and the end of the call, unless `err` is
 * REGISTRY_OK. */
bool bulk_check(struct bulk *b, int err);
/* All is written. False: nothing is, and the call was ended. bulk_event then tells what was
 * recorded. */
bool bulk_commit(struct bulk *b);
const struct chain_event *bulk_event(const struct bulk *b, size_t n);
const struct roster_record *bulk_record(const struct bulk *b, size_t n);
/* Takes back what was not committed, and frees. */
void bulk_end(struct bulk *b);

#endif
