/* SPDX-License-Identifier: Apache-2.0
 *
 * Exceptions (reigai sochi): other factors than the host asks for, for one person, on the hosts
 * that are named, to an end. Who fills them in, and who shows them.
 */
#ifndef TOYAMA_TOYAMAD_EXCEPTION_H
#define TOYAMA_TOYAMAD_EXCEPTION_H

#include "toyamad/task.h"

#define EXCEPTION_WORKING_DAYS 5 /* in the individual-number zone, unless there is no finger */

/* "ahead", "running" or "over". */
const char *exception_state(const struct roster_exception *e, int64_t now);
/* A row for each exception of the person, and what is to be done where one has ended. */
void exception_send(struct task *t, const struct roster_record *r);

#endif
