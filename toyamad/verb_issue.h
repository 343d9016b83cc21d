/* SPDX-License-Identifier: Apache-2.0
 *
 * Making and approving issues, for the verbs that do: issue approve, ceremony.
 */
#ifndef TOYAMA_TOYAMAD_VERB_ISSUE_H
#define TOYAMA_TOYAMAD_VERB_ISSUE_H

#include "toyamad/station/plan.h"
#include "toyamad/verb_station.h"

/* A plan that belongs to the task; NULL: the call was ended. */
struct station_plan *verb_issue_plan(struct task *t);
/* What a zone's next issue is, as a row. */
void verb_issue_zone(struct task *t, const struct station_next *next);
/* The plan is staged: an approver's card signs, then it is installed and the call ends. */
void verb_issue_sign(struct task *t, const struct station_plan *plan);

#endif
