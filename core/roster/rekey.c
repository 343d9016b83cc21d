/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/rekey.h"

#include <stdio.h>
#include <string.h>

#include "core/roster/schema.h"
#include "core/wire/wipe.h"

#define AAD_MAX     (ROSTER_TEXT_MAX + 48)
#define CONTENT_MAX (ROSTER_ISSUE_KEYS_MAX - CRYPTO_SEAL_EXTRA)

static const struct schema_row rows[] = {
    ROW_OCTETS(struct roster_rekey, key, key_len, 1),
    ROW_OCTETS(struct roster_rekey, cert, cert_len, 1),
    ROW_FIXED(struct roster_rekey, seal),
};
static const struct schema schema = SCHEMA_OF(rows);

/* Keys of another issue or zone do not open. */
static size_t aad_of(const struct roster_issue *issue, char aad[AAD_MAX])
{
    return (size_t)snprintf(aad, AAD_MAX, "toyama zone keys %s %llu", issue->zone,
                            (unsigned long long)issue->number);
}

int roster_rekey_seal(const struct roster_rekey *next, const uint8_t seal[CRYPTO_KEY_LEN],
                      struct roster_issue *issue)
{
    uint8_t der[CONTENT_MAX];
    char aad[AAD_MAX];
    size_t len = 0, aadlen = aad_of(issue, aad);
    int r = schema_encode(&schema, next, der, sizeof(der), &len);

    if (r == ROSTER_OK && crypto_seal(seal, aad, aadlen, der, len, issue->keys, sizeof(issue->keys),
                                      &issue->keys_len) != CRYPTO_OK)
        r = ROSTER_CRYPTO;
    wire_wipe(der, sizeof(der));
    return r;
}

int roster_rekey_open(const struct roster_issue *issue, const uint8_t seal[CRYPTO_KEY_LEN],
                      struct roster_rekey *out)
{
    uint8_t der[ROSTER_ISSUE_KEYS_MAX];
    char aad[AAD_MAX];
    size_t len = 0, aadlen = aad_of(issue, aad);
    int r = ROSTER_SEALED;

    *out = (struct roster_rekey){0};
    if (issue->keys_len > 0 && crypto_unseal(seal, aad, aadlen, issue->keys, issue->keys_len, der,
                                             sizeof(der), &len) == CRYPTO_OK)
        r = schema_decode(&schema, der, len, out);
    wire_wipe(der, sizeof(der));
    return r;
}

bool roster_rekey_alone(const struct roster_issue *issue, const uint8_t seal[CRYPTO_KEY_LEN])
{
    struct roster_rekey keys;
    bool alone = roster_rekey_open(issue, seal, &keys) == ROSTER_OK &&
                 crypto_equal(keys.seal, sizeof(keys.seal), seal, CRYPTO_KEY_LEN);

    wire_wipe(&keys, sizeof(keys));
    return alone;
}
