/* SPDX-License-Identifier: Apache-2.0
 *
 * Hours in words: "mon-fri 08:30-17:15".
 */
#include "core/roster/record.h"

#include <stdio.h>
#include <string.h>

#define DAYS    7
#define SUNDAY  0
#define MINUTES 1440

/* In the order of a week that begins on Monday; ranges do not go around its end. */
static const struct {
    char name[4];
    uint8_t day;
} week[DAYS] = {{"mon", 1}, {"tue", 2}, {"wed", 3},     {"thu", 4},
                {"fri", 5}, {"sat", 6}, {"sun", SUNDAY}};

static size_t find_day(const char *text)
{
    size_t n = 0;

    while (n < DAYS && strncmp(week[n].name, text, 3) != 0)
        n++;
    return n;
}

/* "mon" or "mon-fri" at `*at`, which moves behind it. */
static bool take_days(const char **at, uint8_t *days)
{
    size_t first = find_day(*at), last = first;

    if (first == DAYS)
        return false;
    *at += 3;
    if (**at == '-') {
        if ((last = find_day(*at + 1)) == DAYS)
            return false;
        *at += 4;
    }
    if (last < first)
        return false;
    for (size_t n = first; n <= last; n++) {
        if ((*days & 1U << week[n].day) != 0)
            return false;
        *days |= (uint8_t)(1U << week[n].day);
    }
    return true;
}

static bool take_two(const char **at, unsigned limit, unsigned *out)
{
    const char *t = *at;

    if (t[0] < '0' || t[0] > '9' || t[1] < '0' || t[1] > '9')
        return false;
    *out = (unsigned)(t[0] - '0') * 10 + (unsigned)(t[1] - '0');
    *at += 2;
    return *out < limit;
}

static bool take_clock(const char **at, uint16_t *out)
{
    unsigned hour = 0, minute = 0;

    if (!take_two(at, 25, &hour) || *(*at)++ != ':' || !take_two(at, 60, &minute))
        return false;
    *out = (uint16_t)(hour * 60 + minute);
    return *out <= MINUTES;
}

static bool take_all_days(const char **at, uint8_t *days)
{
    bool good = take_days(at, days);

    while (good && **at == ',') {
        (*at)++;
        good = take_days(at, days);
    }
    return good;
}

bool roster_hours_parse(const char *text, struct roster_hours *out)
{
    struct roster_hours h = {0};
    const char *at = text;

    if (strcmp(text, "any") == 0) {
        *out = h;
        return true;
    }
    if (!take_all_days(&at, &h.days) || *at++ != ' ' || !take_clock(&at, &h.begin) ||
        *at++ != '-' || !take_clock(&at, &h.end) || *at != '\0' || h.begin >= h.end)
        return false;
    *out = h;
    return true;
}

static bool has_day(const struct roster_hours *h, size_t n)
{
    return n < DAYS && (h->days & 1U << week[n].day) != 0;
}

static void put_days(const struct roster_hours *h, char *out, size_t cap)
{
    size_t used = 0;

    for (size_t n = 0; n < DAYS && used < cap; n++) {
        size_t first = n;
        if (!has_day(h, n))
            continue;
        while (has_day(h, n + 1))
            n++;
        used += (size_t)snprintf(out + used, cap - used, "%s%s", used == 0 ? "" : ",",
                                 week[first].name);
        if (n > first && used < cap)
            used += (size_t)snprintf(out + used, cap - used, "-%s", week[n].name);
    }
}

void roster_hours_format(const struct roster_hours *h, char out[ROSTER_HOURS_MAX])
{
    char days[ROSTER_HOURS_MAX] = "";

    out[0] = '\0';
    if (h->days == 0)
        return;
    put_days(h, days, sizeof(days));
    snprintf(out, ROSTER_HOURS_MAX, "%.27s %02u:%02u-%02u:%02u", days, h->begin / 60U % 100,
             h->begin % 60U, h->end / 60U % 100, h->end % 60U);
}
