/* SPDX-License-Identifier: Apache-2.0
 *
 * The audit hash chain. An event is DER SEQUENCE { INTEGER sequence, INTEGER time,
 * UTF8String kind, SEQUENCE OF SEQUENCE { UTF8String key, UTF8String value } }; its link is
 * SHA-256(link of the event before || DER), the first one's predecessor being 32 zero octets.
 */
#ifndef TOYAMA_CORE_CHAIN_CHAIN_H
#define TOYAMA_CORE_CHAIN_CHAIN_H

#include "core/crypto/crypto.h"

enum chain_err {
    CHAIN_OK = 0,
    CHAIN_FORMAT = -1,
    CHAIN_BROKEN = -2, /* gap in the sequence or a link that does not fit */
    CHAIN_TIME = -3,   /* earlier than the event before */
    CHAIN_CRYPTO = -4,
    CHAIN_FULL = -5
};

#define CHAIN_EVENT_MAX 4096 /* octets of DER */
#define CHAIN_PAIRS_MAX 24
#define CHAIN_KEY_MAX   24  /* with the NUL */
#define CHAIN_VALUE_MAX 160 /* with the NUL; longer values are cut at a character's end */
#define CHAIN_KIND_MAX  24

struct chain_pair {
    char key[CHAIN_KEY_MAX];
    char value[CHAIN_VALUE_MAX];
};

struct chain_event {
    uint64_t sequence; /* 1 is the first */
    int64_t time;      /* seconds since 1970 UTC */
    char kind[CHAIN_KIND_MAX];
    size_t count;
    struct chain_pair pair[CHAIN_PAIRS_MAX];
};

/* False where the table is full or the key empty or too long. Control characters and broken UTF-8
 * become '?': values may come from a caller. */
bool chain_event_add(struct chain_event *e, const char *key, const char *value);
const char *chain_event_get(const struct chain_event *e, const char *key);
int chain_event_encode(const struct chain_event *e, void *buf, size_t cap, size_t *len);
int chain_event_decode(const void *buf, size_t len, struct chain_event *out);
int chain_link(const uint8_t previous[CRYPTO_SHA256_LEN], const void *der, size_t len,
               uint8_t out[CRYPTO_SHA256_LEN]);
/* Checks one step of a walk: sequence one higher than `last`, time not earlier, link fits.
 * Updates last_sequence, last_time and link on CHAIN_OK. */
struct chain_walk {
    uint64_t last_sequence;
    int64_t last_time;
    uint8_t link[CRYPTO_SHA256_LEN];
};
int chain_walk_step(struct chain_walk *walk, const void *der, size_t len,
                    const uint8_t link[CRYPTO_SHA256_LEN], struct chain_event *out);
const char *chain_strerror(int err);

#endif
