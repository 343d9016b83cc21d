/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/holidays.h"

#include "core/wire/tlv.h"

#include <string.h>

#define NAME_MAX_OCTETS 128

struct line {
    const uint8_t *p;
    size_t len;
};

/* CP932: one octet (ASCII, half-width kana) or a lead and a trail octet. */
static bool is_cp932(const uint8_t *p, size_t len)
{
    for (size_t n = 0; n < len; n++) {
        bool lead = (p[n] >= 0x81 && p[n] <= 0x9F) || (p[n] >= 0xE0 && p[n] <= 0xFC);
        if (!lead && !(p[n] >= 0x20 && p[n] <= 0x7E) && !(p[n] >= 0xA1 && p[n] <= 0xDF))
            return false;
        if (lead && (++n == len || p[n] < 0x40 || p[n] == 0x7F || p[n] > 0xFC))
            return false;
    }
    return true;
}

static bool is_text(const uint8_t *p, size_t len)
{
    const struct tlv t = {.val = p, .len = len};
    char utf8[NAME_MAX_OCTETS];

    return len < sizeof(utf8) && (tlv_text(&t, utf8, sizeof(utf8)) == WIRE_OK || is_cp932(p, len));
}

/* One to `most` digits at the head of the line, which are taken off; -1: none, or too many. */
static int take_number(struct line *l, size_t most)
{
    int value = 0;
    size_t n = 0;

    while (n < l->len && n <= most && l->p[n] >= '0' && l->p[n] <= '9')
        value = value * 10 + (l->p[n++] - '0');
    if (n == 0 || n > most)
        return -1;
    l->p += n;
    l->len -= n;
    return value;
}

static bool take(struct line *l, uint8_t octet)
{
    if (l->len == 0 || l->p[0] != octet)
        return false;
    l->p++;
    l->len--;
    return true;
}

static bool exists(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    if (year < 1900 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && leap ? 1 : 0);
}

static uint32_t number_of(int year, int month, int day)
{
    return (uint32_t)(year * 10000 + month * 100 + day);
}

static int take_name(const struct line *l)
{
    if (l->len == 0 || memchr(l->p, ',', l->len) != NULL)
        return HOLIDAYS_LINE;
    return is_text(l->p, l->len) ? HOLIDAYS_OK : HOLIDAYS_NAME;
}

static int take_day(struct line l, struct holidays *out)
{
    int year, month, day, err;
    uint32_t number;

    if ((year = take_number(&l, 4)) < 0 || !take(&l, '/') || (month = take_number(&l, 2)) < 0 ||
        !take(&l, '/') || (day = take_number(&l, 2)) < 0 || !take(&l, ','))
        return HOLIDAYS_LINE;
    if ((err = take_name(&l)) != HOLIDAYS_OK)
        return err;
    if (!exists(year, month, day))
        return HOLIDAYS_DATE;
    number = number_of(year, month, day);
    if (out->count > 0 && number <= out->day[out->count - 1])
        return HOLIDAYS_ORDER;
    if (out->count == HOLIDAYS_MAX)
        return HOLIDAYS_MANY;
    out->day[out->count++] = number;
    return HOLIDAYS_OK;
}

/* Names of columns: two texts. */
static int take_header(struct line l)
{
    const uint8_t *comma = memchr(l.p, ',', l.len);
    struct line second;

    if (comma == NULL || comma == l.p)
        return HOLIDAYS_LINE;
    second = (struct line){comma + 1, l.len - (size_t)(comma - l.p) - 1};
    return is_text(l.p, (size_t)(comma - l.p)) ? take_name(&second) : HOLIDAYS_NAME;
}

static struct line next_line(const uint8_t **p, size_t *left)
{
    const uint8_t *end = memchr(*p, '\n', *left);
    struct line l = {*p, end != NULL ? (size_t)(end - *p) : *left};
    size_t used = l.len + (end != NULL ? 1 : 0);

    *p += used;
    *left -= used;
    if (end != NULL && l.len > 0 && l.p[l.len - 1] == '\r')
        l.len--;
    return l;
}

int holidays_parse(const uint8_t *text, size_t len, struct holidays *out, size_t *line)
{
    static const uint8_t mark[] = {0xEF, 0xBB, 0xBF};
    const uint8_t *p = text;
    size_t left = len;
    int err;

    out->count = 0;
    *line = 0;
    if (left >= sizeof(mark) && memcmp(p, mark, sizeof(mark)) == 0) {
        p += sizeof(mark);
        left -= sizeof(mark);
    }
    while (left > 0) {
        struct line l = next_line(&p, &left);
        bool header = ++*line == 1 && l.len > 0 && (l.p[0] < '0' || l.p[0] > '9');
        if ((err = header ? take_header(l) : take_day(l, out)) != HOLIDAYS_OK)
            return err;
    }
    return out->count > 0 ? HOLIDAYS_OK : HOLIDAYS_EMPTY;
}

const char *holidays_strerror(int err)
{
    static const char *const text[] = {
        [HOLIDAYS_OK] = "good",
        [-HOLIDAYS_EMPTY] = "no day in it",
        [-HOLIDAYS_LINE] = "not \"YYYY/M/D,name\"",
        [-HOLIDAYS_DATE] = "there is no such day",
        [-HOLIDAYS_NAME] = "the name is neither UTF-8 nor CP932, or too long",
        [-HOLIDAYS_ORDER] = "not behind the day before it",
        [-HOLIDAYS_MANY] = "too many days",
    };

    return err <= 0 && err >= HOLIDAYS_MANY ? text[-err] : "unknown error";
}

bool holidays_closed(const struct holidays *h, int year, int month, int day)
{
    const uint32_t wanted = number_of(year, month, day);
    size_t low = 0, high = h->count;

    if ((month == 12 && day >= 29) || (month == 1 && day <= 3))
        return true;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (h->day[middle] == wanted)
            return true;
        if (h->day[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

bool holidays_know(const struct holidays *h, int year)
{
    for (size_t n = 0; n < h->count; n++)
        if (h->day[n] / 10000 == (uint32_t)year)
            return true;
    return false;
}
