/* SPDX-License-Identifier: Apache-2.0
 *
 * finger enroll, delete, test. Before a finger is taken it is searched among everybody else's: one
 * hit is a candidate only, two more presses against that one person make it a refusal.
 */
#include "core/wire/wipe.h"
#include "toyamad/finger_give.h"
#include "toyamad/log.h"
#include "toyamad/names.h"
#include "toyamad/task.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define OPEN_SECONDS   10
#define PRESS_SECONDS  30
#define SEARCH_SECONDS 120
#define TEST_PRESSES   3

enum step { STEP_OPEN = 0, STEP_SEARCH, STEP_CONFIRM, STEP_ENROLL, STEP_TEST };

struct search {
    struct task *task;
    size_t given;
    bool good;
};

static bool give_stranger(void *ctx, const struct roster_record *r)
{
    struct search *search = ctx;

    if (memcmp(r->id, search->task->person.id, ROSTER_ID_LEN) != 0)
        search->good = finger_give(search->task, r, &search->given);
    return search->good;
}

/* `stage` is the press that is asked for now, counted from 1. */
static void tell_stage(struct task *t, const char *msg, unsigned stage)
{
    struct args args = {0};

    args_add(&args, "finger", ARG_TEXT, names_finger(t->print.finger));
    args_add_number(&args, "stage", stage);
    args_add_number(&args, "stages", t->stages);
    task_event(t, msg, &args);
}

static void begin_enroll(struct task *t)
{
    size_t given = 0;

    t->step = STEP_ENROLL;
    task_arm(t, PRESS_SECONDS);
    if (t->done || !finger_give(t, &t->person, &given))
        return;
    tell_stage(t, t->before == 0 ? "K05" : "K07", t->before + 1);
    fingerlink_request(&t->finger, FINGER_ENROLL, t->print.finger, 0);
}

static void begin_search(struct task *t)
{
    struct search search = {.task = t, .good = true};
    int err = registry_each(&t->broker->registry, give_stranger, &search);

    if (t->done)
        return;
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    if (search.given == 0) {
        begin_enroll(t);
        return;
    }
    t->step = STEP_SEARCH;
    t->before = 1;
    t->stages++;
    task_arm(t, SEARCH_SECONDS);
    tell_stage(t, "K05", 1);
    if (!t->done)
        fingerlink_request(&t->finger, FINGER_SEARCH, 0, 0);
}

/* The owner of a template, by walking the records: enrolment is rare. */
struct owner {
    const uint8_t *id;
    struct roster_record *out;
    bool found;
};

static bool is_owner(void *ctx, const struct roster_record *r)
{
    struct owner *owner = ctx;

    for (size_t n = 0; n < r->fingers; n++)
        if (memcmp(r->finger[n].id, owner->id, ROSTER_ID_LEN) == 0) {
            *owner->out = *r;
            owner->found = true;
        }
    return !owner->found;
}

static void confirm_candidate(struct task *t, const struct finger_event *e)
{
    struct roster_record candidate;
    struct owner owner = {e->id, &candidate, false};
    size_t given = 0;

    if (registry_each(&t->broker->registry, is_owner, &owner) != REGISTRY_OK || !owner.found) {
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger named an unknown template");
        return;
    }
    t->step = STEP_CONFIRM;
    task_arm(t, PRESS_SECONDS);
    if (t->done || !finger_give(t, &candidate, &given))
        return;
    task_event(t, "X26", NULL);
    fingerlink_request(&t->finger, FINGER_VERIFY, 0, 2);
}

static void begin_test(struct task *t)
{
    size_t given = 0;

    t->step = STEP_TEST;
    task_arm(t, PRESS_SECONDS);
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
    if (strcmp(t->verb, "finger.test") == 0)
        begin_test(t);
    else
        begin_search(t);
}

static void on_press(struct task *t, const struct finger_event *e)
{
    static const char *const message[] = {
        [FINGER_PRESS_GOOD] = "K07",   [FINGER_PRESS_AGAIN] = "M04", [FINGER_PRESS_SHORT] = "K09",
        [FINGER_PRESS_CENTER] = "K08", [FINGER_PRESS_LIFT] = "K06",  [FINGER_PRESS_NOISE] = "M04",
        [FINGER_PRESS_OTHER] = "X26"};
    unsigned taken = t->before + e->stage;

    task_arm(t, PRESS_SECONDS);
    if (t->done || e->result >= sizeof(message) / sizeof(message[0]) || message[e->result] == NULL)
        return;
    if (t->step == STEP_ENROLL && e->stages != 0)
        t->stages = t->before + e->stages;
    if (t->step != STEP_ENROLL)
        task_event(t, e->result == FINGER_PRESS_GOOD ? "X26" : message[e->result], NULL);
    else if (taken < t->stages)
        tell_stage(t, message[e->result], taken + 1);
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

static void on_match(struct task *t, const struct finger_event *e)
{
    struct chain_event event = {.kind = "duplicate-finger"};

    if (t->step == STEP_SEARCH) {
        confirm_candidate(t, e);
    } else if (t->step == STEP_TEST) {
        report_test(t, true, e->finger);
    } else {
        chain_event_add(&event, "person", t->person.number);
        chain_event_add(&event, "operator", t->operator.number);
        if (task_event_only(t, &event))
            task_done(t, ADMIN_REFUSED, "K13",
                      "the finger may be registered for somebody else already");
    }
}

static void on_no_match(struct task *t)
{
    if (t->step == STEP_TEST)
        report_test(t, false, 0);
    else
        begin_enroll(t);
}

static bool has_finger(const struct roster_record *r, uint8_t finger)
{
    for (size_t n = 0; n < r->fingers; n++)
        if (r->finger[n].finger == finger)
            return true;
    return false;
}

/* False: the call was ended. */
static bool has_room(struct task *t)
{
    if (!has_finger(&t->person, t->print.finger) && t->person.fingers < ROSTER_FINGERS)
        return true;
    task_done(t, ADMIN_EXISTS, "K10", "that finger is registered: delete it first");
    return false;
}

static void report_enrolled(struct task *t)
{
    struct admin_pairs row = {0};
    char id[2 * ROSTER_ID_LEN + 1], samples[16];

    names_hex(t->print.id, ROSTER_ID_LEN, id);
    snprintf(samples, sizeof(samples), "%u", (unsigned)t->print.samples);
    admin_pair_add(&row, "id", id);
    admin_pair_add(&row, "finger", names_finger(t->print.finger));
    admin_pair_add(&row, "samples", samples);
    admin_pair_add(&row, "driver", t->print.driver);
    task_row(t, &row);
    task_done(t, ADMIN_OK, t->person.fingers < 2 ? "X34" : NULL, "%s", "");
}

static void store_print(struct task *t, const struct finger_event *e)
{
    struct registry *reg = &t->broker->registry;
    struct chain_event event = {.kind = "finger-enrolled"};
    int err;

    if (!task_reload_person(t) || !has_room(t))
        return;
    t->print.samples = (uint8_t)(e->samples > 255 ? 255 : e->samples);
    t->print.width = (uint16_t)e->width;
    t->print.height = (uint16_t)e->height;
    t->print.enrolled = broker_now(t->broker);
    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "finger", names_finger(t->print.finger));
    chain_event_add(&event, "operator", t->operator.number);
    if ((err = registry_begin(reg)) != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    err = registry_template_put(reg, t->person.id, &t->print, e->data, e->len);
    if (err != REGISTRY_OK) {
        registry_rollback(reg);
        task_fail_registry(t, err);
        return;
    }
    t->person.finger[t->person.fingers++] = t->print;
    if (task_store_open(t, &event))
        report_enrolled(t);
}

static void on_enrolled(struct task *t, const struct finger_event *e)
{
    if (e->finger != t->print.finger || strcmp(e->driver, t->print.driver) != 0 ||
        strcmp(e->device, t->print.device) != 0 || e->len == 0 || e->len > FINGER_TEMPLATE_MAX ||
        e->width > UINT16_MAX || e->height > UINT16_MAX)
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger enrolled something else");
    else
        store_print(t, e);
}

static void on_event(void *ctx, const struct finger_event *e)
{
    struct task *t = ctx;
    bool asked = t->step == STEP_SEARCH || t->step == STEP_CONFIRM || t->step == STEP_TEST;

    if (t->done)
        return;
    if (e->type == FINGER_READY && t->step == STEP_OPEN)
        on_ready(t, e);
    else if (e->type == FINGER_PRESS && t->step != STEP_OPEN)
        on_press(t, e);
    else if (e->type == FINGER_MATCH && asked)
        on_match(t, e);
    else if (e->type == FINGER_NO_MATCH && asked)
        on_no_match(t);
    else if (e->type == FINGER_ENROLLED && t->step == STEP_ENROLL)
        on_enrolled(t, e);
    else if (e->type == FINGER_FAILED)
        finger_failed(t, e);
    else
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger ended or spoke out of turn");
}

static void on_late(struct task *t)
{
    task_done(t, ADMIN_UNAVAILABLE, t->step == STEP_OPEN ? "X16" : "X06",
              t->step == STEP_OPEN ? "the sensor does not open" : "no finger was placed");
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
    if (!task_find_person(t) || !has_room(t))
        return;
    if (crypto_random(t->print.id, ROSTER_ID_LEN) != CRYPTO_OK)
        task_done(t, ADMIN_FAILED, NULL, "no random numbers");
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
