/* SPDX-License-Identifier: Apache-2.0
 *
 * What becomes of a signed record under amendments.
 */
#include <string.h>

#include "core/roster/amendment.h"

static struct roster_credential *find(struct roster_record *r, const uint8_t id[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < r->credentials; n++)
        if (memcmp(r->credential[n].id, id, ROSTER_ID_LEN) == 0)
            return &r->credential[n];
    return NULL;
}

static bool ended(enum roster_state state)
{
    return state == ROSTER_STOPPED || state == ROSTER_RETURNED || state == ROSTER_DESTROYED;
}

static bool same_card(const struct roster_credential *a, const struct roster_credential *b)
{
    return a->family == b->family && a->key[0].len == b->key[0].len &&
           memcmp(a->key[0].spki, b->key[0].spki, a->key[0].len) == 0;
}

/* Room for a card that is lent: where the same one stood that was lent before (behind the `own`
 * credentials that are signed), at the end, or instead of one that lets nobody in. */
static struct roster_credential *make_room(struct roster_record *r, size_t own,
                                           const struct roster_credential *card, int64_t now)
{
    for (size_t n = own; n < r->credentials; n++)
        if (same_card(&r->credential[n], card))
            return &r->credential[n];
    if (r->credentials < ROSTER_CREDENTIALS)
        return &r->credential[r->credentials++];
    for (size_t n = r->credentials; n > 0; n--) {
        const struct roster_credential *c = &r->credential[n - 1];
        if (ended(c->state) || (c->temporary && now > c->until))
            return &r->credential[n - 1];
    }
    return NULL;
}

/* One whose time is over stays, too: its holder is told so, and it is to be returned. */
static void lend(const struct roster_amendment *a, struct roster_record *r, size_t own, int64_t now)
{
    struct roster_credential *c;

    if (find(r, a->card[0].id) == NULL && (c = make_room(r, own, &a->card[0], now)) != NULL)
        *c = a->card[0];
}

static void stop(const struct roster_amendment *a, struct roster_credential *c)
{
    if (ended(c->state))
        return;
    c->state = c->temporary && a->reason == ROSTER_ENDED ? ROSTER_RETURNED : ROSTER_STOPPED;
    c->reason = a->reason;
}

static void suspend(const struct roster_amendment *a, struct roster_credential *c, int64_t now)
{
    if (c->state != ROSTER_ACTIVE || (a->until != 0 && now > a->until))
        return;
    c->state = ROSTER_SUSPENDED;
    c->reason = a->reason;
}

/* Back to what was signed, which may be a suspension, too. */
static void resume(struct roster_credential *c, const struct roster_credential *signed_one)
{
    if (c->state != ROSTER_SUSPENDED)
        return;
    c->state = signed_one->state;
    c->reason = signed_one->reason;
}

static void restrict_one(const struct roster_amendment *a, struct roster_record *r,
                         struct roster_record *base, int64_t now)
{
    struct roster_credential *c = find(r, a->credential);

    if (c == NULL)
        return;
    if (a->kind == ROSTER_AMEND_STOP)
        stop(a, c);
    else if (a->kind == ROSTER_AMEND_SUSPEND)
        suspend(a, c, now);
    else if (a->kind == ROSTER_AMEND_RESUME)
        resume(c, find(base, a->credential));
}

bool roster_sealed_deputy(const struct roster_credential *c)
{
    return c->temporary && c->state == ROSTER_SUSPENDED && c->reason == ROSTER_DISASTER;
}

/* The deputy himself is not one of those who let him in. */
static bool opens(const struct roster_amendment *a, const struct roster_record *r,
                  const struct roster_credential *c, int64_t now)
{
    return a->kind == ROSTER_AMEND_OPEN && memcmp(a->person, r->id, sizeof(r->id)) == 0 &&
           memcmp(a->credential, c->id, sizeof(c->id)) == 0 &&
           memcmp(a->approver, r->id, sizeof(r->id)) != 0 && now <= a->until;
}

/* Whether an earlier one of the list has the same approver. */
static bool counted(const struct roster_amendment *const *list, size_t at,
                    const struct roster_record *r, const struct roster_credential *c, int64_t now)
{
    for (size_t n = 0; n < at; n++)
        if (opens(list[n], r, c, now) &&
            memcmp(list[n]->approver, list[at]->approver, ROSTER_ID_LEN) == 0)
            return true;
    return false;
}

/* As long as all of them say. */
static void open_one(const struct roster_amendment *const *list, size_t count,
                     const struct roster_record *r, struct roster_credential *c, int64_t now,
                     uint32_t approvers)
{
    int64_t until = c->until;
    uint32_t people = 0;

    for (size_t n = 0; n < count; n++) {
        if (!opens(list[n], r, c, now) || counted(list, n, r, c, now))
            continue;
        people++;
        until = list[n]->until < until ? list[n]->until : until;
    }
    if (approvers == 0 || people < approvers)
        return;
    c->state = ROSTER_ACTIVE;
    c->until = until;
}

void roster_amendments_open(const struct roster_amendment *const *list, size_t count,
                            struct roster_record *r, int64_t now, uint32_t approvers)
{
    for (size_t n = 0; n < r->credentials; n++)
        if (roster_sealed_deputy(&r->credential[n]))
            open_one(list, count, r, &r->credential[n], now, approvers);
}

void roster_amendments_apply(const struct roster_amendment *const *list, size_t count,
                             struct roster_record *r, int64_t now)
{
    const size_t own = r->credentials;
    struct roster_record base;

    /* Lent cards first: two helpdesks' clocks differ, and a stop counts whenever it was written. */
    for (size_t n = 0; n < count; n++)
        if (list[n]->kind == ROSTER_AMEND_TEMPORARY &&
            memcmp(list[n]->person, r->id, sizeof(r->id)) == 0)
            lend(list[n], r, own, now);
    base = *r;
    for (size_t n = 0; n < count; n++)
        if (memcmp(list[n]->person, r->id, sizeof(r->id)) == 0)
            restrict_one(list[n], r, &base, now);
}

static bool still_works(const struct roster_record *r, const uint8_t id[ROSTER_ID_LEN])
{
    for (size_t n = 0; r != NULL && n < r->credentials; n++)
        if (memcmp(r->credential[n].id, id, ROSTER_ID_LEN) == 0)
            return !ended(r->credential[n].state);
    return false;
}

bool roster_amendment_outlived(const struct roster_amendment *a, const struct roster_issue *issue,
                               const struct roster_record *r)
{
    if (issue->number <= a->number || issue->created < a->created)
        return false;
    switch (a->kind) {
    case ROSTER_AMEND_STOP:
        return !still_works(r, a->credential);
    case ROSTER_AMEND_SUSPEND:
    case ROSTER_AMEND_TEMPORARY:
    case ROSTER_AMEND_OPEN:
        return issue->created > a->until;
    case ROSTER_AMEND_RESUME:
        return issue->created - a->created > ROSTER_SUSPEND_MAX;
    case ROSTER_AMEND_CLEAR:
    case ROSTER_AMEND_EXTEND:
    default:
        return true;
    }
}
