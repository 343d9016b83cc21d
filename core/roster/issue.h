/* SPDX-License-Identifier: Apache-2.0
 *
 * The people of a zone at one moment: DER SEQUENCE { UTF8String zone, INTEGER number,
 * INTEGER created, OCTET STRING hash of the issue before, INTEGER count, OCTET STRING root } with
 * root = SHA-256 over the SHA-256 of each record, in the order of person ids. The authority signs
 * the SHA-256 of that DER with its P-256 key (detached, DER Ecdsa-Sig-Value).
 */
#ifndef TOYAMA_CORE_ROSTER_ISSUE_H
#define TOYAMA_CORE_ROSTER_ISSUE_H

#include "core/roster/record.h"

#define ROSTER_ISSUE_MAX     512
#define ROSTER_SIGNATURE_MAX 80

struct roster_issue {
    char zone[ROSTER_TEXT_MAX];
    uint64_t number;                     /* 1 is the first */
    int64_t created;                     /* seconds since 1970 UTC */
    uint8_t previous[CRYPTO_SHA256_LEN]; /* of the DER of issue number - 1; zero for the first */
    uint64_t count;
    uint8_t root[CRYPTO_SHA256_LEN];
};

int roster_issue_encode(const struct roster_issue *issue, void *buf, size_t cap, size_t *len);
int roster_issue_decode(const void *buf, size_t len, struct roster_issue *out);
/* Signs the encoded issue with the authority's PKCS#8 key. */
int roster_issue_sign(const void *der, size_t len, const void *key, size_t keylen, uint8_t *sig,
                      size_t cap, size_t *siglen);
/* Signature by `spki`, zone, and that `number` >= `least`. Fills `out` only on ROSTER_OK. */
int roster_issue_verify(const void *der, size_t len, const void *sig, size_t siglen,
                        const void *spki, size_t spkilen, const char *zone, uint64_t least,
                        struct roster_issue *out);
/* Whether `next` follows the issue whose DER is given. */
int roster_issue_follows(const struct roster_issue *next, const void *previous_der, size_t len);

/* The root as records come by, ordered by id; a repeated or falling id is ROSTER_CHAIN. */
struct roster_root {
    uint64_t count;
    size_t used;
    size_t cap;
    uint8_t last_id[ROSTER_ID_LEN];
    uint8_t *hashes; /* owned: count * 32 octets, grown by realloc */
};
void roster_root_begin(struct roster_root *root);
int roster_root_add(struct roster_root *root, const uint8_t id[ROSTER_ID_LEN],
                    const uint8_t hash[CRYPTO_SHA256_LEN]);
int roster_root_finish(struct roster_root *root, uint8_t out[CRYPTO_SHA256_LEN]);
void roster_root_free(struct roster_root *root);

#endif
