/* SPDX-License-Identifier: Apache-2.0
 *
 * How long somebody who is not the city's own staff may be registered for.
 */
#ifndef TOYAMA_TOYAMAD_PERSON_TERM_H
#define TOYAMA_TOYAMAD_PERSON_TERM_H

#include "toyamad/task.h"

/* A contractor to the end of the fiscal year in which the term, or what is left of it, begins, and
 * with the contract's number; support staff for as long as the config says. `from`, seconds since
 * 1970 UTC. False: the call was ended. */
bool person_term_fits(struct task *t, const struct roster_record *r, int64_t from);

#endif
