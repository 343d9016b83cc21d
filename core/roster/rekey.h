/* SPDX-License-Identifier: Apache-2.0
 *
 * The keys of a zone as an issue hands them over (docs/roster.asn1, NextKeys): sealed, so that only
 * hosts that have the zone's keys of before can follow. Wherever the issue goes, by file or through
 * a database, they go with it, under its signatures.
 */
#ifndef TOYAMA_CORE_ROSTER_REKEY_H
#define TOYAMA_CORE_ROSTER_REKEY_H

#include "core/crypto/cms.h"
#include "core/roster/issue.h"

#define ROSTER_REKEY_KEY_MAX 256 /* octets of a PKCS#8 P-256 key */

struct roster_rekey {
    size_t key_len;
    uint8_t key[ROSTER_REKEY_KEY_MAX]; /* opens the zone's roster files; PKCS#8 */
    size_t cert_len;
    uint8_t cert[CMS_CERT_MAX];   /* of that key */
    uint8_t seal[CRYPTO_KEY_LEN]; /* seals templates and secrets of the zone */
};

/* Seals the keys for the issue's zone and number into `issue->keys`. ROSTER_FULL, ROSTER_CRYPTO. */
int roster_rekey_seal(const struct roster_rekey *next, const uint8_t seal[CRYPTO_KEY_LEN],
                      struct roster_issue *issue);
/* The keys that the issue hands over. ROSTER_SEALED: it hands over none, or they do not open with
 * `seal`. The caller wipes. */
int roster_rekey_open(const struct roster_issue *issue, const uint8_t seal[CRYPTO_KEY_LEN],
                      struct roster_rekey *out);
/* The issue hands over the keys of this very seal key to who has them: the zone has no others. */
bool roster_rekey_alone(const struct roster_issue *issue, const uint8_t seal[CRYPTO_KEY_LEN]);

#endif
