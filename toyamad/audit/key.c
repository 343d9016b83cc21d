/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/audit/key.h"

#include "core/wire/wipe.h"
#include "toyamad/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void path_of(const char *state, const char *name, char path[PATH_MAX])
{
    snprintf(path, PATH_MAX, "%s/%s", state, name);
}

bool audit_key_create(const char *state, const char *name, char *why, size_t whycap)
{
    struct audit_key key = {0};
    char path[PATH_MAX];
    bool good;

    if (crypto_p256_generate(key.key, sizeof(key.key), &key.len, key.spki, sizeof(key.spki),
                             &key.spki_len) != CRYPTO_OK) {
        snprintf(why, whycap, "the log's key could not be made");
        return false;
    }
    path_of(state, name, path);
    good = file_create_private(path, key.key, key.len, why, whycap);
    wire_wipe(&key, sizeof(key));
    return good;
}

bool audit_key_exists(const char *state, const char *name)
{
    char path[PATH_MAX];

    path_of(state, name, path);
    return access(path, F_OK) == 0;
}

bool audit_key_load(struct audit_key *key, const char *state, const char *name, char *why,
                    size_t whycap)
{
    char path[PATH_MAX];

    path_of(state, name, path);
    if (file_read_private(path, key->key, sizeof(key->key), &key->len, why, whycap)) {
        if (crypto_p256_spki(key->key, key->len, key->spki, sizeof(key->spki), &key->spki_len) ==
            CRYPTO_OK)
            return true;
        snprintf(why, whycap, "%s: not a P-256 private key", path);
    }
    wire_wipe(key, sizeof(*key));
    return false;
}

static bool sync_directory(const char *state)
{
    int fd = open(state, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool good = fd >= 0 && fsync(fd) == 0;

    if (fd >= 0)
        close(fd);
    return good;
}

bool audit_key_install(const char *state, char *why, size_t whycap)
{
    char from[PATH_MAX], to[PATH_MAX];

    path_of(state, AUDIT_KEY_NEXT, from);
    path_of(state, AUDIT_KEY_FILE, to);
    if (rename(from, to) == 0 && sync_directory(state))
        return true;
    snprintf(why, whycap, "%s: %s", to, strerror(errno));
    return false;
}
