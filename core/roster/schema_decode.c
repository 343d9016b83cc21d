/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/roster/schema.h"

static int take_structure(const struct schema *schema, struct tlv_cur *cur, uint8_t *out);

static void store_uint(void *member, size_t size, uint64_t value)
{
    const uint8_t u8 = (uint8_t)value;
    const uint16_t u16 = (uint16_t)value;
    const uint32_t u32 = (uint32_t)value;

    switch (size) {
    case sizeof(u8):
        memcpy(member, &u8, size);
        break;
    case sizeof(u16):
        memcpy(member, &u16, size);
        break;
    case sizeof(u32):
        memcpy(member, &u32, size);
        break;
    default:
        memcpy(member, &value, sizeof(value));
        break;
    }
}

static void store_count(uint8_t *out, const struct schema_row *row, size_t count)
{
    memcpy(out + row->count, &count, sizeof(count));
}

static int take_uint(const struct schema_row *row, struct tlv_cur *cur, uint8_t *member)
{
    struct tlv t = {0};
    uint64_t value = 0;

    if (tlv_expect(cur, DER_INTEGER, &t) != WIRE_OK || tlv_uint(&t, &value) != WIRE_OK ||
        value < row->min || value > row->max)
        return ROSTER_FORMAT;
    store_uint(member, row->size, value);
    return ROSTER_OK;
}

static int take_bool(struct tlv_cur *cur, uint8_t *member)
{
    struct tlv t = {0};
    bool truth;

    if (tlv_expect(cur, DER_BOOLEAN, &t) != WIRE_OK || t.len != 1 ||
        (t.val[0] != 0xFF && t.val[0] != 0x00))
        return ROSTER_FORMAT;
    truth = t.val[0] == 0xFF;
    memcpy(member, &truth, sizeof(truth));
    return ROSTER_OK;
}

static int take_fixed(const struct schema_row *row, struct tlv_cur *cur, uint8_t *member)
{
    struct tlv t = {0};

    if (tlv_expect(cur, DER_OCTETS, &t) != WIRE_OK || tlv_fixed(&t, member, row->size) != WIRE_OK)
        return ROSTER_FORMAT;
    return ROSTER_OK;
}

static int take_octets(const struct schema_row *row, struct tlv_cur *cur, uint8_t *out)
{
    struct tlv t = {0};

    if (tlv_expect(cur, DER_OCTETS, &t) != WIRE_OK || t.len < row->min || t.len > row->size)
        return ROSTER_FORMAT;
    memcpy(out + row->offset, t.val, t.len);
    store_count(out, row, t.len);
    return ROSTER_OK;
}

static int take_text(struct tlv_cur *cur, char *member, size_t size, uint64_t min)
{
    struct tlv t = {0};

    if (tlv_expect(cur, DER_UTF8, &t) != WIRE_OK || t.len < min ||
        tlv_text(&t, member, size) != WIRE_OK)
        return ROSTER_FORMAT;
    return ROSTER_OK;
}

static int take_list(const struct schema_row *row, struct tlv_cur *cur, uint8_t *out)
{
    struct tlv_cur items;
    size_t count = 0;

    if (tlv_enter(cur, DER_SEQUENCE, &items) != WIRE_OK)
        return ROSTER_FORMAT;
    for (; items.left > 0; count++) {
        uint8_t *member = out + row->offset + count * row->size;
        int r;
        if (count >= row->max)
            return ROSTER_FORMAT;
        r = row->kind == SCHEMA_TEXTS ? take_text(&items, (char *)member, row->size, 1)
                                      : take_structure(row->item, &items, member);
        if (r != ROSTER_OK)
            return r;
    }
    store_count(out, row, count);
    return count >= row->min ? ROSTER_OK : ROSTER_FORMAT;
}

static int take_row(const struct schema_row *row, struct tlv_cur *cur, uint8_t *out)
{
    uint8_t *member = out + row->offset;

    switch (row->kind) {
    case SCHEMA_UINT:
        return take_uint(row, cur, member);
    case SCHEMA_BOOL:
        return take_bool(cur, member);
    case SCHEMA_FIXED:
        return take_fixed(row, cur, member);
    case SCHEMA_OCTETS:
        return take_octets(row, cur, out);
    case SCHEMA_TEXT:
        return take_text(cur, (char *)member, row->size, row->min);
    case SCHEMA_LIST:
    case SCHEMA_TEXTS:
        return take_list(row, cur, out);
    default:
        return ROSTER_FORMAT;
    }
}

static int take_structure(const struct schema *schema, struct tlv_cur *cur, uint8_t *out)
{
    struct tlv_cur body;

    if (tlv_enter(cur, DER_SEQUENCE, &body) != WIRE_OK)
        return ROSTER_FORMAT;
    for (size_t n = 0; n < schema->count; n++) {
        int r = take_row(&schema->rows[n], &body, out);
        if (r != ROSTER_OK)
            return r;
    }
    return tlv_end(&body) == WIRE_OK ? ROSTER_OK : ROSTER_FORMAT;
}

int schema_decode(const struct schema *schema, const void *buf, size_t len, void *out)
{
    struct tlv_cur cur = tlv_der(buf, len);
    int r = take_structure(schema, &cur, out);

    if (r != ROSTER_OK)
        return r;
    return tlv_end(&cur) == WIRE_OK ? ROSTER_OK : ROSTER_FORMAT;
}
