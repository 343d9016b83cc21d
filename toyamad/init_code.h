/* SPDX-License-Identifier: Apache-2.0
 *
 * A one-time or recovery code, typed at the terminal without echo or given as a line of standard
 * input.
 */
#ifndef TOYAMA_TOYAMAD_INIT_CODE_H
#define TOYAMA_TOYAMAD_INIT_CODE_H

#include <stdbool.h>

#define INIT_CODE_MAX 128 /* octets of a typed code, blanks and full width included */

/* The caller wipes `out`. */
bool init_read_code(const char *prompt, char out[INIT_CODE_MAX]);

#endif
