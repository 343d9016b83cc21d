/* SPDX-License-Identifier: Apache-2.0
 *
 * What a city's HR files look like: names of columns, words of categories and zones, and the
 * sections that exist.
 */
#ifndef TOYAMA_ENROLL_HR_FORMAT_H
#define TOYAMA_ENROLL_HR_FORMAT_H

#include "core/roster/record.h"

#include <stdio.h>
#include <wchar.h>

#define HR_WORD_MAX     192 /* characters of a value with the NUL */
#define HR_CATEGORIES   7
#define HR_ZONE_WORDS   4    /* three zones and none */
#define HR_SECTIONS_MAX 4096 /* lines of the file */

enum hr_column {
    HR_C_NUMBER,
    HR_C_NAME,
    HR_C_KANA,
    HR_C_SECTION,
    HR_C_CATEGORY,
    HR_C_FROM,
    HR_C_UNTIL,
    HR_C_EFFECTIVE,
    HR_C_LOGINS,
    HR_C_ZONES,
    HR_COLUMNS
};

struct hr_format {
    wchar_t column[HR_COLUMNS][HR_WORD_MAX];      /* ""; the city's files do not have it */
    char shown[HR_COLUMNS][ROSTER_TEXT_MAX];      /* the same, for people */
    wchar_t category[HR_CATEGORIES][HR_WORD_MAX]; /* words parted by blanks */
    wchar_t zone[HR_ZONE_WORDS][HR_WORD_MAX];     /* in the order of their bits; then none */
    unsigned digits;                              /* of a staff number; 0: not fixed */
    char **section;                               /* sorted */
    size_t sections;                              /* 0: any section is good */
};

/* The config's value of "hr.KEY", "" where there is none. */
typedef const char *hr_lookup(const void *ctx, const char *key);

/* False with the cause in `why`. To be freed in any case. */
bool hr_format_load(struct hr_format *format, hr_lookup *lookup, const void *ctx, char *why,
                    size_t cap);
/* A section a line, UTF-8; empty lines and those that begin with '#' count for nothing. */
bool hr_format_sections(struct hr_format *format, FILE *in, char *why, size_t cap);
void hr_format_free(struct hr_format *format);

/* Whether a file without this column is at fault. */
bool hr_format_needs(const struct hr_format *format, enum hr_column column);
/* The column's key: "number" ... */
const char *hr_column_key(enum hr_column column);
bool hr_format_has_section(const struct hr_format *format, const char *section);
bool hr_format_category(const struct hr_format *format, const wchar_t *word,
                        enum roster_category *out);
/* `out` is 0 for the word that means no zone. */
bool hr_format_zone(const struct hr_format *format, const wchar_t *word, uint8_t *out);

#endif
