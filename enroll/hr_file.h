/* SPDX-License-Identifier: Apache-2.0
 *
 * The HR file that a command names: opened, read by the words of the configuration, and shown.
 */
#ifndef TOYAMA_ENROLL_HR_FILE_H
#define TOYAMA_ENROLL_HR_FILE_H

#include "enroll/enroll.h"
#include "enroll/hr/hr.h"
#include "enroll/json.h"

struct hr_file {
    struct hr_format format;
    struct hr_result result;
};

/* Reads it; EX_OK also where the file has faults, else the exit code, already reported. To be
 * freed in any case. */
int hr_file_read(struct session *s, struct hr_file *file);
void hr_file_free(struct hr_file *file);

/* What was read and each fault, on standard output. */
void hr_file_show(const struct session *s, const struct hr_file *file);
/* The same as pairs of an object that is open. */
void hr_file_json(struct json *j, const struct hr_file *file);

#endif
