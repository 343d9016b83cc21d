/* SPDX-License-Identifier: Apache-2.0
 *
 * The token's part of an attempt, where `require` names one: a YubiKey on USB by its own worker, or
 * held to a reader by toyama-card. Whichever is there first is asked; USB has precedence, since the
 * same key shows itself as a reader, too.
 */
#include "toyamad/attempt.h"

#include "toyamad/log.h"

#include <stdio.h>
#include <string.h>

#define ANSWER_SECONDS 5
#define TOUCH_SECONDS  20 /* a key gives up after 15 */
#define IN(state)      (1u << (state))
#define LOOKING        (IN(ATTEMPT_CARD) | IN(ATTEMPT_HINT) | IN(ATTEMPT_PROVE) | IN(ATTEMPT_NEXT))
#define USB_SECONDS    3 /* for a key on USB to be noticed that a reader has shown already */

const struct prove_shape attempt_token_shape = {CARD_YUBIKEY, TOKEN_SLOT_DEFAULT, CARD_HMAC_SHA1,
                                                false};

bool attempt_wants_token(const struct attempt *a)
{
    return (a->broker->config.policy.require & FACTOR_TOKEN) != 0;
}

static uint32_t serial_of(const struct roster_credential *c)
{
    uint32_t serial = 0;

    for (size_t n = 0; n < c->hint_len; n++)
        serial = serial << 8 | c->hint[n];
    return serial;
}

static bool is_there(const struct attempt *a, uint32_t serial)
{
    for (size_t n = 0; n < a->token_count; n++)
        if (a->tokens[n] == serial)
            return true;
    return false;
}

/* The person's key number `turn` among those that are plugged in. */
static bool own_key(const struct attempt *a, unsigned turn, struct prove_shape *shape,
                    uint32_t *serial)
{
    for (size_t n = 0; n < a->person.credentials; n++) {
        const struct roster_credential *c = &a->person.credential[n];
        if (c->family != CARD_YUBIKEY || c->keys == 0 || !is_there(a, serial_of(c)) ||
            !prove_shape(c, &c->key[0], shape))
            continue;
        if (turn-- == 0) {
            *serial = serial_of(c);
            return true;
        }
    }
    return false;
}

/* Somebody else's key is asked all the same: unknown users and colleagues look alike. */
static bool next_key(const struct attempt *a, struct prove_shape *shape, uint32_t *serial)
{
    if (own_key(a, a->turn, shape, serial))
        return true;
    *shape = attempt_token_shape;
    *serial = a->tokens[0];
    return a->turn == 0 && a->token_count > 0;
}

static void ask(struct attempt *a)
{
    struct token_question question = {0};
    struct card_signing signing = {0};
    struct prove_shape shape;

    if (!next_key(a, &shape, &question.serial)) {
        if (!attempt_escort_looks_later(a))
            attempt_conclude(a);
        return;
    }
    if (prove_begin(&a->proof, &a->broker->config.policy, PROOF_CARD_9E, &shape, &signing) !=
        PROOF_OK) {
        attempt_fail(a, CAUSE_INTERNAL);
        return;
    }
    question.slot = shape.ref;
    question.challenge = signing.digest;
    question.len = signing.digest_len;
    a->state = ATTEMPT_TOKEN;
    attempt_arm(a, ANSWER_SECONDS);
    if (a->state != ATTEMPT_DONE)
        tokenlink_challenge(&a->token, &question);
}

/* No user was named: the key's number says who it may be, not a card that was there before. */
static void find_by_serial(struct attempt *a)
{
    a->found = false;
    for (size_t n = 0; n < a->token_count && !a->found; n++) {
        const uint8_t hint[4] = {(uint8_t)(a->tokens[n] >> 24), (uint8_t)(a->tokens[n] >> 16),
                                 (uint8_t)(a->tokens[n] >> 8), (uint8_t)a->tokens[n]};
        attempt_find_by_hint(a, hint, sizeof(hint));
        a->found = a->found && !attempt_is_ward(a);
    }
}

/* Whether a key is there of the member of staff who is looked for, or of the contractor again. */
static bool fits_phase(struct attempt *a)
{
    struct prove_shape shape;
    uint32_t serial;

    if (a->phase == PHASE_ESCORT)
        find_by_serial(a);
    return a->phase == PHASE_OWN || (a->phase == PHASE_ESCORT && a->found) ||
           (a->phase == PHASE_RETURN && own_key(a, 0, &shape, &serial));
}

static void on_present(struct attempt *a, const struct token_event *e)
{
    a->token_count = e->count < TOKEN_KEYS_MAX ? e->count : TOKEN_KEYS_MAX;
    for (size_t n = 0; n < a->token_count; n++)
        a->tokens[n] = e->keys[n].serial;
    if (!fits_phase(a)) {
        attempt_escort_looks_later(a);
        return;
    }
    attempt_card_close(a);
    snprintf(a->reader, sizeof(a->reader), "USB");
    a->by_usb = true;
    a->turn = 0;
    a->evidence.card_present = true;
    a->present = attempt_clock();
    a->waited = 0;
    if (a->by_card)
        find_by_serial(a);
    ask(a);
}

static void on_answer(struct attempt *a, const struct token_event *e)
{
    size_t owner = 0;

    attempt_wait_end(a);
    a->counts.micros += e->micros;
    if (prove_check(&a->proof, &a->broker->registry, &a->person, PROVE_ANY, e->answer, e->len,
                    &owner) == PROOF_OK &&
        a->found) {
        a->credential = owner;
        a->evidence.proven |= FACTOR_TOKEN;
        a->met = true;
        attempt_possession_done(a);
        return;
    }
    a->turn++;
    ask(a);
}

static void on_failed(struct attempt *a, const struct token_event *e)
{
    attempt_wait_end(a);
    switch (e->reason) {
    case TOKEN_UNTOUCHED:
        attempt_fail(a, CAUSE_UNTOUCHED);
        break;
    case TOKEN_GONE:
        a->evidence.card_present = false;
        if (attempt_escort_looks_later(a))
            break;
        attempt_fail(a, (enum attempt_cause)DECISION_REMOVED);
        break;
    case TOKEN_EMPTY:
    case TOKEN_SILENT:
    case TOKEN_OTHER:
        a->turn++;
        ask(a);
        break;
    default:
        attempt_fail(a, CAUSE_TOKEN_UNREADABLE);
    }
}

static void on_touch(struct attempt *a, const struct token_event *e)
{
    (void)e;
    attempt_wait_begin(a);
    attempt_message(a, "X64", NULL);
    attempt_arm(a, TOUCH_SECONDS);
}

static void on_waiting(struct attempt *a, const struct token_event *e)
{
    a->usb_empty = true;
    attempt_escort_empty(a);
    if (e->reason == TOKEN_NO_RIGHTS)
        log_error("toyama-yubikey may not open the key: see the udev rule");
}

typedef void (*handler)(struct attempt *a, const struct token_event *e);

static const struct {
    uint8_t type;
    unsigned states; /* bits */
    handler handle;
} permitted[] = {
    {TOKEN_WAITING, LOOKING, on_waiting},         {TOKEN_PRESENT, LOOKING, on_present},
    {TOKEN_ANSWER, IN(ATTEMPT_TOKEN), on_answer}, {TOKEN_TOUCH, IN(ATTEMPT_TOKEN), on_touch},
    {TOKEN_FAILED, IN(ATTEMPT_TOKEN), on_failed},
};

static void on_removed(struct attempt *a)
{
    a->evidence.card_present = false;
    if (!a->concluding && !attempt_may_be_gone(a) && !attempt_escort_looks_later(a))
        attempt_fail(a, (enum attempt_cause)DECISION_REMOVED);
}

static void on_event(void *ctx, const struct token_event *e)
{
    struct attempt *a = ctx;

    if (a->state == ATTEMPT_DONE)
        return;
    if (e->type == TOKEN_REMOVED && a->by_usb) {
        on_removed(a);
        return;
    }
    if (a->concluding) {
        a->evidence.card_present =
            a->evidence.card_present && !(a->by_usb && e->type == TOKEN_LINK_DEAD);
        return;
    }
    for (size_t n = 0; n < sizeof(permitted) / sizeof(permitted[0]); n++)
        if (permitted[n].type == e->type && (permitted[n].states & IN(a->state)) != 0) {
            permitted[n].handle(a, e);
            return;
        }
    if (e->type == TOKEN_LINK_DEAD && attempt_may_be_gone(a))
        return;
    if (e->type != TOKEN_LINK_DEAD)
        log_error("toyama-yubikey: message %02x out of turn", (unsigned)e->type);
    attempt_fail(a, CAUSE_CARD_WORKER);
}

void attempt_token_begin(struct attempt *a)
{
    if (!tokenlink_open(&a->token, a->broker, a->id, on_event, a))
        attempt_fail(a, CAUSE_CARD_WORKER);
}

void attempt_token_await(struct attempt *a)
{
    if (a->answered && a->usb_empty) {
        attempt_conclude(a);
        return;
    }
    a->state = ATTEMPT_CARD;
    attempt_arm(a, a->answered ? USB_SECONDS : a->broker->config.policy.card_wait);
    if (a->state == ATTEMPT_DONE || a->answered)
        return;
    attempt_message(a, "X63", NULL);
    if (a->state != ATTEMPT_DONE)
        cardlink_simple(&a->card, CARD_OPEN);
}
