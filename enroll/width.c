/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/width.h"

#include <stdint.h>
#include <string.h>
#include <wchar.h>

/* Octets and columns of the first character; one of each for what is not UTF-8. */
static size_t step(const char *text, size_t left, size_t *columns)
{
    mbstate_t state = {0};
    wchar_t c = L'\0';
    size_t n = mbrtowc(&c, text, left, &state);
    int w;

    *columns = 1;
    if (n == 0 || n > left)
        return 1;
    w = wcwidth(c);
    *columns = w < 0 ? 1 : (size_t)w;
    return n;
}

size_t width_fit(const char *text, size_t columns)
{
    size_t left = strlen(text), at = 0, used = 0, w = 0;

    while (at < left) {
        size_t n = step(text + at, left - at, &w);
        if (used + w > columns)
            break;
        used += w;
        at += n;
    }
    return at;
}

size_t width_of(const char *text)
{
    size_t left = strlen(text), at = 0, used = 0, w = 0;

    while (at < left) {
        at += step(text + at, left - at, &w);
        used += w;
    }
    return used;
}

void width_pad(FILE *out, const char *text, size_t columns)
{
    size_t used = width_of(text);

    fputs(text, out);
    if (used < columns)
        fprintf(out, "%*s", (int)(columns - used), "");
}
