/* SPDX-License-Identifier: Apache-2.0
 *
 * What the reading of one file needs; inside enroll/hr only.
 */
#ifndef TOYAMA_ENROLL_HR_READER_H
#define TOYAMA_ENROLL_HR_READER_H

#include "enroll/hr/csv.h"
#include "enroll/hr/text.h"

struct reader {
    const struct hr_format *format;
    struct hr_result *out;
    struct csv csv;
    struct hr_decoder decoder;
    size_t columns;              /* of the header */
    int at[HR_COLUMNS];          /* where each stands in the file; -1: not there */
    uint8_t use[CSV_FIELDS_MAX]; /* enum hr_column of each; HR_COLUMNS: not used */
    void *numbers, *logins;      /* tsearch(3): where each stood first */
    bool no_memory;
    uint32_t last;         /* line of the fault that was added last */
    struct hr_fault *told; /* that fault; NULL: it was counted only */
    struct hr_text text;   /* the field that is looked at */
    struct hr_row row;
    unsigned bad; /* bit n: column n of this row has a fault */
};

/* The column may be HR_COLUMNS. `about`: what stands there, or NULL. */
void reader_fault(struct reader *r, uint32_t line, enum hr_fault_kind kind, enum hr_column column,
                  const struct hr_text *about);
/* The fault that was added last gets its numbers. */
void reader_numbers(struct reader *r, uint32_t number, uint32_t other);

/* Finds the columns; false where the rows cannot be read. */
bool reader_header(struct reader *r);
/* The record that csv_next gave. */
void reader_row(struct reader *r);

#endif
