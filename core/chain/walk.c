/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/chain/chain.h"

const char *chain_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "malformed event",
                                       "gap, or link that does not fit",
                                       "earlier than the event before",
                                       "cryptographic failure",
                                       "buffer too small"};
    int index = -err;

    if (index < 0 || (size_t)index >= sizeof(text) / sizeof(text[0]))
        return "unknown error";
    return text[index];
}

int chain_link(const uint8_t previous[CRYPTO_SHA256_LEN], const void *der, size_t len,
               uint8_t out[CRYPTO_SHA256_LEN])
{
    if (crypto_sha256_two(previous, CRYPTO_SHA256_LEN, der, len, out) != CRYPTO_OK)
        return CHAIN_CRYPTO;
    return CHAIN_OK;
}

int chain_walk_step(struct chain_walk *walk, const void *der, size_t len,
                    const uint8_t link[CRYPTO_SHA256_LEN], struct chain_event *out)
{
    struct chain_event e;
    uint8_t expected[CRYPTO_SHA256_LEN];
    int r;

    if ((r = chain_event_decode(der, len, &e)) != CHAIN_OK ||
        (r = chain_link(walk->link, der, len, expected)) != CHAIN_OK)
        return r;
    if (e.sequence - 1 != walk->last_sequence || memcmp(expected, link, sizeof(expected)) != 0)
        return CHAIN_BROKEN;
    if (e.time < walk->last_time)
        return CHAIN_TIME;
    walk->last_sequence = e.sequence;
    walk->last_time = e.time;
    memcpy(walk->link, expected, sizeof(expected));
    *out = e;
    return CHAIN_OK;
}
