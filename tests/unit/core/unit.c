/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/unit.h"

#include <stdio.h>

uint8_t *unit_copy(const void *buf, size_t len)
{
    uint8_t *copy = malloc(len > 0 ? len : 1);

    assert_non_null(copy);
    if (len > 0)
        memcpy(copy, buf, len);
    return copy;
}

void unit_sweep(const void *buf, size_t len, unit_parser *parser)
{
    uint8_t *copy;

    for (size_t cut = 0; cut <= len; cut++) {
        copy = unit_copy(buf, cut);
        parser(copy, cut);
        free(copy);
    }
    copy = unit_copy(buf, len);
    for (size_t bit = 0; bit < 8 * len; bit++) {
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
        parser(copy, len);
        copy[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    free(copy);
}

static volatile uint8_t unit_sink;

void unit_touch(const void *buf, size_t len)
{
    const uint8_t *p = buf;

    for (size_t n = 0; n < len; n++)
        unit_sink = p[n];
}

size_t unit_hex(const char *hex, uint8_t *out, size_t cap)
{
    size_t n = 0;

    for (; hex[0] != '\0' && hex[1] != '\0'; hex += 2) {
        unsigned octet = 0;
        assert_int_equal(sscanf(hex, "%2x", &octet), 1);
        assert_true(n < cap);
        out[n++] = (uint8_t)octet;
    }
    assert_int_equal(hex[0], '\0');
    return n;
}
