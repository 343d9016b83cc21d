/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed fingerprint templates, and the counters and settings of the host.
 */
#include "toyamad/registry/store.h"

#include <string.h>

#define AAD_MAX 512

int registry_template_put(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                          struct roster_finger *finger, const void *template, size_t len)
{
    uint8_t aad[AAD_MAX], sealed[REGISTRY_SEALED_MAX];
    size_t aadlen = 0, sealedlen = 0;
    struct store_query q;

    if (roster_template_aad(reg->zone, person, finger, aad, sizeof(aad), &aadlen) != ROSTER_OK ||
        crypto_seal(reg->keys->roster_seal, aad, aadlen, template, len, sealed, sizeof(sealed),
                    &sealedlen) != CRYPTO_OK ||
        crypto_sha256(sealed, sealedlen, finger->sealed_hash) != CRYPTO_OK)
        return REGISTRY_FAILED;
    q = store_prepare(reg, "INSERT INTO template(id, person, sealed) VALUES(?,?,?)");
    store_bind_blob(&q, 1, finger->id, ROSTER_ID_LEN);
    store_bind_blob(&q, 2, person, ROSTER_ID_LEN);
    store_bind_blob(&q, 3, sealed, sealedlen);
    return store_done(&q);
}

static int read_sealed(struct registry *reg, const uint8_t id[ROSTER_ID_LEN], uint8_t *out,
                       size_t cap, size_t *len)
{
    struct store_query q = store_prepare(reg, "SELECT sealed FROM template WHERE id=?");
    int err = REGISTRY_ALTERED;

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    if (store_row(&q) && store_blob(&q, 0, out, cap, len))
        err = REGISTRY_OK;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int registry_template_get(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                          const struct roster_finger *finger, uint8_t *out, size_t cap, size_t *len)
{
    uint8_t aad[AAD_MAX], sealed[REGISTRY_SEALED_MAX], hash[CRYPTO_SHA256_LEN];
    size_t aadlen = 0, sealedlen = 0;
    int err = read_sealed(reg, finger->id, sealed, sizeof(sealed), &sealedlen);

    if (err != REGISTRY_OK)
        return err;
    if (crypto_sha256(sealed, sealedlen, hash) != CRYPTO_OK ||
        roster_template_aad(reg->zone, person, finger, aad, sizeof(aad), &aadlen) != ROSTER_OK)
        return REGISTRY_FAILED;
    if (!crypto_equal(hash, sizeof(hash), finger->sealed_hash, sizeof(finger->sealed_hash)) ||
        keys_unseal(reg->keys, aad, aadlen, sealed, sealedlen, out, cap, len) != CRYPTO_OK)
        return REGISTRY_ALTERED;
    return REGISTRY_OK;
}

static bool has_template(const struct roster_record *r, const uint8_t id[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < r->fingers; n++)
        if (memcmp(r->finger[n].id, id, ROSTER_ID_LEN) == 0)
            return true;
    return false;
}

int registry_template_owner(struct registry *reg, const uint8_t id[ROSTER_ID_LEN],
                            struct roster_record *out)
{
    struct store_query q = store_prepare(reg, "SELECT person FROM template WHERE id=?");
    uint8_t person[ROSTER_ID_LEN];
    int err = REGISTRY_NONE;

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    if (store_row(&q))
        err = store_blob_exact(&q, 0, person, sizeof(person)) ? REGISTRY_OK : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    if (err == REGISTRY_OK)
        err = registry_by_id(reg, person, out);
    if (err == REGISTRY_OK && !has_template(out, id))
        err = REGISTRY_ALTERED;
    return err;
}

int registry_template_count(struct registry *reg, size_t *out)
{
    struct store_query q = store_prepare(reg, "SELECT count(*) FROM template");

    *out = 0;
    if (store_row(&q))
        *out = (size_t)store_int(&q, 0);
    store_finalize(&q);
    return q.err;
}

int registry_template_delete(struct registry *reg, const uint8_t id[ROSTER_ID_LEN])
{
    struct store_query q = store_prepare(reg, "DELETE FROM template WHERE id=?");

    store_bind_blob(&q, 1, id, ROSTER_ID_LEN);
    return store_done(&q);
}
