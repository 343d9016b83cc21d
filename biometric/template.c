/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/template.h"

int template_read(const void *buf, size_t len, struct template_prints *out)
{
    struct tlv_cur cur = tlv_der(buf, len);
    struct tlv_cur list;
    int r;

    *out = (struct template_prints){0};
    if (len > FINGER_TEMPLATE_MAX)
        return WIRE_LENGTH;
    if ((r = tlv_enter(&cur, DER_SEQUENCE, &list)) != WIRE_OK || (r = tlv_end(&cur)) != WIRE_OK)
        return r;
    while (list.left > 0) {
        struct tlv one = {0};
        if (out->count >= TEMPLATE_PRINTS_MAX)
            return WIRE_LENGTH;
        if ((r = tlv_expect(&list, DER_OCTETS, &one)) != WIRE_OK)
            return r;
        out->print[out->count++] = (struct template_print){one.val, one.len};
    }
    return out->count > 0 ? WIRE_OK : WIRE_MISSING;
}

int template_write(const struct template_prints *prints, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t mark = tlv_open(&out, DER_SEQUENCE);

    for (size_t n = 0; n < prints->count; n++)
        tlv_put(&out, DER_OCTETS, prints->print[n].val, prints->print[n].len);
    tlv_close(&out, mark);
    return tlv_finish(&out, len);
}

static int read_finger(struct tlv_cur *row, unsigned *finger)
{
    struct tlv t = {0};
    uint64_t value = 0;
    int r;

    if ((r = tlv_expect(row, DER_INTEGER, &t)) != WIRE_OK || (r = tlv_uint(&t, &value)) != WIRE_OK)
        return r;
    if (value < 1 || value > 10)
        return WIRE_VALUE;
    *finger = (unsigned)value;
    return WIRE_OK;
}

int template_next_row(struct tlv_cur *gallery, struct template_row *out)
{
    struct tlv_cur row;
    struct tlv id = {0}, driver = {0}, device = {0};
    int r;

    *out = (struct template_row){0};
    if ((r = tlv_enter(gallery, DER_SEQUENCE, &row)) != WIRE_OK ||
        (r = tlv_expect(&row, DER_OCTETS, &id)) != WIRE_OK ||
        (r = tlv_fixed(&id, out->id, sizeof(out->id))) != WIRE_OK ||
        (r = read_finger(&row, &out->finger)) != WIRE_OK ||
        (r = tlv_expect(&row, DER_UTF8, &driver)) != WIRE_OK ||
        (r = tlv_text(&driver, out->driver, sizeof(out->driver))) != WIRE_OK ||
        (r = tlv_expect(&row, DER_UTF8, &device)) != WIRE_OK ||
        (r = tlv_text(&device, out->device, sizeof(out->device))) != WIRE_OK ||
        (r = tlv_expect(&row, DER_OCTETS, &out->prints)) != WIRE_OK)
        return r;
    return tlv_end(&row);
}
