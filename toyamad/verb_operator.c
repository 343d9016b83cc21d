/* SPDX-License-Identifier: Apache-2.0
 *
 * operator open, close, status. Whoever opens proves what a login on this host asks for: the card
 * or token, its PIN or the memorised one, the finger; wrong ones count as at a login.
 */
#include "toyamad/verb_operator.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/miss.h"
#include "toyamad/names.h"
#include "toyamad/officer.h"
#include "toyamad/person_pin.h"
#include "toyamad/rights.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <string.h>

#define PROMPTS 3

enum step { STEP_CARD = 0, STEP_PIN, STEP_SECRET };

/* As at a login: what the person's exception asks for, where he has one here and now. */
static unsigned required(const struct task *t)
{
    const struct policy *p = &t->broker->config.policy;
    struct roster_record now = t->person;
    const struct roster_exception *exception;

    roster_record_effective(&now, broker_now(t->broker));
    exception = rights_exception(p, &now, broker_now(t->broker));
    return exception != NULL ? exception->factors : p->require;
}

bool operator_unlocked(struct task *t)
{
    struct counter tally;
    int err = registry_counter_get(&t->broker->registry, t->person.id, &tally);

    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else if (tally.until > broker_now(t->broker))
        operator_refuse(t, "X78", "locked");
    return !t->done;
}

bool operator_missed(struct task *t, const char *kind)
{
    int err = miss_count(t->broker, &t->person, kind, "toyama-enroll");

    if (err == REGISTRY_OK)
        return operator_unlocked(t);
    log_error("what did not match could not be counted: %s", registry_strerror(err));
    task_fail_registry(t, err);
    return false;
}

static void send_row(struct task *t, const char *number, const char *name, uint8_t roles)
{
    struct admin_pairs row = {0};
    char words[64], left[16];

    operator_roles_format(roles, words, sizeof(words));
    snprintf(left, sizeof(left), "%u", operator_left(t->broker, t->client->uid));
    admin_pair_add(&row, "number", number);
    admin_pair_add(&row, "name", name);
    admin_pair_add(&row, "roles", words);
    admin_pair_add(&row, "left", left);
    task_row(t, &row);
}

static void begin_session(struct task *t, uint8_t roles)
{
    struct chain_event event;
    char words[64];

    memcpy(t->operator.id, t->person.id, ROSTER_ID_LEN);
    memcpy(t->operator.number, t->person.number, sizeof(t->operator.number));
    operator_roles_format(roles, words, sizeof(words));
    task_describe(t, "operator-opened", &t->credential, &event);
    chain_event_add(&event, "roles", words);
    if (!operator_begin(t->broker, t->client->uid, &t->person, t->credential.id, &event)) {
        task_done(t, ADMIN_FAILED, NULL, "too many operators, or no room for the event");
        return;
    }
    send_row(t, t->person.number, t->person.name, roles);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* The same rule as at a login; the person and the card are looked up anew. */
static void conclude(struct task *t)
{
    const struct policy *p = &t->broker->config.policy;
    int64_t now = broker_now(t->broker);
    struct evidence e = {.roster_good = true,
                         .recorded = true,
                         .local = true,
                         .in_time = true,
                         .card_present = true,
                         .same_person = true,
                         .user_matches = true,
                         .escorted = true};
    enum decision decision;
    uint8_t roles;

    if (!desk_still_valid(t) || !operator_unlocked(t))
        return;
    roles = officer_roles(t->broker, &t->person);
    e.instead = required(t) != p->require ? required(t) : 0;
    roster_record_effective(&t->person, now);
    e.clock_good = broker_clock_good(t->broker);
    e.proven = t->proven;
    e.shared_key = roster_family_shared(t->credential.family);
    e.person = roles != 0 ? rights_person(p, &t->person, now) : PERSON_STOPPED;
    e.credential = rights_credential(p, &t->person, t->index, now);
    decision = decide(p, &e);
    if (decision == DECISION_GRANT)
        begin_session(t, roles);
    else
        operator_refuse(t, roles == 0 ? "X89" : "X79",
                        roles == 0 ? "no-role" : policy_decision_name(decision));
}

static void ask(struct task *t, enum step step)
{
    t->step = step;
    if (t->tries++ == PROMPTS)
        operator_refuse(t, step == STEP_PIN ? "X31" : "X39", "pin-wrong");
    else
        desk_ask(t, DESK_PRESENT, step == STEP_PIN ? "X01" : "X61");
}

/* Nobody waits for a person with a transaction open; the card's going is told all the same. */
static void let_go(struct task *t)
{
    if (t->card.worker != NULL)
        cardlink_simple(&t->card, CARD_END);
}

void operator_next(struct task *t)
{
    unsigned missing = required(t) & ~t->proven;

    let_go(t);
    if (t->done)
        return;
    if ((missing & FACTOR_PIN) != 0 && person_pin_find(&t->person) == NULL)
        operator_refuse(t, "X79", "no-pin");
    else if ((missing & FACTOR_PIN) != 0)
        ask(t, STEP_SECRET);
    else if ((missing & FACTOR_FINGER) != 0)
        operator_finger(t);
    else
        conclude(t);
}

static void sign_with_pin(struct task *t)
{
    const struct roster_key *key = prove_key(&t->credential, true);
    struct card_signing signing = {.pin = t->pin, .pin_ref = t->credential.pin_ref};
    struct prove_shape shape;

    task_arm(t, DESK_ANSWER_SECONDS);
    if (t->done)
        return;
    if (key == NULL || !prove_shape(&t->credential, key, &shape) ||
        prove_begin(&t->proof, &t->broker->config.policy, PROOF_PIN_9A, &shape, &signing) !=
            PROOF_OK)
        task_done(t, ADMIN_FAILED, NULL, "a challenge could not be made");
    else
        cardlink_sign(&t->card, &signing);
    wire_wipe(t->pin, sizeof(t->pin));
}

static void on_proven(struct task *t)
{
    bool free = prove_key(&t->credential, false) != NULL;
    bool pin = prove_key(&t->credential, true) != NULL;

    if (t->pin[0] != '\0') {
        sign_with_pin(t);
        return;
    }
    if (free)
        t->proven |= prove_factor(t->credential.family);
    if (!operator_unlocked(t))
        return;
    if (pin && (!free || (required(t) & FACTOR_PIN) != 0)) {
        cardlink_close(&t->card);
        ask(t, STEP_PIN);
    } else {
        operator_next(t);
    }
}

static void on_signed(struct task *t, const struct card_event *e)
{
    size_t owner = 0;

    if (prove_check(&t->proof, &t->broker->registry, &t->person, t->index, e->data, e->len,
                    &owner) != PROOF_OK) {
        operator_refuse(t, "X69", "not-proven");
        return;
    }
    t->proven |= FACTOR_PIN | prove_factor(t->credential.family);
    operator_next(t);
}

static void on_pin_failed(struct task *t, const struct card_event *e)
{
    struct args args = {0};
    bool wrong = e->reason == CARD_PIN_WRONG && (!e->has_tries || e->tries > 1);
    bool jpki = t->credential.family == CARD_JPKI;

    cardlink_close(&t->card);
    args_add(&args, "ext", ARG_TEXT, t->broker->config.policy.extension);
    if (wrong || e->reason == CARD_PIN_FORMAT) {
        args_add_number(&args, "tries", e->has_tries ? e->tries - 1 : 0);
        task_event(t, wrong ? "X02" : jpki ? "X86" : "X17", &args);
        if (wrong && e->has_tries && e->tries == 2)
            task_event(t, "X71", NULL);
        ask(t, STEP_PIN);
    } else if (e->reason == CARD_PIN_BLOCKED) {
        operator_refuse(t, jpki ? "X37" : "X04", "pin-blocked");
    } else if (e->reason == CARD_PIN_LAST || e->reason == CARD_PIN_WRONG) {
        operator_refuse(t, jpki ? "X37" : "X03", "pin-last-try");
    } else {
        task_done(t, ADMIN_UNAVAILABLE, e->reason == CARD_GONE ? "X07" : "X15",
                  "the card did not sign (reason %u, SW %04X)", e->reason, e->sw);
    }
}

static void on_card(struct task *t, const struct card_event *e)
{
    if (t->step == STEP_PIN && e->type == CARD_SIGNED)
        on_signed(t, e);
    else if (t->step == STEP_PIN && e->type == CARD_FAILED)
        on_pin_failed(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-card: message out of turn");
}

static void on_secret(struct task *t, const char *secret)
{
    struct args args = {0};
    bool good = false;
    int err;

    if (!desk_still_valid(t) || !operator_unlocked(t))
        return;
    err = person_pin_check(&t->broker->registry, &t->person, secret, &good);
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
    } else if (good) {
        t->proven |= FACTOR_PIN;
        operator_next(t);
    } else if (operator_missed(t, "secret-miss")) {
        args_add_number(&args, "tries", PROMPTS - t->tries);
        if (t->tries < PROMPTS)
            task_event(t, "X62", &args);
        ask(t, STEP_SECRET);
    }
}

static void on_present(struct task *t, const char *secret)
{
    if (t->step == STEP_SECRET) {
        on_secret(t, secret);
    } else if (desk_still_valid(t)) {
        snprintf(t->pin, sizeof(t->pin), "%s", secret);
        desk_again(t);
    }
}

void operator_open(struct task *t)
{
    static const struct desk_goal card = {.by_name = true,
                                          .by_certificate = true,
                                          .proven = on_proven,
                                          .card = on_card,
                                          .present = on_present};
    static const struct desk_goal token = {
        .tokens = true, .proven = on_proven, .card = on_card, .present = on_present};
    const struct desk_goal *goal;

    t->failed = operator_failed;
    if (!task_find_person(t))
        return;
    goal = (required(t) & FACTOR_TOKEN) != 0 ? &token : &card;
    if (officer_roles(t->broker, &t->person) == 0)
        task_done(t, ADMIN_REFUSED, "X89", "%s has no role on this host", t->person.number);
    else if (!desk_can_find(t, goal))
        task_done(t, ADMIN_NOT_FOUND, "X79", "no card of %s proves itself here", t->person.number);
    else
        desk_begin(t, goal, PROVE_ANY);
}

void operator_shut(struct task *t)
{
    if (!t->operator.open)
        task_done(t, ADMIN_NOT_FOUND, NULL, "no session is open");
    else if (operator_close(t->broker, t->client->uid, "closed"))
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_done(t, ADMIN_FAILED, NULL, "closed, but the event could not be recorded");
}

void operator_status(struct task *t)
{
    struct roster_record r = {0};

    if (t->operator.open && registry_by_id(&t->broker->registry, t->operator.id, &r) == REGISTRY_OK)
        send_row(t, r.number, r.name, t->operator.roles);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}
