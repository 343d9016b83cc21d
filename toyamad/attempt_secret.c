/* SPDX-License-Identifier: Apache-2.0
 *
 * The memorised secret: what a person knows whose token, or card, has no PIN of its own. It is
 * asked for only after that was proven, and a wrong one counts as a wrong finger does.
 */
#include "toyamad/attempt.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/memorised.h"
#include "toyamad/miss.h"

#include <string.h>

#define PROMPTS 3

static const struct roster_credential *find_memorised(const struct attempt *a)
{
    for (size_t n = 0; n < a->person.credentials; n++) {
        const struct roster_credential *c = &a->person.credential[n];
        if (c->family == CARD_MEMORISED && c->state == ROSTER_ACTIVE && c->keys == 1)
            return c;
    }
    return NULL;
}

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

/* The person as the record is now: an operator may have changed the secret meanwhile. */
static void check(struct attempt *a, const struct roster_credential *c)
{
    char hash[MEMORISED_HASH_MAX] = "";
    size_t len = 0;
    bool good;
    int err = registry_secret_get(&a->broker->registry, a->person.id, c, &c->key[0],
                                  (uint8_t *)hash, sizeof(hash) - 1, &len);

    if (err != REGISTRY_OK) {
        log_error("registry: memorised secret of %s: %s", a->person.number, registry_strerror(err));
        attempt_fail(a, CAUSE_REGISTRY);
        return;
    }
    hash[len] = '\0';
    good = memorised_check(a->pin, hash);
    wire_wipe(hash, sizeof(hash));
    attempt_forget_pin(a);
    if (!good) {
        on_wrong(a);
        return;
    }
    a->evidence.proven |= FACTOR_PIN;
    attempt_possession_done(a);
}

void attempt_secret_begin(struct attempt *a)
{
    if (find_memorised(a) == NULL)
        attempt_conclude(a);
    else if (a->have_pin)
        attempt_secret_typed(a);
    else
        ask(a);
}

void attempt_secret_typed(struct attempt *a)
{
    const struct roster_credential *c = find_memorised(a);

    if (c == NULL)
        attempt_conclude(a);
    else
        check(a, c);
}
