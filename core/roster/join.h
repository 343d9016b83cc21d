/* SPDX-License-Identifier: Apache-2.0
 *
 * The join file: what a terminal needs to belong to a zone, made by the station for one host, good
 * for a day, sealed under a one-time code (core/roster/code.h) that travels another way. DER
 * Join (docs/roster.asn1) inside CodeSealed with the label "toyama join".
 */
#ifndef TOYAMA_CORE_ROSTER_JOIN_H
#define TOYAMA_CORE_ROSTER_JOIN_H

#include "core/crypto/cms.h"
#include "core/roster/code.h"

#define JOIN_TEXT_MAX  128   /* octets of UTF-8 with the NUL */
#define JOIN_KEY_MAX   256   /* octets of a PKCS#8 P-256 key */
#define JOIN_TRUST_MAX 16384 /* octets of DER */
#define JOIN_FILE_MAX  24576 /* octets of a join file */

struct roster_join {
    char zone[JOIN_TEXT_MAX];             /* config value; not empty */
    char host[JOIN_TEXT_MAX];             /* the only host that may take it; not empty */
    int64_t expires;                      /* seconds since 1970 UTC; not after this */
    uint8_t authority[CRYPTO_SHA256_LEN]; /* SHA-256 of the SPKI that signs the next issue */
    size_t trustlen;
    uint8_t trust[JOIN_TRUST_MAX]; /* roster_trust in DER, opaque here; not empty */
    size_t keylen;
    uint8_t key[JOIN_KEY_MAX]; /* the zone's private key, PKCS#8; not empty */
    size_t certlen;
    uint8_t cert[CMS_CERT_MAX]; /* the zone's certificate; not empty */
    uint8_t seal_key[CRYPTO_KEY_LEN];
    size_t oldlen;             /* 0: files are sealed for `key` */
    uint8_t old[JOIN_KEY_MAX]; /* what they are sealed for while the zone changes its keys */
    size_t helpdesklen;        /* 0: not a helpdesk host */
    uint8_t helpdesk[JOIN_KEY_MAX];
};

/* The content by itself: exact inverses. CODE_FULL where a member is outside of its limits or the
 * buffer too small; CODE_DAMAGED for what join_encode would not have written. */
int join_encode(const struct roster_join *join, void *buf, size_t cap, size_t *len);
int join_decode(const void *buf, size_t len, struct roster_join *out);

/* CODE_FULL where a member is outside of its limits. */
int join_seal(const struct roster_join *join, const char *code, void *buf, size_t cap,
              size_t *outlen);
/* Fills `out` only on CODE_OK, else wipes it. In this order: CODE_DAMAGED, the errors of
 * code_parse, CODE_WRONG, CODE_OTHER_HOST, CODE_EXPIRED (`now` is later than `expires`). The caller
 * wipes `out`.
 */
int join_open(const void *file, size_t len, const char *code, const char *host, int64_t now,
              struct roster_join *out);

#endif
