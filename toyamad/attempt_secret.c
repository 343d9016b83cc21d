/* SPDX-License-Identifier: Apache-2.0
 *
 * The memorised secret: what a person knows whose token, or card, has no PIN of its own. It is
 * asked for only after that was proven, and a wrong one counts as a wrong finger does.
 */
#include "toyamad/attempt.h"

#include "toyamad/log.h"
#include "toyamad/miss.h"
#include "toyamad/person_pin.h"

#define PROMPTS 3

static void ask(struct attempt *a)
{
    if (a->secret_asked++ >= PROMPTS) {
        attempt_fail(a, CAUSE_SECRET_WRONG);
        return;
    }
    a->state = ATTEMPT_SECRET;
    attempt_wait_begin(a);
    attempt_arm(a, a->broker->config.policy.pin_wait);
    if (a->state == ATTEMPT_SECRET && a->client != NULL)
        client_prompt(a->client, "X61", NULL);
}

static void on_wrong(struct attempt *a)
{
    struct args args;
    int err = miss_count(a->broker, &a->person, "secret-miss", a->service);

    if (err != REGISTRY_OK) {
        log_error("a wrong secret could not be counted: %s", registry_strerror(err));
        attempt_fail(a, (enum attempt_cause)DECISION_RECORD);
        return;
    }
    attempt_judge_person(a);
    if (a->evidence.locked) {
        attempt_conclude(a);
        return;
    }
    if (a->secret_asked < PROMPTS) {
        attempt_args(a, &args);
        args_add_number(&args, "tries", PROMPTS - a->secret_asked);
        attempt_message(a, "X62", &args);
    }
    ask(a);
}

static void check(struct attempt *a)
{
    bool good = false;
    int err = person_pin_check(&a->broker->registry, &a->person, a->pin, &good);

    if (err != REGISTRY_OK) {
        log_error("registry: memorised secret of %s: %s", a->person.number, registry_strerror(err));
        attempt_fail(a, CAUSE_REGISTRY);
        return;
    }
    attempt_forget_pin(a);
    if (!good) {
        on_wrong(a);
        return;
    }
    a->evidence.proven |= FACTOR_PIN;
    attempt_possession_done(a);
}

/* What was typed as a card's PIN is this secret, and the first of its tries. */
void attempt_secret_begin(struct attempt *a)
{
    if (person_pin_find(&a->person) == NULL) {
        attempt_conclude(a);
    } else if (a->have_pin) {
        a->secret_asked++;
        attempt_secret_typed(a);
    } else {
        ask(a);
    }
}

/* The person as the record is now: an operator may have changed the secret meanwhile. */
void attempt_secret_typed(struct attempt *a)
{
    attempt_judge_person(a);
    if (!a->evidence.same_person || a->evidence.locked || person_pin_find(&a->person) == NULL)
        attempt_conclude(a);
    else
        check(a);
}
