/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/tlv.h"

#include <string.h>

/* Well-formed UTF-8 of one character (RFC 3629): its octets, or 0. */
static size_t character_length(const uint8_t *p, size_t left)
{
    uint32_t code;
    size_t n;

    if (p[0] < 0x80)
        return 1;
    if (p[0] >= 0xC2 && p[0] <= 0xDF)
        n = 2;
    else if (p[0] >= 0xE0 && p[0] <= 0xEF)
        n = 3;
    else if (p[0] >= 0xF0 && p[0] <= 0xF4)
        n = 4;
    else
        return 0;
    if (n > left)
        return 0;
    code = p[0] & (0xFFu >> (n + 1));
    for (size_t i = 1; i < n; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return 0;
        code = code << 6 | (p[i] & 0x3Fu);
    }
    if ((n == 3 && code < 0x800) || (n == 4 && (code < 0x10000 || code > 0x10FFFF)))
        return 0;
    return code >= 0xD800 && code <= 0xDFFF ? 0 : n;
}

static bool is_control(const uint8_t *p, size_t n)
{
    if (n == 1)
        return p[0] < 0x20 || p[0] == 0x7F;
    return n == 2 && p[0] == 0xC2 && p[1] < 0xA0;
}

int tlv_text(const struct tlv *t, char *dst, size_t cap)
{
    size_t at = 0;

    if (cap == 0 || t->val == NULL || t->len >= cap)
        return WIRE_LENGTH;
    while (at < t->len) {
        size_t n = character_length(t->val + at, t->len - at);
        if (n == 0 || is_control(t->val + at, n))
            return WIRE_VALUE;
        at += n;
    }
    memcpy(dst, t->val, t->len);
    dst[t->len] = '\0';
    return WIRE_OK;
}
