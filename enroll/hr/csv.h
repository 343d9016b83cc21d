/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of a CSV file (RFC 4180) as octets, from a stream: no more is read than is needed, and
 * nothing grows with what the file claims. Also right for CP932, whose second octets are never
 * those of comma, quotation mark or line end.
 */
#ifndef TOYAMA_ENROLL_HR_CSV_H
#define TOYAMA_ENROLL_HR_CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define CSV_FIELD_MAX  4096  /* octets of a field */
#define CSV_ROW_MAX    65536 /* octets of a record's fields */
#define CSV_FIELDS_MAX 256
#define CSV_CHUNK      16384 /* octets that are read at once */

enum csv_err {
    CSV_OK = 0,
    CSV_END = -1,
    CSV_IO = -2, /* errno says why */
    CSV_NUL = -3,
    CSV_FIELD_LONG = -4,
    CSV_ROW_LONG = -5,
    CSV_FIELDS_MANY = -6,
    CSV_QUOTE_OPEN = -7,  /* the file ends inside of a quoted field */
    CSV_QUOTE_STRAY = -8, /* inside of a plain field, or text behind a closing quotation mark */
    CSV_LINE_END = -9     /* CR without LF outside of a quoted field */
};

enum csv_line_end { CSV_LF = 1, CSV_CRLF = 2 };

struct csv {
    ssize_t (*read)(void *ctx, void *buf, size_t cap); /* as read(2) */
    void *ctx;
    uint8_t chunk[CSV_CHUNK];
    size_t at, have;
    bool ended, broken;         /* nothing more can be read; because of an error */
    uint32_t line;              /* of the next octet; from 1 */
    enum csv_line_end line_end; /* of the first record; 0: none seen */
    uint32_t mixed;             /* first line that ends in another way; 0: none */
    uint32_t fault;             /* line that an error is about */
    uint32_t record;            /* line where the record begins */
    uint32_t opened;            /* line where the field begins */
    size_t fields;
    struct {
        size_t at, len; /* in `row` */
    } field[CSV_FIELDS_MAX];
    size_t used;
    uint8_t row[CSV_ROW_MAX];
};

void csv_begin(struct csv *c, ssize_t (*read)(void *ctx, void *buf, size_t cap), void *ctx);
/* The octets of the file's start, at most CSV_CHUNK of them; nothing is taken. */
size_t csv_start(struct csv *c, const uint8_t **out);
/* Leaves out octets of what csv_start gave. */
void csv_skip(struct csv *c, size_t octets);
/* The next record. An empty line is a record of one empty field. After an error other than CSV_END
 * the reader must not be used. */
int csv_next(struct csv *c);

#endif
