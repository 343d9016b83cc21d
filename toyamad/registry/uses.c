/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/uses.h"

#include "toyamad/registry/store.h"

int registry_use_get(struct registry *reg, const uint8_t person[ROSTER_ID_LEN], int64_t *day)
{
    struct store_query q = store_prepare(reg, "SELECT day FROM elsewhere WHERE person=?");

    *day = 0;
    store_bind_blob(&q, 1, person, ROSTER_ID_LEN);
    if (store_row(&q))
        *day = store_int(&q, 0);
    store_finalize(&q);
    return q.err;
}

int registry_use_raise(struct registry *reg, const uint8_t person[ROSTER_ID_LEN], int64_t day)
{
    struct store_query q =
        store_prepare(reg, "INSERT INTO elsewhere(person, day) VALUES(?,?) ON CONFLICT(person)"
                           " DO UPDATE SET day=excluded.day WHERE day<excluded.day");

    store_bind_blob(&q, 1, person, ROSTER_ID_LEN);
    store_bind_int(&q, 2, day);
    return store_done(&q);
}

int registry_uses_prune(struct registry *reg)
{
    return store_exec(reg->db, "DELETE FROM elsewhere WHERE person NOT IN (SELECT id FROM person)");
}
