/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/roster/schema.h"

static int put_structure(const struct schema *schema, const uint8_t *in, struct tlv_out *out);

static uint64_t load_uint(const void *member, size_t size)
{
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;

    switch (size) {
    case sizeof(u8):
        memcpy(&u8, member, size);
        return u8;
    case sizeof(u16):
        memcpy(&u16, member, size);
        return u16;
    case sizeof(u32):
        memcpy(&u32, member, size);
        return u32;
    default:
        memcpy(&u64, member, sizeof(u64));
        return u64;
    }
}

static size_t load_count(const uint8_t *in, const struct schema_row *row)
{
    size_t count = 0;

    memcpy(&count, in + row->count, sizeof(count));
    return count;
}

static int put_text(const char *text, size_t size, uint64_t min, struct tlv_out *out)
{
    const size_t len = strnlen(text, size);
    const struct tlv t = {.val = (const uint8_t *)text, .len = len};
    char checked[ROSTER_TEXT_MAX];

    if (len < min || len >= size || tlv_text(&t, checked, sizeof(checked)) != WIRE_OK)
        return ROSTER_FORMAT;
    tlv_put(out, DER_UTF8, text, len);
    return ROSTER_OK;
}

static int put_uint(const struct schema_row *row, const uint8_t *member, struct tlv_out *out)
{
    uint64_t value = load_uint(member, row->size);

    if (value < row->min || value > row->max)
        return ROSTER_FORMAT;
    tlv_put_uint(out, DER_INTEGER, value);
    return ROSTER_OK;
}

static int put_octets(const struct schema_row *row, const uint8_t *in, struct tlv_out *out)
{
    size_t len = load_count(in, row);

    if (len < row->min || len > row->size)
        return ROSTER_FORMAT;
    tlv_put(out, DER_OCTETS, in + row->offset, len);
    return ROSTER_OK;
}

static int put_list(const struct schema_row *row, const uint8_t *in, struct tlv_out *out)
{
    const size_t count = load_count(in, row);
    size_t mark;

    if (count < row->min || count > row->max)
        return ROSTER_FORMAT;
    mark = tlv_open(out, DER_SEQUENCE);
    for (size_t n = 0; n < count; n++) {
        const uint8_t *member = in + row->offset + n * row->size;
        int r = row->kind == SCHEMA_TEXTS ? put_text((const char *)member, row->size, 1, out)
                                          : put_structure(row->item, member, out);
        if (r != ROSTER_OK)
            return r;
    }
    tlv_close(out, mark);
    return ROSTER_OK;
}

static int put_row(const struct schema_row *row, const uint8_t *in, struct tlv_out *out)
{
    const uint8_t *member = in + row->offset;
    uint8_t truth;

    switch (row->kind) {
    case SCHEMA_UINT:
        return put_uint(row, member, out);
    case SCHEMA_BOOL:
        truth = *member != 0 ? 0xFF : 0x00;
        tlv_put(out, DER_BOOLEAN, &truth, sizeof(truth));
        return ROSTER_OK;
    case SCHEMA_FIXED:
        tlv_put(out, DER_OCTETS, member, row->size);
        return ROSTER_OK;
    case SCHEMA_OCTETS:
        return put_octets(row, in, out);
    case SCHEMA_TEXT:
        return put_text((const char *)member, row->size, row->min, out);
    case SCHEMA_LIST:
    case SCHEMA_TEXTS:
        return put_list(row, in, out);
    default:
        return ROSTER_FORMAT;
    }
}

static int put_structure(const struct schema *schema, const uint8_t *in, struct tlv_out *out)
{
    size_t mark = tlv_open(out, DER_SEQUENCE);

    for (size_t n = 0; n < schema->count; n++) {
        int r = put_row(&schema->rows[n], in, out);
        if (r != ROSTER_OK)
            return r;
    }
    tlv_close(out, mark);
    return ROSTER_OK;
}

int schema_encode(const struct schema *schema, const void *in, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    int r = put_structure(schema, in, &out);

    if (r != ROSTER_OK)
        return r;
    return tlv_finish(&out, len) == WIRE_OK ? ROSTER_OK : ROSTER_FULL;
}
