/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/admin.h"

#include <string.h>

#define BIT(name) FRAME_BIT(ADMIN_F_##name)

enum { TAG_KEY = 0x80, TAG_VALUE = 0x81 };

const struct frame_rule admin_to_broker[] = {
    {ADMIN_CALL, BIT(VERSION) | BIT(VERB), BIT(PAIRS)},
    {ADMIN_ANSWER, 0, BIT(SECRET)},
};
const size_t admin_to_broker_count = sizeof(admin_to_broker) / sizeof(admin_to_broker[0]);

const struct frame_rule admin_to_client[] = {
    {ADMIN_EVENT, BIT(MSG), BIT(ARGS)},
    {ADMIN_ASK, BIT(MSG), BIT(ARGS)},
    {ADMIN_ROW, BIT(PAIRS), 0},
    {ADMIN_DONE, BIT(RESULT), BIT(MSG) | BIT(ARGS) | BIT(DETAIL)},
};
const size_t admin_to_client_count = sizeof(admin_to_client) / sizeof(admin_to_client[0]);

bool admin_pair_add(struct admin_pairs *pairs, const char *key, const char *value)
{
    struct admin_pair *pair;

    if (pairs->count >= ADMIN_PAIRS_MAX || strlen(key) >= ADMIN_KEY_MAX ||
        strlen(value) >= ADMIN_VALUE_MAX)
        return false;
    pair = &pairs->pair[pairs->count++];
    memcpy(pair->key, key, strlen(key) + 1);
    memcpy(pair->value, value, strlen(value) + 1);
    return true;
}

const char *admin_pair_get(const struct admin_pairs *pairs, const char *key)
{
    for (size_t n = 0; n < pairs->count; n++)
        if (strcmp(pairs->pair[n].key, key) == 0)
            return pairs->pair[n].value;
    return NULL;
}

int admin_pairs_encode(const struct admin_pairs *pairs, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);

    for (size_t n = 0; n < pairs->count; n++) {
        size_t mark = tlv_open(&out, DER_SEQUENCE);
        tlv_put_text(&out, TAG_KEY, pairs->pair[n].key);
        tlv_put_text(&out, TAG_VALUE, pairs->pair[n].value);
        tlv_close(&out, mark);
    }
    return tlv_finish(&out, len);
}

static int decode_pair(struct tlv_cur *cur, struct admin_pairs *out)
{
    struct tlv_cur one;
    struct tlv key = {0}, value = {0};
    struct admin_pair *pair = &out->pair[out->count];
    int r;

    if ((r = tlv_enter(cur, DER_SEQUENCE, &one)) != WIRE_OK ||
        (r = tlv_expect(&one, TAG_KEY, &key)) != WIRE_OK ||
        (r = tlv_expect(&one, TAG_VALUE, &value)) != WIRE_OK || (r = tlv_end(&one)) != WIRE_OK ||
        (r = tlv_text(&key, pair->key, sizeof(pair->key))) != WIRE_OK ||
        (r = tlv_text(&value, pair->value, sizeof(pair->value))) != WIRE_OK)
        return r;
    if (admin_pair_get(out, pair->key) != NULL)
        return WIRE_DUPLICATE;
    out->count++;
    return WIRE_OK;
}

int admin_pairs_decode(const void *buf, size_t len, struct admin_pairs *out)
{
    struct tlv_cur cur = tlv_der(buf, len);
    int r;

    *out = (struct admin_pairs){0};
    while (cur.left > 0) {
        if (out->count >= ADMIN_PAIRS_MAX)
            return WIRE_LENGTH;
        if ((r = decode_pair(&cur, out)) != WIRE_OK)
            return r;
    }
    return WIRE_OK;
}
