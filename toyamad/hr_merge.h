/* SPDX-License-Identifier: Apache-2.0
 *
 * What the HR section's file means for a person's record. A row that holds from a later day becomes
 * a plan for section, category, end and zones; name, reading and logins change at once. Nothing
 * here touches cards, fingers, roles or a state that the helpdesk set, but that whoever had gone
 * and comes back is active again.
 */
#ifndef TOYAMA_TOYAMAD_HR_MERGE_H
#define TOYAMA_TOYAMAD_HR_MERGE_H

#include "core/roster/hr.h"

enum hr_outcome {
    HR_SAME = 0,
    HR_NEW = 1,
    HR_CHANGED = 2,
    HR_REHIRED = 3, /* had gone and comes back, or is reappointed */
    HR_ENDED = 4,   /* not in the file any more */
    HR_OUTCOMES = 5
};

enum hr_merge_err {
    HR_MERGE_OK = 0,
    HR_MERGE_PLANS = -1, /* ROSTER_PLANS changes to come are known already */
    HR_MERGE_TERM = -2,  /* would end before it begins */
    HR_MERGE_RANDOM = -3
};

struct hr_when {
    int64_t now;   /* seconds since 1970 UTC */
    int64_t from;  /* when rows without a day of their own hold and who is missing ends; 0: now */
    uint8_t zones; /* rights of new people whose row names none */
};

/* Whether the row's day is still to come. */
bool hr_merge_later(const struct hr_row *row, const struct hr_when *when);
/* A new person. HR_SAME where his term is over already: then `out` is worth nothing. */
int hr_merge_new(const struct hr_row *row, const struct hr_when *when, struct roster_record *out,
                 enum hr_outcome *outcome);
/* The person whom the row is about; changes `r` unless the outcome is HR_SAME. */
int hr_merge_row(const struct hr_row *row, const struct hr_when *when, struct roster_record *r,
                 enum hr_outcome *outcome);
/* A person whom the file does not name: HR_ENDED, or HR_SAME where he has gone already or is of
 * those whom the HR section does not keep (support, contractor). */
void hr_merge_missing(const struct hr_when *when, struct roster_record *r,
                      enum hr_outcome *outcome);
/* "plans", "term", "random". */
const char *hr_merge_word(int err);

#endif
