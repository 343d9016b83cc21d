/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/memorised.h"

#include "core/crypto/crypto.h"
#include "core/wire/wipe.h"

#include <crypt.h>
#include <stdlib.h>
#include <string.h>

#define YESCRYPT "$y$"

/* Every step from one character to the next is `step`: 0, +1 or -1. */
static bool is_run(const char *secret, size_t len, int step)
{
    for (size_t n = 1; n < len; n++)
        if (secret[n] - secret[n - 1] != step)
            return false;
    return true;
}

bool memorised_acceptable(const char *secret)
{
    size_t len = strlen(secret);

    if (len < MEMORISED_MIN || len > MEMORISED_MAX)
        return false;
    for (size_t n = 0; n < len; n++)
        if (secret[n] < ' ' || secret[n] > '~')
            return false;
    return !is_run(secret, len, 0) && !is_run(secret, len, 1) && !is_run(secret, len, -1);
}

/* libxcrypt keeps what it worked on in its data block. */
static bool run_crypt(const char *secret, const char *setting, char out[MEMORISED_HASH_MAX])
{
    struct crypt_data *data = calloc(1, sizeof(*data));
    const char *hash;
    bool good;

    if (data == NULL)
        return false;
    hash = crypt_r(secret, setting, data);
    good = hash != NULL && hash[0] != '*' && strlen(hash) < MEMORISED_HASH_MAX;
    if (good)
        memcpy(out, hash, strlen(hash) + 1);
    wire_wipe(data, sizeof(*data));
    free(data);
    return good;
}

bool memorised_hash(const char *secret, char out[MEMORISED_HASH_MAX])
{
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];

    return crypt_gensalt_rn(YESCRYPT, 0, NULL, 0, setting, sizeof(setting)) != NULL &&
           run_crypt(secret, setting, out);
}

bool memorised_check(const char *secret, const char *hash)
{
    char again[MEMORISED_HASH_MAX] = "";
    bool same = strncmp(hash, YESCRYPT, strlen(YESCRYPT)) == 0 && run_crypt(secret, hash, again) &&
                crypto_equal(again, strlen(again), hash, strlen(hash));

    wire_wipe(again, sizeof(again));
    return same;
}
