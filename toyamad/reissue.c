/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/reissue.h"

#include "core/roster/life.h"
#include "toyamad/choose.h"
#include "toyamad/lone_zone.h"
#include "toyamad/names.h"
#include "toyamad/registry/stock.h"
#include "toyamad/situations.h"

#include <string.h>

#define REASONS (1U << ROSTER_LOST | 1U << ROSTER_DAMAGED | 1U << ROSTER_REPLACED)

static bool refuse(struct task *t, enum admin_result result, const char *msg, const char *why)
{
    task_done(t, result, msg, "%s", why);
    return false;
}

static struct roster_credential *find(struct roster_record *r, const uint8_t id[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < r->credentials; n++)
        if (memcmp(r->credential[n].id, id, ROSTER_ID_LEN) == 0)
            return &r->credential[n];
    return NULL;
}

static bool needs_form(struct task *t)
{
    if (task_get(t, "form")[0] != '\0')
        return true;
    return refuse(t, ADMIN_USAGE, NULL, "\"replaces\" and \"second\" need the form's number: form");
}

static bool take_replaced(struct task *t)
{
    static const struct choice choice = {roster_can_return, "H53", "returned or destroyed already"};
    struct reissue *re = &t->reissue;
    const struct roster_credential *c;

    if (task_get(t, "replaces")[0] == '\0')
        return true;
    if (!needs_form(t) || (c = choose_card(t, task_get(t, "replaces"), &choice)) == NULL)
        return false;
    re->replaces = true;
    re->reason = roster_is_lost(c) ? ROSTER_LOST : ROSTER_REPLACED;
    memcpy(re->old, c->id, sizeof(re->old));
    return situation_reason(t, REASONS, &re->reason);
}

static bool take_second(struct task *t)
{
    t->reissue.second = strcmp(task_get(t, "second"), "yes") == 0;
    return !t->reissue.second || needs_form(t);
}

static bool is_one(uint8_t zones)
{
    return zones != 0 && (zones & (zones - 1)) == 0;
}

bool reissue_take_zones(struct task *t)
{
    const char *zones = task_get(t, "zones");

    if (zones[0] != '\0' && (!roster_zones_parse(zones, &t->credential.zones) ||
                             (t->credential.zones & t->person.zones) != t->credential.zones))
        return refuse(t, ADMIN_USAGE, NULL,
                      "\"zones\" holds a zone that the person has no right in");
    return true;
}

/* A card that was counted is lent to one person at a time. */
static bool label_is_free(struct task *t)
{
    struct stock_card card = {0};
    int err = t->credential.label[0] != '\0'
                  ? registry_stock_get(&t->broker->registry, t->credential.label, &card)
                  : REGISTRY_NONE;

    if (err == REGISTRY_NONE ||
        (err == REGISTRY_OK && card.state != STOCK_LENT && card.state != STOCK_DESTROYED))
        return true;
    if (err == REGISTRY_OK)
        return refuse(t, ADMIN_REFUSED, "H57", registry_stock_name(card.state));
    task_fail_registry(t, err);
    return false;
}

/* A loan, to be given back: listed until it is. */
static bool take_until(struct task *t)
{
    const char *day = task_get(t, "until");

    if (day[0] == '\0')
        return true;
    if (!names_date_parse(day, true, &t->credential.until) ||
        t->credential.until <= broker_now(t->broker))
        return refuse(t, ADMIN_USAGE, NULL, "\"until\" is not a day to come like 2026-04-01");
    t->credential.temporary = true;
    t->credential.from = broker_now(t->broker);
    return true;
}

bool reissue_prepare(struct task *t)
{
    t->reissue = (struct reissue){0};
    return take_until(t) && (!t->sealing || deputy_seal(t)) && take_replaced(t) && take_second(t) &&
           reissue_take_zones(t) &&
           (!roster_family_shared(t->credential.family) || lone_zone_choose(t)) &&
           label_is_free(t) && reissue_may(t);
}

bool reissue_renews(struct task *t, const struct roster_record *holder,
                    const struct roster_credential *c)
{
    struct reissue *re = &t->reissue;

    bool others = memcmp(holder->id, t->person.id, ROSTER_ID_LEN) != 0;

    if (t->broker->config.roster.kind == REGISTER_TAKEN || !roster_can_renew(c) ||
        (others && c->state != ROSTER_RETURNED) ||
        (re->renews && memcmp(re->before, c->id, sizeof(re->before)) != 0))
        return false;
    re->renews = true;
    re->lent_anew = others;
    memcpy(re->holder, holder->id, sizeof(re->holder));
    memcpy(re->before, c->id, sizeof(re->before));
    return true;
}

/* One live card a person: what it replaces goes, and what it was before is none any more. */
static bool within_limit(struct task *t)
{
    struct roster_record r = t->person;
    struct roster_credential *old = t->reissue.replaces ? find(&r, t->reissue.old) : NULL;
    uint32_t limit = t->broker->config.roster.cards;

    if (limit == 0 || t->reissue.second || t->credential.temporary ||
        t->credential.family == CARD_YUBIKEY)
        return true;
    if (old != NULL)
        old->state = ROSTER_STOPPED;
    return roster_cards_live(&r, t->credential.zones, t->credential.id) < limit;
}

static bool has_room(const struct task *t)
{
    size_t taken = 0;

    for (size_t n = 0; n < t->person.credentials; n++)
        taken += t->person.credential[n].state != ROSTER_DESTROYED;
    return taken < ROSTER_CREDENTIALS ||
           find((struct roster_record *)&t->person, t->credential.id) != NULL || t->reissue.renews;
}

bool reissue_may(struct task *t)
{
    if (t->reissue.replaces && find(&t->person, t->reissue.old) == NULL)
        return refuse(t, ADMIN_NOT_FOUND, NULL, "the card that is to be replaced is gone");
    if (!within_limit(t))
        return refuse(t, ADMIN_REFUSED, "H56", "the person has a live card");
    /* A shared key lives in exactly one zone: its host's, or the one that was named. */
    if (t->broker->config.roster.kind == REGISTER_STATION &&
        roster_family_shared(t->credential.family) && !is_one(t->credential.zones))
        return refuse(t, ADMIN_USAGE, "H58", "a shared key needs exactly one zone: zones");
    if (!has_room(t))
        return refuse(t, ADMIN_USAGE, NULL, "too many cards");
    return true;
}

static void take_out(struct roster_record *r, struct roster_credential *c)
{
    size_t n = (size_t)(c - r->credential);

    memmove(c, c + 1, (r->credentials - n - 1) * sizeof(*c));
    r->credentials--;
    memset(&r->credential[r->credentials], 0, sizeof(*c));
}

static int drop(struct task *t, struct roster_credential *c)
{
    int err = registry_secret_delete(&t->broker->registry, c->id);

    take_out(&t->person, c);
    return err;
}

static struct roster_credential *former(struct task *t, struct roster_record *holder)
{
    struct roster_credential *c = NULL;
    int err = registry_by_id(&t->broker->registry, t->reissue.holder, holder);

    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else if ((c = find(holder, t->reissue.before)) == NULL || !roster_can_renew(c))
        refuse(t, ADMIN_REFUSED, "K13", "this card is registered already");
    return t->done ? NULL : c;
}

const struct roster_credential *reissue_before(struct task *t, struct roster_record *holder)
{
    return former(t, holder);
}

/* Another call may have done something with the card while this one was waiting. */
bool reissue_holder(struct task *t, struct roster_record *out)
{
    struct roster_credential *c = former(t, out);

    if (c != NULL)
        take_out(out, c);
    return c != NULL;
}

static struct roster_credential *oldest_destroyed(struct roster_record *r)
{
    struct roster_credential *oldest = NULL;

    for (size_t n = 0; n < r->credentials; n++)
        if (r->credential[n].state == ROSTER_DESTROYED &&
            (oldest == NULL || r->credential[n].enrolled < oldest->enrolled))
            oldest = &r->credential[n];
    return oldest;
}

static void stop(struct task *t)
{
    struct roster_credential *old = find(&t->person, t->reissue.old);

    if (old == NULL || !roster_is_live(old))
        return;
    old->state = ROSTER_STOPPED;
    old->reason = t->reissue.reason;
}

int reissue_displace(struct task *t, bool done)
{
    struct roster_record *r = &t->person;
    struct roster_credential *before = t->reissue.renews ? find(r, t->reissue.before) : NULL;
    int err = REGISTRY_OK;

    if (before != NULL)
        err = drop(t, before);
    if (t->reissue.lent_anew)
        err = registry_secret_delete(&t->broker->registry, t->reissue.before);
    if (err == REGISTRY_OK && r->credentials == ROSTER_CREDENTIALS &&
        find(r, t->credential.id) == NULL && (before = oldest_destroyed(r)) != NULL)
        err = drop(t, before);
    if (done && t->reissue.replaces)
        stop(t);
    if (err == REGISTRY_OK && (done || t->lending) && t->credential.label[0] != '\0')
        err = registry_stock_set(&t->broker->registry, t->credential.label, STOCK_LENT,
                                 broker_now(t->broker));
    return err;
}

static void add_id(struct chain_event *event, const char *key, const uint8_t id[ROSTER_ID_LEN])
{
    char text[2 * ROSTER_ID_LEN + 1];

    names_hex(id, ROSTER_ID_LEN, text);
    chain_event_add(event, key, text);
}

void reissue_describe(const struct task *t, struct chain_event *event)
{
    const struct reissue *re = &t->reissue;
    char until[24];

    if (t->credential.label[0] != '\0')
        chain_event_add(event, "label", t->credential.label);
    names_time(t->credential.until, until);
    if (until[0] != '\0')
        chain_event_add(event, "until", until);
    if (re->replaces) {
        add_id(event, "replaces", re->old);
        chain_event_add(event, "reason", roster_reason_name(re->reason));
    }
    if (re->renews)
        add_id(event, "before", re->before);
    if (re->second)
        chain_event_add(event, "second", "yes");
    if (task_get(t, "form")[0] != '\0')
        chain_event_add(event, "form", task_get(t, "form"));
}
