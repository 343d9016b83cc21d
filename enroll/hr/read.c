/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr/reader.h"

#include <search.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct {
    int err;
    enum hr_fault_kind kind;
    uint32_t limit;
} endings[] = {
    {CSV_NUL, HR_F_NUL, 0},
    {CSV_FIELD_LONG, HR_F_FIELD_LONG, CSV_FIELD_MAX},
    {CSV_ROW_LONG, HR_F_ROW_LONG, CSV_ROW_MAX},
    {CSV_FIELDS_MANY, HR_F_COLUMNS_MANY, CSV_FIELDS_MAX},
    {CSV_QUOTE_OPEN, HR_F_QUOTE_OPEN, 0},
    {CSV_QUOTE_STRAY, HR_F_QUOTE_STRAY, 0},
    {CSV_LINE_END, HR_F_LINE_END, 0},
};

static struct hr_fault *add(struct hr_result *out)
{
    if (out->fault == NULL)
        out->fault = calloc(HR_FAULTS_KEPT, sizeof(*out->fault));
    return out->fault != NULL && out->kept < HR_FAULTS_KEPT ? &out->fault[out->kept++] : NULL;
}

void reader_fault(struct reader *r, uint32_t line, enum hr_fault_kind kind, enum hr_column column,
                  const struct hr_text *about)
{
    struct hr_result *out = r->out;
    struct hr_fault *f = add(out);

    out->faults++;
    if (line != r->last) {
        out->lines++;
        r->last = line;
    }
    r->told = f;
    if (out->fault == NULL)
        r->no_memory = true;
    if (f == NULL)
        return;
    *f = (struct hr_fault){.line = line, .kind = kind, .column = column};
    if (about != NULL)
        hr_text_show(about, f->value);
}

void reader_numbers(struct reader *r, uint32_t number, uint32_t other)
{
    if (r->told != NULL) {
        r->told->number = number;
        r->told->other = other;
    }
}

static void end_by(struct reader *r, enum hr_fault_kind kind, uint32_t line)
{
    reader_fault(r, line, kind, HR_COLUMNS, NULL);
}

/* The next record; false at the end or where reading must end. */
static bool next(struct reader *r, int *err)
{
    int e = csv_next(&r->csv);

    *err = e == CSV_IO ? HR_IO : HR_OK;
    r->out->whole = e == CSV_END;
    for (size_t n = 0; n < sizeof(endings) / sizeof(endings[0]); n++)
        if (endings[n].err == e) {
            end_by(r, endings[n].kind, r->csv.fault);
            reader_numbers(r, endings[n].limit, 0);
        }
    if (e == CSV_OK)
        hr_decoder_choose(&r->decoder, r->csv.row, r->csv.used);
    return e == CSV_OK;
}

static void tell_mixed(struct reader *r, bool *told)
{
    if (r->csv.mixed == 0 || *told)
        return;
    *told = true;
    reader_fault(r, r->csv.mixed, HR_F_LINE_END_MIXED, HR_COLUMNS, NULL);
}

static bool starts_with(const uint8_t *p, size_t len, const char *octets, size_t count)
{
    return len >= count && memcmp(p, octets, count) == 0;
}

/* What is no CSV file at all, and the byte order mark. */
static bool look_at_start(struct reader *r)
{
    const uint8_t *p = NULL;
    const size_t len = csv_start(&r->csv, &p);

    r->out->bom = starts_with(p, len, "\xEF\xBB\xBF", 3);
    if (starts_with(p, len, "PK\x03\x04", 4) || starts_with(p, len, "\xD0\xCF\x11\xE0", 4))
        end_by(r, HR_F_WORKBOOK, 0);
    else if (starts_with(p, len, "\xFF\xFE", 2) || starts_with(p, len, "\xFE\xFF", 2))
        end_by(r, HR_F_UTF16, 0);
    else if (len == (r->out->bom ? 3 : 0) && !r->csv.broken)
        end_by(r, HR_F_EMPTY_FILE, 0);
    else
        return true;
    return false;
}

static int read_rows(struct reader *r)
{
    bool told = false;
    int err;

    while (next(r, &err)) {
        if (r->out->rows == HR_ROWS_MAX) {
            end_by(r, HR_F_ROWS_MANY, r->csv.record);
            reader_numbers(r, HR_ROWS_MAX, 0);
            return HR_OK;
        }
        reader_row(r);
        tell_mixed(r, &told);
        if (r->no_memory)
            return HR_MEMORY;
    }
    if (err == HR_OK && r->out->rows == 0 && r->out->faults == 0)
        end_by(r, HR_F_NO_ROWS, 0);
    return err;
}

static int read_all(struct reader *r)
{
    int err;

    if (!look_at_start(r))
        return HR_OK;
    if (r->out->bom && r->decoder.encoding != HR_CP932) {
        csv_skip(&r->csv, 3);
        r->decoder.encoding = HR_UTF8;
    }
    if (!next(r, &err))
        return err;
    if (!reader_header(r))
        return HR_OK;
    return read_rows(r);
}

int hr_read(const struct hr_source *source, const struct hr_format *format,
            enum hr_encoding encoding, struct hr_result *out)
{
    struct reader *r = calloc(1, sizeof(*r));
    int err = HR_MEMORY;

    *out = (struct hr_result){0};
    if (r == NULL)
        return HR_MEMORY;
    r->format = format;
    r->out = out;
    r->last = UINT32_MAX;
    csv_begin(&r->csv, source->read, source->ctx);
    if (hr_decoder_open(&r->decoder, encoding)) {
        err = read_all(r);
        if (r->no_memory)
            err = HR_MEMORY;
    }
    out->encoding = r->decoder.encoding;
    hr_decoder_close(&r->decoder);
    tdestroy(r->numbers, free);
    tdestroy(r->logins, free);
    free(r);
    return err;
}

static ssize_t read_fd(void *ctx, void *buf, size_t cap)
{
    return read(*(const int *)ctx, buf, cap);
}

int hr_read_fd(int fd, const struct hr_format *format, enum hr_encoding encoding,
               struct hr_result *out)
{
    const struct hr_source source = {.read = read_fd, .ctx = &fd};

    return hr_read(&source, format, encoding, out);
}

void hr_free(struct hr_result *result)
{
    free(result->fault);
    free(result->der);
    result->fault = NULL;
    result->der = NULL;
    result->faults = result->kept = result->octets = result->room = 0;
}
