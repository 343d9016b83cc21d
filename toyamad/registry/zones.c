/* SPDX-License-Identifier: Apache-2.0
 *
 * The zones' approved issues and their rows.
 */
#include "toyamad/registry/zones.h"

#include <string.h>

#include "toyamad/registry/store.h"

static int take_signed(struct store_query *q, struct roster_signed *out)
{
    uint8_t der[ROSTER_SIGNED_MAX];
    size_t len = 0;

    if (!store_blob(q, 0, der, sizeof(der), &len) ||
        roster_signed_decode(der, len, out) != ROSTER_OK)
        return REGISTRY_ALTERED;
    return REGISTRY_OK;
}

int zones_issue_last(struct registry *reg, const char *zone, struct roster_signed *out)
{
    struct store_query q = store_prepare(
        reg, "SELECT signed FROM zone_issue WHERE zone=? ORDER BY number DESC LIMIT 1");
    int err = REGISTRY_NONE;

    store_bind_text(&q, 1, zone);
    if (store_row(&q))
        err = take_signed(&q, out);
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int zones_issue_put(struct registry *reg, const char *zone, uint64_t number,
                    const struct roster_signed *s)
{
    uint8_t der[ROSTER_SIGNED_MAX];
    size_t len = 0;
    struct store_query q;

    if (number > INT64_MAX || roster_signed_encode(s, der, sizeof(der), &len) != ROSTER_OK)
        return REGISTRY_FAILED;
    q = store_prepare(reg, "INSERT INTO zone_issue(zone, number, signed) VALUES(?,?,?)");
    store_bind_text(&q, 1, zone);
    store_bind_int(&q, 2, (int64_t)number);
    store_bind_blob(&q, 3, der, len);
    return store_done(&q);
}

int zones_issue_each(struct registry *reg, const char *zone, uint64_t from,
                     int (*each)(void *ctx, const struct roster_signed *s), void *ctx)
{
    struct store_query q = store_prepare(
        reg, "SELECT signed FROM zone_issue WHERE zone=? AND number>=? ORDER BY number");
    struct roster_signed one;
    int err = REGISTRY_OK;

    store_bind_text(&q, 1, zone);
    store_bind_int(&q, 2, from > INT64_MAX ? INT64_MAX : (int64_t)from);
    while (err == REGISTRY_OK && store_row(&q))
        if ((err = take_signed(&q, &one)) == REGISTRY_OK)
            err = each(ctx, &one);
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

static int take_row(struct store_query *q, int (*each)(void *ctx, const struct zones_row *row),
                    void *ctx)
{
    uint8_t id[ROSTER_ID_LEN], der[ROSTER_RECORD_MAX];
    struct zones_row row = {.id = id, .der = der};
    int64_t changed = store_int(q, 2);

    if (!store_blob_exact(q, 0, id, sizeof(id)) || !store_blob(q, 1, der, sizeof(der), &row.len) ||
        changed < 1)
        return REGISTRY_ALTERED;
    row.changed = (uint64_t)changed;
    return each(ctx, &row);
}

int zones_record_each(struct registry *reg, const char *zone,
                      int (*each)(void *ctx, const struct zones_row *row), void *ctx)
{
    struct store_query q =
        store_prepare(reg, "SELECT id, record, changed FROM zone_record WHERE zone=? ORDER BY id");
    int err = REGISTRY_OK;

    store_bind_text(&q, 1, zone);
    while (err == REGISTRY_OK && store_row(&q))
        err = take_row(&q, each, ctx);
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int zones_record_get(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                     struct roster_record *out)
{
    struct store_query q =
        store_prepare(reg, "SELECT record FROM zone_record WHERE zone=? AND id=?");
    uint8_t der[ROSTER_RECORD_MAX];
    size_t len = 0;
    int err = REGISTRY_NONE;

    store_bind_text(&q, 1, zone);
    store_bind_blob(&q, 2, id, ROSTER_ID_LEN);
    if (store_row(&q))
        err = store_blob(&q, 0, der, sizeof(der), &len) &&
                      roster_record_decode(der, len, out) == ROSTER_OK
                  ? REGISTRY_OK
                  : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int zones_removed_each(struct registry *reg, const char *zone, uint64_t base,
                       int (*each)(void *ctx, const struct zones_row *row), void *ctx)
{
    struct store_query q = store_prepare(reg, "SELECT id, x'', changed FROM zone_removed"
                                              " WHERE zone=? AND changed>? ORDER BY id");
    int err = REGISTRY_OK;

    store_bind_text(&q, 1, zone);
    store_bind_int(&q, 2, (int64_t)base);
    while (err == REGISTRY_OK && store_row(&q))
        err = take_row(&q, each, ctx);
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

static int take_sealed(struct store_query *q, uint8_t *out, size_t cap, size_t *len,
                       uint64_t *changed)
{
    int err = REGISTRY_NONE;

    if (store_row(q)) {
        err = store_blob(q, 0, out, cap, len) ? REGISTRY_OK : REGISTRY_ALTERED;
        *changed = (uint64_t)store_int(q, 1);
    }
    if (q->err != REGISTRY_OK)
        err = q->err;
    store_finalize(q);
    return err;
}

int zones_template_get(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                       uint8_t *out, size_t cap, size_t *len, uint64_t *changed)
{
    struct store_query q =
        store_prepare(reg, "SELECT sealed, changed FROM zone_template WHERE zone=? AND id=?");

    store_bind_text(&q, 1, zone);
    store_bind_blob(&q, 2, id, ROSTER_ID_LEN);
    return take_sealed(&q, out, cap, len, changed);
}

int zones_secret_get(struct registry *reg, const char *zone, const uint8_t id[ROSTER_ID_LEN],
                     uint8_t ref, uint8_t *out, size_t cap, size_t *len, uint64_t *changed)
{
    struct store_query q = store_prepare(
        reg, "SELECT sealed, changed FROM zone_secret WHERE zone=? AND id=? AND ref=?");

    store_bind_text(&q, 1, zone);
    store_bind_blob(&q, 2, id, ROSTER_ID_LEN);
    store_bind_int(&q, 3, ref);
    return take_sealed(&q, out, cap, len, changed);
}
