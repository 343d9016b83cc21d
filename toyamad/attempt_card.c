/* SPDX-License-Identifier: Apache-2.0
 *
 * The card's part of an attempt: what the worker's reports mean, and when they may come.
 */
#include "toyamad/attempt.h"

#include "toyamad/log.h"

#include <string.h>

#define WAITS_MAX 50 /* reasons to wait: each is shown, and only changes are reported */

/* The check is made for the stand-in, too: it takes the same time. */
static bool check(struct attempt *a, size_t among, const struct card_event *e)
{
    size_t owner = 0;
    int err =
        prove_check(&a->proof, &a->broker->registry, &a->person, among, e->data, e->len, &owner);

    if (err != PROOF_OK || !a->found)
        return false;
    a->credential = owner;
    return true;
}

static void on_free_signed(struct attempt *a, const struct card_event *e)
{
    if (!check(a, PROVE_ANY, e)) {
        a->answered = true;
        a->turn++;
        attempt_prove_card(a);
        return;
    }
    a->evidence.proven |= prove_factor(a->proof.shape.family);
    a->met = true;
    tokenlink_close(&a->token);
    if (a->have_pin) /* which this person may be allowed to do without */
        attempt_judge_person(a);
    if (a->have_pin && !a->evidence.same_person)
        attempt_conclude(a);
    else if ((attempt_asked(a) & FACTOR_PIN) == 0 || (a->pin_late && !a->have_pin) ||
             prove_key(&a->person.credential[a->credential], true) == NULL)
        attempt_possession_done(a);
    else if (a->have_pin)
        attempt_prove_pin(a);
    else
        attempt_fail(a, CAUSE_INTERNAL);
}

static void on_pin_signed(struct attempt *a, const struct card_event *e)
{
    bool jpki = a->proof.shape.family == CARD_JPKI;

    if (check(a, jpki ? PROVE_ANY : a->credential, e)) {
        a->evidence.proven |= FACTOR_CARD | FACTOR_PIN;
        a->met = true;
        attempt_possession_done(a);
        return;
    }
    a->evidence.proven = 0;
    if (jpki) {
        a->refusal = CAUSE_JPKI_OTHER;
        attempt_next_card(a);
    } else {
        attempt_conclude(a);
    }
}

static void on_identifier(struct attempt *a, const struct card_event *e)
{
    bool certificate = a->hint_turn > 0 && e->len > sizeof(a->hint);

    a->hint_len = e->len <= sizeof(a->hint) ? e->len : 0;
    if (a->hint_len > 0)
        memcpy(a->hint, e->data, a->hint_len);
    a->hint_read = true;
    if (a->by_card && certificate)
        attempt_find_by_certificate(a, e->data, e->len);
    else if (a->by_card)
        attempt_find_by_hint(a, a->hint, a->hint_len);
    if (attempt_is_ward(a))
        attempt_next_card(a);
    else
        attempt_prove_card(a);
}

static void on_present(struct attempt *a, const struct card_event *e)
{
    memcpy(a->reader, e->reader, sizeof(a->reader));
    a->several = a->several || e->more;
    a->evidence.card_present = true;
    a->present = attempt_clock();
    a->waited = 0;
    if (!attempt_wants_token(a) && (attempt_asked(a) & FACTOR_PIN) != 0 && !a->have_pin &&
        !a->pin_late)
        attempt_ask_pin(a);
    else if (a->have_pin && a->prover == &a->card)
        attempt_card_resume(a);
    else
        attempt_prove_card(a);
}

static void on_fresh_event(void *ctx, const struct card_event *e);

/* A PIN must not go to a worker that has spoken with a card that was not proven. */
void attempt_card_resume(struct attempt *a)
{
    if (!a->met_other) {
        attempt_prove_card(a);
        return;
    }
    cardlink_close(&a->fresh);
    a->prover = &a->fresh;
    attempt_enter(a, ATTEMPT_CARD);
    if (a->state != ATTEMPT_DONE &&
        !cardlink_open(&a->fresh, a->broker, a->id, a->reader, on_fresh_event, a))
        attempt_fail(a, CAUSE_CARD_WORKER);
}

static void on_next_present(struct attempt *a, const struct card_event *e)
{
    memcpy(a->reader, e->reader, sizeof(a->reader));
    if (a->have_pin)
        attempt_card_resume(a);
    else
        on_present(a, e);
}

static void on_waiting(struct attempt *a, const struct card_event *e)
{
    if (attempt_wants_token(a)) /* it may be on USB; no reader is needed for that */
        return;
    if (e->reason == CARD_NO_CARD)
        attempt_escort_empty(a);
    a->waiting = e->reason;
    if (++a->waits > WAITS_MAX) {
        log_error("toyama-card talks without end");
        attempt_fail(a, CAUSE_CARD_WORKER);
        return;
    }
    if (e->reason == CARD_NO_READER)
        attempt_message(a, "M14", NULL);
    else if (e->reason == CARD_IN_USE)
        attempt_message(a, "X14", NULL);
    else if (e->reason == CARD_MUTE)
        attempt_message(a, "X15", NULL);
}

/* Failures that have nothing to do with whose card it is. True where the attempt has ended. */
static bool failed_technically(struct attempt *a, const struct card_event *e)
{
    switch (e->reason) {
    case CARD_GONE:
        a->evidence.card_present = false;
        if (attempt_escort_restarts(a))
            return true;
        attempt_fail(a, (enum attempt_cause)DECISION_REMOVED);
        return true;
    case CARD_NO_SERVICE:
        attempt_fail(a, CAUSE_NO_SERVICE);
        return true;
    case CARD_IN_USE:
        attempt_fail(a, CAUSE_CARD_IN_USE);
        return true;
    case CARD_MUTE:
        if (!attempt_escort_restarts(a))
            attempt_fail(a, CAUSE_CARD_UNREADABLE);
        return true;
    case CARD_INTERNAL:
        attempt_fail(a, CAUSE_CARD_WORKER);
        return true;
    default:
        return false;
    }
}

static void on_prove_failed(struct attempt *a, const struct card_event *e)
{
    if (failed_technically(a, e))
        return;
    a->answered = a->answered || e->reason != CARD_UNKNOWN;
    a->turn++;
    if (e->reason == CARD_ABSENT || e->reason == CARD_UNKNOWN)
        attempt_prove_card(a);
    else
        attempt_next_card(a);
}

static void on_hint_failed(struct attempt *a, const struct card_event *e)
{
    if (failed_technically(a, e))
        return;
    a->hint_turn++;
    a->hint_read = !a->by_card;
    attempt_prove_card(a);
}

static void on_look(struct attempt *a, const struct card_event *e)
{
    if (e->has_tries && e->tries <= 1) {
        attempt_jpki_spent(a);
        return;
    }
    a->looked = true;
    attempt_prove_card(a);
}

static void on_look_failed(struct attempt *a, const struct card_event *e)
{
    if (failed_technically(a, e))
        return;
    if (e->reason == CARD_PIN_BLOCKED)
        attempt_jpki_spent(a);
    else
        attempt_next_card(a);
}

static void on_certificate(struct attempt *a, const struct card_event *e)
{
    attempt_jpki_certificate(a, e->data, e->len);
}

static void on_match_failed(struct attempt *a, const struct card_event *e)
{
    if (failed_technically(a, e))
        return;
    if (e->reason == CARD_UNKNOWN)
        attempt_next_card(a);
    else
        attempt_jpki_unmatched(a);
}

static void on_pin_wrong(struct attempt *a, const struct card_event *e)
{
    struct args args;

    attempt_forget_pin(a);
    a->evidence.proven = 0;
    if (e->has_tries && e->tries <= 1) {
        attempt_fail(a, a->proof.shape.family == CARD_JPKI ? CAUSE_JPKI_LAST : CAUSE_PIN_LAST);
        return;
    }
    attempt_args(a, &args);
    args_add_number(&args, "tries", e->has_tries ? e->tries - 1 : 0);
    if (a->pin_asked < ATTEMPT_PIN_PROMPTS)
        attempt_message(a, "X02", &args);
    if (a->pin_asked < ATTEMPT_PIN_PROMPTS && e->has_tries && e->tries == 2)
        attempt_message(a, "X71", NULL);
    attempt_ask_pin(a);
}

/* Whatever keeps this from being a My Number card whose PIN was typed: the person's card may be
 * another one. */
static void on_jpki_failed(struct attempt *a, const struct card_event *e)
{
    if (e->reason == CARD_PIN_WRONG) {
        on_pin_wrong(a, e);
    } else if (e->reason == CARD_PIN_LAST || e->reason == CARD_PIN_BLOCKED) {
        attempt_fail(a, CAUSE_JPKI_LAST);
    } else {
        if (e->reason == CARD_PIN_FORMAT && a->looked)
            a->refusal = CAUSE_JPKI_FORMAT;
        attempt_next_card(a);
    }
}

static void on_pin_failed(struct attempt *a, const struct card_event *e)
{
    if (failed_technically(a, e))
        return;
    if (a->proof.shape.family == CARD_JPKI)
        on_jpki_failed(a, e);
    else if (e->reason == CARD_PIN_WRONG)
        on_pin_wrong(a, e);
    else if (e->reason == CARD_PIN_LAST)
        attempt_fail(a, CAUSE_PIN_LAST);
    else if (e->reason == CARD_PIN_BLOCKED)
        attempt_fail(a, CAUSE_PIN_BLOCKED);
    else if (e->reason == CARD_PIN_FORMAT)
        attempt_fail(a, CAUSE_PIN_FORMAT);
    else
        attempt_fail(a, CAUSE_CARD_UNREADABLE);
}

static void on_no_other(struct attempt *a, const struct card_event *e)
{
    if ((e->reason != CARD_NO_OTHER && failed_technically(a, e)) || attempt_escort_waits(a) ||
        attempt_jpki_last_resort(a))
        return;
    if (a->refusal != 0)
        attempt_fail(a, (enum attempt_cause)a->refusal);
    else if (attempt_wants_token(a))
        attempt_token_await(a);
    else
        attempt_conclude(a);
}

typedef void (*handler)(struct attempt *a, const struct card_event *e);

/* What may come when. */
static const struct {
    enum attempt_state state;
    uint8_t type;
    handler handle;
} permitted[] = {
    {ATTEMPT_CARD, CARD_WAITING, on_waiting},
    {ATTEMPT_CARD, CARD_PRESENT, on_present},
    {ATTEMPT_HINT, CARD_OBJECT, on_identifier},
    {ATTEMPT_HINT, CARD_FAILED, on_hint_failed},
    {ATTEMPT_LOOK, CARD_OBJECT, on_look},
    {ATTEMPT_LOOK, CARD_FAILED, on_look_failed},
    {ATTEMPT_MATCH, CARD_OBJECT, on_certificate},
    {ATTEMPT_MATCH, CARD_FAILED, on_match_failed},
    {ATTEMPT_PROVE, CARD_SIGNED, on_free_signed},
    {ATTEMPT_PROVE, CARD_FAILED, on_prove_failed},
    {ATTEMPT_PROVE_PIN, CARD_SIGNED, on_pin_signed},
    {ATTEMPT_PROVE_PIN, CARD_FAILED, on_pin_failed},
    {ATTEMPT_NEXT, CARD_PRESENT, on_next_present},
    {ATTEMPT_NEXT, CARD_FAILED, on_no_other},
};

bool attempt_may_be_gone(const struct attempt *a)
{
    return a->broker->config.policy.tap && (a->evidence.proven & FACTOR_POSSESSION) != 0 &&
           a->state != ATTEMPT_PROVE_PIN;
}

static void on_removed(struct attempt *a, const struct card_event *e)
{
    a->evidence.card_present = false;
    if (a->concluding || a->state == ATTEMPT_CARD || attempt_may_be_gone(a) ||
        attempt_escort_restarts(a))
        return;
    attempt_fail(a, e->reason == CARD_NO_SERVICE ? CAUSE_NO_SERVICE
                                                 : (enum attempt_cause)DECISION_REMOVED);
}

static void dispatch(struct attempt *a, const struct card_event *e)
{
    for (size_t n = 0; n < sizeof(permitted) / sizeof(permitted[0]); n++)
        if (permitted[n].state == a->state && permitted[n].type == e->type) {
            permitted[n].handle(a, e);
            return;
        }
    if (e->type == CARD_LINK_DEAD &&
        (attempt_may_be_gone(a) || (attempt_wants_token(a) && a->state == ATTEMPT_CARD)))
        return;
    if (e->type != CARD_LINK_DEAD)
        log_error("toyama-card: message %02x out of turn", (unsigned)e->type);
    attempt_fail(a, CAUSE_CARD_WORKER);
}

static void handle(struct attempt *a, const struct card_event *e)
{
    if (a->state == ATTEMPT_DONE)
        return;
    if (e->counts.apdus != 0)
        a->counts = e->counts;
    if (e->type == CARD_REMOVED)
        on_removed(a, e);
    else if (a->concluding)
        a->evidence.card_present = a->evidence.card_present && e->type != CARD_LINK_DEAD;
    else
        dispatch(a, e);
}

/* While another worker asks the card, the first one only finds the next. */
static void on_event(void *ctx, const struct card_event *e)
{
    struct attempt *a = ctx;

    if (a->prover == &a->card)
        handle(a, e);
}

static void on_fresh_event(void *ctx, const struct card_event *e)
{
    handle(ctx, e);
}

void attempt_card_begin(struct attempt *a)
{
    a->prover = &a->card;
    if (!cardlink_open(&a->card, a->broker, a->id, NULL, on_event, a))
        attempt_fail(a, CAUSE_CARD_WORKER);
}

void attempt_card_close(struct attempt *a)
{
    cardlink_close(&a->card);
    cardlink_close(&a->fresh);
}
