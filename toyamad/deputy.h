/* SPDX-License-Identifier: Apache-2.0
 *
 * Sealed deputy cards: enrolled in quiet times for a named deputy, suspended until several
 * approvers open them in a disaster, for a few hours.
 */
#ifndef TOYAMA_TOYAMAD_DEPUTY_H
#define TOYAMA_TOYAMAD_DEPUTY_H

#include "core/roster/amendment.h"

#define DEPUTY_APPROVERS_MAX 4

struct task;

/* While a card is being opened: what each approver signed so far. */
struct deputy {
    uint8_t credential[ROSTER_ID_LEN];
    int64_t until; /* seconds since 1970 UTC */
    uint32_t needed, signed_by;
    struct roster_amendment said[DEPUTY_APPROVERS_MAX];
    struct roster_amended signed_one[DEPUTY_APPROVERS_MAX]; /* on a helpdesk's host */
    char approver[DEPUTY_APPROVERS_MAX][ROSTER_TEXT_MAX];   /* staff numbers */
};

/* An enrolment that is one of a deputy's card: t->credential becomes sealed. False: the call was
 * ended. */
bool deputy_seal(struct task *t);

#endif
