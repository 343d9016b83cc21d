/* SPDX-License-Identifier: Apache-2.0
 *
 * The register beside the newest issue of a zone: two lists in the same order, merged.
 */
#include "toyamad/registry/zones.h"

#include <stdlib.h>
#include <string.h>

#include "toyamad/registry/store.h"

/* One list and its row. */
struct side {
    struct store_query q;
    bool there;
    uint8_t id[ROSTER_ID_LEN];
    uint8_t der[ROSTER_RECORD_MAX];
    size_t len;
    uint8_t hash[CRYPTO_SHA256_LEN];
    struct roster_record record;
};

struct walk {
    struct side master, old;
    struct roster_root root;
};

static int next(struct side *s)
{
    s->there = store_row(&s->q);
    if (!s->there)
        return s->q.err;
    if (!store_blob_exact(&s->q, 0, s->id, sizeof(s->id)) ||
        !store_blob(&s->q, 1, s->der, sizeof(s->der), &s->len))
        return REGISTRY_ALTERED;
    if (crypto_sha256(s->der, s->len, s->hash) != CRYPTO_OK)
        return REGISTRY_FAILED;
    if (roster_record_decode(s->der, s->len, &s->record) != ROSTER_OK ||
        memcmp(s->record.id, s->id, ROSTER_ID_LEN) != 0)
        return REGISTRY_ALTERED;
    return REGISTRY_OK;
}

static int next_master(struct registry *reg, struct side *s)
{
    const struct roster_entry *entry;
    int err = next(s);

    if (err != REGISTRY_OK || !s->there)
        return err;
    entry = store_entry_find(reg, s->id);
    return entry != NULL && memcmp(entry->hash, s->hash, sizeof(s->hash)) == 0 ? REGISTRY_OK
                                                                               : REGISTRY_ALTERED;
}

static int next_old(struct walk *w)
{
    int err = next(&w->old);

    if (err != REGISTRY_OK || !w->old.there)
        return err;
    return roster_root_add(&w->root, w->old.id, w->old.hash) == ROSTER_OK ? REGISTRY_OK
                                                                          : REGISTRY_FAILED;
}

/* Which of the two comes first: below 0 the master, above 0 the old one, 0 they are one. */
static int order(const struct walk *w)
{
    if (!w->old.there)
        return -1;
    return w->master.there ? memcmp(w->master.id, w->old.id, ROSTER_ID_LEN) : 1;
}

static int step(struct registry *reg, struct walk *w,
                int (*each)(void *ctx, const struct zones_pair *pair), void *ctx)
{
    int first = order(w);
    struct zones_pair pair = {.id = first <= 0 ? w->master.id : w->old.id,
                              .master = first <= 0 ? &w->master.record : NULL,
                              .old = first >= 0 ? &w->old.record : NULL};
    int err;

    memcpy(pair.old_hash, w->old.hash, sizeof(pair.old_hash));
    err = each(ctx, &pair);
    if (err == REGISTRY_OK && first <= 0)
        err = next_master(reg, &w->master);
    if (err == REGISTRY_OK && first >= 0)
        err = next_old(w);
    return err;
}

int zones_walk(struct registry *reg, const char *zone,
               int (*each)(void *ctx, const struct zones_pair *pair), void *ctx,
               uint8_t root[CRYPTO_SHA256_LEN], uint64_t *count)
{
    struct walk *w = calloc(1, sizeof(*w));
    int err;

    if (w == NULL)
        return REGISTRY_FAILED;
    roster_root_begin(&w->root);
    w->master.q = store_prepare(reg, "SELECT id, record FROM person ORDER BY id");
    w->old.q = store_prepare(reg, "SELECT id, record FROM zone_record WHERE zone=? ORDER BY id");
    store_bind_text(&w->old.q, 1, zone);
    err = next_master(reg, &w->master);
    if (err == REGISTRY_OK)
        err = next_old(w);
    while (err == REGISTRY_OK && (w->master.there || w->old.there))
        err = step(reg, w, each, ctx);
    *count = w->root.count;
    if (err == REGISTRY_OK && roster_root_finish(&w->root, root) != ROSTER_OK)
        err = REGISTRY_FAILED;
    store_finalize(&w->master.q);
    store_finalize(&w->old.q);
    roster_root_free(&w->root);
    free(w);
    return err;
}
