/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed shared keys and memorised secrets. The record names each by the hash of its sealed octets,
 * so that the signed issue covers them.
 */
#include "toyamad/registry/store.h"

#include <string.h>

#define AAD_MAX    512
#define SEALED_MAX (REGISTRY_SECRET_MAX + CRYPTO_SEAL_EXTRA)

int registry_secret_put(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                        const struct roster_credential *credential, struct roster_key *key,
                        const void *secret, size_t len)
{
    uint8_t aad[AAD_MAX], sealed[SEALED_MAX];
    size_t aadlen = 0, sealedlen = 0;
    struct store_query q;

    if (len > REGISTRY_SECRET_MAX)
        return REGISTRY_LIMIT;
    if (roster_secret_aad(reg->zone, person, credential, key->ref, aad, sizeof(aad), &aadlen) !=
            ROSTER_OK ||
        crypto_seal(reg->keys->roster_seal, aad, aadlen, secret, len, sealed, sizeof(sealed),
                    &sealedlen) != CRYPTO_OK ||
        crypto_sha256(sealed, sealedlen, key->spki) != CRYPTO_OK)
        return REGISTRY_FAILED;
    key->len = CRYPTO_SHA256_LEN;
    q = store_prepare(reg, "INSERT OR REPLACE INTO secret(credential, ref, person, sealed)"
                           " VALUES(?,?,?,?)");
    store_bind_blob(&q, 1, credential->id, ROSTER_ID_LEN);
    store_bind_int(&q, 2, key->ref);
    store_bind_blob(&q, 3, person, ROSTER_ID_LEN);
    store_bind_blob(&q, 4, sealed, sealedlen);
    return store_done(&q);
}

static int read_sealed(struct registry *reg, const struct roster_credential *credential,
                       uint8_t ref, uint8_t *out, size_t cap, size_t *len)
{
    struct store_query q =
        store_prepare(reg, "SELECT sealed FROM secret WHERE credential=? AND ref=?");
    int err = REGISTRY_ALTERED;

    store_bind_blob(&q, 1, credential->id, ROSTER_ID_LEN);
    store_bind_int(&q, 2, ref);
    if (store_row(&q) && store_blob(&q, 0, out, cap, len))
        err = REGISTRY_OK;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

int registry_secret_get(struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                        const struct roster_credential *credential, const struct roster_key *key,
                        uint8_t *out, size_t cap, size_t *len)
{
    uint8_t aad[AAD_MAX], sealed[SEALED_MAX], hash[CRYPTO_SHA256_LEN];
    size_t aadlen = 0, sealedlen = 0;
    int err = read_sealed(reg, credential, key->ref, sealed, sizeof(sealed), &sealedlen);

    if (err != REGISTRY_OK)
        return err;
    if (crypto_sha256(sealed, sealedlen, hash) != CRYPTO_OK ||
        roster_secret_aad(reg->zone, person, credential, key->ref, aad, sizeof(aad), &aadlen) !=
            ROSTER_OK)
        return REGISTRY_FAILED;
    if (!crypto_equal(hash, sizeof(hash), key->spki, key->len) ||
        keys_unseal(reg->keys, aad, aadlen, sealed, sealedlen, out, cap, len) != CRYPTO_OK)
        return REGISTRY_ALTERED;
    return REGISTRY_OK;
}

int registry_secret_delete(struct registry *reg, const uint8_t credential[ROSTER_ID_LEN])
{
    struct store_query q = store_prepare(reg, "DELETE FROM secret WHERE credential=?");

    store_bind_blob(&q, 1, credential, ROSTER_ID_LEN);
    return store_done(&q);
}
