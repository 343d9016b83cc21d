/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/frame.h"

static const struct frame_rule *find_rule(const struct frame_rule *rules, size_t count,
                                          uint32_t tag)
{
    for (size_t n = 0; n < count; n++)
        if (rules[n].type == tag)
            return &rules[n];
    return NULL;
}

static int take_field(struct tlv_cur *cur, uint32_t allowed, struct frame *out)
{
    struct tlv t = {0};
    uint32_t n;
    int r = tlv_next(cur, &t);

    if (r != WIRE_OK)
        return r;
    if (t.tag < 0x80 || t.tag >= 0x80 + FRAME_FIELDS)
        return WIRE_TAG;
    n = t.tag - 0x80;
    if ((allowed & FRAME_BIT(n)) == 0)
        return WIRE_TAG;
    if (out->field[n].val != NULL)
        return WIRE_DUPLICATE;
    out->field[n] = t;
    return WIRE_OK;
}

static int check_required(const struct frame *f, uint32_t must)
{
    for (unsigned n = 0; n < FRAME_FIELDS; n++)
        if ((must & FRAME_BIT(n)) != 0 && f->field[n].val == NULL)
            return WIRE_MISSING;
    return WIRE_OK;
}

int frame_decode(const void *buf, size_t len, const struct frame_rule *rules, size_t count,
                 struct frame *out)
{
    struct tlv_cur cur = tlv_der(buf, len);
    struct tlv_cur body;
    struct tlv whole = {0};
    const struct frame_rule *rule;
    int r;

    *out = (struct frame){0};
    if ((r = tlv_next(&cur, &whole)) != WIRE_OK || (r = tlv_end(&cur)) != WIRE_OK)
        return r;
    if ((rule = find_rule(rules, count, whole.tag)) == NULL)
        return WIRE_TAG;
    out->type = rule->type;
    body = tlv_der(whole.val, whole.len);
    while (body.left > 0)
        if ((r = take_field(&body, rule->must | rule->may, out)) != WIRE_OK)
            return r;
    return check_required(out, rule->must);
}

bool frame_has(const struct frame *f, unsigned n)
{
    return n < FRAME_FIELDS && f->field[n].val != NULL;
}

int frame_u32(const struct frame *f, unsigned n, uint32_t *out)
{
    uint64_t value = 0;
    int r;

    if (!frame_has(f, n))
        return WIRE_MISSING;
    if ((r = tlv_uint(&f->field[n], &value)) != WIRE_OK)
        return r;
    if (value > UINT32_MAX)
        return WIRE_VALUE;
    *out = (uint32_t)value;
    return WIRE_OK;
}

int frame_text(const struct frame *f, unsigned n, char *dst, size_t cap)
{
    return frame_has(f, n) ? tlv_text(&f->field[n], dst, cap) : WIRE_MISSING;
}

int frame_fixed(const struct frame *f, unsigned n, void *dst, size_t len)
{
    return frame_has(f, n) ? tlv_fixed(&f->field[n], dst, len) : WIRE_MISSING;
}

struct frame_out frame_begin(void *buf, size_t cap, uint8_t type)
{
    struct frame_out out = {.tlv = tlv_writer(buf, cap)};

    out.mark = tlv_open(&out.tlv, type);
    return out;
}

void frame_put(struct frame_out *out, unsigned n, const void *val, size_t len)
{
    tlv_put(&out->tlv, 0x80 + n, val, len);
}

void frame_put_text(struct frame_out *out, unsigned n, const char *text)
{
    tlv_put_text(&out->tlv, 0x80 + n, text);
}

void frame_put_u32(struct frame_out *out, unsigned n, uint32_t value)
{
    tlv_put_uint(&out->tlv, 0x80 + n, value);
}

int frame_end(struct frame_out *out, size_t *len)
{
    tlv_close(&out->tlv, out->mark);
    return tlv_finish(&out->tlv, len);
}
