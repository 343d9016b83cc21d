/* SPDX-License-Identifier: Apache-2.0
 *
 * The transfer slip (juwatashihyo) that goes with a roster file on its medium: plain Japanese text,
 * to be printed, with lines for two seals.
 */
#ifndef TOYAMA_ENROLL_SLIP_H
#define TOYAMA_ENROLL_SLIP_H

#include "enroll/rows.h"

#include <stdio.h>

/* From the row of roster.export. */
void slip_write(FILE *out, const struct rows *rows, size_t row);

#endif
