/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/typed.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

/* U+2010 to U+2015 hyphens and dashes, U+2212 minus, U+3000 blank, U+30FC long vowel (the key of
 * the hyphen in a Japanese input method), U+FF0D and U+FF70 full- and half-width. */
static const char *const separators[] = {"-",
                                         " ",
                                         "\t",
                                         "\xE2\x80\x90",
                                         "\xE2\x80\x91",
                                         "\xE2\x80\x92",
                                         "\xE2\x80\x93",
                                         "\xE2\x80\x94",
                                         "\xE2\x80\x95",
                                         "\xE2\x88\x92",
                                         "\xE3\x80\x80",
                                         "\xE3\x83\xBC",
                                         "\xEF\xBC\x8D",
                                         "\xEF\xBD\xB0"};

static size_t separator(const char *text)
{
    for (size_t n = 0; n < sizeof(separators) / sizeof(separators[0]); n++) {
        size_t len = strlen(separators[n]);
        if (strncmp(text, separators[n], len) == 0)
            return len;
    }
    return 0;
}

/* U+FF01 to U+FF5E stand for 0x21 to 0x7E. */
static size_t full_width(const char *text, int *c)
{
    unsigned char second = (unsigned char)text[1];
    unsigned char third = second != 0 ? (unsigned char)text[2] : 0;

    if ((unsigned char)text[0] != 0xEF || (second != 0xBC && second != 0xBD) || third < 0x80 ||
        third > 0xBF)
        return 0;
    *c = (second == 0xBC ? 0x20 : 0x60) + (third - 0x80);
    return 3;
}

int typed_next(const char **text)
{
    size_t len;
    int c;

    while ((len = separator(*text)) > 0)
        *text += len;
    if (**text == '\0')
        return TYPED_END;
    c = (unsigned char)**text;
    len = c == 0xEF ? full_width(*text, &c) : 1;
    if (c >= 'a' && c <= 'z')
        c -= 'a' - 'A';
    if (len == 0 || ((c < '0' || c > '9') && (c < 'A' || c > 'Z')))
        return TYPED_BAD;
    *text += len;
    return c;
}
