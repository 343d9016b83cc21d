/* SPDX-License-Identifier: Apache-2.0
 *
 * The finger's part of an attempt: the sensor is opened while the person still looks for the card;
 * templates of this one person leave the store only after the card was proven.
 */
#include "toyamad/attempt.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/miss.h"

#include <stdlib.h>
#include <string.h>

#define SENSOR_SECONDS 5
#define RETRIES_MAX    12

static void request(struct attempt *a)
{
    if (a->state == ATTEMPT_DONE)
        return;
    a->state = ATTEMPT_FINGER;
    attempt_wait_begin(a);
    attempt_arm(a, a->broker->config.policy.finger_wait);
    if (a->state == ATTEMPT_FINGER)
        fingerlink_request(&a->finger, FINGER_VERIFY, 0, a->broker->config.policy.finger_presses);
}

/* One template to the worker. False where the store or the worker refused. */
static bool hand_over(struct attempt *a, const struct roster_finger *finger)
{
    uint8_t *template = malloc(FINGER_TEMPLATE_MAX);
    size_t len = 0;
    int err = REGISTRY_FAILED;
    bool sent = false;

    if (template != NULL)
        err = registry_template_get(&a->broker->registry, a->person.id, finger, template,
                                    FINGER_TEMPLATE_MAX, &len);
    if (err == REGISTRY_OK)
        sent = fingerlink_add(&a->finger, finger, template, len);
    else
        log_error("registry: template of %s: %s", a->person.number, registry_strerror(err));
    wire_wipe(template, FINGER_TEMPLATE_MAX);
    free(template);
    if (err != REGISTRY_OK)
        attempt_fail(a, CAUSE_REGISTRY);
    else if (!sent)
        attempt_fail(a, CAUSE_FINGER_WORKER);
    return sent;
}

static bool fits_sensor(const struct attempt *a, const struct roster_finger *finger)
{
    return strcmp(finger->driver, a->finger_driver) == 0 &&
           strcmp(finger->device, a->finger_device) == 0;
}

/* An enrolment is complete with two fingers (traceability R-061): one cut must not keep a clerk
 * out, and a half-done enrolment must not pass for a whole one where the finger is mandatory. */
static size_t fingers_needed(const struct attempt *a)
{
    return a->broker->config.policy.zone == ZONE_INDIVIDUAL_NUMBER ? 2 : 1;
}

static void begin_press(struct attempt *a)
{
    size_t given = 0;

    attempt_wait_end(a);
    if (a->person.fingers < fingers_needed(a)) {
        attempt_fail(a, CAUSE_FINGERS_FEW);
        return;
    }
    for (size_t n = 0; n < a->person.fingers; n++) {
        if (!fits_sensor(a, &a->person.finger[n]))
            continue;
        if (!hand_over(a, &a->person.finger[n]))
            return;
        given++;
    }
    if (given == 0) {
        attempt_fail(a, CAUSE_SENSOR_REFUSED);
        return;
    }
    attempt_message(a, "M02", NULL);
    request(a);
}

static void on_event(void *ctx, const struct finger_event *e);

static bool is_wanted(const struct attempt *a)
{
    return a->state == ATTEMPT_SENSOR || a->state == ATTEMPT_FINGER;
}

/* It is not known yet whether this person needs a finger: whoever does opens the sensor anew. */
static void put_off(struct attempt *a, const char *why)
{
    log_warning("the sensor is not ready while a card is waited for: %s", why);
    attempt_finger_dismiss(a);
}

static void open_sensor(struct attempt *a)
{
    if (!fingerlink_open(&a->finger, a->broker, a->id, on_event, a))
        attempt_fail(a, CAUSE_FINGER_WORKER);
}

void attempt_finger_begin(struct attempt *a)
{
    a->state = ATTEMPT_SENSOR;
    attempt_wait_begin(a);
    if (a->finger.worker == NULL)
        open_sensor(a);
    if (a->state == ATTEMPT_DONE)
        return;
    if (a->finger_ready)
        begin_press(a);
    else
        attempt_arm(a, SENSOR_SECONDS);
}

void attempt_finger_waited_out(struct attempt *a)
{
    if (a->state == ATTEMPT_SENSOR)
        attempt_fail(a, CAUSE_SENSOR_FAULT);
    else
        attempt_fail(a, CAUSE_NO_FINGER);
}

static void on_ready(struct attempt *a, const struct finger_event *e)
{
    if (!policy_listed(a->broker->config.policy.sensors, e->driver)) {
        if (is_wanted(a))
            attempt_fail(a, CAUSE_SENSOR_REFUSED);
        else
            put_off(a, "not admitted");
        return;
    }
    memcpy(a->finger_driver, e->driver, sizeof(a->finger_driver));
    memcpy(a->finger_device, e->device, sizeof(a->finger_device));
    a->finger_ready = true;
    if (a->state == ATTEMPT_SENSOR)
        begin_press(a);
}

static void on_press(struct attempt *a, const struct finger_event *e)
{
    static const char *const message[] = {
        [FINGER_PRESS_AGAIN] = "M04", [FINGER_PRESS_SHORT] = "K09", [FINGER_PRESS_CENTER] = "K08",
        [FINGER_PRESS_LIFT] = "K06",  [FINGER_PRESS_NOISE] = "M04", [FINGER_PRESS_OTHER] = "M04",
    };

    if (e->result == FINGER_PRESS_GOOD)
        attempt_message(a, "X26", NULL);
    else if (e->result < sizeof(message) / sizeof(message[0]) && message[e->result] != NULL)
        attempt_message(a, message[e->result], NULL);
    if (++a->finger_retries > RETRIES_MAX)
        attempt_fail(a, CAUSE_NO_FINGER);
    else
        attempt_arm(a, a->broker->config.policy.finger_wait);
}

static void on_no_match(struct attempt *a, const struct finger_event *e)
{
    uint32_t allowed = a->broker->config.policy.finger_tries;
    struct args args;
    int err;

    (void)e;
    attempt_wait_end(a);
    err = miss_count(a->broker, &a->person, "finger-miss", a->service);
    if (err != REGISTRY_OK) {
        log_error("a wrong finger could not be counted: %s", registry_strerror(err));
        attempt_fail(a, (enum attempt_cause)DECISION_RECORD);
        return;
    }
    a->finger_misses++;
    attempt_judge_person(a);
    if (a->evidence.locked) {
        attempt_conclude(a);
    } else if (a->finger_misses >= allowed) {
        attempt_fail(a, CAUSE_FINGER_WRONG);
    } else {
        attempt_args(a, &args);
        args_add_number(&args, "tries", allowed - a->finger_misses);
        attempt_message(a, "M05", &args);
        request(a);
    }
}

/* The worker's word counts for a template of this person, this finger, this sensor only. */
static bool match_is_bound(const struct attempt *a, const struct finger_event *e)
{
    for (size_t n = 0; n < a->person.fingers; n++) {
        const struct roster_finger *finger = &a->person.finger[n];
        if (e->has_id && memcmp(finger->id, e->id, sizeof(finger->id)) == 0)
            return e->finger == finger->finger && strcmp(e->driver, finger->driver) == 0 &&
                   strcmp(e->device, finger->device) == 0 && fits_sensor(a, finger);
    }
    return false;
}

static void on_match(struct attempt *a, const struct finger_event *e)
{
    attempt_wait_end(a);
    if (!match_is_bound(a, e)) {
        log_error("toyama-finger reported a template that it was not given");
        attempt_fail(a, CAUSE_FINGER_WORKER);
        return;
    }
    a->matched_finger = (uint8_t)e->finger;
    a->evidence.proven |= FACTOR_FINGER;
    attempt_conclude(a);
}

static void on_failed(struct attempt *a, const struct finger_event *e)
{
    static const enum attempt_cause cause[] = {
        [FINGER_NO_SENSOR] = CAUSE_NO_SENSOR,
        [FINGER_NOT_ADMITTED] = CAUSE_SENSOR_REFUSED,
        [FINGER_GONE] = CAUSE_NO_SENSOR,
        [FINGER_FAULT] = CAUSE_SENSOR_FAULT,
        [FINGER_HOT] = CAUSE_SENSOR_HOT,
        [FINGER_INCOMPATIBLE] = CAUSE_SENSOR_REFUSED,
        [FINGER_BAD_TEMPLATE] = CAUSE_SENSOR_REFUSED,
        [FINGER_BUSY] = CAUSE_SENSOR_FAULT,
    };

    if (!is_wanted(a))
        put_off(a, "it failed");
    else if (e->reason < sizeof(cause) / sizeof(cause[0]) && cause[e->reason] != 0)
        attempt_fail(a, cause[e->reason]);
    else
        attempt_fail(a, CAUSE_FINGER_WORKER);
}

typedef void (*handler)(struct attempt *a, const struct finger_event *e);

static handler permitted(enum attempt_state state, uint8_t type)
{
    if (type == FINGER_FAILED)
        return on_failed;
    if (type == FINGER_READY)
        return state == ATTEMPT_FINGER ? NULL : on_ready;
    if (state != ATTEMPT_FINGER)
        return NULL;
    if (type == FINGER_PRESS)
        return on_press;
    if (type == FINGER_MATCH)
        return on_match;
    return type == FINGER_NO_MATCH ? on_no_match : NULL;
}

static void on_event(void *ctx, const struct finger_event *e)
{
    struct attempt *a = ctx;
    handler handle;

    if (a->state == ATTEMPT_DONE || a->concluding)
        return;
    handle = permitted(a->state, e->type);
    if (handle != NULL) {
        handle(a, e);
        return;
    }
    if (e->type == FINGER_LINK_DEAD && !is_wanted(a)) {
        put_off(a, "toyama-finger ended");
        return;
    }
    if (e->type != FINGER_LINK_DEAD)
        log_error("toyama-finger: message %02x out of turn", (unsigned)e->type);
    attempt_fail(a, CAUSE_FINGER_WORKER);
}

void attempt_finger_warm(struct attempt *a)
{
    if ((a->broker->config.policy.require & FACTOR_FINGER) != 0 &&
        !fingerlink_open(&a->finger, a->broker, a->id, on_event, a))
        put_off(a, "toyama-finger could not be started");
}

void attempt_finger_dismiss(struct attempt *a)
{
    fingerlink_close(&a->finger);
    a->finger_ready = false;
}
