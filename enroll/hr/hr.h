/* SPDX-License-Identifier: Apache-2.0
 *
 * enroll/hr: reads the CSV files of a city's HR section. Every fault is collected with its line,
 * and a file with one fault is no good as a whole; what comes out is the list of
 * core/roster/hr.h. It says nothing to people and knows neither broker nor configuration: enroll
 * does that, and is the only one that includes this header. Includes core/roster and core/wire.
 */
#ifndef TOYAMA_ENROLL_HR_HR_H
#define TOYAMA_ENROLL_HR_HR_H

#include "core/roster/hr.h"
#include "enroll/hr/format.h"

#include <sys/types.h>

#define HR_FAULTS_KEPT  1000 /* told one by one; the rest is counted */
#define HR_VALUE_MAX    64   /* octets of a value that is shown, with the NUL */
#define HR_IGNORED_KEPT 32   /* names of columns that are not used */

enum hr_err {
    HR_OK = 0,
    HR_IO = -1,    /* errno says why */
    HR_MEMORY = -2 /* neither memory nor the C library's table for CP932 */
};

enum hr_encoding { HR_DETECT = 0, HR_UTF8 = 1, HR_CP932 = 2 };

enum hr_fault_kind {
    /* of the file; reading ends there */
    HR_F_EMPTY_FILE,
    HR_F_NO_ROWS,  /* a header and nothing else */
    HR_F_WORKBOOK, /* an Excel workbook, not CSV */
    HR_F_UTF16,
    HR_F_NUL,
    HR_F_FIELD_LONG,   /* number: the limit in octets */
    HR_F_ROW_LONG,     /* number: the limit in octets */
    HR_F_COLUMNS_MANY, /* number: the limit */
    HR_F_ROWS_MANY,    /* number: the limit */
    HR_F_QUOTE_OPEN,   /* a quotation mark that is not closed */
    HR_F_QUOTE_STRAY,  /* a quotation mark inside of a field, or text behind the closing one */
    HR_F_LINE_END,     /* CR without LF */
    /* of the header; rows are not looked at */
    HR_F_COLUMN_MISSING,
    HR_F_COLUMN_TWICE,
    /* of a row */
    HR_F_LINE_END_MIXED, /* CRLF and LF in one file; told once, where it changes */
    HR_F_OCTETS,         /* not of the file's encoding; other: the field, from 1 */
    HR_F_COLUMN_COUNT,   /* number: fields in this row; other: columns of the header */
    HR_F_MISSING,        /* an empty field that must be filled */
    HR_F_CONTROL,        /* a control character or an invisible one */
    HR_F_PRIVATE,        /* gaiji: a character that only this city's computers know */
    HR_F_FORMULA,        /* begins with = + - @, which Excel takes for a formula */
    HR_F_LONG,           /* number: the limit in octets of UTF-8 */
    HR_F_NUMBER,         /* not a staff number */
    HR_F_DIGITS,         /* number: the digits that it must have */
    HR_F_NUMBER_TWICE,   /* number: the line of the first one */
    HR_F_SECTION,        /* not in the list of sections */
    HR_F_CATEGORY,
    HR_F_DATE,            /* not written like a date */
    HR_F_DAY,             /* a day that does not exist, or before 1970 or after 2100 */
    HR_F_ERA,             /* a day outside of its era */
    HR_F_ORDER,           /* the end is before the start */
    HR_F_ORDER_EFFECTIVE, /* the end is before the day from which the row holds */
    HR_F_END_MISSING,     /* all but regular staff need an end */
    HR_F_LOGIN,
    HR_F_LOGIN_TWICE, /* number: the line of the first one */
    HR_F_LOGINS_MANY, /* number: the limit */
    HR_F_ZONE,
    HR_FAULT_KINDS
};

struct hr_fault {
    uint32_t line; /* where the row, or what ends the reading, begins; 0: the file as a whole */
    enum hr_fault_kind kind;
    enum hr_column column;    /* HR_COLUMNS where the fault has none */
    uint32_t number, other;   /* as the kind says */
    char value[HR_VALUE_MAX]; /* what stands there, as UTF-8; may be cut or empty */
};

struct hr_result {
    enum hr_encoding encoding; /* HR_DETECT: ASCII only */
    bool bom;
    bool whole;               /* read to the end of the file */
    size_t rows;              /* that hold something, good or bad */
    size_t empty;             /* rows without any content, passed over */
    bool present[HR_COLUMNS]; /* columns that the file has */
    size_t ignored;           /* columns that are not used */
    char ignored_name[HR_IGNORED_KEPT][HR_VALUE_MAX];
    size_t faults; /* all of them */
    size_t kept;
    size_t lines;           /* lines that have a fault */
    struct hr_fault *fault; /* `kept` of them; lines do not fall */
    size_t octets, room;
    uint8_t *der; /* `octets` of encoded rows; those with a fault as HR_FAULTY */
};

struct hr_source {
    ssize_t (*read)(void *ctx, void *buf, size_t cap); /* as read(2) */
    void *ctx;
};

/* Reads to the end, or to what ends the reading. `out` is to be freed in any case. */
int hr_read(const struct hr_source *source, const struct hr_format *format,
            enum hr_encoding encoding, struct hr_result *out);
int hr_read_fd(int fd, const struct hr_format *format, enum hr_encoding encoding,
               struct hr_result *out);
void hr_free(struct hr_result *result);

#endif
