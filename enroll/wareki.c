/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/wareki.h"

#include "enroll/lang.h"

#include <stdio.h>
#include <time.h>

/* Nothing here is older than Reiwa, whose first year was 2019. */
#define YEAR_BEFORE 2018

void wareki_time(const char *value, char *out, size_t cap)
{
    struct tm tm = {0};
    const char *end = strptime(value, "%Y-%m-%dT%H:%M:%SZ", &tm);
    time_t t = end != NULL && *end == '\0' ? timegm(&tm) : (time_t)-1;

    if (t == (time_t)-1 || localtime_r(&t, &tm) == NULL) {
        snprintf(out, cap, "%s", value);
        return;
    }
    if (lang_now() == LANG_JA && tm.tm_year + 1900 > YEAR_BEFORE)
        snprintf(out, cap, "令和%d年%d月%d日 %d時%02d分", tm.tm_year + 1900 - YEAR_BEFORE,
                 tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min);
    else
        strftime(out, cap, "%Y-%m-%d %H:%M", &tm);
}
