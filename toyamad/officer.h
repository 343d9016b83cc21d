/* SPDX-License-Identifier: Apache-2.0
 *
 * Who holds an office on this host. A stand-alone host believes its own records; elsewhere an
 * office must be wanted by the record and stand in the issue that was approved, so that nobody
 * gives one to himself, and one that is taken away is gone at once.
 */
#ifndef TOYAMA_TOYAMAD_OFFICER_H
#define TOYAMA_TOYAMAD_OFFICER_H

#include "toyamad/broker.h"

#define OFFICER_KEY 0x9C /* key reference by which approvers sign (PIV, PIN each time) */

/* Who may hold an office at all: no contractor, no support staff. */
bool officer_possible(const struct roster_record *r);
/* Role bits that the person holds now; 0 for whoever is stopped, or not or no longer valid. */
uint8_t officer_roles(struct broker *b, const struct roster_record *r);
/* The approver's key of a PIV card, asked with the PIN; NULL: it has none. */
const struct roster_key *officer_key(const struct roster_credential *c);
/* Whether the person's credential `n` counts now: active, within its time, not lent, and none is
 * lent in its place. */
bool officer_card_good(struct broker *b, const struct roster_record *r, size_t n);
/* Whether `issue` names the person as an approver by this very key. */
bool officer_listed(const struct roster_issue *issue, const uint8_t person[ROSTER_ID_LEN],
                    const struct roster_key *key);
/* The issue whose officers hold on this host; NULL: the records say it. */
const struct roster_issue *officer_issue(const struct broker *b);

#endif
