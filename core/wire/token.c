/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/token.h"

#define BIT(name) FRAME_BIT(TOKEN_F_##name)

const struct frame_rule token_to_worker[] = {
    {TOKEN_OPEN, BIT(ATTEMPT) | BIT(LOCK), 0},
    {TOKEN_CHALLENGE, BIT(ATTEMPT) | BIT(SERIAL) | BIT(SLOT) | BIT(CHALLENGE), 0},
    {TOKEN_PROGRAM, BIT(ATTEMPT) | BIT(SERIAL) | BIT(SLOT) | BIT(SECRET) | BIT(CODE) | BIT(TOUCH),
     BIT(CURRENT) | BIT(REPLACE)},
    {TOKEN_NEXT, BIT(ATTEMPT), 0},
    {TOKEN_LIST, BIT(ATTEMPT) | BIT(LOCK), 0},
};
const size_t token_to_worker_count = sizeof(token_to_worker) / sizeof(token_to_worker[0]);

const struct frame_rule token_to_broker[] = {
    {TOKEN_WAITING, BIT(ATTEMPT) | BIT(REASON), 0},
    {TOKEN_PRESENT, BIT(ATTEMPT) | BIT(KEYS), BIT(REASON)},
    {TOKEN_TOUCH, BIT(ATTEMPT), 0},
    {TOKEN_ANSWER, BIT(ATTEMPT) | BIT(ANSWER) | BIT(MICROS), 0},
    {TOKEN_PROGRAMMED, BIT(ATTEMPT) | BIT(KEYS) | BIT(MICROS), 0},
    {TOKEN_FAILED, BIT(ATTEMPT) | BIT(REASON), BIT(MICROS)},
    {TOKEN_REMOVED, BIT(ATTEMPT), 0},
};
const size_t token_to_broker_count = sizeof(token_to_broker) / sizeof(token_to_broker[0]);

void token_put_keys(struct frame_out *out, const struct token_key *keys, size_t count)
{
    size_t list = tlv_open(&out->tlv, 0x80 + TOKEN_F_KEYS);

    for (size_t n = 0; n < count; n++) {
        size_t mark = tlv_open(&out->tlv, DER_SEQUENCE);
        tlv_put_uint(&out->tlv, DER_INTEGER, keys[n].serial);
        tlv_put(&out->tlv, DER_OCTETS, keys[n].version, sizeof(keys[n].version));
        tlv_put_uint(&out->tlv, DER_INTEGER, keys[n].valid);
        tlv_put_uint(&out->tlv, DER_INTEGER, keys[n].touch);
        tlv_close(&out->tlv, mark);
    }
    tlv_close(&out->tlv, list);
}

static int take_uint(struct tlv_cur *cur, uint64_t max, uint64_t *out)
{
    struct tlv t;
    int r;

    if ((r = tlv_expect(cur, DER_INTEGER, &t)) != WIRE_OK || (r = tlv_uint(&t, out)) != WIRE_OK)
        return r;
    return *out <= max ? WIRE_OK : WIRE_VALUE;
}

static int take_key(struct tlv_cur *list, struct token_key *key)
{
    const uint64_t slots = (UINT64_C(1) << TOKEN_SLOTS) - 1;
    uint64_t serial = 0, valid = 0, touch = 0;
    struct tlv_cur cur;
    struct tlv version;
    int r;

    if ((r = tlv_enter(list, DER_SEQUENCE, &cur)) != WIRE_OK ||
        (r = take_uint(&cur, UINT32_MAX, &serial)) != WIRE_OK ||
        (r = tlv_expect(&cur, DER_OCTETS, &version)) != WIRE_OK ||
        (r = tlv_fixed(&version, key->version, sizeof(key->version))) != WIRE_OK ||
        (r = take_uint(&cur, slots, &valid)) != WIRE_OK ||
        (r = take_uint(&cur, slots, &touch)) != WIRE_OK || (r = tlv_end(&cur)) != WIRE_OK)
        return r;
    key->serial = (uint32_t)serial;
    key->valid = (uint8_t)valid;
    key->touch = (uint8_t)touch;
    return WIRE_OK;
}

int token_get_keys(const struct frame *f, struct token_key keys[TOKEN_KEYS_MAX], size_t *count)
{
    const struct tlv *list = &f->field[TOKEN_F_KEYS];
    struct tlv_cur cur;
    int r = WIRE_OK;

    *count = 0;
    if (!frame_has(f, TOKEN_F_KEYS))
        return WIRE_MISSING;
    cur = tlv_der(list->val, list->len);
    while (cur.left > 0 && r == WIRE_OK) {
        if (*count == TOKEN_KEYS_MAX)
            return WIRE_VALUE;
        r = take_key(&cur, &keys[*count]);
        if (r == WIRE_OK)
            (*count)++;
    }
    return r;
}
