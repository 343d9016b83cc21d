/* SPDX-License-Identifier: Apache-2.0
 *
 * The cards that the city bought, by the label that is printed on them. Nothing here lets anybody
 * in: it is the count of the cupboard. Changes stand in the transaction of what they follow.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_STOCK_H
#define TOYAMA_TOYAMAD_REGISTRY_STOCK_H

#include "toyamad/registry/registry.h"

enum stock_state {
    STOCK_IN = 1, /* never lent */
    STOCK_LENT = 2,
    STOCK_RETURNED = 3,
    STOCK_DESTROYED = 4,
    STOCK_STATES = 5
};

struct stock_card {
    char label[ROSTER_TEXT_MAX];
    enum stock_state state;
    int64_t since; /* seconds since 1970 UTC */
};

/* REGISTRY_EXISTS where the label is known. */
int registry_stock_add(struct registry *reg, const char *label, int64_t now);
/* REGISTRY_NONE where the label is not known: a card that was never counted. */
int registry_stock_get(struct registry *reg, const char *label, struct stock_card *out);
/* Nothing happens to a label that is not known. */
int registry_stock_set(struct registry *reg, const char *label, enum stock_state state,
                       int64_t now);
/* Calls `each` in the order of labels until it returns false. */
int registry_stock_each(struct registry *reg, bool (*each)(void *ctx, const struct stock_card *c),
                        void *ctx);
const char *registry_stock_name(enum stock_state state); /* "in-stock", "lent" ... */

#endif
