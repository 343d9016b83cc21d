/* SPDX-License-Identifier: Apache-2.0
 *
 * Many people changed as one: one transaction, one issue. Each of them at most once.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_BATCH_H
#define TOYAMA_TOYAMAD_REGISTRY_BATCH_H

#include "toyamad/registry/index.h"

struct registry_batch {
    struct registry *reg;
    struct index index;
    struct store_query put, taken;
    size_t cap;
    struct registry_change change; /* for registry_settle behind the commit */
};

/* Inside of a transaction that the caller opened. To be ended in any case. */
int registry_batch_begin(struct registry *reg, struct registry_batch *b);
/* A new record, or one in the place of what the store had when the batch began. REGISTRY_EXISTS: a
 * number, card or key is somebody else's. Reading a person whom the batch changed already gives
 * REGISTRY_ALTERED. */
int registry_batch_put(struct registry_batch *b, const struct roster_record *r);
/* Whether somebody else has this login now. */
int registry_batch_login(struct registry_batch *b, const char *login,
                         const uint8_t person[ROSTER_ID_LEN], bool *taken);
/* Signs and stores the issue over all of it. */
int registry_batch_issue(struct registry_batch *b, int64_t now);
/* Frees what belongs to the batch; `change` stays for settle or drop. */
void registry_batch_end(struct registry_batch *b);

#endif
