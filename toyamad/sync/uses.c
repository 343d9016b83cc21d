/* SPDX-License-Identifier: Apache-2.0
 *
 * On which day somebody last logged in here, to the server; what other hosts say of that to the
 * helpdesk's broker, for the rule about unused cards. A lie can keep a card from being listed as
 * unused, or get it listed; it lets nobody in.
 */
#include "toyamad/sync/sync.h"

#include "core/wire/handed.h"

#include <stdlib.h>
#include <string.h>

#define ROW (HANDED_ID_LEN + 4) /* id, day: for one statement about all */

static int pack(struct sync *s, const struct sync_map *map, uint8_t **out, size_t *len)
{
    struct tlv_cur cur = tlv_der(map->at, map->len);
    struct handed_use use;
    uint8_t *p;
    int r;

    *len = 0;
    if ((*out = p = malloc(map->len + ROW)) == NULL)
        return sync_fail(s, SYNC_FAILED, "out of memory");
    while ((r = handed_use_next(&cur, &use)) == 1) {
        memcpy(p, use.person, HANDED_ID_LEN);
        for (int n = 0; n < 4; n++)
            p[HANDED_ID_LEN + n] = (uint8_t)(use.day >> (24 - 8 * n));
        p += ROW;
        *len += ROW;
    }
    return r == 0 ? SYNC_OK : sync_fail(s, SYNC_BROKER, "sync.uses: malformed");
}

static int put_uses(struct sync *s, const uint8_t *packed, size_t len)
{
    const char *const values[] = {(const char *)packed};
    const int lengths[] = {(int)len};
    const struct sync_statement q = {
        .sql = "INSERT INTO toyama.last_use AS old (person, day)"
               " SELECT substr($1::bytea, n * 20 + 1, 16),"
               " ('x' || encode(substr($1::bytea, n * 20 + 17, 4), 'hex'))::bit(32)::integer"
               " FROM generate_series(0, octet_length($1::bytea) / 20 - 1) n"
               " ON CONFLICT (host, person) DO UPDATE SET day = excluded.day"
               " WHERE old.day < excluded.day",
        .values = values,
        .lengths = lengths,
        .count = 1};

    return sync_do(s, &q);
}

static int push_uses(struct sync *s)
{
    uint8_t *packed = NULL;
    struct sync_map map;
    size_t len = 0;
    int err = sync_ask(s, "sync.uses", NULL, 0, &map);

    if (err != SYNC_OK)
        return err;
    err = pack(s, &map, &packed, &len);
    if (err == SYNC_OK && len > 0)
        err = put_uses(s, packed, len);
    free(packed);
    sync_unmap(&map);
    return err;
}

static int write_use(void *ctx, const PGresult *row)
{
    struct sync_out *out = ctx;
    int64_t day = sync_get_int(row, 0, 1);
    const struct handed_use use = {.person = (const uint8_t *)PQgetvalue(row, 0, 0),
                                   .day = (uint64_t)day};
    uint8_t buf[64];
    size_t len = 0;

    if (PQgetlength(row, 0, 0) != HANDED_ID_LEN || day < 1 || day > HANDED_DAY_MAX ||
        handed_use_encode(&use, buf, sizeof(buf), &len) != WIRE_OK)
        return sync_fail(out->s, SYNC_CONTENT, "a last use of the database cannot be right");
    return sync_put(out, buf, len);
}

static int pull_uses(struct sync *s)
{
    const struct sync_statement q = {
        .sql = "SELECT person, max(day)::bigint FROM toyama.last_use"
               " WHERE host <> session_user GROUP BY person ORDER BY person",
        .most = SYNC_PEOPLE_MAX};

    return sync_hand_over(s, &q, write_use, "sync.uses.take", true);
}

/* Of people who have left. */
static int clear_gone(struct sync *s)
{
    return sync_exec(s,
                     "DELETE FROM toyama.last_use u WHERE NOT EXISTS (SELECT FROM toyama.record r"
                     " WHERE r.id = u.person AND r.record IS NOT NULL)");
}

int sync_uses(struct sync *s)
{
    int err;

    if (s->schema < 2 || s->base == 0)
        return SYNC_OK;
    if ((err = push_uses(s)) != SYNC_OK || !s->uses_due || !s->publish)
        return err;
    return (err = pull_uses(s)) == SYNC_OK ? clear_gone(s) : err;
}
