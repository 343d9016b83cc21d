/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs about roster files share.
 */
#ifndef TOYAMA_TOYAMAD_VERB_ROSTER_H
#define TOYAMA_TOYAMAD_VERB_ROSTER_H

#include "toyamad/intake.h"
#include "toyamad/task.h"

void verb_roster_number(struct admin_pairs *row, const char *key, uint64_t value);
void verb_roster_time(struct admin_pairs *row, const char *key, int64_t when);
/* Ends the call where this host does not take rosters. */
bool verb_roster_takes(struct task *t);
/* Records the refusal and ends the call with its sentence. */
void verb_roster_refuse(struct task *t, const struct intake *in, int err);

#endif
