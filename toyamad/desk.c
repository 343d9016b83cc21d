/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/desk.h"

#include "toyamad/task.h"

#include <string.h>

#define PLACE_SECONDS 60
#define WAITS_MAX     50 /* only changes of the reason are reported */

/* In the order in which a card is asked. */
enum { ASKED_NOTHING = 0, ASKED_KEY, ASKED_NAME, ASKED_CERTIFICATE, ASKED_MY_NUMBER, ASKED_NEXT };

static bool free_shape(const struct task *t, bool tokens, unsigned turn, struct prove_shape *out)
{
    unsigned cards = 0;

    if (prove_free_shape(&t->person, FACTOR_CARD, turn, out))
        return true;
    while (prove_free_shape(&t->person, FACTOR_CARD, cards, out))
        cards++;
    return tokens && prove_free_shape(&t->person, FACTOR_TOKEN, turn - cards, out);
}

bool desk_can_prove(const struct task *t, bool tokens)
{
    struct prove_shape shape;

    return free_shape(t, tokens, 0, &shape);
}

static bool is_known_by_name(const struct roster_credential *c)
{
    return c->family == CARD_PIV && c->hint_len > 0 && prove_key(c, false) == NULL;
}

static bool has_named_card(const struct task *t)
{
    for (size_t n = 0; n < t->person.credentials; n++)
        if (is_known_by_name(&t->person.credential[n]))
            return true;
    return false;
}

static bool has_my_number(const struct task *t)
{
    for (size_t n = 0; n < t->person.credentials; n++)
        if (t->person.credential[n].family == CARD_JPKI)
            return true;
    return false;
}

bool desk_can_find(const struct task *t, const struct desk_goal *goal)
{
    return desk_can_prove(t, goal->tokens) || (goal->by_name && has_named_card(t)) ||
           (goal->by_certificate && has_my_number(t));
}

void desk_gave_up(struct task *t, const char *msg, const char *why)
{
    if (t->card.worker == NULL && t->token.worker == NULL)
        task_done(t, ADMIN_UNAVAILABLE, msg, "%s", why);
}

static void give_up_cards(struct task *t, const char *msg, const char *why)
{
    cardlink_close(&t->card);
    desk_gave_up(t, msg, why);
}

/* No card in any reader is the person's; the token may still come. */
static void on_foreign(struct task *t)
{
    const char *msg = t->desk.my_number ? t->desk.goal->my_number : "X69";

    cardlink_close(&t->card);
    if (t->token.worker != NULL)
        task_event(t, msg, NULL);
    else
        task_done(t, ADMIN_REFUSED, msg,
                  "no card of %s is in a reader, or not the one that is meant", t->person.number);
}

static void read_object(struct task *t, unsigned asked, uint8_t family, enum card_object object)
{
    t->desk.asked = asked;
    cardlink_read(&t->card, family, object, true);
}

static void sign(struct task *t, const struct prove_shape *shape)
{
    struct card_signing signing = {.more = true};

    t->desk.asked = ASKED_KEY;
    if (prove_begin(&t->proof, &t->broker->config.policy, PROOF_CARD_9E, shape, &signing) ==
        PROOF_OK)
        cardlink_sign(&t->card, &signing);
    else
        task_done(t, ADMIN_FAILED, NULL, "a challenge could not be made");
}

static void next_card(struct task *t)
{
    if (++t->desk.others >= CARD_READERS_MAX) {
        on_foreign(t);
        return;
    }
    t->desk.asked = ASKED_NEXT;
    cardlink_simple(&t->card, CARD_NEXT);
}

static void ask_card(struct task *t)
{
    const struct desk *d = &t->desk;
    struct prove_shape shape;

    if (free_shape(t, d->goal->tokens, d->turn, &shape))
        sign(t, &shape);
    else if (d->goal->by_name && d->asked < ASKED_NAME && has_named_card(t))
        read_object(t, ASKED_NAME, CARD_PIV, CARD_OBJ_IDENTIFIER);
    else if (d->goal->by_certificate && d->asked < ASKED_CERTIFICATE && has_my_number(t))
        read_object(t, ASKED_CERTIFICATE, CARD_JPKI, CARD_OBJ_CERT_JPKI);
    else if (d->goal->my_number != NULL && d->asked < ASKED_MY_NUMBER)
        read_object(t, ASKED_MY_NUMBER, CARD_JPKI, CARD_OBJ_TRIES);
    else
        next_card(t);
}

static void on_present(struct task *t, const struct card_event *e)
{
    memcpy(t->reader, e->reader, sizeof(t->reader));
    t->desk.turn = 0;
    t->desk.asked = ASKED_NOTHING;
    if (t->token.worker == NULL)
        task_arm(t, DESK_ANSWER_SECONDS);
    if (!t->done)
        ask_card(t);
}

static void on_signed(struct task *t, const struct card_event *e)
{
    size_t owner = 0;

    if (prove_check(&t->proof, &t->broker->registry, &t->person, t->desk.among, e->data, e->len,
                    &owner) == PROOF_OK) {
        tokenlink_close(&t->token);
        desk_found(t, owner);
        return;
    }
    t->desk.turn++;
    ask_card(t);
}

static void on_name(struct task *t, const struct card_event *e)
{
    for (size_t n = 0; n < t->person.credentials; n++) {
        const struct roster_credential *c = &t->person.credential[n];
        if ((t->desk.among == PROVE_ANY || t->desk.among == n) && is_known_by_name(c) &&
            c->hint_len == e->len && memcmp(c->hint, e->data, e->len) == 0) {
            desk_found(t, n);
            return;
        }
    }
    ask_card(t);
}

static void on_certificate(struct task *t, const struct card_event *e)
{
    size_t index = prove_by_certificate(&t->person, CARD_JPKI, e->data, e->len);

    if (index == PROVE_ANY || (t->desk.among != PROVE_ANY && t->desk.among != index))
        ask_card(t);
    else
        desk_found(t, index);
}

static void on_my_number(struct task *t, const struct card_event *e)
{
    (void)e;
    t->desk.my_number = true;
    ask_card(t);
}

static void on_waiting(struct task *t, const struct card_event *e)
{
    if (++t->desk.waits > WAITS_MAX)
        give_up_cards(t, "X05", "toyama-card talks without end");
    else if (e->reason == CARD_NO_SERVICE)
        give_up_cards(t, "X10", "pcscd does not answer");
    else if (e->reason == CARD_NO_READER && t->token.worker == NULL)
        task_event(t, "M14", NULL);
    else if (e->reason == CARD_IN_USE)
        task_event(t, "X14", NULL);
}

/* Whose card it is has nothing to do with these. */
static bool failed_technically(struct task *t, const struct card_event *e)
{
    if (e->reason == CARD_GONE)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed");
    else if (e->reason == CARD_NO_SERVICE)
        give_up_cards(t, "X10", "pcscd does not answer");
    else if (e->reason == CARD_IN_USE || e->reason == CARD_MUTE || e->reason == CARD_INTERNAL)
        give_up_cards(t, "X15", "the card could not be read");
    else
        return false;
    return true;
}

static void on_key_failed(struct task *t, const struct card_event *e)
{
    if (failed_technically(t, e))
        return;
    t->desk.turn++;
    if (e->reason == CARD_ABSENT || e->reason == CARD_UNKNOWN)
        ask_card(t);
    else
        next_card(t);
}

static void on_name_failed(struct task *t, const struct card_event *e)
{
    if (!failed_technically(t, e))
        ask_card(t);
}

static void on_my_number_failed(struct task *t, const struct card_event *e)
{
    if (failed_technically(t, e))
        return;
    t->desk.my_number = t->desk.my_number || e->reason == CARD_PIN_BLOCKED;
    ask_card(t);
}

static void on_no_other(struct task *t, const struct card_event *e)
{
    if (e->reason == CARD_NO_OTHER || !failed_technically(t, e))
        on_foreign(t);
}

/* What may come when. */
static const struct {
    unsigned asked;
    uint8_t type;
    void (*handle)(struct task *t, const struct card_event *e);
} permitted[] = {
    {ASKED_NOTHING, CARD_WAITING, on_waiting},
    {ASKED_NOTHING, CARD_PRESENT, on_present},
    {ASKED_KEY, CARD_SIGNED, on_signed},
    {ASKED_KEY, CARD_FAILED, on_key_failed},
    {ASKED_NAME, CARD_OBJECT, on_name},
    {ASKED_NAME, CARD_FAILED, on_name_failed},
    {ASKED_CERTIFICATE, CARD_OBJECT, on_certificate},
    {ASKED_CERTIFICATE, CARD_FAILED, on_name_failed},
    {ASKED_MY_NUMBER, CARD_OBJECT, on_my_number},
    {ASKED_MY_NUMBER, CARD_FAILED, on_my_number_failed},
    {ASKED_NEXT, CARD_PRESENT, on_present},
    {ASKED_NEXT, CARD_FAILED, on_no_other},
};

static void search(struct task *t, const struct card_event *e)
{
    for (size_t n = 0; n < sizeof(permitted) / sizeof(permitted[0]); n++)
        if (permitted[n].asked == t->desk.asked && permitted[n].type == e->type) {
            permitted[n].handle(t, e);
            return;
        }
    if (e->type == CARD_LINK_DEAD)
        desk_gave_up(t, "X05", "toyama-card ended");
    else
        give_up_cards(t, "X05", "toyama-card: message out of turn");
}

bool desk_may_be_gone(const struct task *t)
{
    return t->broker->config.policy.tap && t->desk.goal->card == NULL;
}

static void on_card(void *ctx, const struct card_event *e)
{
    struct task *t = ctx;
    bool gone = e->type == CARD_REMOVED || e->type == CARD_LINK_DEAD;

    if (t->done || (gone && t->desk.found && desk_may_be_gone(t)))
        return;
    if (e->type == CARD_REMOVED && t->desk.asked != ASKED_NOTHING)
        task_done(t, ADMIN_UNAVAILABLE, "X07", "the card was removed");
    else if (e->type == CARD_REMOVED)
        return;
    else if (!t->desk.found)
        search(t, e);
    else if (t->desk.goal->card != NULL && !gone)
        t->desk.goal->card(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card ended, or spoke out of turn");
}

void desk_found(struct task *t, size_t index)
{
    const struct roster_credential *c = &t->person.credential[index];

    t->desk.found = true;
    t->index = index;
    t->credential = *c;
    if (c->state != ROSTER_ACTIVE)
        task_done(t, ADMIN_REFUSED, "M08", "this card is %s", roster_state_name(c->state));
    else if (roster_family_shared(c->family) && !t->broker->config.policy.shared_keys)
        task_done(t, ADMIN_REFUSED, "X35", "shared keys do not count on this host");
    else
        t->desk.goal->proven(t);
}

void desk_begin(struct task *t, const struct desk_goal *goal, size_t among)
{
    struct prove_shape shape;
    bool token = goal->tokens && prove_free_shape(&t->person, FACTOR_TOKEN, 0, &shape);

    desk_begin_typing(t, goal);
    t->desk.among = among;
    if (!task_take_devices(t))
        return;
    if (!token || prove_free_shape(&t->person, FACTOR_CARD, 0, &shape))
        task_event(t, "K12", NULL);
    if (token)
        task_event(t, "X63", NULL);
    task_arm(t, PLACE_SECONDS);
    if (t->done)
        return;
    if (token)
        tokenlink_open(&t->token, t->broker, t->id, desk_on_token, t);
    cardlink_open(&t->card, t->broker, t->id, NULL, on_card, t);
    desk_gave_up(t, "X05", "no worker could be started");
}

void desk_again(struct task *t)
{
    t->desk.found = false;
    t->desk.asked = ASKED_NOTHING;
    t->desk.others = 0;
    t->desk.among = t->index;
    t->desk.question = DESK_NONE;
    cardlink_close(&t->card);
    task_arm(t, PLACE_SECONDS);
    if (!t->done && !cardlink_open(&t->card, t->broker, t->id, t->reader, on_card, t))
        desk_gave_up(t, "X05", "toyama-card could not be started");
}

bool desk_still_valid(struct task *t)
{
    if (!task_reload_person(t))
        return false;
    for (size_t n = 0; n < t->person.credentials; n++) {
        const struct roster_credential *c = &t->person.credential[n];
        if (c->state == ROSTER_ACTIVE && memcmp(c->id, t->credential.id, ROSTER_ID_LEN) == 0) {
            t->index = n;
            return true;
        }
    }
    task_done(t, ADMIN_REFUSED, "M08", "this card was stopped or removed meanwhile");
    return false;
}
