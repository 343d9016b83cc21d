/* SPDX-License-Identifier: Apache-2.0
 *
 * What may become of a card between lending and destruction, and what has to go when its holder
 * goes. A stop is final: a stopped card is returned and destroyed, or registered anew as another
 * credential.
 */
#ifndef TOYAMA_CORE_ROSTER_LIFE_H
#define TOYAMA_CORE_ROSTER_LIFE_H

#include "core/roster/record.h"

/* A card proper: neither a security key nor a memorised secret. */
bool roster_is_card(const struct roster_credential *c);
/* Active, or suspended only. */
bool roster_is_live(const struct roster_credential *c);
/* Reported lost, and not found since. */
bool roster_is_lost(const struct roster_credential *c);
/* Not twice, and not what is destroyed. */
bool roster_can_return(const struct roster_credential *c);
/* Stopped or returned, and at hand. */
bool roster_can_destroy(const struct roster_credential *c);
/* Whether the same card may be registered again, for its holder or for somebody else: it was given
 * back, or was stopped and then found. */
bool roster_can_renew(const struct roster_credential *c);

/* Live cards that count in some of these zones (0: wherever the person has a right); lent ones for
 * a day and sealed ones do not count. `but` may be NULL: the id of one that is left out. */
size_t roster_cards_live(const struct roster_record *r, uint8_t zones, const uint8_t *but);

enum roster_due {
    ROSTER_DUE_CARDS = 1,  /* cards and keys are to be stopped */
    ROSTER_DUE_FINGERS = 2 /* templates are to be deleted */
};

/* What is due of a person (roster_record_effective) at `now`, seconds since 1970 UTC: bits of
 * roster_due, and why. Nobody who has gone keeps a way in; nobody keeps templates who has no right
 * in any of `finger_zones`. A plan that brings the right back keeps what it needs. */
unsigned roster_due(const struct roster_record *r, uint8_t finger_zones, int64_t now,
                    enum roster_reason *why);

#endif
