/* SPDX-License-Identifier: Apache-2.0
 *
 * hr import: a file of the HR section becomes one change of the register. Inside of enroll/hr_*.c
 * only.
 */
#ifndef TOYAMA_ENROLL_HR_IMPORT_H
#define TOYAMA_ENROLL_HR_IMPORT_H

#include "enroll/hr_file.h"
#include "enroll/report.h"

#define HR_LINES_MAX 240 /* octets of a list of lines; fits an argument of a message */

struct hr_import {
    struct session *s;
    struct hr_file file;
    struct rows rows; /* of the broker */
    uint32_t added, changed, rehired, ended;
    uint32_t refused; /* rows that the broker found to be wrong */
    uint32_t *line;   /* of all faults, sorted, none twice */
    size_t lines;
    bool asked, applied; /* the broker looked at it; it is done */
};

/* Sends the list; EX_OK or the exit code, already reported. With `expect` it is applied if it is
 * what was looked at before, else only looked at. */
int hr_import_call(struct hr_import *i, const char *expect);
/* Counts and lines of what the broker said. False: no memory. */
bool hr_import_count(struct hr_import *i);
size_t hr_import_errors(const struct hr_import *i);

/* What the file says, each fault, and with --dry-run each change. */
void hr_import_show(const struct hr_import *i);
/* The sentence of the catalogue. */
void hr_import_sum(const struct hr_import *i, char *out, size_t cap);
void hr_import_json(const struct hr_import *i, const char *result, int exit);

#endif
