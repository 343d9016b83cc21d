/* SPDX-License-Identifier: Apache-2.0
 *
 * What goes when somebody leaves, or leaves the zone that asks for fingers.
 */
#ifndef TOYAMA_TOYAMAD_LEAVE_H
#define TOYAMA_TOYAMAD_LEAVE_H

#include "toyamad/task.h"

struct leave {
    size_t cards;                 /* stopped: cards, keys, memorised secrets */
    size_t fingers;               /* deleted */
    char finger[CHAIN_VALUE_MAX]; /* their names with blanks */
};

/* The zones whose rosters carry fingers, as this host knows them. */
uint8_t leave_finger_zones(const struct broker *b);
/* Stops what is live of `r`; the caller writes the record. */
void leave_stop_cards(struct roster_record *r, enum roster_reason reason, struct leave *out);
/* Takes the fingers out of `r` and deletes their templates, in the open transaction. */
int leave_delete_fingers(struct registry *reg, struct roster_record *r, struct leave *out);
/* person, reason, what was stopped and deleted, operator. */
void leave_describe(const struct task *t, const char *kind, const struct roster_record *r,
                    enum roster_reason reason, const struct leave *leave,
                    struct chain_event *event);

#endif
