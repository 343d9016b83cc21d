/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "core/roster/issue.h"

#define FIRST_CAP ((size_t)64 * CRYPTO_SHA256_LEN)

void roster_root_begin(struct roster_root *root)
{
    *root = (struct roster_root){0};
}

static bool make_room(struct roster_root *root)
{
    size_t cap = root->cap == 0 ? FIRST_CAP : root->cap * 2;
    uint8_t *hashes;

    if (root->cap - root->used >= CRYPTO_SHA256_LEN)
        return true;
    if (root->cap > SIZE_MAX / 2 || (hashes = realloc(root->hashes, cap)) == NULL)
        return false;
    root->hashes = hashes;
    root->cap = cap;
    return true;
}

int roster_root_add(struct roster_root *root, const uint8_t id[ROSTER_ID_LEN],
                    const uint8_t hash[CRYPTO_SHA256_LEN])
{
    if (root->count > 0 && memcmp(id, root->last_id, sizeof(root->last_id)) <= 0)
        return ROSTER_CHAIN;
    if (!make_room(root))
        return ROSTER_FULL;
    memcpy(root->hashes + root->used, hash, CRYPTO_SHA256_LEN);
    memcpy(root->last_id, id, sizeof(root->last_id));
    root->used += CRYPTO_SHA256_LEN;
    root->count++;
    return ROSTER_OK;
}

int roster_root_finish(struct roster_root *root, uint8_t out[CRYPTO_SHA256_LEN])
{
    if (crypto_sha256(root->hashes, root->used, out) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    return ROSTER_OK;
}

void roster_root_free(struct roster_root *root)
{
    free(root->hashes);
    *root = (struct roster_root){0};
}
