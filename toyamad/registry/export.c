/* SPDX-License-Identifier: Apache-2.0
 *
 * The installed roster as a payload, sealed blobs as they are stored: for the zone's database.
 */
#include "toyamad/registry/export.h"

#include "toyamad/registry/store.h"

/* One part: its rows in order, how large an item becomes, and how it is written. */
struct part {
    const char *sql;
    uint64_t (*size)(struct store_query *q);
    int (*put)(struct roster_payload_writer *w, struct store_query *q);
};

struct octets {
    const void *p;
    size_t len;
};

/* Valid until the next row. */
static struct octets column(struct store_query *q, int at)
{
    return (struct octets){.p = sqlite3_column_blob(q->stmt, at),
                           .len = (size_t)sqlite3_column_bytes(q->stmt, at)};
}

static uint64_t size_raw(struct store_query *q)
{
    return column(q, 0).len;
}

static uint64_t size_octets(struct store_query *q)
{
    return roster_payload_size_octets(column(q, 0).len);
}

static uint64_t size_sealed(struct store_query *q)
{
    return roster_payload_size_sealed(column(q, 0).len);
}

static uint64_t size_secret(struct store_query *q)
{
    return roster_payload_size_secret((uint8_t)store_int(q, 2), column(q, 0).len);
}

static int put_raw(struct roster_payload_writer *w, struct store_query *q)
{
    struct octets item = column(q, 0);

    return roster_payload_put_encoded(w, item.p, item.len);
}

static int put_octets(struct roster_payload_writer *w, struct store_query *q)
{
    struct octets item = column(q, 0);

    return roster_payload_put_octets(w, item.p, item.len);
}

static int put_sealed(struct roster_payload_writer *w, struct store_query *q)
{
    struct octets item = column(q, 0), id = column(q, 1);

    return id.len == ROSTER_ID_LEN ? roster_payload_put_sealed(w, id.p, item.p, item.len)
                                   : ROSTER_FORMAT;
}

static int put_secret(struct roster_payload_writer *w, struct store_query *q)
{
    struct octets item = column(q, 0), id = column(q, 1);

    return id.len == ROSTER_ID_LEN
               ? roster_payload_put_secret(w, id.p, (uint8_t)store_int(q, 2), item.p, item.len)
               : ROSTER_FORMAT;
}

static const struct part parts[ROSTER_PARTS] = {
    {"SELECT signed FROM issue WHERE number>? ORDER BY number", size_raw, put_raw},
    {"SELECT record FROM person WHERE ?1 IS NOT NULL ORDER BY id", size_octets, put_octets},
    {NULL, NULL, NULL},
    {"SELECT sealed, id FROM template WHERE ?1 IS NOT NULL ORDER BY id", size_sealed, put_sealed},
    {"SELECT sealed, credential, ref FROM secret WHERE ?1 IS NOT NULL ORDER BY credential, ref",
     size_secret, put_secret},
    {NULL, NULL, NULL},
};

static int measure(struct registry *reg, uint64_t after, const struct part *part, uint64_t *out)
{
    struct store_query q;

    if (part->sql == NULL)
        return REGISTRY_OK;
    q = store_prepare(reg, part->sql);
    store_bind_int(&q, 1, (int64_t)after);
    while (store_row(&q))
        *out += part->size(&q);
    store_finalize(&q);
    return q.err;
}

static int put_part(struct registry *reg, uint64_t after, const struct part *part,
                    struct roster_payload_writer *w)
{
    struct store_query q;
    int r = ROSTER_OK;

    if (part->sql == NULL)
        return REGISTRY_OK;
    q = store_prepare(reg, part->sql);
    store_bind_int(&q, 1, (int64_t)after);
    while (r == ROSTER_OK && store_row(&q))
        r = part->put(w, &q);
    store_finalize(&q);
    if (r != ROSTER_OK)
        return r == ROSTER_FULL ? REGISTRY_LIMIT : REGISTRY_ALTERED;
    return q.err;
}

int registry_export(struct registry *reg, uint64_t after, struct roster_payload_writer *w)
{
    uint64_t octets[ROSTER_PARTS] = {0};
    int err = REGISTRY_OK;

    for (unsigned n = 0; n < ROSTER_PARTS && err == REGISTRY_OK; n++)
        err = measure(reg, after, &parts[n], &octets[n]);
    if (err != REGISTRY_OK)
        return err;
    if (roster_payload_begin(w, reg->zone, 0, octets) != ROSTER_OK)
        return REGISTRY_LIMIT;
    for (unsigned n = 0; n < ROSTER_PARTS && err == REGISTRY_OK; n++) {
        if (n > 0 && roster_payload_next(w) != ROSTER_OK)
            return REGISTRY_ALTERED;
        err = put_part(reg, after, &parts[n], w);
    }
    return err;
}
