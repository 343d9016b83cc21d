/* SPDX-License-Identifier: Apache-2.0
 *
 * The head of a host's log (docs/roster.asn1, LogHead): what the newest event is and which issue
 * and amendments the store had with it. The host's log key signs it anew with every event, so that
 * events cut off at the end, or an older copy of a part of the store, are noticed.
 */
#ifndef TOYAMA_CORE_CHAIN_HEAD_H
#define TOYAMA_CORE_CHAIN_HEAD_H

#include "core/chain/chain.h"

#define CHAIN_HEAD_MAX 384 /* octets of DER */
#define CHAIN_HOST_MAX 128 /* with the NUL */

struct chain_head {
    char host[CHAIN_HOST_MAX]; /* not empty */
    uint64_t sequence;         /* of the newest event; 1 is the first */
    uint8_t link[CRYPTO_SHA256_LEN];
    int64_t time;                          /* seconds since 1970 UTC */
    uint64_t issue;                        /* number of the installed issue; 0: none */
    uint8_t amendments[CRYPTO_SHA256_LEN]; /* over all that the store holds */
};

int chain_head_encode(const struct chain_head *h, void *buf, size_t cap, size_t *len);
int chain_head_decode(const void *buf, size_t len, struct chain_head *out);

#endif
