/* SPDX-License-Identifier: Apache-2.0 */
#include "core/chain/head.h"

#include <string.h>

#include "core/wire/tlv.h"

#define VERSION 1
#define LABEL   "toyama log head"

static bool is_sound(const struct chain_head *h)
{
    return h->sequence > 0 && h->time >= 0 && h->host[0] != '\0';
}

int chain_head_encode(const struct chain_head *h, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap < CHAIN_HEAD_MAX ? cap : CHAIN_HEAD_MAX);
    const size_t host = strnlen(h->host, sizeof(h->host));
    const struct tlv text = {.val = (const uint8_t *)h->host, .len = host};
    char checked[CHAIN_HOST_MAX];
    size_t mark;

    if (!is_sound(h) || host == sizeof(h->host) ||
        tlv_text(&text, checked, sizeof(checked)) != WIRE_OK)
        return CHAIN_FORMAT;
    mark = tlv_open(&out, DER_SEQUENCE);
    tlv_put_uint(&out, DER_INTEGER, VERSION);
    tlv_put_text(&out, DER_UTF8, LABEL);
    tlv_put(&out, DER_UTF8, h->host, host);
    tlv_put_uint(&out, DER_INTEGER, h->sequence);
    tlv_put(&out, DER_OCTETS, h->link, sizeof(h->link));
    tlv_put_uint(&out, DER_INTEGER, (uint64_t)h->time);
    tlv_put_uint(&out, DER_INTEGER, h->issue);
    tlv_put(&out, DER_OCTETS, h->amendments, sizeof(h->amendments));
    tlv_close(&out, mark);
    return tlv_finish(&out, len) == WIRE_OK ? CHAIN_OK : CHAIN_FULL;
}

static bool take_uint(struct tlv_cur *cur, uint64_t *out)
{
    struct tlv t = {0};

    return tlv_expect(cur, DER_INTEGER, &t) == WIRE_OK && tlv_uint(&t, out) == WIRE_OK;
}

static bool take_text(struct tlv_cur *cur, char *out, size_t cap)
{
    struct tlv t = {0};

    return tlv_expect(cur, DER_UTF8, &t) == WIRE_OK && tlv_text(&t, out, cap) == WIRE_OK;
}

static bool take_hash(struct tlv_cur *cur, uint8_t out[CRYPTO_SHA256_LEN])
{
    struct tlv t = {0};

    return tlv_expect(cur, DER_OCTETS, &t) == WIRE_OK &&
           tlv_fixed(&t, out, CRYPTO_SHA256_LEN) == WIRE_OK;
}

int chain_head_decode(const void *buf, size_t len, struct chain_head *out)
{
    struct tlv_cur all = tlv_der(buf, len), cur;
    struct chain_head h = {0};
    char label[sizeof(LABEL)] = "";
    uint64_t version = 0, time = 0;

    if (len > CHAIN_HEAD_MAX || tlv_enter(&all, DER_SEQUENCE, &cur) != WIRE_OK ||
        tlv_end(&all) != WIRE_OK || !take_uint(&cur, &version) || version != VERSION ||
        !take_text(&cur, label, sizeof(label)) || strcmp(label, LABEL) != 0 ||
        !take_text(&cur, h.host, sizeof(h.host)) || !take_uint(&cur, &h.sequence) ||
        !take_hash(&cur, h.link) || !take_uint(&cur, &time) || time > INT64_MAX ||
        !take_uint(&cur, &h.issue) || !take_hash(&cur, h.amendments) || tlv_end(&cur) != WIRE_OK)
        return CHAIN_FORMAT;
    h.time = (int64_t)time;
    if (!is_sound(&h))
        return CHAIN_FORMAT;
    *out = h;
    return CHAIN_OK;
}
