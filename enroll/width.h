/* SPDX-License-Identifier: Apache-2.0
 *
 * Columns that UTF-8 text takes on a terminal: Japanese characters take two.
 */
#ifndef TOYAMA_ENROLL_WIDTH_H
#define TOYAMA_ENROLL_WIDTH_H

#include <stddef.h>
#include <stdio.h>

size_t width_of(const char *text);
/* Octets of the longest start of `text` that takes at most `columns`. */
size_t width_fit(const char *text, size_t columns);
/* The text and blanks up to `columns`. */
void width_pad(FILE *out, const char *text, size_t columns);

#endif
