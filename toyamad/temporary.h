/* SPDX-License-Identifier: Apache-2.0
 *
 * Cards that are lent for a day (kari kado): what an enrolment does otherwise when the card is one
 * of these. Where the host's people come from elsewhere, the helpdesk signs and an approver too;
 * elsewhere the record changes.
 */
#ifndef TOYAMA_TOYAMAD_TEMPORARY_H
#define TOYAMA_TOYAMAD_TEMPORARY_H

#include "toyamad/task.h"

/* t->person may have one, and t->credential becomes one. False: the call was ended. */
bool temporary_prepare(struct task *t);
/* The card proved itself: what `card enroll` does then is not done. */
void temporary_finish(struct task *t);

#endif
