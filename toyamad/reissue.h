/* SPDX-License-Identifier: Apache-2.0
 *
 * What a card or key that is being enrolled takes the place of: one live card a person and zone,
 * the card that it replaces is stopped with it, a card that was given back or found again becomes
 * another credential, and the cupboard's count knows that it was lent.
 */
#ifndef TOYAMA_TOYAMAD_REISSUE_H
#define TOYAMA_TOYAMAD_REISSUE_H

#include "core/roster/record.h"

struct task;
struct chain_event;

struct reissue {
    bool replaces, renews, second;
    uint8_t old[ROSTER_ID_LEN]; /* stopped with the new one */
    enum roster_reason reason;
    uint8_t before[ROSTER_ID_LEN]; /* the same card as it was registered before */
    uint8_t holder[ROSTER_ID_LEN]; /* for whom; */
    bool lent_anew;                /* somebody else, who gave it back */
};

/* Reads "replaces", "reason", "second", "form", "zones" and "until", which makes a loan; t->person
 * is there and t->credential begun. False: the call was ended. */
bool reissue_prepare(struct task *t);
/* Reads "zones" into t->credential. False: the call was ended. */
bool reissue_take_zones(struct task *t);
/* A registered credential has the new one's number or key. False: it stays somebody's. */
bool reissue_renews(struct task *t, const struct roster_record *holder,
                    const struct roster_credential *c);
/* Whether the person, as the record says now, may have the card. False: the call was ended. */
bool reissue_may(struct task *t);
/* In the open transaction, before the new credential stands in t->person: takes out what it was
 * before, and what was destroyed longest ago where there is no room; with `done` stops what it
 * replaces. A registry_err. */
int reissue_displace(struct task *t, bool done);
/* What the card or key was registered as before, and for whom. NULL: the call was ended. */
const struct roster_credential *reissue_before(struct task *t, struct roster_record *holder);
/* The holder before without it; an error ends the call. To be written before t->person, whose card
 * it becomes. */
bool reissue_holder(struct task *t, struct roster_record *out);
/* What an event of the enrolment tells besides. */
void reissue_describe(const struct task *t, struct chain_event *event);

#endif
