/* SPDX-License-Identifier: Apache-2.0
 *
 * pin set, pin remove and pin change: the memorised secret of people whose token, or card, has no
 * PIN of its own. An operator sets it; its owner changes it after proving token or card and the old
 * secret, of which a wrong one counts as at a login.
 */
#include "toyamad/log.h"
#include "toyamad/lone_zone.h"
#include "toyamad/memorised.h"
#include "toyamad/miss.h"
#include "toyamad/person_pin.h"
#include "toyamad/task.h"

#include "core/wire/wipe.h"

#include <stdio.h>
#include <string.h>

#define PROMPTS    3
#define GENERATED  8 /* digits */
#define DRAWS      20
#define DIGIT_ROOM 250 /* the largest multiple of ten in an octet */

/* `pin` NULL: without one. False: the call was ended. */
static bool store(struct task *t, const char *kind, const char *pin)
{
    struct registry *reg = &t->broker->registry;
    struct chain_event event;
    int err;

    if (!task_reload_person(t))
        return false;
    if ((err = registry_begin(reg)) == REGISTRY_OK &&
        (err = person_pin_put(reg, &t->person, pin, t->credential.zones, broker_now(t->broker))) !=
            REGISTRY_OK)
        registry_rollback(reg);
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return false;
    }
    task_describe(t, kind, NULL, &event);
    return task_store_open(t, &event);
}

static void store_and_end(struct task *t, const char *kind, const char *pin)
{
    if (store(t, kind, pin))
        task_done(t, ADMIN_OK, NULL, "%s", "");
}

/* Every digit is as likely as every other. */
static bool draw_digits(char out[GENERATED + 1])
{
    size_t count = 0;
    uint8_t octet;

    while (count < GENERATED) {
        if (crypto_random(&octet, 1) != CRYPTO_OK)
            return false;
        if (octet < DIGIT_ROOM)
            out[count++] = (char)('0' + octet % 10);
    }
    out[count] = '\0';
    return true;
}

static void generate(struct task *t)
{
    struct admin_pairs row = {0};
    unsigned draws = 0;

    do
        if (draws++ == DRAWS || !draw_digits(t->fresh)) {
            task_done(t, ADMIN_FAILED, NULL, "no random numbers");
            return;
        }
    while (!memorised_acceptable(t->fresh));
    if (!store(t, "pin-set", t->fresh))
        return;
    admin_pair_add(&row, "secret", t->fresh);
    task_row(t, &row);
    wire_wipe(&row, sizeof(row));
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

static void on_set(struct task *t)
{
    store_and_end(t, "pin-set", t->fresh);
}

void pin_set(struct task *t)
{
    static const struct desk_goal goal = {
        .form = "X76", .acceptable = memorised_acceptable, .fresh = on_set};

    if (!task_find_person(t) || !reissue_take_zones(t) || !lone_zone_choose(t))
        return;
    if (strcmp(task_get(t, "generate"), "yes") == 0) {
        generate(t);
        return;
    }
    desk_begin_typing(t, &goal);
    task_event(t, "X70", NULL);
    desk_ask_new(t);
}

void pin_remove(struct task *t)
{
    if (!task_find_person(t))
        return;
    if (person_pin_find(&t->person) == NULL)
        task_done(t, ADMIN_NOT_FOUND, "X79", "this person has no memorised PIN");
    else
        store_and_end(t, "pin-removed", NULL);
}

/* False: the call was ended. */
static bool is_unlocked(struct task *t)
{
    struct counter tally;
    int err = registry_counter_get(&t->broker->registry, t->person.id, &tally);

    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else if (tally.until > broker_now(t->broker))
        task_done(t, ADMIN_REFUSED, "X78", "%s is locked", t->person.number);
    return !t->done;
}

static void ask_present(struct task *t)
{
    if (t->tries++ == PROMPTS)
        task_done(t, ADMIN_REFUSED, "X39", "the PIN was wrong %d times", PROMPTS);
    else
        desk_ask(t, DESK_PRESENT, "X67");
}

static void on_proven(struct task *t)
{
    if (t->card.worker != NULL)
        cardlink_simple(&t->card, CARD_END);
    if (t->done || !is_unlocked(t))
        return;
    task_event(t, "X70", NULL);
    ask_present(t);
}

static void on_wrong(struct task *t)
{
    struct args args = {0};
    int err = miss_count(t->broker, &t->person, "secret-miss", "toyama-enroll");

    if (err != REGISTRY_OK) {
        log_error("a wrong secret could not be counted: %s", registry_strerror(err));
        task_fail_registry(t, err);
        return;
    }
    if (!is_unlocked(t))
        return;
    args_add_number(&args, "tries", PROMPTS - t->tries);
    if (t->tries < PROMPTS)
        task_event(t, "X62", &args);
    ask_present(t);
}

static void on_present(struct task *t, const char *secret)
{
    bool good = false;
    int err;

    if (!desk_still_valid(t) || !is_unlocked(t))
        return;
    err = person_pin_check(&t->broker->registry, &t->person, secret, &good);
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
    } else if (!good) {
        on_wrong(t);
    } else {
        snprintf(t->pin, sizeof(t->pin), "%s", secret);
        desk_ask_new(t);
    }
}

static void on_changed(struct task *t)
{
    const struct roster_credential *c = person_pin_find(&t->person);

    if (c != NULL)
        t->credential.zones = c->zones;
    if (desk_still_valid(t))
        store_and_end(t, "pin-changed", t->fresh);
}

void pin_change(struct task *t)
{
    static const struct desk_goal goal = {.tokens = true,
                                          .differs = true,
                                          .form = "X76",
                                          .acceptable = memorised_acceptable,
                                          .proven = on_proven,
                                          .present = on_present,
                                          .fresh = on_changed};

    if (!task_find_person(t))
        return;
    if (person_pin_find(&t->person) == NULL)
        task_done(t, ADMIN_NOT_FOUND, "X79", "this person has no memorised PIN");
    else if (!desk_can_prove(t, true))
        task_done(t, ADMIN_NOT_FOUND, "X79", "no card or token proves itself without a PIN");
    else
        desk_begin(t, &goal, PROVE_ANY);
}
