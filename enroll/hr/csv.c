/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/hr/csv.h"

#include <errno.h>

#define NOTHING (-1) /* instead of an octet: the file ends here, or cannot be read */

void csv_begin(struct csv *c, ssize_t (*read)(void *ctx, void *buf, size_t cap), void *ctx)
{
    c->read = read;
    c->ctx = ctx;
    c->at = c->have = 0;
    c->ended = c->broken = false;
    c->line = 1;
    c->line_end = 0;
    c->mixed = c->fault = c->record = c->opened = 0;
    c->fields = c->used = 0;
}

static void fill(struct csv *c)
{
    ssize_t n;

    do
        n = c->read(c->ctx, c->chunk + c->have, sizeof(c->chunk) - c->have);
    while (n < 0 && errno == EINTR);
    if (n > 0)
        c->have += (size_t)n;
    else
        c->ended = true;
    c->broken = n < 0;
}

size_t csv_start(struct csv *c, const uint8_t **out)
{
    while (!c->ended && c->have < sizeof(c->chunk))
        fill(c);
    *out = c->chunk;
    return c->have;
}

void csv_skip(struct csv *c, size_t octets)
{
    c->at += octets < c->have - c->at ? octets : c->have - c->at;
}

static int look(struct csv *c)
{
    if (c->at == c->have && !c->ended) {
        c->at = c->have = 0;
        fill(c);
    }
    return c->at < c->have ? c->chunk[c->at] : NOTHING;
}

static int fault(struct csv *c, int err, uint32_t line)
{
    c->fault = line;
    return c->broken ? CSV_IO : err;
}

static int put(struct csv *c, int octet)
{
    if (octet == '\0')
        return fault(c, CSV_NUL, c->line);
    if (c->field[c->fields - 1].len == CSV_FIELD_MAX)
        return fault(c, CSV_FIELD_LONG, c->opened);
    if (c->used == CSV_ROW_MAX)
        return fault(c, CSV_ROW_LONG, c->record);
    c->row[c->used++] = (uint8_t)octet;
    c->field[c->fields - 1].len++;
    c->at++;
    return CSV_OK;
}

static int take_plain(struct csv *c)
{
    int err = CSV_OK;

    while (err == CSV_OK) {
        int octet = look(c);
        if (octet == NOTHING || octet == ',' || octet == '\n' || octet == '\r')
            return CSV_OK;
        err = octet == '"' ? fault(c, CSV_QUOTE_STRAY, c->line) : put(c, octet);
    }
    return err;
}

static int take_quoted(struct csv *c)
{
    int err = CSV_OK;

    c->at++;
    while (err == CSV_OK) {
        int octet = look(c);
        if (octet == NOTHING)
            return fault(c, CSV_QUOTE_OPEN, c->opened);
        if (octet == '"') {
            c->at++;
            if (look(c) != '"')
                return CSV_OK;
        }
        err = put(c, octet);
        c->line += octet == '\n';
    }
    return err;
}

static void note_line_end(struct csv *c, enum csv_line_end kind)
{
    if (c->line_end == 0)
        c->line_end = kind;
    else if (c->line_end != kind && c->mixed == 0)
        c->mixed = c->line;
    c->line++;
}

/* Behind a field: a comma, the end of the record, or what must not stand there. */
static int take_end(struct csv *c, bool *more)
{
    int octet = look(c);

    *more = octet == ',';
    if (octet == NOTHING)
        return c->broken ? CSV_IO : CSV_OK;
    if (octet != ',' && octet != '\n' && octet != '\r')
        return fault(c, octet == '\0' ? CSV_NUL : CSV_QUOTE_STRAY, c->line);
    c->at++;
    if (octet == '\r') {
        if (look(c) != '\n')
            return fault(c, CSV_LINE_END, c->line);
        c->at++;
    }
    if (octet != ',')
        note_line_end(c, octet == '\r' ? CSV_CRLF : CSV_LF);
    return CSV_OK;
}

static int take_field(struct csv *c, bool *more)
{
    int err;

    if (c->fields == CSV_FIELDS_MAX)
        return fault(c, CSV_FIELDS_MANY, c->record);
    c->opened = c->line;
    c->field[c->fields].at = c->used;
    c->field[c->fields++].len = 0;
    err = look(c) == '"' ? take_quoted(c) : take_plain(c);
    return err == CSV_OK ? take_end(c, more) : err;
}

int csv_next(struct csv *c)
{
    bool more = true;
    int err = CSV_OK;

    c->fields = c->used = 0;
    c->record = c->line;
    if (look(c) == NOTHING)
        return fault(c, CSV_END, c->line);
    while (err == CSV_OK && more)
        err = take_field(c, &more);
    return err;
}
