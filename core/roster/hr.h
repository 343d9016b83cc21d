/* SPDX-License-Identifier: Apache-2.0
 *
 * What the HR section's file says about people, in DER (docs/roster.asn1): read from CSV by
 * toyama-enroll, compared with the register by the broker. Rows hold calendar days as YYYYMMDD;
 * what moment a day begins is the broker's business.
 */
#ifndef TOYAMA_CORE_ROSTER_HR_H
#define TOYAMA_CORE_ROSTER_HR_H

#include "core/roster/record.h"

#define HR_ROWS_MAX 200000
#define HR_ROW_MAX  1280 /* octets of one row's DER */
#define HR_HEAD_MAX 32   /* octets of hr_list_head */

/* What a row says beside number, name, category and until; the rest stays as it is. HR_FAULTY
 * stands alone: the row has a fault and says no more than that there is such a number. A list with
 * such a row may be looked at, never applied. */
enum hr_given {
    HR_KANA = 1,
    HR_SECTION = 2,
    HR_LOGINS = 4,
    HR_ZONES = 8,
    HR_GIVEN_ALL = 15,
    HR_FAULTY = 16
};

struct hr_row {
    uint32_t line; /* of the file, where the row begins; rises from row to row */
    uint8_t given; /* HR_* bits; what is not given is empty or 0; so is all with HR_FAULTY */
    char number[ROSTER_TEXT_MAX];
    char name[ROSTER_TEXT_MAX];
    char kana[ROSTER_TEXT_MAX];    /* may be empty although it is given */
    char section[ROSTER_TEXT_MAX]; /* not empty where it is given */
    enum roster_category category;
    uint32_t from;      /* first day; 0: not said */
    uint32_t until;     /* last day; 0: no end, regular staff only */
    uint32_t effective; /* day from which this row holds; 0: at once */
    size_t logins;      /* at least one where they are given */
    char login[ROSTER_LOGINS][ROSTER_LOGIN_MAX];
    uint8_t zones; /* ROSTER_* bits; 0 although given: no right anywhere */
};

/* A day that exists, 1970-01-01 to 2100-12-31, as YYYYMMDD. */
bool hr_day_valid(uint32_t day);
/* 0 where there is no such day. */
uint32_t hr_day(unsigned year, unsigned month, unsigned day);

/* Also checks that days exist and end does not come before start or effective day, that all but
 * regular staff have an end, that logins are login names and stand once. */
int hr_row_encode(const struct hr_row *row, void *buf, size_t cap, size_t *len);

/* Tag and length of the list up to the first row; rows of `octets` in all follow. */
int hr_list_head(size_t octets, void *buf, size_t cap, size_t *len);

struct hr_list {
    struct tlv_cur rows; /* not yet read */
    uint32_t line;       /* of the row before */
    size_t count;        /* rows read */
};

/* `buf` must outlive the list. ROSTER_FORMAT where it is no list or holds no row. */
int hr_list_open(const void *buf, size_t len, struct hr_list *out);
/* The next row. ROSTER_FORMAT: malformed, too many rows, a line that does not rise. Call while
 * rows.left is not 0. Whether a number stands twice is not looked at. */
int hr_list_next(struct hr_list *list, struct hr_row *out);

#endif
