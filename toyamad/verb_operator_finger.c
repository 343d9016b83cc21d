/* SPDX-License-Identifier: Apache-2.0
 *
 * operator open: the finger, after the card was proven.
 */
#include "toyamad/finger_give.h"
#include "toyamad/task.h"
#include "toyamad/verb_operator.h"

#include <stdio.h>
#include <string.h>

#define OPEN_SECONDS 10
#define RETRIES_MAX  12

enum step { STEP_SENSOR = 10, STEP_PRESS };

static void request(struct task *t)
{
    t->step = STEP_PRESS;
    task_arm(t, t->broker->config.policy.finger_wait);
    if (!t->done)
        fingerlink_request(&t->finger, FINGER_VERIFY, 0, t->broker->config.policy.finger_presses);
}

static void on_ready(struct task *t, const struct finger_event *e)
{
    size_t given = 0;

    if (!policy_listed(t->broker->config.policy.sensors, e->driver)) {
        operator_refuse(t, "X28", "sensor-refused");
        return;
    }
    snprintf(t->print.driver, sizeof(t->print.driver), "%s", e->driver);
    snprintf(t->print.device, sizeof(t->print.device), "%s", e->device);
    if (!finger_give(t, &t->person, &given))
        return;
    if (given == 0) {
        operator_refuse(t, "X28", "no-finger-for-sensor");
        return;
    }
    task_event(t, "M02", NULL);
    request(t);
}

static void on_press(struct task *t, const struct finger_event *e)
{
    static const char *const message[] = {
        [FINGER_PRESS_GOOD] = "X26",   [FINGER_PRESS_AGAIN] = "M04", [FINGER_PRESS_SHORT] = "K09",
        [FINGER_PRESS_CENTER] = "K08", [FINGER_PRESS_LIFT] = "K06",  [FINGER_PRESS_NOISE] = "M04",
        [FINGER_PRESS_OTHER] = "M04"};

    if (e->result < sizeof(message) / sizeof(message[0]) && message[e->result] != NULL)
        task_event(t, message[e->result], NULL);
    if (++t->before > RETRIES_MAX)
        operator_refuse(t, "X06", "no-finger");
    else
        task_arm(t, t->broker->config.policy.finger_wait);
}

/* The worker's word counts for a template of this person, this finger, this sensor only. */
static bool is_bound(const struct task *t, const struct finger_event *e)
{
    for (size_t n = 0; n < t->person.fingers; n++) {
        const struct roster_finger *f = &t->person.finger[n];
        if (e->has_id && memcmp(f->id, e->id, sizeof(f->id)) == 0)
            return e->finger == f->finger && strcmp(e->driver, f->driver) == 0 &&
                   strcmp(e->device, f->device) == 0 && strcmp(f->driver, t->print.driver) == 0 &&
                   strcmp(f->device, t->print.device) == 0;
    }
    return false;
}

static void on_match(struct task *t, const struct finger_event *e)
{
    fingerlink_close(&t->finger);
    if (!is_bound(t, e)) {
        operator_refuse(t, "X05", "finger-worker");
        return;
    }
    t->proven |= FACTOR_FINGER;
    operator_next(t);
}

static void on_no_match(struct task *t)
{
    uint32_t allowed = t->broker->config.policy.finger_tries;
    struct args args = {0};

    if (!operator_missed(t, "finger-miss"))
        return;
    if (++t->stages >= allowed) {
        operator_refuse(t, "X32", "finger-wrong");
        return;
    }
    args_add_number(&args, "tries", allowed - t->stages);
    task_event(t, "M05", &args);
    request(t);
}

static void on_event(void *ctx, const struct finger_event *e)
{
    struct task *t = ctx;

    if (t->done)
        return;
    if (e->type == FINGER_READY && t->step == STEP_SENSOR)
        on_ready(t, e);
    else if (e->type == FINGER_PRESS && t->step == STEP_PRESS)
        on_press(t, e);
    else if (e->type == FINGER_MATCH && t->step == STEP_PRESS)
        on_match(t, e);
    else if (e->type == FINGER_NO_MATCH && t->step == STEP_PRESS)
        on_no_match(t);
    else if (e->type == FINGER_FAILED)
        finger_failed(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger ended or spoke out of turn");
}

static void on_late(struct task *t)
{
    task_done(t, ADMIN_UNAVAILABLE, t->step == STEP_SENSOR ? "X16" : "X06",
              t->step == STEP_SENSOR ? "the sensor does not open" : "no finger was placed");
}

/* As at a login: in the individual-number zone an enrolment is complete with two fingers. */
static bool fingers_complete(const struct task *t)
{
    return t->person.fingers >= (t->broker->config.policy.zone == ZONE_INDIVIDUAL_NUMBER ? 2u : 1u);
}

void operator_finger(struct task *t)
{
    static const struct task_ops ops = {NULL, on_late};

    t->ops = &ops;
    t->step = STEP_SENSOR;
    t->before = t->stages = 0;
    if (!fingers_complete(t)) {
        operator_refuse(t, "X33", "too-few-fingers");
        return;
    }
    task_arm(t, OPEN_SECONDS);
    if (!t->done && !fingerlink_open(&t->finger, t->broker, t->id, on_event, t))
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger could not be started");
}
