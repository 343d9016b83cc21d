/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's keys. Its own, made by init, never leave it: the seal key (a systemd credential where
 * there is one, else a root-only file) and, where it keeps its own register, the authority's P-256
 * key. A host that takes its people from elsewhere has the anchor of its joining instead.
 */
#ifndef TOYAMA_TOYAMAD_KEYS_H
#define TOYAMA_TOYAMAD_KEYS_H

#include "core/roster/anchor.h"
#include "toyamad/config_roster.h"

#define KEYS_PKCS8_MAX 256

#define KEYS_NEXT_FILE "authority.key.next"

struct keys {
    enum register_kind kind;
    uint8_t seal[CRYPTO_KEY_LEN];        /* of this host */
    uint8_t roster_seal[CRYPTO_KEY_LEN]; /* of templates and secrets: this host's or the zone's */
    /* REGISTER_OWN, REGISTER_STATION */
    uint8_t authority[KEYS_PKCS8_MAX];
    size_t authority_len;
    uint8_t authority_spki[CRYPTO_SPKI_MAX];
    size_t authority_spki_len;
    /* The one that takes over (authority.key.next); `next_len` 0: there is none. */
    uint8_t next[KEYS_PKCS8_MAX];
    size_t next_len;
    uint8_t next_spki[CRYPTO_SPKI_MAX];
    size_t next_spki_len;
    /* REGISTER_TAKEN */
    struct roster_anchor anchor;
};

/* Makes seal key and authority's key in `state` (mode 0600). Refuses to replace one that exists. */
bool keys_create(const char *state, char *why, size_t whycap);
/* Makes seal key and anchor. */
bool keys_create_taken(const char *state, const struct roster_anchor *anchor, char *why,
                       size_t whycap);
/* Puts this anchor into the place of the one that is there, in one step, and into `keys`. False:
 * nothing has changed. */
bool keys_replace_anchor(struct keys *keys, const struct roster_anchor *anchor, const char *state,
                         char *why, size_t whycap);
/* Opens what is sealed for this host's zone, also with the key of before where the zone changed
 * it. Errors as crypto_unseal. */
int keys_unseal(const struct keys *keys, const void *aad, size_t aadlen, const void *sealed,
                size_t len, void *out, size_t cap, size_t *outlen);
/* Refuses files that are not root's, not regular, or readable by others. */
bool keys_load(struct keys *keys, enum register_kind kind, const char *state, char *why,
               size_t whycap);
/* Whether the seal key comes from systemd, and not from a file in the state. */
bool keys_seal_is_credential(void);
/* PKCS#8 of a new key. False: random numbers or memory. */
bool keys_make_authority(uint8_t key[KEYS_PKCS8_MAX], size_t *len);
/* The authority's next key, which has come to its place. */
bool keys_load_next(struct keys *keys, const char *state, char *why, size_t whycap);
/* Makes the next key of the authority. False where there is one. */
bool keys_begin_rotation(struct keys *keys, const char *state, char *why, size_t whycap);
/* The next key becomes the authority's, in memory whatever the disk says: the registry was signed
 * with it. */
bool keys_end_rotation(struct keys *keys, const char *state, char *why, size_t whycap);
void keys_wipe(struct keys *keys);

#endif
