/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "po/writer.h"

#define VALUE_MAX      64
#define GROUPED_DIGITS 5 /* shorter numbers may be extensions or years */

struct moment {
    unsigned year, month, day, hour, minute;
};

static const char month_names[12][10] = {"January",   "February", "March",    "April",
                                         "May",       "June",     "July",     "August",
                                         "September", "October",  "November", "December"};
static const char day_names[2][7][4] = {{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"},
                                        {"日", "月", "火", "水", "木", "金", "土"}};
static const char zone_values[][20] = {"individual-number", "lgwan", "internet"};
static const char zone_ids[][4] = {"X40", "X41", "X42"};
static const char finger_values[10][16] = {
    "right-thumb", "right-index", "right-middle", "right-ring", "right-little",
    "left-thumb",  "left-index",  "left-middle",  "left-ring",  "left-little"};
static const char finger_ids[10][4] = {"X51", "X52", "X53", "X54", "X55",
                                       "X56", "X57", "X58", "X59", "X60"};

static const char reason_values[][12] = {
    "lost",        "damaged", "forgotten", "found",     "replaced", "unused", "retired",
    "transferred", "ended",   "injured",   "no-finger", "disaster", "other"};
static const char reason_ids[][5] = {"X50a", "X50b", "X50c", "X50d", "X50e", "X50f", "X50g",
                                     "X50h", "X50i", "X50j", "X50k", "X50l", "X50m"};

static bool put_whole(struct messages_writer *w, const char *text)
{
    messages_put(w, text, strlen(text));
    return text[0] != '\0';
}

static bool take_number(const char **at, size_t digits, char next, unsigned *out)
{
    *out = 0;
    for (size_t n = 0; n < digits; n++) {
        if ((*at)[n] < '0' || (*at)[n] > '9')
            return false;
        *out = *out * 10 + (unsigned)((*at)[n] - '0');
    }
    if ((*at)[digits] != next)
        return false;
    *at += digits + (next != '\0');
    return true;
}

static bool parse_moment(const char *text, bool with_time, struct moment *m)
{
    if (!take_number(&text, 4, '-', &m->year) || !take_number(&text, 2, '-', &m->month) ||
        !take_number(&text, 2, with_time ? 'T' : '\0', &m->day) || m->month < 1 || m->month > 12 ||
        m->day < 1 || m->day > 31)
        return false;
    return !with_time ||
           (take_number(&text, 2, ':', &m->hour) && take_number(&text, 2, '\0', &m->minute) &&
            m->hour < 24 && m->minute < 60);
}

/* Day of the week, 0 = Sunday, of the Gregorian calendar: years begin in March, so that the leap
 * day is the last one and months before it sum to a straight line. */
static unsigned weekday(const struct moment *m)
{
    unsigned year = m->month < 3 ? m->year + 399 : m->year + 400;
    unsigned month = m->month < 3 ? m->month + 9 : m->month - 3;

    return (year + year / 4 - year / 100 + year / 400 + (13 * month + 2) / 5 + m->day + 2) % 7;
}

static void format_clock(const struct moment *m, enum messages_language lang, char *buf)
{
    if (lang == MESSAGES_EN)
        snprintf(buf, VALUE_MAX, "%u:%02u", m->hour, m->minute);
    else if (m->minute == 0)
        snprintf(buf, VALUE_MAX, "%u時", m->hour);
    else
        snprintf(buf, VALUE_MAX, "%u時%02u分", m->hour, m->minute);
}

static void format_moment(const struct moment *m, bool with_day, enum messages_language lang,
                          char *buf)
{
    const char *day = with_day ? day_names[lang][weekday(m)] : "";

    if (lang == MESSAGES_EN)
        snprintf(buf, VALUE_MAX, "%s%s%.3s %u, %u:%02u", day, with_day ? " " : "",
                 month_names[m->month - 1], m->day, m->hour, m->minute);
    else
        snprintf(buf, VALUE_MAX, "%u月%u日%s%s%s%u時%02u分", m->month, m->day, with_day ? "（" : "",
                 day, with_day ? "）" : "", m->hour, m->minute);
}

static bool put_time(struct messages_writer *w, const char *value, const char *hint,
                     enum messages_language lang)
{
    struct moment m = {0};
    char text[VALUE_MAX] = "";

    if (!parse_moment(value, true, &m))
        return false;
    if (strcmp(hint, "clock") == 0)
        format_clock(&m, lang, text);
    else
        format_moment(&m, strcmp(hint, "short") != 0, lang, text);
    return put_whole(w, text);
}

static bool put_date(struct messages_writer *w, const char *value, enum messages_language lang)
{
    struct moment m = {0};
    char text[VALUE_MAX] = "";

    if (!parse_moment(value, false, &m))
        return false;
    if (lang == MESSAGES_EN)
        snprintf(text, sizeof(text), "%s %u", month_names[m.month - 1], m.day);
    else
        snprintf(text, sizeof(text), "%u月%u日", m.month, m.day);
    return put_whole(w, text);
}

static bool put_number(struct messages_writer *w, const char *digits)
{
    size_t len = strlen(digits);

    if (len == 0 || strspn(digits, "0123456789") != len)
        return false;
    for (size_t n = 0; n < len; n++) {
        if (n > 0 && len >= GROUPED_DIGITS && (len - n) % 3 == 0)
            messages_put(w, ",", 1);
        messages_put(w, digits + n, 1);
    }
    return true;
}

static bool put_label(struct messages_writer *w, const char *id, enum messages_language lang)
{
    const char *label = messages_find(id, lang);

    return label != NULL && put_whole(w, label);
}

static bool put_zone(struct messages_writer *w, const char *value, enum messages_language lang)
{
    for (size_t n = 0; n < sizeof(zone_values) / sizeof(zone_values[0]); n++)
        if (strcmp(value, zone_values[n]) == 0)
            return put_label(w, zone_ids[n], lang);
    return false;
}

static bool put_reason(struct messages_writer *w, const char *value, enum messages_language lang)
{
    for (size_t n = 0; n < sizeof(reason_values) / sizeof(reason_values[0]); n++)
        if (strcmp(value, reason_values[n]) == 0)
            return put_label(w, reason_ids[n], lang);
    return false;
}

/* A finger comes as its number (ISO/IEC 19794-2) or by its name on the command line. */
static bool put_finger(struct messages_writer *w, const char *value, enum messages_language lang)
{
    char number[4];

    for (unsigned n = 0; n < 10; n++) {
        snprintf(number, sizeof(number), "%u", n + 1);
        if (strcmp(value, number) == 0 || strcmp(value, finger_values[n]) == 0)
            return put_label(w, finger_ids[n], lang);
    }
    return false;
}

static bool is_printable_ascii(const char *text)
{
    for (; *text != '\0'; text++)
        if (*text < 0x20 || *text > 0x7E)
            return false;
    return true;
}

bool messages_put_value(struct messages_writer *w, const struct arg *arg, const char *hint,
                        enum messages_language lang)
{
    if (strcmp(hint, "finger") == 0)
        return put_finger(w, arg->value, lang);
    if (strcmp(hint, "reason") == 0)
        return put_reason(w, arg->value, lang);
    switch (arg->kind) {
    case ARG_TEXT:
        return (lang == MESSAGES_JA || is_printable_ascii(arg->value)) && put_whole(w, arg->value);
    case ARG_NUMBER:
        return put_number(w, arg->value);
    case ARG_DATE:
        return put_date(w, arg->value, lang);
    case ARG_TIME:
        return put_time(w, arg->value, hint, lang);
    case ARG_ZONE:
        return put_zone(w, arg->value, lang);
    }
    return false;
}
