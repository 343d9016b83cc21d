/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static const char *const fingers[] = {"none",        "right-thumb",  "right-index", "right-middle",
                                      "right-ring",  "right-little", "left-thumb",  "left-index",
                                      "left-middle", "left-ring",    "left-little"};
#define FINGERS (sizeof(fingers) / sizeof(fingers[0]))

uint8_t names_finger_parse(const char *name)
{
    for (size_t n = 1; n < FINGERS; n++)
        if (strcmp(fingers[n], name) == 0)
            return (uint8_t)n;
    return 0;
}

const char *names_finger(uint8_t finger)
{
    return fingers[finger < FINGERS ? finger : 0];
}

bool names_left_hand(uint8_t finger)
{
    return finger >= 6;
}

bool names_date_parse(const char *text, bool end_of_day, int64_t *out)
{
    struct tm tm = {.tm_isdst = -1}, check;
    const char *end = strptime(text, "%Y-%m-%d", &tm);
    time_t when;

    if (strlen(text) != 10 || end == NULL || *end != '\0')
        return false;
    check = tm;
    tm.tm_hour = end_of_day ? 23 : 0;
    tm.tm_min = tm.tm_sec = end_of_day ? 59 : 0;
    when = mktime(&tm);
    if (when == (time_t)-1 || tm.tm_mday != check.tm_mday || tm.tm_mon != check.tm_mon)
        return false;
    *out = (int64_t)when;
    return true;
}

bool names_moment_parse(const char *text, bool end_of_day, int64_t *out)
{
    struct tm tm = {.tm_isdst = -1}, check;
    const char *end;
    time_t when;

    if (strlen(text) != 16)
        return names_date_parse(text, end_of_day, out);
    if ((end = strptime(text, "%Y-%m-%dT%H:%M", &tm)) == NULL || *end != '\0')
        return false;
    check = tm;
    when = mktime(&tm);
    if (when == (time_t)-1 || tm.tm_mday != check.tm_mday || tm.tm_mon != check.tm_mon)
        return false;
    *out = (int64_t)when;
    return true;
}

void names_time(int64_t when, char out[24])
{
    time_t t = (time_t)when;
    struct tm tm;

    out[0] = '\0';
    if (when != 0 && gmtime_r(&t, &tm) != NULL && strftime(out, 24, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
        out[0] = '\0';
}

void names_hex(const uint8_t *p, size_t len, char *out)
{
    for (size_t n = 0; n < len; n++)
        snprintf(out + 2 * n, 3, "%02x", p[n]);
    out[2 * len] = '\0';
}

bool names_unhex(const char *text, uint8_t *out, size_t len)
{
    if (strlen(text) != 2 * len || text[strspn(text, "0123456789abcdefABCDEF")] != '\0')
        return false;
    for (size_t n = 0; n < len; n++) {
        const char digits[3] = {text[2 * n], text[2 * n + 1], '\0'};
        out[n] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return true;
}

void names_base64(const uint8_t *p, size_t len, char *out, size_t cap)
{
    static const char digit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t at = 0;

    out[0] = '\0';
    if (cap < 1 || (cap - 1) / 4 < (len + 2) / 3)
        return;
    for (size_t n = 0; n < len; n += 3) {
        const size_t left = len - n;
        const uint32_t group = (uint32_t)p[n] << 16 | (left > 1 ? (uint32_t)p[n + 1] << 8 : 0) |
                               (left > 2 ? p[n + 2] : 0);
        out[at++] = digit[group >> 18];
        out[at++] = digit[group >> 12 & 63];
        out[at++] = left > 1 ? digit[group >> 6 & 63] : '=';
        out[at++] = left > 2 ? digit[group & 63] : '=';
    }
    out[at] = '\0';
}
