/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of operator open: what verb_operator.c and verb_operator_finger.c want of each other.
 */
#ifndef TOYAMA_TOYAMAD_VERB_OPERATOR_H
#define TOYAMA_TOYAMAD_VERB_OPERATOR_H

#include "core/wire/admin.h"

#include <stdbool.h>

struct task;

/* Each may end the call. */
void operator_finger(struct task *t);
/* Goes on to what is not proven yet, or opens the session. */
void operator_next(struct task *t);
/* Records what ended the call, unless there were many in this minute: then their number, with the
 * next one. */
void operator_failed(struct task *t, enum admin_result result, const char *msg);
/* Records it, and ends the call. */
void operator_refuse(struct task *t, const char *msg, const char *cause);
/* False: the person is locked, or the store cannot tell; the call was ended. */
bool operator_unlocked(struct task *t);
/* One more wrong finger or secret; as above. */
bool operator_missed(struct task *t, const char *kind);

#endif
