/* SPDX-License-Identifier: Apache-2.0
 *
 * One call of a handler that does more with the answer than to show it.
 */
#ifndef TOYAMA_ENROLL_CALLING_H
#define TOYAMA_ENROLL_CALLING_H

#include "enroll/report.h"

/* Runs the call with progress on standard error. The report's exit is EX_OK where it went well; the
 * caller frees `rows`. */
struct report calling_run(const struct session *s, const struct client_request *request,
                          struct rows *rows);
/* The same, but for this message of the broker's; NULL: none is left out. */
struct report calling_run_without(const struct session *s, const struct client_request *request,
                                  struct rows *rows, const char *unsaid);
/* The rows of one kind stand together: from..to-1; both equal where there is none. */
void calling_range(const struct rows *rows, const char *kind, size_t *from, size_t *to);

#endif
