/* SPDX-License-Identifier: Apache-2.0
 *
 * Faults of an HR file in words.
 */
#ifndef TOYAMA_ENROLL_HR_TEXTS_H
#define TOYAMA_ENROLL_HR_TEXTS_H

#include "enroll/hr/hr.h"

#define HR_TEXT_MAX 1024 /* octets of a fault in words, with the NUL */

/* Word for programs; the same in all languages and versions. */
const char *hr_fault_word(enum hr_fault_kind kind);
/* What it is and what to do, without the line. */
void hr_fault_text(const struct hr_format *format, const struct hr_fault *fault,
                   char out[HR_TEXT_MAX]);
/* "utf-8", "cp932" or "ascii". */
const char *hr_encoding_word(enum hr_encoding encoding);
/* "12, 40, 77": lines that rise; many of them are cut with an ellipsis. */
void hr_lines_format(const uint32_t *line, size_t count, char *out, size_t cap);
/* The lines of the faults that were kept, each once. */
void hr_fault_lines(const struct hr_result *result, char *out, size_t cap);

#endif
