/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr/text.h"

#include <stdint.h>
#include <string.h>

#define NO_TABLE ((iconv_t)-1)

struct range {
    wchar_t first, last;
};

bool hr_decoder_open(struct hr_decoder *d, enum hr_encoding encoding)
{
    d->encoding = encoding;
    d->utf8 = iconv_open("WCHAR_T", "UTF-8");
    d->cp932 = iconv_open("WCHAR_T", "CP932");
    return d->utf8 != NO_TABLE && d->cp932 != NO_TABLE;
}

void hr_decoder_close(struct hr_decoder *d)
{
    if (d->utf8 != NO_TABLE)
        iconv_close(d->utf8);
    if (d->cp932 != NO_TABLE)
        iconv_close(d->cp932);
}

static bool convert(iconv_t cd, const uint8_t *in, size_t len, struct hr_text *out)
{
    char *from = (char *)(uintptr_t)in, *to = (char *)out->c;
    size_t left = len, room = sizeof(out->c) - sizeof(out->c[0]);
    bool good = len <= CSV_FIELD_MAX;

    iconv(cd, NULL, NULL, NULL, NULL);
    if (good && len > 0)
        good = iconv(cd, &from, &left, &to, &room) != (size_t)-1 && left == 0;
    out->len = good ? (size_t)((wchar_t *)(void *)to - out->c) : 0;
    out->c[out->len] = L'\0';
    return good;
}

static bool is_ascii(const uint8_t *p, size_t len)
{
    for (size_t n = 0; n < len; n++)
        if (p[n] >= 0x80)
            return false;
    return true;
}

static bool is_utf8(iconv_t cd, const uint8_t *p, size_t len)
{
    wchar_t scratch[256];

    iconv(cd, NULL, NULL, NULL, NULL);
    for (char *from = (char *)(uintptr_t)p; len > 0;) {
        char *to = (char *)scratch;
        size_t room = sizeof(scratch), before = len;
        if (iconv(cd, &from, &len, &to, &room) == (size_t)-1 && len == before)
            return false;
    }
    return true;
}

void hr_decoder_choose(struct hr_decoder *d, const uint8_t *row, size_t len)
{
    if (d->encoding == HR_DETECT && !is_ascii(row, len))
        d->encoding = is_utf8(d->utf8, row, len) ? HR_UTF8 : HR_CP932;
}

bool hr_decode(struct hr_decoder *d, const uint8_t *in, size_t len, struct hr_text *out)
{
    return convert(d->encoding == HR_CP932 ? d->cp932 : d->utf8, in, len, out);
}

static size_t encode_one(wchar_t c, char out[4])
{
    const uint32_t code = (uint32_t)c;
    static const uint8_t lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    size_t n = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

    if (n == 1) {
        out[0] = (char)code;
        return 1;
    }
    for (size_t i = 0; i < n; i++) {
        uint32_t bits = code >> (6 * (n - 1 - i));
        out[i] = (char)(i == 0 ? lead[n] | bits : 0x80 | (bits & 0x3F));
    }
    return n;
}

size_t hr_text_utf8(const wchar_t *c, size_t len, char *out, size_t cap)
{
    size_t whole = 0, used = 0;
    char octets[4];

    for (size_t n = 0; n < len; n++) {
        size_t more = encode_one(c[n], octets);
        if (used == whole && used + more < cap) {
            memcpy(out + used, octets, more);
            used += more;
        }
        whole += more;
    }
    if (cap > 0)
        out[used] = '\0';
    return whole;
}

bool hr_text_is_blank(wchar_t c)
{
    return c == L' ' || c == 0x3000 || c == 0xA0;
}

void hr_text_trim(struct hr_text *t)
{
    size_t start = 0;

    while (t->len > 0 && hr_text_is_blank(t->c[t->len - 1]))
        t->len--;
    while (start < t->len && hr_text_is_blank(t->c[start]))
        start++;
    t->len -= start;
    memmove(t->c, t->c + start, t->len * sizeof(t->c[0]));
    t->c[t->len] = L'\0';
}

void hr_text_squeeze(struct hr_text *t)
{
    size_t to = 0;

    for (size_t n = 0; n < t->len; n++)
        if (!hr_text_is_blank(t->c[n]) && t->c[n] != L'\n' && t->c[n] != L'\r')
            t->c[to++] = t->c[n];
    t->len = to;
    t->c[to] = L'\0';
}

void hr_text_narrow(struct hr_text *t)
{
    for (size_t n = 0; n < t->len; n++)
        if (t->c[n] >= 0xFF01 && t->c[n] <= 0xFF5E)
            t->c[n] -= 0xFF01 - L'!';
}

static bool is_in(wchar_t c, const struct range *ranges, size_t count)
{
    for (size_t n = 0; n < count; n++)
        if (c >= ranges[n].first && c <= ranges[n].last)
            return true;
    return false;
}

/* Control characters, and those of Unicode that show nothing or turn the direction of what
 * follows: two names that look alike must be alike. Variation selectors are part of names. */
static bool is_hidden(wchar_t c)
{
    static const struct range hidden[] = {{0x00, 0x1F},     {0x7F, 0x9F},      {0xAD, 0xAD},
                                          {0x61C, 0x61C},   {0x180E, 0x180E},  {0x200B, 0x200F},
                                          {0x2028, 0x202E}, {0x2060, 0x206F},  {0xFEFF, 0xFEFF},
                                          {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};

    return is_in(c, hidden, sizeof(hidden) / sizeof(hidden[0]));
}

/* Private use, replacement character, and code points that are no characters. */
static bool is_private(wchar_t c)
{
    static const struct range private[] = {
        {0xE000, 0xF8FF}, {0xFDD0, 0xFDEF}, {0xFFFC, 0xFFFF}, {0xF0000, 0x10FFFF}};

    return is_in(c, private, sizeof(private) / sizeof(private[0]));
}

void hr_text_show(const struct hr_text *t, char out[HR_VALUE_MAX])
{
    wchar_t shown[HR_VALUE_MAX];
    size_t n = 0;

    for (; n < t->len && n < HR_VALUE_MAX; n++)
        shown[n] = is_hidden(t->c[n]) || is_private(t->c[n]) ? 0xFFFD : t->c[n];
    hr_text_utf8(shown, n, out, HR_VALUE_MAX);
}

/* What a spreadsheet would calculate when the text is written into CSV again; in Japanese also in
 * full width. */
static bool begins_formula(const struct hr_text *t)
{
    return t->len > 0 && wcschr(L"=+-@\uFF1D\uFF0B\uFF0D\uFF20\u2212", t->c[0]) != NULL;
}

enum hr_fault_kind hr_text_judge(const struct hr_text *t)
{
    for (size_t n = 0; n < t->len; n++)
        if (is_hidden(t->c[n]))
            return HR_F_CONTROL;
    for (size_t n = 0; n < t->len; n++)
        if (is_private(t->c[n]))
            return HR_F_PRIVATE;
    return begins_formula(t) ? HR_F_FORMULA : HR_FAULT_KINDS;
}
