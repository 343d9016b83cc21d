/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs share that change something between two issues: on hosts with a register of their
 * own the record changes, on a helpdesk's host an amendment is signed, elsewhere the call ends.
 */
#ifndef TOYAMA_TOYAMAD_AMEND_TASK_H
#define TOYAMA_TOYAMAD_AMEND_TASK_H

#include "toyamad/amend.h"
#include "toyamad/task.h"

/* "reason", or `otherwise` where none was given, and "form", which may be as long as a record
 * allows. False: the call was ended. */
bool amend_task_reason(struct task *t, enum roster_reason otherwise, enum roster_reason *out);
bool amend_task_form(struct task *t, const char **out);
/* False where the host may neither change records nor sign amendments; the call was ended. */
bool amend_task_may(struct task *t);
/* Begins t->said about t->person: kind, operator, reason, form. False: the call was ended. */
bool amend_task_begin(struct task *t, enum roster_amends kind, enum roster_reason reason,
                      const char *form);
/* An event of this kind about it. */
void amend_task_describe(const struct task *t, const char *kind, struct chain_event *event);
/* Signs t->said and stores it with the event. False: the call was ended. */
bool amend_task_record(struct task *t, struct chain_event *event);
/* The same with an approver's card, which is asked for: an event of this kind tells of it, and the
 * call ends as amend_task_done does, or with what `done` says instead. */
void amend_task_approve(struct task *t, const char *kind, void (*done)(struct task *t));
/* Leaves it in the outbox. False: that failed, and the call has ended saying so. */
bool amend_task_publish(struct task *t);
/* Leaves it in the outbox and ends the call well, with what is still to be done. */
void amend_task_done(struct task *t);

#endif
