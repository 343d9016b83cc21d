/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/sha1.h"

#include <assert.h>
#include <string.h>

#define BLOCK 64

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

/* FIPS 180-4 4.1.1 and 4.2.1: function and constant of round t. */
static uint32_t round_value(unsigned t, uint32_t b, uint32_t c, uint32_t d)
{
    if (t < 20)
        return ((b & c) | (~b & d)) + 0x5A827999;
    if (t < 40)
        return (b ^ c ^ d) + 0x6ED9EBA1;
    if (t < 60)
        return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
    return (b ^ c ^ d) + 0xCA62C1D6;
}

static void expand(const uint8_t *block, uint32_t w[80])
{
    for (unsigned t = 0; t < 16; t++)
        w[t] = (uint32_t)block[4 * t] << 24 | (uint32_t)block[4 * t + 1] << 16 |
               (uint32_t)block[4 * t + 2] << 8 | block[4 * t + 3];
    for (unsigned t = 16; t < 80; t++)
        w[t] = rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
}

static void compress(uint32_t h[5], const uint8_t *block)
{
    uint32_t w[80], v[5], next;

    expand(block, w);
    memcpy(v, h, sizeof(v));
    for (unsigned t = 0; t < 80; t++) {
        next = rotate(v[0], 5) + round_value(t, v[1], v[2], v[3]) + v[4] + w[t];
        v[4] = v[3];
        v[3] = v[2];
        v[2] = rotate(v[1], 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (unsigned n = 0; n < 5; n++)
        h[n] += v[n];
}

void sha1(const uint8_t *data, size_t len, uint8_t out[SHA1_LEN])
{
    uint32_t h[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
    uint8_t padded[SHA1_MESSAGE_MAX + BLOCK + 8] = {0};
    size_t whole = (len + 8) / BLOCK * BLOCK + BLOCK;

    assert(len <= SHA1_MESSAGE_MAX);
    memcpy(padded, data, len);
    padded[len] = 0x80;
    for (unsigned n = 0; n < 8; n++)
        padded[whole - 1 - n] = (uint8_t)((uint64_t)len * 8 >> 8 * n);
    for (size_t at = 0; at < whole; at += BLOCK)
        compress(h, padded + at);
    for (unsigned n = 0; n < SHA1_LEN; n++)
        out[n] = (uint8_t)(h[n / 4] >> (24 - 8 * (n % 4)));
}

void sha1_hmac(const uint8_t key[SHA1_LEN], const uint8_t *data, size_t len, uint8_t out[SHA1_LEN])
{
    uint8_t inner[BLOCK + BLOCK], outer[BLOCK + SHA1_LEN];

    assert(len <= BLOCK);
    memset(inner, 0x36, BLOCK);
    memset(outer, 0x5C, BLOCK);
    for (unsigned n = 0; n < SHA1_LEN; n++) {
        inner[n] ^= key[n];
        outer[n] ^= key[n];
    }
    memcpy(inner + BLOCK, data, len);
    sha1(inner, BLOCK + len, outer + BLOCK);
    sha1(outer, sizeof(outer), out);
}
