/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/hr.h"

#include <string.h>

#include "core/roster/schema.h"

#define LIST_VERSION 1
#define LIST_LABEL   "toyama hr"
#define YEAR_MIN     1970
#define YEAR_MAX     2100
#define DAY_MAX      21001231

static const struct schema_row row_rows[] = {
    ROW_UINT(struct hr_row, line, 1, UINT32_MAX),
    ROW_UINT(struct hr_row, given, 0, HR_FAULTY),
    ROW_TEXT(struct hr_row, number, 1),
    ROW_TEXT(struct hr_row, name, 0),
    ROW_TEXT(struct hr_row, kana, 0),
    ROW_TEXT(struct hr_row, section, 0),
    ROW_UINT(struct hr_row, category, 0, ROSTER_CONTRACTOR),
    ROW_UINT(struct hr_row, from, 0, DAY_MAX),
    ROW_UINT(struct hr_row, until, 0, DAY_MAX),
    ROW_UINT(struct hr_row, effective, 0, DAY_MAX),
    ROW_TEXTS(struct hr_row, login, logins, 0, ROSTER_LOGINS),
    ROW_UINT(struct hr_row, zones, 0, ROSTER_ZONES_ALL),
};
static const struct schema row_schema = SCHEMA_OF(row_rows);

static bool is_leap(unsigned year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

uint32_t hr_day(unsigned year, unsigned month, unsigned day)
{
    static const uint8_t days[] = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};

    if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 ||
        day > days[month - 1] || (month == 2 && day == 29 && !is_leap(year)))
        return 0;
    return year * 10000 + month * 100 + day;
}

bool hr_day_valid(uint32_t day)
{
    return day != 0 && hr_day(day / 10000, day / 100 % 100, day % 100) == day;
}

static bool days_are_sound(const struct hr_row *row)
{
    const uint32_t days[] = {row->from, row->until, row->effective};

    for (size_t n = 0; n < sizeof(days) / sizeof(days[0]); n++)
        if (days[n] != 0 && !hr_day_valid(days[n]))
            return false;
    if (row->until == 0)
        return row->category == ROSTER_REGULAR;
    return row->until >= row->from && row->until >= row->effective;
}

static bool logins_are_sound(const struct hr_row *row)
{
    for (size_t n = 0; n < row->logins; n++) {
        if (!roster_login_valid(row->login[n]))
            return false;
        for (size_t other = 0; other < n; other++)
            if (strcmp(row->login[n], row->login[other]) == 0)
                return false;
    }
    return true;
}

static bool only_what_is_given(const struct hr_row *row)
{
    if ((row->given & HR_KANA) == 0 && row->kana[0] != '\0')
        return false;
    if ((row->given & HR_ZONES) == 0 && row->zones != 0)
        return false;
    return ((row->given & HR_SECTION) != 0) == (row->section[0] != '\0') &&
           ((row->given & HR_LOGINS) != 0) == (row->logins > 0);
}

static bool only_a_number(const struct hr_row *row)
{
    return row->name[0] == '\0' && row->kana[0] == '\0' && row->section[0] == '\0' &&
           row->category == 0 && row->from == 0 && row->until == 0 && row->effective == 0 &&
           row->logins == 0 && row->zones == 0;
}

static bool row_is_sound(const struct hr_row *row)
{
    if (row->given == HR_FAULTY)
        return only_a_number(row);
    return row->name[0] != '\0' && row->category != 0 && days_are_sound(row) &&
           logins_are_sound(row) && only_what_is_given(row);
}

int hr_row_encode(const struct hr_row *row, void *buf, size_t cap, size_t *len)
{
    int err = schema_encode(&row_schema, row, buf, cap, len);

    if (err != ROSTER_OK)
        return err;
    return row_is_sound(row) ? ROSTER_OK : ROSTER_FORMAT;
}

/* Version and label. */
static int put_front(void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);

    tlv_put_uint(&out, DER_INTEGER, LIST_VERSION);
    tlv_put_text(&out, DER_UTF8, LIST_LABEL);
    return tlv_finish(&out, len) == WIRE_OK ? ROSTER_OK : ROSTER_FULL;
}

static int put_rows_header(size_t octets, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);

    tlv_put_header(&out, DER_SEQUENCE, octets);
    return tlv_finish(&out, len) == WIRE_OK ? ROSTER_OK : ROSTER_FULL;
}

int hr_list_head(size_t octets, void *buf, size_t cap, size_t *len)
{
    uint8_t front[HR_HEAD_MAX], rows[HR_HEAD_MAX];
    size_t front_len = 0, rows_len = 0;
    struct tlv_out out = tlv_writer(buf, cap);
    int err;

    if (octets > (size_t)HR_ROWS_MAX * HR_ROW_MAX)
        return ROSTER_FULL;
    if ((err = put_front(front, sizeof(front), &front_len)) != ROSTER_OK ||
        (err = put_rows_header(octets, rows, sizeof(rows), &rows_len)) != ROSTER_OK)
        return err;
    tlv_put_header(&out, DER_SEQUENCE, front_len + rows_len + octets);
    tlv_put_raw(&out, front, front_len);
    tlv_put_raw(&out, rows, rows_len);
    return tlv_finish(&out, len) == WIRE_OK ? ROSTER_OK : ROSTER_FULL;
}

static bool take_front(struct tlv_cur *body)
{
    char label[sizeof(LIST_LABEL)];
    struct tlv t = {0};
    uint64_t version = 0;

    if (tlv_expect(body, DER_INTEGER, &t) != WIRE_OK || tlv_uint(&t, &version) != WIRE_OK ||
        version != LIST_VERSION)
        return false;
    return tlv_expect(body, DER_UTF8, &t) == WIRE_OK &&
           tlv_text(&t, label, sizeof(label)) == WIRE_OK && strcmp(label, LIST_LABEL) == 0;
}

int hr_list_open(const void *buf, size_t len, struct hr_list *out)
{
    struct tlv_cur whole = tlv_der(buf, len), body;

    *out = (struct hr_list){0};
    if (tlv_enter(&whole, DER_SEQUENCE, &body) != WIRE_OK || tlv_end(&whole) != WIRE_OK ||
        !take_front(&body) || tlv_enter(&body, DER_SEQUENCE, &out->rows) != WIRE_OK ||
        tlv_end(&body) != WIRE_OK || out->rows.left == 0) {
        *out = (struct hr_list){0};
        return ROSTER_FORMAT;
    }
    return ROSTER_OK;
}

int hr_list_next(struct hr_list *list, struct hr_row *out)
{
    const uint8_t *start = list->rows.p;
    struct tlv t = {0};

    *out = (struct hr_row){0};
    if (list->count == HR_ROWS_MAX || tlv_expect(&list->rows, DER_SEQUENCE, &t) != WIRE_OK)
        return ROSTER_FORMAT;
    if (schema_decode(&row_schema, start, (size_t)(list->rows.p - start), out) != ROSTER_OK ||
        !row_is_sound(out) || out->line <= list->line)
        return ROSTER_FORMAT;
    list->line = out->line;
    list->count++;
    return ROSTER_OK;
}
