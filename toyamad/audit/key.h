/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's log key (P-256), in a file of its own beside the other keys. It signs the head of the
 * log and nothing else.
 */
#ifndef TOYAMA_TOYAMAD_AUDIT_KEY_H
#define TOYAMA_TOYAMAD_AUDIT_KEY_H

#include "toyamad/keys.h"

#define AUDIT_KEY_FILE "log.key"
#define AUDIT_KEY_NEXT "log.key.next" /* made, but no head was signed with it yet */

struct audit_key {
    uint8_t key[KEYS_PKCS8_MAX];
    size_t len;
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t spki_len;
};

/* Makes the file `name` in `state` (mode 0600). Refuses to replace one that exists. */
bool audit_key_create(const char *state, const char *name, char *why, size_t whycap);
bool audit_key_exists(const char *state, const char *name);
bool audit_key_load(struct audit_key *key, const char *state, const char *name, char *why,
                    size_t whycap);
/* AUDIT_KEY_NEXT becomes AUDIT_KEY_FILE, on the disk, too. */
bool audit_key_install(const char *state, char *why, size_t whycap);

#endif
