/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/hex.h"

#include <string.h>

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool hex_read(const char *text, uint8_t *out, size_t cap, size_t *len)
{
    size_t n = strlen(text);

    if (n % 2 != 0 || n / 2 > cap)
        return false;
    for (size_t at = 0; at < n; at += 2) {
        int high = digit(text[at]), low = digit(text[at + 1]);
        if (high < 0 || low < 0)
            return false;
        out[at / 2] = (uint8_t)(high << 4 | low);
    }
    *len = n / 2;
    return true;
}

void hex_print(FILE *file, const uint8_t *data, size_t len)
{
    for (size_t n = 0; n < len; n++)
        fprintf(file, "%02X", data[n]);
}
