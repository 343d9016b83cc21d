/* SPDX-License-Identifier: Apache-2.0
 *
 * Counters of failures: ours to the server, the others' to the broker. The broker only raises what
 * it has: a server can lock people out, but give nobody more tries.
 */
#include "toyamad/sync/sync.h"

#include "core/wire/handed.h"

static int put_counter(struct sync *s, const struct handed_counter *c)
{
    uint8_t numbers[2][8];
    const char *const values[] = {(const char *)c->person, (const char *)numbers[0],
                                  (const char *)numbers[1]};
    const int lengths[] = {HANDED_ID_LEN, 8, 8};
    const struct sync_statement q = {
        .sql = "INSERT INTO toyama.counter(person, failures, until) VALUES($1, $2, $3)"
               " ON CONFLICT (host, person) DO UPDATE SET failures = excluded.failures,"
               " until = excluded.until, changed = now()"
               " WHERE (counter.failures, counter.until) IS DISTINCT FROM"
               " (excluded.failures, excluded.until)",
        .values = values,
        .lengths = lengths,
        .count = 3};

    sync_put_int(numbers[0], (int64_t)c->failures);
    sync_put_int(numbers[1], (int64_t)c->until);
    return sync_do(s, &q);
}

/* Ours that are no longer told are zero again. */
static int put_all(struct sync *s, const struct sync_map *map)
{
    struct tlv_cur cur = tlv_der(map->at, map->len);
    struct handed_counter c;
    int r, err = sync_exec(s, "UPDATE toyama.counter SET failures = 0, until = 0, changed = now()"
                              " WHERE host = session_user AND (failures > 0 OR until > 0)");

    while (err == SYNC_OK && (r = handed_counter_next(&cur, &c)) != 0)
        err = r == 1 ? put_counter(s, &c) : sync_fail(s, SYNC_BROKER, "sync.counters: malformed");
    return err;
}

static int push_counters(struct sync *s)
{
    struct sync_map map;
    int err = sync_ask(s, "sync.counters", NULL, 0, &map);

    if (err != SYNC_OK)
        return err;
    if ((err = sync_exec(s, "BEGIN")) == SYNC_OK && (err = put_all(s, &map)) == SYNC_OK)
        err = sync_exec(s, "COMMIT");
    if (err != SYNC_OK)
        sync_rollback(s);
    sync_unmap(&map);
    return err;
}

static int write_counter(void *ctx, const PGresult *row)
{
    struct sync_out *out = ctx;
    const struct handed_counter c = {.person = (const uint8_t *)PQgetvalue(row, 0, 0),
                                     .failures = (uint64_t)sync_get_int(row, 0, 1),
                                     .until = (uint64_t)sync_get_int(row, 0, 2)};
    uint8_t buf[64];
    size_t len = 0;

    if (PQgetlength(row, 0, 0) != HANDED_ID_LEN ||
        handed_counter_encode(&c, buf, sizeof(buf), &len) != WIRE_OK)
        return sync_fail(out->s, SYNC_CONTENT, "a counter of the database cannot be right");
    return sync_put(out, buf, len);
}

static int pull_counters(struct sync *s)
{
    const struct sync_statement q = {
        .sql = "SELECT person, max(failures)::bigint, max(until)::bigint"
               " FROM toyama.counter WHERE host <> session_user"
               " AND (failures > 0 OR until > 0) GROUP BY person ORDER BY person",
        .most = SYNC_PEOPLE_MAX};

    return sync_hand_over(s, &q, write_counter, "sync.counters.take", false);
}

int sync_counters(struct sync *s)
{
    int err = push_counters(s);

    return err == SYNC_OK ? pull_counters(s) : err;
}
