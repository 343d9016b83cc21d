/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/chain/chain.h"
#include "core/wire/tlv.h"

#define CHARACTER_MAX 4 /* octets of UTF-8 */

/* The octets of the character at `text`, 0 where it is broken or a control character. */
static size_t printable(const char *text, size_t left)
{
    char checked[CHARACTER_MAX + 1];

    for (size_t n = 1; n <= CHARACTER_MAX && n <= left; n++) {
        const struct tlv t = {.val = (const uint8_t *)text, .len = n};
        if (tlv_text(&t, checked, sizeof(checked)) == WIRE_OK)
            return n;
    }
    return 0;
}

static void copy_clean(char *dst, size_t cap, const char *text)
{
    size_t left = strlen(text), used = 0;

    while (left > 0) {
        size_t n = printable(text, left);
        const char *from = n > 0 ? text : "?";
        size_t len = n > 0 ? n : 1;
        if (len >= cap - used)
            break;
        memcpy(dst + used, from, len);
        used += len;
        text += len;
        left -= len;
    }
    dst[used] = '\0';
}

bool chain_event_add(struct chain_event *e, const char *key, const char *value)
{
    struct chain_pair *pair;

    if (e->count >= CHAIN_PAIRS_MAX || key[0] == '\0' || strlen(key) >= CHAIN_KEY_MAX)
        return false;
    pair = &e->pair[e->count++];
    copy_clean(pair->key, sizeof(pair->key), key);
    copy_clean(pair->value, sizeof(pair->value), value);
    return true;
}

const char *chain_event_get(const struct chain_event *e, const char *key)
{
    for (size_t n = 0; n < e->count && n < CHAIN_PAIRS_MAX; n++)
        if (strcmp(e->pair[n].key, key) == 0)
            return e->pair[n].value;
    return NULL;
}

/* False where decode would not read the text back. */
static bool put_text(struct tlv_out *out, const char *text, size_t size, size_t min)
{
    const size_t len = strnlen(text, size);
    const struct tlv t = {.val = (const uint8_t *)text, .len = len};
    char checked[CHAIN_VALUE_MAX];

    if (len < min || len >= size || tlv_text(&t, checked, sizeof(checked)) != WIRE_OK)
        return false;
    tlv_put(out, DER_UTF8, text, len);
    return true;
}

static bool put_pair(struct tlv_out *out, const struct chain_pair *pair)
{
    size_t mark = tlv_open(out, DER_SEQUENCE);

    if (!put_text(out, pair->key, sizeof(pair->key), 1) ||
        !put_text(out, pair->value, sizeof(pair->value), 0))
        return false;
    tlv_close(out, mark);
    return true;
}

int chain_event_encode(const struct chain_event *e, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap < CHAIN_EVENT_MAX ? cap : CHAIN_EVENT_MAX);
    size_t whole, pairs;

    if (e->sequence == 0 || e->time < 0 || e->count > CHAIN_PAIRS_MAX)
        return CHAIN_FORMAT;
    whole = tlv_open(&out, DER_SEQUENCE);
    tlv_put_uint(&out, DER_INTEGER, e->sequence);
    tlv_put_uint(&out, DER_INTEGER, (uint64_t)e->time);
    if (!put_text(&out, e->kind, sizeof(e->kind), 1))
        return CHAIN_FORMAT;
    pairs = tlv_open(&out, DER_SEQUENCE);
    for (size_t n = 0; n < e->count; n++)
        if (!put_pair(&out, &e->pair[n]))
            return CHAIN_FORMAT;
    tlv_close(&out, pairs);
    tlv_close(&out, whole);
    return tlv_finish(&out, len) == WIRE_OK ? CHAIN_OK : CHAIN_FULL;
}

static bool take_uint(struct tlv_cur *cur, uint64_t *out)
{
    struct tlv t = {0};

    return tlv_expect(cur, DER_INTEGER, &t) == WIRE_OK && tlv_uint(&t, out) == WIRE_OK;
}

static bool take_text(struct tlv_cur *cur, char *dst, size_t cap, size_t min)
{
    struct tlv t = {0};

    return tlv_expect(cur, DER_UTF8, &t) == WIRE_OK && t.len >= min &&
           tlv_text(&t, dst, cap) == WIRE_OK;
}

static bool take_pair(struct tlv_cur *cur, struct chain_pair *pair)
{
    struct tlv_cur one;

    return tlv_enter(cur, DER_SEQUENCE, &one) == WIRE_OK &&
           take_text(&one, pair->key, sizeof(pair->key), 1) &&
           take_text(&one, pair->value, sizeof(pair->value), 0) && tlv_end(&one) == WIRE_OK;
}

static bool take_pairs(struct tlv_cur *cur, struct chain_event *e)
{
    struct tlv_cur pairs;

    if (tlv_enter(cur, DER_SEQUENCE, &pairs) != WIRE_OK)
        return false;
    for (; pairs.left > 0; e->count++)
        if (e->count >= CHAIN_PAIRS_MAX || !take_pair(&pairs, &e->pair[e->count]))
            return false;
    return true;
}

int chain_event_decode(const void *buf, size_t len, struct chain_event *out)
{
    struct tlv_cur cur = tlv_der(buf, len);
    struct tlv_cur body;
    struct chain_event e = {0};
    uint64_t time = 0;

    if (len > CHAIN_EVENT_MAX || tlv_enter(&cur, DER_SEQUENCE, &body) != WIRE_OK ||
        tlv_end(&cur) != WIRE_OK || !take_uint(&body, &e.sequence) || !take_uint(&body, &time) ||
        !take_text(&body, e.kind, sizeof(e.kind), 1) || !take_pairs(&body, &e) ||
        tlv_end(&body) != WIRE_OK || e.sequence == 0 || time > INT64_MAX)
        return CHAIN_FORMAT;
    e.time = (int64_t)time;
    *out = e;
    return CHAIN_OK;
}
