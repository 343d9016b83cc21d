/* SPDX-License-Identifier: Apache-2.0
 *
 * The card's arithmetic: numbers of 64 bits, least significant octet first, as all of FeliCa is.
 */
#include "tests/virtual/card/felica.h"

#include <stdlib.h>

struct key {
    uint64_t first, second;
};

static uint64_t load(const uint8_t *p)
{
    uint64_t value = 0;

    for (int n = 7; n >= 0; n--)
        value = value << 8 | p[n];
    return value;
}

static void store_most_first(uint64_t value, uint8_t *p)
{
    for (int n = 7; n >= 0; n--) {
        p[n] = (uint8_t)value;
        value >>= 8;
    }
}

static uint64_t load_most_first(const uint8_t *p)
{
    uint64_t value = 0;

    for (int n = 0; n < 8; n++)
        value = value << 8 | p[n];
    return value;
}

/* DES wants its numbers most significant octet first. */
static uint64_t encrypt(struct key key, uint64_t block)
{
    uint8_t octets[16], in[8], out[16];
    EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
    int len = 0;

    store_most_first(key.first, octets);
    store_most_first(key.second, octets + 8);
    store_most_first(block, in);
    if (ctx == NULL || EVP_EncryptInit_ex(ctx, EVP_des_ede(), NULL, octets, NULL) != 1 ||
        EVP_EncryptUpdate(ctx, out, &len, in, sizeof(in)) != 1 || len != 8)
        abort();
    EVP_CIPHER_CTX_free(ctx);
    return load_most_first(out);
}

static struct key session_key(const uint8_t *ck, const uint8_t *rc)
{
    struct key card = {load(ck), load(ck + 8)}, session;

    session.first = encrypt(card, load(rc));
    session.second = encrypt(card, load(rc + 8) ^ session.first);
    return session;
}

static uint64_t chain(struct key key, uint64_t value, const uint8_t *data, size_t blocks)
{
    for (size_t n = 0; n < 2 * blocks; n++)
        value = encrypt(key, value ^ load(data + 8 * n));
    return value;
}

static void put(uint64_t value, uint8_t *mac)
{
    for (int n = 0; n < FELICA_MAC_LEN; n++) {
        mac[n] = (uint8_t)value;
        value >>= 8;
    }
}

void felica_mac_read(const uint8_t *ck, const uint8_t *rc, const uint8_t *head, size_t count,
                     const uint8_t *data, uint8_t *mac)
{
    struct key key = session_key(ck, rc);
    uint64_t list = 0;

    for (size_t n = 4; n-- > 0;)
        list = list << 16 | (n < count ? head[n] : 0xFFFFu);
    put(chain(key, encrypt(key, load(rc) ^ list), data, count - 1), mac);
}

void felica_mac_lite(const uint8_t *ck, const uint8_t *rc, size_t blocks, const uint8_t *data,
                     uint8_t *mac)
{
    put(chain(session_key(ck, rc), load(rc), data, blocks), mac);
}

void felica_mac_write(const uint8_t *ck, const uint8_t *rc, uint32_t wcnt, uint8_t block,
                      const uint8_t *data, uint8_t *mac)
{
    struct key key = session_key(ck, rc), turned = {key.second, key.first};
    uint64_t head = (uint64_t)0x91 << 48 | (uint64_t)block << 32 | wcnt;

    put(chain(turned, encrypt(turned, load(rc) ^ head), data, 1), mac);
}
