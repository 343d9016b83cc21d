/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's own keys: the seal key (a systemd credential where there is one, else a root-only
 * file) and the authority's P-256 key. Both are made by init and never leave the host.
 */
#ifndef TOYAMA_TOYAMAD_KEYS_H
#define TOYAMA_TOYAMAD_KEYS_H

#include "core/crypto/crypto.h"

#define KEYS_PKCS8_MAX 256

struct keys {
    uint8_t seal[CRYPTO_KEY_LEN];
    uint8_t authority[KEYS_PKCS8_MAX];
    size_t authority_len;
    uint8_t authority_spki[CRYPTO_SPKI_MAX];
    size_t authority_spki_len;
};

/* Makes both files in `state` (mode 0600). Refuses to replace one that exists. */
bool keys_create(const char *state, char *why, size_t whycap);
/* Refuses files that are not root's, not regular, or readable by others. */
bool keys_load(struct keys *keys, const char *state, char *why, size_t whycap);
void keys_wipe(struct keys *keys);

#endif
