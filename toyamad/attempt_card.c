/* SPDX-License-Identifier: Apache-2.0
 *
 * The card's part of an attempt. The key that signs without a PIN (PIV 9E) is proven first; a PIN
 * is sent only in the transaction in which the card was just proven, or, where the card has no such
 * key, compared with its public identifier.
 */
#include "toyamad/attempt.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"

#include <string.h>

#define ANSWER_SECONDS 10 /* for a card to answer: RSA on a slow reader takes less than two */
#define PIN_PROMPTS    3
#define WAITS_MAX      50 /* reasons to wait: each is shown, and only changes are reported */

static const struct roster_key *find_key(const struct roster_credential *c, bool pin)
{
    for (size_t n = 0; n < c->keys; n++)
        if (c->key[n].pin == pin)
            return &c->key[n];
    return NULL;
}

static bool key_alg(const struct roster_key *key, enum crypto_alg *alg)
{
    return key != NULL && crypto_key_alg(key->spki, key->len, alg) == CRYPTO_OK;
}

/* The person's free keys may be of several algorithms: number `want` of the distinct ones. */
static const struct roster_key *free_key_of_turn(const struct attempt *a, unsigned want,
                                                 enum crypto_alg *alg)
{
    enum crypto_alg seen[ROSTER_CREDENTIALS];
    unsigned count = 0;

    for (size_t n = 0; n < a->person.credentials; n++) {
        const struct roster_key *key = find_key(&a->person.credential[n], false);
        bool known = false;
        if (!key_alg(key, alg))
            continue;
        for (unsigned k = 0; k < count; k++)
            known = known || seen[k] == *alg;
        if (known)
            continue;
        if (count == want)
            return key;
        seen[count++] = *alg;
    }
    return NULL;
}

bool attempt_needs_pin(const struct attempt *a)
{
    if ((a->broker->config.policy.require & FACTOR_PIN) != 0)
        return true;
    return (a->evidence.proven & FACTOR_CARD) == 0 &&
           find_key(&a->person.credential[a->credential], false) == NULL;
}

static void forget_pin(struct attempt *a)
{
    wire_wipe(a->pin, sizeof(a->pin));
    a->have_pin = false;
}

static void ask_pin(struct attempt *a)
{
    if (a->pin_asked++ >= PIN_PROMPTS) {
        attempt_fail(a, CAUSE_PIN_WRONG);
        return;
    }
    a->state = ATTEMPT_PIN;
    a->hint_read = false;
    a->alg_tried = 0;
    attempt_wait_begin(a);
    attempt_arm(a, a->broker->config.policy.pin_wait);
    if (a->state == ATTEMPT_PIN && a->client != NULL)
        client_prompt(a->client, "X01", NULL);
}

static void enter(struct attempt *a, enum attempt_state state)
{
    a->state = state;
    attempt_arm(a, ANSWER_SECONDS);
}

static void sign(struct attempt *a, enum proof_use use, const struct roster_key *key,
                 enum crypto_alg alg, const struct card_signing *with)
{
    struct card_signing signing = *with;

    if (proof_signature_begin(&a->proof, use, policy_zone_name(a->broker->config.policy.zone),
                              a->broker->config.policy.host, key->ref, alg) != PROOF_OK) {
        attempt_fail(a, CAUSE_INTERNAL);
        return;
    }
    signing.family = CARD_PIV;
    signing.key = key->ref;
    signing.alg = (uint8_t)alg;
    signing.digest = a->proof.digest;
    signing.digest_len = a->proof.digest_len;
    cardlink_sign(&a->card, &signing);
}

static void sign_free(struct attempt *a, const struct roster_key *key, enum crypto_alg alg)
{
    const struct card_signing with = {.more = (a->broker->config.policy.require & FACTOR_PIN) != 0};

    enter(a, ATTEMPT_PROVE);
    a->proving_alg = (uint8_t)alg;
    sign(a, PROOF_CARD_9E, key, alg, &with);
}

static void sign_pin(struct attempt *a)
{
    const struct roster_credential *c = &a->person.credential[a->credential];
    const struct roster_key *key = find_key(c, true);
    const struct card_signing with = {.pin = a->pin, .pin_ref = c->pin_ref};
    enum crypto_alg alg;

    if (!key_alg(key, &alg)) {
        attempt_card_done(a);
        return;
    }
    enter(a, ATTEMPT_PROVE_PIN);
    sign(a, PROOF_PIN_9A, key, alg, &with);
}

static void read_hint(struct attempt *a)
{
    enter(a, ATTEMPT_HINT);
    cardlink_read(&a->card, CARD_PIV, CARD_OBJ_IDENTIFIER, true);
}

/* No card in this reader that could be the person's: is there one in another reader? A worker that
 * reports more of them than PC/SC has readers is not heard any longer. */
static void try_next_card(struct attempt *a)
{
    if (++a->others >= CARD_READERS_MAX) {
        attempt_conclude(a);
        return;
    }
    a->alg_tried = 0;
    a->hint_read = false;
    a->met_other = true;
    enter(a, ATTEMPT_NEXT);
    cardlink_simple(&a->card, CARD_NEXT);
}

/* Where there is a free key, it must prove the card: whoever copies the public identifier and has
 * no such key would be told the PIN. */
static bool proven_by_pin_alone(const struct roster_credential *c)
{
    return find_key(c, false) == NULL && find_key(c, true) != NULL;
}

static bool has_card_without_free_key(const struct attempt *a)
{
    for (size_t n = 0; n < a->person.credentials; n++)
        if (proven_by_pin_alone(&a->person.credential[n]))
            return true;
    return false;
}

static bool credential_of_hint(struct attempt *a)
{
    for (size_t n = 0; n < a->person.credentials; n++) {
        const struct roster_credential *c = &a->person.credential[n];
        if (proven_by_pin_alone(c) && c->hint_len > 0 && c->hint_len == a->hint_len &&
            memcmp(c->hint, a->hint, a->hint_len) == 0) {
            a->credential = n;
            return true;
        }
    }
    return false;
}

/* A card without a free key: it must at least say that it is the enrolled one. */
static void prove_by_pin_alone(struct attempt *a)
{
    if (!a->hint_read) {
        read_hint(a);
    } else if (!credential_of_hint(a)) {
        try_next_card(a);
    } else if (!a->have_pin) {
        cardlink_simple(&a->card, CARD_END);
        if (a->state != ATTEMPT_DONE)
            ask_pin(a);
    } else {
        sign_pin(a);
    }
}

static void prove_card(struct attempt *a)
{
    const struct roster_key *key;
    enum crypto_alg alg;

    if (a->by_card && !a->hint_read) {
        read_hint(a);
        return;
    }
    key = free_key_of_turn(a, a->alg_tried, &alg);
    if (key != NULL)
        sign_free(a, key, alg);
    else if (has_card_without_free_key(a))
        prove_by_pin_alone(a);
    else
        try_next_card(a);
}

void attempt_card_done(struct attempt *a)
{
    enum decision decision;

    forget_pin(a);
    throttle_proven(&a->broker->throttle);
    attempt_judge_person(a);
    decision = attempt_decide(a);
    if (decision == DECISION_FACTORS &&
        (a->broker->config.policy.require & ~a->evidence.proven) == FACTOR_FINGER)
        attempt_finger_begin(a);
    else
        attempt_conclude(a);
}

/* Which credential's free key made the signature. */
static bool check_free(struct attempt *a, const struct card_event *e)
{
    struct proof_key keys[ROSTER_CREDENTIALS];
    size_t owner[ROSTER_CREDENTIALS], count = 0, index = 0;
    enum crypto_alg alg;

    for (size_t n = 0; n < a->person.credentials; n++) {
        const struct roster_key *key = find_key(&a->person.credential[n], false);
        if (!key_alg(key, &alg) || (uint8_t)alg != a->proving_alg)
            continue;
        keys[count] = (struct proof_key){key->spki, key->len};
        owner[count++] = n;
    }
    if (proof_signature_check(&a->proof, e->data, e->len, keys, count, &index) != PROOF_OK)
        return false;
    a->credential = owner[index];
    return a->found;
}

static void on_free_signed(struct attempt *a, const struct card_event *e)
{
    if (!check_free(a, e)) {
        a->alg_tried = ROSTER_CREDENTIALS;
        prove_card(a);
        return;
    }
    a->evidence.proven |= FACTOR_CARD;
    a->met = true;
    if (!attempt_needs_pin(a))
        attempt_card_done(a);
    else if (a->have_pin)
        sign_pin(a);
    else
        attempt_fail(a, CAUSE_INTERNAL);
}

static void on_pin_signed(struct attempt *a, const struct card_event *e)
{
    const struct roster_key *key = find_key(&a->person.credential[a->credential], true);
    const struct proof_key keys = {key->spki, key->len};

    if (!a->found ||
        proof_signature_check(&a->proof, e->data, e->len, &keys, 1, NULL) != PROOF_OK) {
        a->evidence.proven = 0;
        attempt_conclude(a);
        return;
    }
    a->evidence.proven |= FACTOR_CARD | FACTOR_PIN;
    a->met = true;
    attempt_card_done(a);
}

static void on_identifier(struct attempt *a, const struct card_event *e)
{
    a->hint_len = e->len <= sizeof(a->hint) ? e->len : 0;
    if (a->hint_len > 0)
        memcpy(a->hint, e->data, a->hint_len);
    a->hint_read = true;
    if (a->by_card)
        attempt_find_by_hint(a, a->hint, a->hint_len);
    prove_card(a);
}

static void on_present(struct attempt *a, const struct card_event *e)
{
    memcpy(a->reader, e->reader, sizeof(a->reader));
    a->evidence.card_present = true;
    a->present = attempt_clock();
    a->waited = 0;
    if ((a->broker->config.policy.require & FACTOR_PIN) != 0 && !a->have_pin)
        ask_pin(a);
    else
        prove_card(a);
}

/* A PIN must not go to a worker that has spoken with a card that was not proven: a fresh one, bound
 * to the reader of the next card, takes over. */
void attempt_card_resume(struct attempt *a)
{
    if (!a->met_other) {
        prove_card(a);
        return;
    }
    cardlink_close(&a->card);
    a->met_other = false;
    enter(a, ATTEMPT_CARD);
    if (a->state != ATTEMPT_DONE)
        attempt_card_begin(a);
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
        attempt_fail(a, (enum attempt_cause)DECISION_REMOVED);
        return true;
    case CARD_NO_SERVICE:
        attempt_fail(a, CAUSE_NO_SERVICE);
        return true;
    case CARD_IN_USE:
        attempt_fail(a, CAUSE_CARD_IN_USE);
        return true;
    case CARD_MUTE:
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
    a->alg_tried++;
    if (e->reason == CARD_ABSENT)
        prove_card(a);
    else
        try_next_card(a);
}

static void on_hint_failed(struct attempt *a, const struct card_event *e)
{
    if (!failed_technically(a, e))
        try_next_card(a);
}

static void on_pin_wrong(struct attempt *a, const struct card_event *e)
{
    struct args args;

    forget_pin(a);
    a->evidence.proven = 0;
    if (e->has_tries && e->tries <= 1) {
        attempt_fail(a, CAUSE_PIN_LAST);
        return;
    }
    attempt_args(a, &args);
    args_add_number(&args, "tries", e->has_tries ? e->tries - 1 : 0);
    if (a->pin_asked < PIN_PROMPTS)
        attempt_message(a, "X02", &args);
    ask_pin(a);
}

static void on_pin_failed(struct attempt *a, const struct card_event *e)
{
    if (failed_technically(a, e))
        return;
    if (e->reason == CARD_PIN_WRONG)
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
    if (e->reason == CARD_NO_OTHER || !failed_technically(a, e))
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
    {ATTEMPT_PROVE, CARD_SIGNED, on_free_signed},
    {ATTEMPT_PROVE, CARD_FAILED, on_prove_failed},
    {ATTEMPT_PROVE_PIN, CARD_SIGNED, on_pin_signed},
    {ATTEMPT_PROVE_PIN, CARD_FAILED, on_pin_failed},
    {ATTEMPT_NEXT, CARD_PRESENT, on_next_present},
    {ATTEMPT_NEXT, CARD_FAILED, on_no_other},
};

static void on_removed(struct attempt *a, const struct card_event *e)
{
    (void)e;
    a->evidence.card_present = false;
    if (a->concluding || a->state == ATTEMPT_CARD)
        return;
    attempt_fail(a, e->reason == CARD_NO_SERVICE ? CAUSE_NO_SERVICE
                                                 : (enum attempt_cause)DECISION_REMOVED);
}

static void on_event(void *ctx, const struct card_event *e)
{
    struct attempt *a = ctx;

    if (a->state == ATTEMPT_DONE)
        return;
    if (e->counts.apdus != 0)
        a->counts = e->counts;
    if (e->type == CARD_REMOVED) {
        on_removed(a, e);
        return;
    }
    if (a->concluding) {
        a->evidence.card_present = a->evidence.card_present && e->type != CARD_LINK_DEAD;
        return;
    }
    for (size_t n = 0; n < sizeof(permitted) / sizeof(permitted[0]); n++)
        if (permitted[n].state == a->state && permitted[n].type == e->type) {
            permitted[n].handle(a, e);
            return;
        }
    if (e->type != CARD_LINK_DEAD)
        log_error("toyama-card: message %02x out of turn", (unsigned)e->type);
    attempt_fail(a, CAUSE_CARD_WORKER);
}

void attempt_card_begin(struct attempt *a)
{
    const char *reader = a->have_pin ? a->reader : NULL;

    if (!cardlink_open(&a->card, a->broker, a->id, reader, on_event, a))
        attempt_fail(a, CAUSE_CARD_WORKER);
}
