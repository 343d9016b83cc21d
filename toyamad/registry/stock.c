/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/stock.h"

#include "toyamad/registry/store.h"

#include <string.h>

int registry_stock_add(struct registry *reg, const char *label, int64_t now)
{
    struct store_query q =
        store_prepare(reg, "INSERT INTO stock(label, state, since) VALUES(?,?,?)");
    int err;

    store_bind_text(&q, 1, label);
    store_bind_int(&q, 2, STOCK_IN);
    store_bind_int(&q, 3, now);
    err = store_done(&q);
    if (err == REGISTRY_STORE && (sqlite3_extended_errcode(reg->db) & 0xFF) == SQLITE_CONSTRAINT)
        return REGISTRY_EXISTS;
    return err;
}

static bool take_row(struct store_query *q, struct stock_card *out)
{
    const char *label = (const char *)sqlite3_column_text(q->stmt, 0);
    int64_t state = store_int(q, 1);

    *out = (struct stock_card){.since = store_int(q, 2)};
    if (label == NULL || strlen(label) >= sizeof(out->label) || state < STOCK_IN ||
        state >= STOCK_STATES)
        return false;
    memcpy(out->label, label, strlen(label) + 1);
    out->state = (enum stock_state)state;
    return true;
}

int registry_stock_get(struct registry *reg, const char *label, struct stock_card *out)
{
    struct store_query q =
        store_prepare(reg, "SELECT label, state, since FROM stock WHERE label=?");
    int err = REGISTRY_NONE;

    store_bind_text(&q, 1, label);
    if (store_row(&q))
        err = take_row(&q, out) ? REGISTRY_OK : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int registry_stock_set(struct registry *reg, const char *label, enum stock_state state, int64_t now)
{
    struct store_query q =
        store_prepare(reg, "UPDATE stock SET state=?, since=? WHERE label=? AND state<>?");

    store_bind_int(&q, 1, state);
    store_bind_int(&q, 2, now);
    store_bind_text(&q, 3, label);
    store_bind_int(&q, 4, state);
    return store_done(&q);
}

int registry_stock_each(struct registry *reg, bool (*each)(void *ctx, const struct stock_card *c),
                        void *ctx)
{
    struct store_query q =
        store_prepare(reg, "SELECT label, state, since FROM stock ORDER BY label");
    struct stock_card card;
    int err = REGISTRY_OK;

    while (err == REGISTRY_OK && store_row(&q)) {
        if (!take_row(&q, &card))
            err = REGISTRY_ALTERED;
        else if (!each(ctx, &card))
            break;
    }
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

const char *registry_stock_name(enum stock_state state)
{
    static const char *const names[STOCK_STATES] = {"", "in-stock", "lent", "returned",
                                                    "destroyed"};

    return (size_t)state < STOCK_STATES ? names[state] : "unknown";
}
