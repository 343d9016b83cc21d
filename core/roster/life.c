/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/life.h"

#include "core/wire/card.h"

#include <string.h>

bool roster_is_card(const struct roster_credential *c)
{
    return c->family != CARD_YUBIKEY && c->family != CARD_MEMORISED;
}

bool roster_is_live(const struct roster_credential *c)
{
    return c->state == ROSTER_ACTIVE || c->state == ROSTER_SUSPENDED;
}

bool roster_is_lost(const struct roster_credential *c)
{
    return (c->state == ROSTER_STOPPED || c->state == ROSTER_SUSPENDED) && c->reason == ROSTER_LOST;
}

bool roster_can_return(const struct roster_credential *c)
{
    return c->state != ROSTER_RETURNED && c->state != ROSTER_DESTROYED;
}

bool roster_can_destroy(const struct roster_credential *c)
{
    return (c->state == ROSTER_STOPPED && c->reason != ROSTER_LOST) || c->state == ROSTER_RETURNED;
}

bool roster_can_renew(const struct roster_credential *c)
{
    return c->state == ROSTER_RETURNED || (c->state == ROSTER_STOPPED && c->reason == ROSTER_FOUND);
}

static bool zones_meet(uint8_t a, uint8_t b)
{
    return a == 0 || b == 0 || (a & b) != 0;
}

size_t roster_cards_live(const struct roster_record *r, uint8_t zones, const uint8_t *but)
{
    size_t live = 0;

    for (size_t n = 0; n < r->credentials; n++) {
        const struct roster_credential *c = &r->credential[n];
        live += roster_is_card(c) && roster_is_live(c) && !c->temporary &&
                zones_meet(c->zones, zones) &&
                (but == NULL || memcmp(c->id, but, sizeof(c->id)) != 0);
    }
    return live;
}

static bool has_gone(const struct roster_record *r, int64_t now)
{
    return r->state != ROSTER_ACTIVE || (r->valid_until != 0 && now > r->valid_until);
}

/* Whether a plan gives the person a right in one of the zones again. */
static bool comes_back(const struct roster_record *r, uint8_t zones, int64_t now)
{
    if (r->state != ROSTER_ACTIVE)
        return false;
    for (size_t n = 0; n < r->plans; n++) {
        const struct roster_plan *p = &r->plan[n];
        if ((p->zones & zones) != 0 && (p->valid_until == 0 || p->valid_until > now))
            return true;
    }
    return false;
}

static bool has_live(const struct roster_record *r)
{
    for (size_t n = 0; n < r->credentials; n++)
        if (roster_is_live(&r->credential[n]))
            return true;
    return false;
}

static enum roster_reason reason_of(const struct roster_record *r, bool gone)
{
    if (!gone)
        return ROSTER_TRANSFERRED;
    return r->reason != ROSTER_NO_REASON ? r->reason : ROSTER_ENDED;
}

unsigned roster_due(const struct roster_record *r, uint8_t finger_zones, int64_t now,
                    enum roster_reason *why)
{
    bool gone = has_gone(r, now);
    unsigned due = 0;

    if (gone && has_live(r) && !comes_back(r, ROSTER_ZONES_ALL, now))
        due |= ROSTER_DUE_CARDS;
    if (r->fingers > 0 && (gone || (r->zones & finger_zones) == 0) &&
        !comes_back(r, finger_zones, now))
        due |= ROSTER_DUE_FINGERS;
    *why = due != 0 ? reason_of(r, gone) : ROSTER_NO_REASON;
    return due;
}
