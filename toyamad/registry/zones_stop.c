/* SPDX-License-Identifier: Apache-2.0
 *
 * Slots and sealed secrets of stop codes.
 */
#include "toyamad/registry/zones.h"

#include <string.h>

#include "toyamad/registry/store.h"

int zones_stop_slot(struct registry *reg, uint32_t *out)
{
    struct store_query q = store_prepare(reg, "SELECT COALESCE(MAX(slot), 0) + 1 FROM stop");
    int64_t slot = 0;
    int err = REGISTRY_LIMIT;

    if (store_row(&q) && (slot = store_int(&q, 0)) > 0 && slot <= ROSTER_SLOT_MAX) {
        *out = (uint32_t)slot;
        err = REGISTRY_OK;
    }
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int zones_stop_put(struct registry *reg, const uint8_t credential[ROSTER_ID_LEN], uint32_t slot,
                   const void *sealed, size_t len)
{
    struct store_query q =
        store_prepare(reg, "INSERT INTO stop(credential, slot, sealed) VALUES(?,?,?)"
                           " ON CONFLICT(credential) DO UPDATE SET slot=excluded.slot,"
                           " sealed=excluded.sealed");

    store_bind_blob(&q, 1, credential, ROSTER_ID_LEN);
    store_bind_int(&q, 2, slot);
    store_bind_blob(&q, 3, sealed, len);
    return store_done(&q);
}

int zones_stop_get(struct registry *reg, const uint8_t credential[ROSTER_ID_LEN], uint32_t *slot,
                   uint8_t *sealed, size_t cap, size_t *len)
{
    struct store_query q = store_prepare(reg, "SELECT sealed, slot FROM stop WHERE credential=?");
    int err = REGISTRY_NONE;

    store_bind_blob(&q, 1, credential, ROSTER_ID_LEN);
    if (store_row(&q)) {
        err = store_blob(&q, 0, sealed, cap, len) ? REGISTRY_OK : REGISTRY_ALTERED;
        *slot = (uint32_t)store_int(&q, 1);
    }
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int zones_stop_find(struct registry *reg, uint32_t slot, uint8_t credential[ROSTER_ID_LEN])
{
    struct store_query q = store_prepare(reg, "SELECT credential FROM stop WHERE slot=?");
    int err = REGISTRY_NONE;

    store_bind_int(&q, 1, slot);
    if (store_row(&q))
        err = store_blob_exact(&q, 0, credential, ROSTER_ID_LEN) ? REGISTRY_OK : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}
