/* SPDX-License-Identifier: Apache-2.0
 *
 * finger enroll, delete, test: opens the sensor and hands its answers on.
 */
#include "core/wire/wipe.h"
#include "toyamad/finger_desk.h"
#include "toyamad/log.h"
#include "toyamad/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_SECONDS 10

void finger_tell_stage(struct task *t, const char *msg, unsigned stage)
{
    struct args args = {0};

    args_add(&args, "finger", ARG_TEXT, names_finger(t->print.finger));
    args_add_number(&args, "stage", stage);
    args_add_number(&args, "stages", t->stages);
    task_event(t, msg, &args);
}

static void begin_test(struct task *t)
{
    size_t given = 0;

    t->step = FINGER_STEP_TEST;
    task_arm(t, FINGER_PRESS_SECONDS);
    if (t->done || !finger_give(t, &t->person, &given))
        return;
    if (given == 0) {
        task_done(t, ADMIN_NOT_FOUND, NULL, "%s has no finger for this sensor", t->person.number);
        return;
    }
    task_event(t, "M02", NULL);
    fingerlink_request(&t->finger, FINGER_VERIFY, 0, t->broker->config.policy.finger_presses);
}

static void on_ready(struct task *t, const struct finger_event *e)
{
    snprintf(t->print.driver, sizeof(t->print.driver), "%s", e->driver);
    snprintf(t->print.device, sizeof(t->print.device), "%s", e->device);
    t->stages = e->stages;
    if (t->enrolment == NULL) {
        begin_test(t);
        return;
    }
    t->enrolment->chip = e->pictures == 0;
    if (t->enrolment->chip)
        finger_chip_search(t);
    else
        finger_begin_enroll(t);
}

static void on_press(struct task *t, const struct finger_event *e)
{
    static const char *const message[] = {
        [FINGER_PRESS_GOOD] = "K07",   [FINGER_PRESS_AGAIN] = "M04", [FINGER_PRESS_SHORT] = "K09",
        [FINGER_PRESS_CENTER] = "K08", [FINGER_PRESS_LIFT] = "K06",  [FINGER_PRESS_NOISE] = "M04",
        [FINGER_PRESS_OTHER] = "X26"};
    unsigned taken = t->before + e->stage;

    task_arm(t, FINGER_PRESS_SECONDS);
    if (t->done || e->result >= sizeof(message) / sizeof(message[0]) || message[e->result] == NULL)
        return;
    if (t->step == FINGER_STEP_ENROLL && e->stages != 0)
        t->stages = t->before + e->stages;
    if (t->step != FINGER_STEP_ENROLL)
        task_event(t, e->result == FINGER_PRESS_GOOD ? "X26" : message[e->result], NULL);
    else if (taken < t->stages)
        finger_tell_stage(t, message[e->result], taken + 1);
}

static void report_test(struct task *t, bool proven, uint32_t finger)
{
    struct chain_event event = {.kind = "finger-tested"};
    struct admin_pairs row = {0};

    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "proven", proven ? "yes" : "no");
    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    admin_pair_add(&row, "proven", proven ? "yes" : "no");
    admin_pair_add(&row, "finger", names_finger((uint8_t)finger));
    task_row(t, &row);
    if (proven)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_done(t, ADMIN_REFUSED, "X32", "the finger does not match");
}

static bool is_confirmed(const struct task *t)
{
    return t->step == FINGER_STEP_CONFIRM || t->step == FINGER_STEP_SECOND;
}

static void on_match(struct task *t, const struct finger_event *e)
{
    if (t->step == FINGER_STEP_TEST)
        report_test(t, true, e->finger);
    else if (is_confirmed(t))
        finger_confirm_match(t, e);
    else
        finger_chip_match(t, e);
}

static void on_no_match(struct task *t)
{
    if (t->step == FINGER_STEP_TEST)
        report_test(t, false, 0);
    else if (is_confirmed(t))
        finger_confirm_no_match(t);
    else
        finger_chip_no_match(t);
}

static bool has_finger(const struct roster_record *r, uint8_t finger)
{
    for (size_t n = 0; n < r->fingers; n++)
        if (r->finger[n].finger == finger)
            return true;
    return false;
}

bool finger_has_room(struct task *t)
{
    if (!has_finger(&t->person, t->print.finger) && t->person.fingers < ROSTER_FINGERS)
        return true;
    task_done(t, ADMIN_EXISTS, "K10", "that finger is registered: delete it first");
    return false;
}

static bool is_asked(const struct task *t)
{
    return t->step == FINGER_STEP_TEST || is_confirmed(t) || t->step == FINGER_STEP_CHIP_SEARCH ||
           t->step == FINGER_STEP_CHIP_CONFIRM;
}

static void on_event(void *ctx, const struct finger_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (e->type == FINGER_READY && t->step == FINGER_STEP_OPEN)
        on_ready(t, e);
    else if (e->type == FINGER_PRESS && (is_asked(t) || t->step == FINGER_STEP_ENROLL))
        on_press(t, e);
    else if (e->type == FINGER_MATCH && is_asked(t))
        on_match(t, e);
    else if (e->type == FINGER_NO_MATCH && is_asked(t))
        on_no_match(t);
    else if (e->type == FINGER_PICTURE && t->step == FINGER_STEP_ENROLL)
        finger_take_picture(t, e);
    else if (e->type == FINGER_ENROLLED && t->step == FINGER_STEP_ENROLL)
        finger_enrolled(t, e);
    else if (e->type == FINGER_FAILED)
        finger_failed(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger ended or spoke out of turn");
}

static void on_late(struct task *t)
{
    if (t->step == FINGER_STEP_OPEN)
        task_done(t, ADMIN_UNAVAILABLE, "X16", "the sensor does not open");
    else if (t->step == FINGER_STEP_SEARCH)
        task_done(t, ADMIN_UNAVAILABLE, "X05", "the search among all fingers does not end");
    else
        task_done(t, ADMIN_UNAVAILABLE, "X06", "no finger was placed");
}

static void open_sensor(struct task *t)
{
    static const struct task_ops ops = {NULL, on_late};

    t->ops = &ops;
    if (!task_take_devices(t))
        return;
    task_arm(t, OPEN_SECONDS);
    if (!t->done && !fingerlink_open(&t->finger, t->broker, t->id, on_event, t))
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger could not be started");
}

void finger_enroll(struct task *t)
{
    uint8_t finger = names_finger_parse(task_get(t, "finger"));

    if (finger == 0) {
        task_done(t, ADMIN_USAGE, NULL, "\"%s\" is not a finger", task_get(t, "finger"));
        return;
    }
    t->print = (struct roster_finger){.finger = finger};
    if (!task_find_person(t) || !finger_has_room(t))
        return;
    t->enrolment = calloc(1, sizeof(*t->enrolment));
    if (t->enrolment == NULL || crypto_random(t->print.id, ROSTER_ID_LEN) != CRYPTO_OK)
        task_done(t, ADMIN_FAILED, NULL, "no memory or no random numbers");
    else
        open_sensor(t);
}

void finger_test(struct task *t)
{
    if (task_find_person(t))
        open_sensor(t);
}

/* Takes the fingers out of the record and their templates out of the store. */
static int delete_rows(struct task *t, uint8_t finger, size_t *deleted)
{
    struct roster_record *r = &t->person;
    size_t kept = 0;
    int err = REGISTRY_OK;

    for (size_t n = 0; n < r->fingers && err == REGISTRY_OK; n++) {
        if (finger != 0 && r->finger[n].finger != finger) {
            r->finger[kept++] = r->finger[n];
            continue;
        }
        err = registry_template_delete(&t->broker->registry, r->finger[n].id);
        (*deleted)++;
    }
    r->fingers = kept;
    return err;
}

static void report_deleted(struct task *t, size_t deleted)
{
    struct admin_pairs row = {0};
    char number[24];

    snprintf(number, sizeof(number), "%zu", deleted);
    admin_pair_add(&row, "deleted", number);
    task_row(t, &row);
    task_done(t, ADMIN_OK, NULL, "%s", "");
}

void finger_delete(struct task *t)
{
    const char *name = task_get(t, "finger");
    uint8_t finger = names_finger_parse(name);
    struct chain_event event = {.kind = "finger-deleted"};
    size_t deleted = 0;
    int err;

    if (finger == 0 && strcmp(name, "all") != 0) {
        task_done(t, ADMIN_USAGE, NULL, "\"%s\" is not a finger", name);
        return;
    }
    if (!task_find_person(t))
        return;
    if (finger != 0 ? !has_finger(&t->person, finger) : t->person.fingers == 0) {
        task_done(t, ADMIN_NOT_FOUND, NULL, "that finger is not registered");
        return;
    }
    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "finger", name);
    chain_event_add(&event, "operator", t->operator.number);
    if ((err = registry_begin(&t->broker->registry)) == REGISTRY_OK &&
        (err = delete_rows(t, finger, &deleted)) != REGISTRY_OK)
        registry_rollback(&t->broker->registry);
    if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else if (task_store_open(t, &event))
        report_deleted(t, deleted);
}
