/* SPDX-License-Identifier: Apache-2.0
 *
 * Memorised secrets (NIST SP 800-63B 5.1.1): hashed with yescrypt by libxcrypt, which needs memory
 * and time enough that a stolen store cannot be searched at speed.
 */
#ifndef TOYAMA_TOYAMAD_MEMORISED_H
#define TOYAMA_TOYAMAD_MEMORISED_H

#include <stdbool.h>

#define MEMORISED_HASH_MAX 256
#define MEMORISED_MIN      6 /* characters; octets that are no ASCII are refused */
#define MEMORISED_MAX      64

/* False for one that is too short or too long, has other characters than printable ASCII, or is one
 * character or one run (000000, 123456, fedcba). */
bool memorised_acceptable(const char *secret);
/* False where the library failed. */
bool memorised_hash(const char *secret, char out[MEMORISED_HASH_MAX]);
bool memorised_check(const char *secret, const char *hash);

#endif
