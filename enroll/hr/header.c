/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr/reader.h"

#include <string.h>

static enum hr_column find_column(const struct hr_format *f, const wchar_t *name)
{
    for (unsigned n = 0; n < HR_COLUMNS; n++)
        if (f->column[n][0] != L'\0' && wcscmp(f->column[n], name) == 0)
            return (enum hr_column)n;
    return HR_COLUMNS;
}

static void note_ignored(struct reader *r)
{
    struct hr_result *out = r->out;

    if (r->text.len == 0)
        return;
    if (out->ignored < HR_IGNORED_KEPT)
        hr_text_show(&r->text, out->ignored_name[out->ignored]);
    out->ignored++;
}

static bool take_name(struct reader *r, size_t field)
{
    const uint8_t *octets = r->csv.row + r->csv.field[field].at;
    enum hr_column column;

    if (!hr_decode(&r->decoder, octets, r->csv.field[field].len, &r->text)) {
        reader_fault(r, r->csv.record, HR_F_OCTETS, HR_COLUMNS, NULL);
        reader_numbers(r, 0, (uint32_t)field + 1);
        return false;
    }
    hr_text_squeeze(&r->text);
    column = find_column(r->format, r->text.c);
    r->use[field] = (uint8_t)column;
    if (column == HR_COLUMNS) {
        note_ignored(r);
        return true;
    }
    if (r->at[column] >= 0) {
        reader_fault(r, r->csv.record, HR_F_COLUMN_TWICE, column, NULL);
        return false;
    }
    r->at[column] = (int)field;
    r->out->present[column] = true;
    return true;
}

static bool all_are_there(struct reader *r)
{
    bool good = true;

    for (unsigned n = 0; n < HR_COLUMNS; n++) {
        enum hr_column column = (enum hr_column)n;
        if (r->at[n] >= 0 || !hr_format_needs(r->format, column))
            continue;
        reader_fault(r, r->csv.record, HR_F_COLUMN_MISSING, column, NULL);
        good = false;
    }
    return good;
}

bool reader_header(struct reader *r)
{
    bool good = true;

    for (size_t n = 0; n < HR_COLUMNS; n++)
        r->at[n] = -1;
    r->columns = r->csv.fields;
    for (size_t n = 0; n < r->csv.fields; n++)
        good = take_name(r, n) && good;
    return good && all_are_there(r);
}
