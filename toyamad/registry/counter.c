/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/store.h"

#include <stdio.h>

static int take_counter(struct store_query *q, struct counter *out)
{
    const unsigned char *place = sqlite3_column_text(q->stmt, 4);
    int64_t failures = store_int(q, 0), misses = store_int(q, 2);

    if (failures < 0 || failures > UINT32_MAX || misses < 0 || misses > UINT32_MAX)
        return REGISTRY_ALTERED;
    out->failures = (uint32_t)failures;
    out->until = store_int(q, 1);
    out->misses = (uint32_t)misses;
    out->last_login = store_int(q, 3);
    snprintf(out->last_place, sizeof(out->last_place), "%s",
             place != NULL ? (const char *)place : "");
    return REGISTRY_OK;
}

int registry_counter_get(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                         struct counter *out)
{
    struct store_query q =
        store_prepare(reg, "SELECT failures, until, misses, last_login, last_place FROM counter"
                           " WHERE person=?");
    int err = REGISTRY_OK;

    *out = (struct counter){0};
    store_bind_blob(&q, 1, person, ROSTER_ID_LEN);
    if (store_row(&q))
        err = take_counter(&q, out);
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int registry_counter_put(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                         const struct counter *c)
{
    struct store_query q =
        store_prepare(reg, "INSERT OR REPLACE INTO counter(person, failures, until, misses,"
                           " last_login, last_place) VALUES(?,?,?,?,?,?)");

    store_bind_blob(&q, 1, person, ROSTER_ID_LEN);
    store_bind_int(&q, 2, c->failures);
    store_bind_int(&q, 3, c->until);
    store_bind_int(&q, 4, c->misses);
    store_bind_int(&q, 5, c->last_login);
    store_bind_text(&q, 6, c->last_place);
    return store_done(&q);
}

int registry_meta_get(struct registry *reg, const char *name, int64_t *out)
{
    struct store_query q = store_prepare(reg, "SELECT value FROM meta WHERE name=?");
    int err = REGISTRY_NONE;

    store_bind_text(&q, 1, name);
    if (store_row(&q)) {
        *out = store_int(&q, 0);
        err = REGISTRY_OK;
    }
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int registry_meta_put(struct registry *reg, const char *name, int64_t value)
{
    struct store_query q =
        store_prepare(reg, "INSERT OR REPLACE INTO meta(name, value) VALUES(?,?)");

    store_bind_text(&q, 1, name);
    store_bind_int(&q, 2, value);
    return store_done(&q);
}
