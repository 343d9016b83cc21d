/* SPDX-License-Identifier: Apache-2.0
 *
 * The next issue of a zone while it is made.
 */
#include "toyamad/registry/zones.h"

#include "toyamad/registry/store.h"

int zones_stage_clear(struct registry *reg)
{
    return store_exec(reg->db, "DELETE FROM stage_record; DELETE FROM stage_template;"
                               "DELETE FROM stage_secret;");
}

/* NULL where there is nothing: STRICT tables tell it from an empty blob. */
static void bind_some(struct store_query *q, int at, const void *p, size_t len)
{
    if (len > 0)
        store_bind_blob(q, at, p, len);
}

int zones_stage_record(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                       const void *der, size_t len)
{
    struct store_query q =
        store_prepare(reg, "INSERT INTO stage_record(zone, id, record) VALUES(?,?,?)");

    store_bind_text(&q, 1, zone);
    store_bind_blob(&q, 2, id, ROSTER_ID_LEN);
    bind_some(&q, 3, der, len);
    return store_done(&q);
}

int zones_stage_template(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                         const uint8_t person[ROSTER_ID_LEN], const void *sealed, size_t len)
{
    struct store_query q =
        store_prepare(reg, "INSERT INTO stage_template(zone, id, person, sealed) VALUES(?,?,?,?)");

    store_bind_text(&q, 1, zone);
    store_bind_blob(&q, 2, id, ROSTER_ID_LEN);
    store_bind_blob(&q, 3, person, ROSTER_ID_LEN);
    bind_some(&q, 4, sealed, len);
    return store_done(&q);
}

int zones_stage_secret(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                       uint8_t ref, const uint8_t person[ROSTER_ID_LEN], const void *sealed,
                       size_t len)
{
    struct store_query q = store_prepare(
        reg, "INSERT INTO stage_secret(zone, id, ref, person, sealed) VALUES(?,?,?,?,?)");

    store_bind_text(&q, 1, zone);
    store_bind_blob(&q, 2, id, ROSTER_ID_LEN);
    store_bind_int(&q, 3, ref);
    store_bind_blob(&q, 4, person, ROSTER_ID_LEN);
    bind_some(&q, 5, sealed, len);
    return store_done(&q);
}

/* ?1 zone, ?2 number. Rows are taken out and put in, not replaced, and a conflict ends the whole
 * transaction: otherwise SQLite keeps what a statement would have to undo, in memory. */
static const char *const take_sql[] = {
    "DELETE FROM zone_template AS z WHERE zone=?1"
    " AND person IN (SELECT id FROM stage_record WHERE zone=?1)"
    " AND NOT EXISTS (SELECT 1 FROM stage_template t WHERE t.zone=?1 AND t.id=z.id"
    " AND t.sealed IS NULL)",
    "DELETE FROM zone_secret AS z WHERE zone=?1"
    " AND person IN (SELECT id FROM stage_record WHERE zone=?1)"
    " AND NOT EXISTS (SELECT 1 FROM stage_secret t WHERE t.zone=?1 AND t.id=z.id AND t.ref=z.ref"
    " AND t.sealed IS NULL)",
    "INSERT OR ROLLBACK INTO zone_template(zone, id, person, sealed, changed)"
    " SELECT zone, id, person, sealed, ?2 FROM stage_template"
    " WHERE zone=?1 AND sealed IS NOT NULL",
    "INSERT OR ROLLBACK INTO zone_secret(zone, id, ref, person, sealed, changed)"
    " SELECT zone, id, ref, person, sealed, ?2 FROM stage_secret"
    " WHERE zone=?1 AND sealed IS NOT NULL",
    "DELETE FROM zone_removed WHERE zone=?1"
    " AND id IN (SELECT id FROM stage_record WHERE zone=?1)",
    "INSERT OR ROLLBACK INTO zone_removed(zone, id, changed)"
    " SELECT zone, id, ?2 FROM stage_record WHERE zone=?1 AND record IS NULL",
    "DELETE FROM zone_record WHERE zone=?1"
    " AND id IN (SELECT id FROM stage_record WHERE zone=?1)",
    "INSERT OR ROLLBACK INTO zone_record(zone, id, record, changed)"
    " SELECT zone, id, record, ?2 FROM stage_record WHERE zone=?1 AND record IS NOT NULL",
    "DELETE FROM stage_record WHERE zone=?1",
    "DELETE FROM stage_template WHERE zone=?1",
    "DELETE FROM stage_secret WHERE zone=?1",
};

int zones_stage_take(struct registry *reg, const char *zone, uint64_t number)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < sizeof(take_sql) / sizeof(take_sql[0]) && err == REGISTRY_OK; n++) {
        struct store_query q = store_prepare(reg, take_sql[n]);
        store_bind_text(&q, 1, zone);
        if (sqlite3_bind_parameter_count(q.stmt) > 1)
            store_bind_int(&q, 2, (int64_t)number);
        err = store_done(&q);
    }
    return err;
}
