/* SPDX-License-Identifier: Apache-2.0
 *
 * What the card in the reader is asked next. Keys that sign without a PIN come first; a PIN is sent
 * only in the transaction in which the card was just proven, or, where a card has no such key, once
 * it says that it is the enrolled one (PIV) or a My Number card.
 */
#include "toyamad/attempt.h"

#include "core/wire/wipe.h"

#include <string.h>

#define ANSWER_SECONDS 10 /* for a card to answer: RSA on a slow reader takes less than two */

/* Identifiers that say who it may be, in the order in which they are looked for. */
static const struct {
    uint8_t family;
    enum card_object object;
} hints[] = {
    {CARD_PIV, CARD_OBJ_IDENTIFIER},
    {CARD_FELICA, CARD_OBJ_IDENTIFIER},
    {CARD_JPKI, CARD_OBJ_CERT_JPKI},
    {CARD_YUBIKEY, CARD_OBJ_IDENTIFIER},
};

void attempt_forget_pin(struct attempt *a)
{
    wire_wipe(a->pin, sizeof(a->pin));
    a->have_pin = false;
}

void attempt_enter(struct attempt *a, enum attempt_state state)
{
    a->state = state;
    attempt_arm(a, ANSWER_SECONDS);
}

static void start_card_over(struct attempt *a)
{
    a->turn = 0;
    a->hint_turn = 0;
    a->hint_read = false;
    a->hint_len = 0;
}

void attempt_ask_pin(struct attempt *a)
{
    if (a->pin_asked++ >= ATTEMPT_PIN_PROMPTS) {
        attempt_fail(a, CAUSE_PIN_WRONG);
        return;
    }
    a->state = ATTEMPT_PIN;
    start_card_over(a);
    attempt_wait_begin(a);
    attempt_arm(a, a->broker->config.policy.pin_wait);
    if (a->state == ATTEMPT_PIN && a->client != NULL)
        client_prompt(a->client, "X01", NULL);
}

void attempt_let_go_and_ask(struct attempt *a)
{
    cardlink_simple(a->prover, CARD_END);
    if (a->state != ATTEMPT_DONE)
        attempt_ask_pin(a);
}

static void sign(struct attempt *a, enum proof_use use, const struct prove_shape *shape,
                 struct card_signing *signing)
{
    if (prove_begin(&a->proof, &a->broker->config.policy, use, shape, signing) != PROOF_OK)
        attempt_fail(a, CAUSE_INTERNAL);
    else
        cardlink_sign(a->prover, signing);
}

static void sign_free(struct attempt *a, const struct prove_shape *shape)
{
    bool pin = (attempt_asked(a) & FACTOR_PIN) != 0 && (a->have_pin || !a->pin_late);
    struct card_signing signing = {.more = pin};

    attempt_enter(a, ATTEMPT_PROVE);
    if (a->state != ATTEMPT_DONE)
        sign(a, PROOF_CARD_9E, shape, &signing);
}

void attempt_sign_with_pin(struct attempt *a, const struct prove_shape *shape, uint8_t pin_ref)
{
    struct card_signing signing = {.pin = a->pin, .pin_ref = pin_ref};

    attempt_enter(a, ATTEMPT_PROVE_PIN);
    if (a->state != ATTEMPT_DONE)
        sign(a, PROOF_PIN_9A, shape, &signing);
}

void attempt_prove_pin(struct attempt *a)
{
    const struct roster_credential *c = &a->person.credential[a->credential];
    const struct roster_key *key = prove_key(c, true);
    struct prove_shape shape;

    if (key == NULL || !prove_shape(c, key, &shape))
        attempt_possession_done(a);
    else
        attempt_sign_with_pin(a, &shape, c->pin_ref);
}

static void read_hint(struct attempt *a)
{
    attempt_enter(a, ATTEMPT_HINT);
    if (a->state != ATTEMPT_DONE)
        cardlink_read(a->prover, hints[a->hint_turn].family, hints[a->hint_turn].object, true);
}

/* No card in this reader that could be the person's: is there one in another reader? A worker that
 * reports more of them than PC/SC has readers is not heard any longer. */
void attempt_next_card(struct attempt *a)
{
    a->escort_other = a->escort_other || !attempt_is_ward(a);
    if (++a->others >= CARD_READERS_MAX) {
        attempt_conclude(a);
        return;
    }
    start_card_over(a);
    a->looked = false;
    a->matched = false;
    a->met_other = true;
    if (a->prover == &a->fresh)
        cardlink_close(&a->fresh);
    a->prover = &a->card;
    attempt_enter(a, ATTEMPT_NEXT);
    if (a->state != ATTEMPT_DONE)
        cardlink_simple(a->prover, CARD_NEXT);
}

/* Where there is a free key, it must prove the card: whoever copies the public identifier and has
 * no such key would be told the PIN. */
static bool proven_by_pin_alone(const struct roster_credential *c, uint8_t family)
{
    return c->family == family && prove_key(c, false) == NULL && prove_key(c, true) != NULL;
}

static bool has_piv_without_free_key(const struct attempt *a)
{
    for (size_t n = 0; n < a->person.credentials; n++)
        if (proven_by_pin_alone(&a->person.credential[n], CARD_PIV))
            return true;
    return false;
}

static bool credential_of_hint(struct attempt *a)
{
    for (size_t n = 0; n < a->person.credentials; n++) {
        const struct roster_credential *c = &a->person.credential[n];
        if (proven_by_pin_alone(c, CARD_PIV) && c->hint_len > 0 && c->hint_len == a->hint_len &&
            memcmp(c->hint, a->hint, a->hint_len) == 0) {
            a->credential = n;
            return true;
        }
    }
    return false;
}

/* A PIV card without a free key: it must at least say that it is the enrolled one. */
static void prove_by_pin_alone(struct attempt *a)
{
    bool piv = has_piv_without_free_key(a);

    if (piv && !a->hint_read)
        read_hint(a);
    else if (!piv || !credential_of_hint(a))
        attempt_prove_jpki(a);
    else if (a->have_pin)
        attempt_prove_pin(a);
    else
        attempt_let_go_and_ask(a);
}

static bool wants_hint(const struct attempt *a)
{
    return a->by_card && !a->hint_read && a->hint_turn < sizeof(hints) / sizeof(hints[0]);
}

static void prove_token(struct attempt *a)
{
    struct prove_shape shape = attempt_token_shape;

    if (prove_free_shape(&a->person, FACTOR_TOKEN, a->turn, &shape) || a->turn == 0)
        sign_free(a, &shape);
    else
        attempt_next_card(a);
}

void attempt_prove_card(struct attempt *a)
{
    struct prove_shape shape;

    if (attempt_wants_token(a) && !wants_hint(a))
        prove_token(a);
    else if (wants_hint(a))
        read_hint(a);
    else if (prove_free_shape(&a->person, FACTOR_CARD, a->turn, &shape))
        sign_free(a, &shape);
    else
        prove_by_pin_alone(a);
}

/* The card has proven itself, and the person turns out to need a PIN: it goes to the card in a
 * transaction in which it proves itself once more. Nobody else is looked for. */
static void ask_pin_now(struct attempt *a)
{
    a->evidence.proven = 0;
    a->by_card = false;
    attempt_let_go_and_ask(a);
}

/* What is missing now that the card or token is proven. */
static void next_factor(struct attempt *a)
{
    const struct roster_credential *c = &a->person.credential[a->credential];
    unsigned missing = attempt_asked(a) & ~a->evidence.proven;

    if ((missing & FACTOR_FINGER) == 0)
        attempt_finger_dismiss(a);
    if ((missing & FACTOR_PIN) != 0) {
        if (prove_key(c, true) != NULL && !a->have_pin)
            ask_pin_now(a);
        else
            attempt_secret_begin(a);
        return;
    }
    attempt_forget_pin(a);
    if (missing == FACTOR_FINGER)
        attempt_finger_begin(a);
    else
        attempt_conclude(a);
}

void attempt_possession_done(struct attempt *a)
{
    enum decision decision;

    if (a->phase == PHASE_ESCORT) {
        attempt_escort_proven(a);
        return;
    }
    a->phase = PHASE_OWN;
    throttle_proven(&a->broker->throttle);
    attempt_judge_person(a);
    decision = attempt_decide(a);
    if (!a->evidence.escorted && (decision == DECISION_FACTORS || decision == DECISION_ESCORT))
        attempt_escort_begin(a);
    else if (decision == DECISION_FACTORS)
        next_factor(a);
    else
        attempt_conclude(a);
}
