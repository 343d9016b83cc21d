/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/keys.h"

#include "core/wire/wipe.h"
#include "toyamad/file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SEAL_FILE      "seal.key"
#define AUTHORITY_FILE "authority.key"
#define ANCHOR_FILE    "anchor"
#define ANCHOR_AAD     "toyama anchor"
#define CREDENTIAL     "toyama.seal"
#define SEALED_MAX     (ROSTER_ANCHOR_MAX + CRYPTO_SEAL_EXTRA)

static bool create_seal(const char *state, char *why, size_t whycap)
{
    char path[PATH_MAX];
    uint8_t key[CRYPTO_KEY_LEN] = {0};
    bool good;

    if (crypto_random(key, sizeof(key)) != CRYPTO_OK) {
        snprintf(why, whycap, "no random numbers");
        return false;
    }
    snprintf(path, sizeof(path), "%s/%s", state, SEAL_FILE);
    good = file_create_private(path, key, sizeof(key), why, whycap);
    wire_wipe(key, sizeof(key));
    return good;
}

bool keys_make_authority(uint8_t key[KEYS_PKCS8_MAX], size_t *len)
{
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t spkilen = 0;

    return crypto_p256_generate(key, KEYS_PKCS8_MAX, len, spki, sizeof(spki), &spkilen) ==
           CRYPTO_OK;
}

/* In one step: a file of half a key would deny every login. */
static bool create_authority(const char *state, const char *name, char *why, size_t whycap)
{
    char path[PATH_MAX];
    uint8_t key[KEYS_PKCS8_MAX] = {0};
    size_t keylen = 0;
    bool good;

    if (!keys_make_authority(key, &keylen)) {
        snprintf(why, whycap, "the authority's key could not be made");
        return false;
    }
    snprintf(path, sizeof(path), "%s/%s", state, name);
    good = access(path, F_OK) != 0;
    if (!good)
        snprintf(why, whycap, "%s exists already", path);
    good = good && file_replace_private(path, key, keylen, why, whycap);
    wire_wipe(key, sizeof(key));
    return good;
}

static void take_back_seal(const char *state)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", state, SEAL_FILE);
    unlink(path);
}

bool keys_create(const char *state, char *why, size_t whycap)
{
    if (!create_seal(state, why, whycap))
        return false;
    if (create_authority(state, AUTHORITY_FILE, why, whycap))
        return true;
    take_back_seal(state);
    return false;
}

bool keys_seal_is_credential(void)
{
    const char *credentials = getenv("CREDENTIALS_DIRECTORY");
    char path[PATH_MAX];

    if (credentials == NULL)
        return false;
    snprintf(path, sizeof(path), "%s/%s", credentials, CREDENTIAL);
    return access(path, F_OK) == 0;
}

static bool load_seal(struct keys *keys, const char *state, char *why, size_t whycap)
{
    bool credential = keys_seal_is_credential(), good;
    char path[PATH_MAX];
    uint8_t buf[CRYPTO_KEY_LEN + 1];
    size_t len = 0;

    snprintf(path, sizeof(path), "%s/%s", credential ? getenv("CREDENTIALS_DIRECTORY") : state,
             credential ? CREDENTIAL : SEAL_FILE);
    if (!file_read_private(path, buf, sizeof(buf), &len, why, whycap))
        return false;
    good = len == CRYPTO_KEY_LEN;
    if (good)
        memcpy(keys->seal, buf, CRYPTO_KEY_LEN);
    else
        snprintf(why, whycap, "%s: not a key of %d octets", path, CRYPTO_KEY_LEN);
    wire_wipe(buf, sizeof(buf));
    return good;
}

static bool write_anchor(const uint8_t seal[CRYPTO_KEY_LEN], const char *state,
                         const struct roster_anchor *anchor,
                         bool (*write)(const char *path, const void *data, size_t len, char *why,
                                       size_t whycap),
                         char *why, size_t whycap)
{
    uint8_t der[ROSTER_ANCHOR_MAX], sealed[SEALED_MAX];
    size_t len = 0, sealedlen = 0;
    char path[PATH_MAX];
    bool good = roster_anchor_encode(anchor, der, sizeof(der), &len) == ROSTER_OK &&
                crypto_seal(seal, ANCHOR_AAD, strlen(ANCHOR_AAD), der, len, sealed, sizeof(sealed),
                            &sealedlen) == CRYPTO_OK;

    wire_wipe(der, sizeof(der));
    snprintf(path, sizeof(path), "%s/%s", state, ANCHOR_FILE);
    if (good)
        return write(path, sealed, sealedlen, why, whycap);
    snprintf(why, whycap, "%s: could not be sealed", path);
    return false;
}

/* Under the key that is loaded the same way later: a systemd credential goes before the file. */
static bool create_anchor(const char *state, const struct roster_anchor *anchor, char *why,
                          size_t whycap)
{
    struct keys keys = {0};
    bool good = load_seal(&keys, state, why, whycap) &&
                write_anchor(keys.seal, state, anchor, file_create_private, why, whycap);

    keys_wipe(&keys);
    return good;
}

static void use_anchor(struct keys *keys, const struct roster_anchor *anchor)
{
    if (anchor != &keys->anchor)
        keys->anchor = *anchor;
    memcpy(keys->roster_seal, anchor->seal_key, sizeof(keys->roster_seal));
}

bool keys_replace_anchor(struct keys *keys, const struct roster_anchor *anchor, const char *state,
                         char *why, size_t whycap)
{
    if (!write_anchor(keys->seal, state, anchor, file_replace_private, why, whycap))
        return false;
    use_anchor(keys, anchor);
    return true;
}

int keys_unseal(const struct keys *keys, const void *aad, size_t aadlen, const void *sealed,
                size_t len, void *out, size_t cap, size_t *outlen)
{
    int r = crypto_unseal(keys->roster_seal, aad, aadlen, sealed, len, out, cap, outlen);

    if (r == CRYPTO_BAD_SEAL && keys->kind == REGISTER_TAKEN && keys->anchor.old_seal_len > 0)
        r = crypto_unseal(keys->anchor.old_seal, aad, aadlen, sealed, len, out, cap, outlen);
    return r;
}

bool keys_create_taken(const char *state, const struct roster_anchor *anchor, char *why,
                       size_t whycap)
{
    if (!create_seal(state, why, whycap))
        return false;
    if (create_anchor(state, anchor, why, whycap))
        return true;
    take_back_seal(state);
    return false;
}

static bool open_anchor(struct keys *keys, const uint8_t *sealed, size_t len)
{
    uint8_t der[ROSTER_ANCHOR_MAX];
    size_t derlen = 0;
    bool good = crypto_unseal(keys->seal, ANCHOR_AAD, strlen(ANCHOR_AAD), sealed, len, der,
                              sizeof(der), &derlen) == CRYPTO_OK &&
                roster_anchor_decode(der, derlen, &keys->anchor) == ROSTER_OK;

    wire_wipe(der, sizeof(der));
    return good;
}

static bool load_anchor(struct keys *keys, const char *state, char *why, size_t whycap)
{
    char path[PATH_MAX];
    uint8_t sealed[SEALED_MAX + 1];
    size_t len = 0;

    snprintf(path, sizeof(path), "%s/%s", state, ANCHOR_FILE);
    if (!file_read_private(path, sealed, sizeof(sealed), &len, why, whycap))
        return false;
    if (!open_anchor(keys, sealed, len)) {
        snprintf(why, whycap, "%s: altered, or of another host", path);
        return false;
    }
    use_anchor(keys, &keys->anchor);
    return true;
}

static bool load_p256(const char *state, const char *name, uint8_t key[KEYS_PKCS8_MAX], size_t *len,
                      uint8_t spki[CRYPTO_SPKI_MAX], size_t *spki_len, char *why, size_t whycap)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", state, name);
    if (!file_read_private(path, key, KEYS_PKCS8_MAX, len, why, whycap))
        return false;
    if (crypto_p256_spki(key, *len, spki, CRYPTO_SPKI_MAX, spki_len) == CRYPTO_OK)
        return true;
    snprintf(why, whycap, "%s: not a P-256 private key", path);
    return false;
}

static bool exists(const char *state, const char *name)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/%s", state, name);
    return access(path, F_OK) == 0;
}

bool keys_load_next(struct keys *keys, const char *state, char *why, size_t whycap)
{
    return load_p256(state, KEYS_NEXT_FILE, keys->next, &keys->next_len, keys->next_spki,
                     &keys->next_spki_len, why, whycap);
}

static bool load_authority(struct keys *keys, const char *state, char *why, size_t whycap)
{
    memcpy(keys->roster_seal, keys->seal, sizeof(keys->roster_seal));
    return load_p256(state, AUTHORITY_FILE, keys->authority, &keys->authority_len,
                     keys->authority_spki, &keys->authority_spki_len, why, whycap) &&
           (!exists(state, KEYS_NEXT_FILE) || keys_load_next(keys, state, why, whycap));
}

bool keys_begin_rotation(struct keys *keys, const char *state, char *why, size_t whycap)
{
    return create_authority(state, KEYS_NEXT_FILE, why, whycap) &&
           keys_load_next(keys, state, why, whycap);
}

bool keys_end_rotation(struct keys *keys, const char *state, char *why, size_t whycap)
{
    char from[PATH_MAX], to[PATH_MAX];

    memcpy(keys->authority, keys->next, sizeof(keys->authority));
    keys->authority_len = keys->next_len;
    memcpy(keys->authority_spki, keys->next_spki, sizeof(keys->authority_spki));
    keys->authority_spki_len = keys->next_spki_len;
    wire_wipe(keys->next, sizeof(keys->next));
    keys->next_len = 0;
    snprintf(from, sizeof(from), "%s/%s", state, KEYS_NEXT_FILE);
    snprintf(to, sizeof(to), "%s/%s", state, AUTHORITY_FILE);
    return file_take_place(from, to, why, whycap);
}

bool keys_load(struct keys *keys, enum register_kind kind, const char *state, char *why,
               size_t whycap)
{
    keys->kind = kind;
    if (load_seal(keys, state, why, whycap) &&
        (kind == REGISTER_TAKEN ? load_anchor(keys, state, why, whycap)
                                : load_authority(keys, state, why, whycap)))
        return true;
    keys_wipe(keys);
    return false;
}

void keys_wipe(struct keys *keys)
{
    wire_wipe(keys, sizeof(*keys));
}
