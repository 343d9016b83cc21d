/* SPDX-License-Identifier: Apache-2.0
 *
 * Days on which a city's offices are closed besides Saturday and Sunday: the public holidays of the
 * Cabinet Office's file (syukujitsu.csv) and the turn of the year.
 *
 * The file: a line of names of columns, which may be missing, then "YYYY/M/D,name" a line, each day
 * behind the one before it; CP932 or UTF-8, LF or CRLF. Names are looked at and passed over.
 */
#ifndef TOYAMA_CORE_ROSTER_HOLIDAYS_H
#define TOYAMA_CORE_ROSTER_HOLIDAYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define HOLIDAYS_MAX      4096 /* days */
#define HOLIDAYS_FILE_MAX ((size_t)256 * 1024)

enum holidays_err {
    HOLIDAYS_OK = 0,
    HOLIDAYS_EMPTY = -1, /* no day in it */
    HOLIDAYS_LINE = -2,  /* not "YYYY/M/D,name" */
    HOLIDAYS_DATE = -3,  /* there is no such day */
    HOLIDAYS_NAME = -4,  /* neither UTF-8 nor CP932, or a control character */
    HOLIDAYS_ORDER = -5, /* not behind the day before it */
    HOLIDAYS_MANY = -6
};

struct holidays {
    uint32_t day[HOLIDAYS_MAX]; /* YYYYMMDD, ascending */
    size_t count;
};

/* HOLIDAYS_OK, or an error in `line`, from 1. */
int holidays_parse(const uint8_t *text, size_t len, struct holidays *out, size_t *line);
const char *holidays_strerror(int err);
/* `month` from 1. True as well from 29 December to 3 January. */
bool holidays_closed(const struct holidays *h, int year, int month, int day);
/* Whether the file says something of that year. */
bool holidays_know(const struct holidays *h, int year);

#endif
