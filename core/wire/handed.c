/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/handed.h"

#define EVENT_MAX 4096

int handed_event_encode(const struct handed_event *e, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t mark = tlv_open(&out, DER_SEQUENCE);

    tlv_put_uint(&out, DER_INTEGER, e->sequence);
    tlv_put(&out, DER_OCTETS, e->der, e->der_len);
    tlv_put(&out, DER_OCTETS, e->link, HANDED_LINK_LEN);
    tlv_close(&out, mark);
    return tlv_finish(&out, len);
}

int handed_counter_encode(const struct handed_counter *c, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t mark = tlv_open(&out, DER_SEQUENCE);

    tlv_put(&out, DER_OCTETS, c->person, HANDED_ID_LEN);
    tlv_put_uint(&out, DER_INTEGER, c->failures);
    tlv_put_uint(&out, DER_INTEGER, c->until);
    tlv_close(&out, mark);
    return tlv_finish(&out, len);
}

int handed_use_encode(const struct handed_use *u, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t mark = tlv_open(&out, DER_SEQUENCE);

    tlv_put(&out, DER_OCTETS, u->person, HANDED_ID_LEN);
    tlv_put_uint(&out, DER_INTEGER, u->day);
    tlv_close(&out, mark);
    return tlv_finish(&out, len);
}

static int take_uint(struct tlv_cur *cur, uint64_t *out)
{
    struct tlv t = {0};
    int r = tlv_expect(cur, DER_INTEGER, &t);

    return r != WIRE_OK ? r : tlv_uint(&t, out);
}

static int take_octets(struct tlv_cur *cur, size_t least, size_t most, struct tlv *out)
{
    int r = tlv_expect(cur, DER_OCTETS, out);

    if (r != WIRE_OK)
        return r;
    return out->len >= least && out->len <= most ? WIRE_OK : WIRE_LENGTH;
}

static int end_item(const struct tlv_cur *item)
{
    int r = tlv_end(item);

    return r == WIRE_OK ? 1 : r;
}

int handed_event_next(struct tlv_cur *cur, struct handed_event *out)
{
    struct tlv_cur item;
    struct tlv der = {0}, link = {0};
    int r;

    if (cur->left == 0)
        return 0;
    *out = (struct handed_event){0};
    if ((r = tlv_enter(cur, DER_SEQUENCE, &item)) != WIRE_OK ||
        (r = take_uint(&item, &out->sequence)) != WIRE_OK ||
        (r = take_octets(&item, 1, EVENT_MAX, &der)) != WIRE_OK ||
        (r = take_octets(&item, HANDED_LINK_LEN, HANDED_LINK_LEN, &link)) != WIRE_OK)
        return r;
    out->der = der.val;
    out->der_len = der.len;
    out->link = link.val;
    return end_item(&item);
}

int handed_counter_next(struct tlv_cur *cur, struct handed_counter *out)
{
    struct tlv_cur item;
    struct tlv person = {0};
    int r;

    if (cur->left == 0)
        return 0;
    *out = (struct handed_counter){0};
    if ((r = tlv_enter(cur, DER_SEQUENCE, &item)) != WIRE_OK ||
        (r = take_octets(&item, HANDED_ID_LEN, HANDED_ID_LEN, &person)) != WIRE_OK ||
        (r = take_uint(&item, &out->failures)) != WIRE_OK ||
        (r = take_uint(&item, &out->until)) != WIRE_OK)
        return r;
    if (out->until > INT64_MAX || out->failures > UINT32_MAX)
        return WIRE_VALUE;
    out->person = person.val;
    return end_item(&item);
}

int handed_use_next(struct tlv_cur *cur, struct handed_use *out)
{
    struct tlv_cur item;
    struct tlv person = {0};
    int r;

    if (cur->left == 0)
        return 0;
    *out = (struct handed_use){0};
    if ((r = tlv_enter(cur, DER_SEQUENCE, &item)) != WIRE_OK ||
        (r = take_octets(&item, HANDED_ID_LEN, HANDED_ID_LEN, &person)) != WIRE_OK ||
        (r = take_uint(&item, &out->day)) != WIRE_OK)
        return r;
    if (out->day < 1 || out->day > HANDED_DAY_MAX)
        return WIRE_VALUE;
    out->person = person.val;
    return end_item(&item);
}

int handed_octets_next(struct tlv_cur *cur, struct tlv *out)
{
    int r;

    if (cur->left == 0)
        return 0;
    r = take_octets(cur, 1, HANDED_ITEM_MAX, out);
    return r == WIRE_OK ? 1 : r;
}
