/* SPDX-License-Identifier: Apache-2.0
 *
 * What a terminal keeps of its joining: whom it believes, and the keys of its zone. DER Anchor
 * (docs/roster.asn1); at rest it is sealed with the host's own seal key.
 */
#ifndef TOYAMA_CORE_ROSTER_ANCHOR_H
#define TOYAMA_CORE_ROSTER_ANCHOR_H

#include "core/crypto/cms.h"
#include "core/roster/issue.h"

#define ROSTER_ANCHOR_KEY_MAX 256   /* octets of a PKCS#8 P-256 key */
#define ROSTER_ANCHOR_MAX     16384 /* octets of DER */

struct roster_anchor {
    struct roster_trust trust; /* the zone's newest issue at that time */
    size_t key_len;
    uint8_t key[ROSTER_ANCHOR_KEY_MAX]; /* opens the zone's roster files; PKCS#8 */
    size_t cert_len;
    uint8_t cert[CMS_CERT_MAX];       /* of that key */
    uint8_t seal_key[CRYPTO_KEY_LEN]; /* seals templates and secrets of the zone */
    /* Those of before, after the zone changed its keys; length 0: none. */
    size_t old_key_len;
    uint8_t old_key[ROSTER_ANCHOR_KEY_MAX]; /* opens the files until the change is ended */
    size_t old_seal_len;
    uint8_t old_seal[CRYPTO_KEY_LEN];        /* of what lies here until the issue is installed */
    size_t helpdesk_len;                     /* 0: this is not a helpdesk host */
    uint8_t helpdesk[ROSTER_ANCHOR_KEY_MAX]; /* signs amendments; PKCS#8 */
};

/* The caller wipes what holds the keys, encoded or not. */
int roster_anchor_encode(const struct roster_anchor *anchor, void *buf, size_t cap, size_t *len);
int roster_anchor_decode(const void *buf, size_t len, struct roster_anchor *out);

#endif
