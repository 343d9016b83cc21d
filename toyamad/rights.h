/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether a person may log in here and now: the record against the zone, the host and the clock.
 * Evidence for decide(); the record must be the effective one (roster_record_effective).
 */
#ifndef TOYAMA_TOYAMAD_RIGHTS_H
#define TOYAMA_TOYAMAD_RIGHTS_H

#include "core/policy/policy.h"
#include "core/roster/record.h"

/* The bit of a zone; 0 for ZONE_NONE. */
uint8_t rights_zone_bit(enum zone zone);
enum person_state rights_person(const struct policy *p, const struct roster_record *r, int64_t now);
/* Of the person's credential number `n`. */
enum credential_state rights_credential(const struct policy *p, const struct roster_record *r,
                                        size_t n, int64_t now);
/* One live card a person: while a temporary card or key is in its time here, every other one is
 * suspended. */
bool rights_suspended(const struct policy *p, const struct roster_record *r, size_t n, int64_t now);
/* The exception that stands in place of `require` for this person here and now; NULL: none, or none
 * that leaves anything out, or none that may be. */
const struct roster_exception *rights_exception(const struct policy *p,
                                                const struct roster_record *r, int64_t now);
/* When the hours begin next; 0 where they never do. */
int64_t rights_next_hours(const struct roster_hours *hours, int64_t now);
/* The end that comes first, of the person or of the credential unless it is temporary; 0: none. */
int64_t rights_end(const struct roster_record *r, size_t n);

#endif
