/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/workdays.h"

#include "toyamad/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define DAY       86400
#define YEAR_DAYS 366

static bool parse(const char *path, const uint8_t *text, size_t len, struct holidays *out,
                  char *why, size_t whycap)
{
    size_t line = 0;
    int err = holidays_parse(text, len, out, &line);

    if (err != HOLIDAYS_OK)
        snprintf(why, whycap, "%s:%zu: %s", path, line, holidays_strerror(err));
    return err == HOLIDAYS_OK;
}

bool workdays_read(const char *path, struct holidays *out, char *why, size_t whycap)
{
    uint8_t *text;
    size_t len = 0;
    bool good = false;

    out->count = 0;
    if (path[0] == '\0')
        return true;
    if ((text = malloc(HOLIDAYS_FILE_MAX)) == NULL)
        snprintf(why, whycap, "out of memory");
    else if (!file_read_trusted(path, text, HOLIDAYS_FILE_MAX, &len, why, whycap))
        good = false;
    else if (len == HOLIDAYS_FILE_MAX)
        snprintf(why, whycap, "%s: too long", path);
    else
        good = parse(path, text, len, out, why, whycap);
    free(text);
    return good;
}

static bool is_open(const struct holidays *h, const struct tm *day)
{
    return day->tm_wday >= 1 && day->tm_wday <= 5 &&
           !holidays_closed(h, day->tm_year + 1900, day->tm_mon + 1, day->tm_mday);
}

unsigned workdays_count(const struct holidays *h, int64_t from, int64_t until)
{
    time_t at = (time_t)from, end = (time_t)until;
    struct tm day = {0}, last = {0};
    unsigned count = 0;

    if (until < from || until - from > YEAR_DAYS * INT64_C(86400) ||
        localtime_r(&at, &day) == NULL || localtime_r(&end, &last) == NULL)
        return UINT32_MAX;
    day.tm_hour = last.tm_hour = 12;
    end = mktime(&last);
    for (at = mktime(&day); at - end < DAY / 2; at = mktime(&day)) {
        count += is_open(h, &day);
        day.tm_mday++;
    }
    return count;
}
