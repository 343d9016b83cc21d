/* SPDX-License-Identifier: Apache-2.0
 *
 * Sensors that compare by themselves give no picture to search with: the chip compares one press
 * with the fingers that are in it, before it makes a new one.
 */
#include "toyamad/finger_desk.h"
#include "toyamad/log.h"

#include <string.h>

#define SEARCH_SECONDS 120

struct giving {
    struct task *task;
    size_t given;
};

static bool give_stranger(void *ctx, const struct roster_record *r)
{
    struct giving *giving = ctx;
    struct task *t = giving->task;

    if (memcmp(r->id, t->person.id, ROSTER_ID_LEN) == 0)
        return true;
    if (giving->given + r->fingers > FINGER_GALLERY_MAX) {
        task_done(t, ADMIN_UNAVAILABLE, NULL,
                  "more fingers than a sensor that compares by itself can search");
        return false;
    }
    return finger_give(t, r, &giving->given);
}

void finger_chip_search(struct task *t)
{
    struct giving giving = {.task = t};
    int err = registry_each(&t->broker->registry, give_stranger, &giving);

    if (t->done)
        return;
    if (err != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    if (giving.given == 0) {
        finger_begin_enroll(t);
        return;
    }
    t->step = FINGER_STEP_CHIP_SEARCH;
    t->before = 1;
    t->stages++;
    task_arm(t, SEARCH_SECONDS);
    finger_tell_stage(t, "K05", 1);
    if (!t->done)
        fingerlink_request(&t->finger, FINGER_SEARCH, 0, 0);
}

static void confirm(struct task *t, const struct finger_event *e)
{
    struct roster_record *other = &t->enrolment->other;
    size_t given = 0;

    if (registry_template_owner(&t->broker->registry, e->id, other) != REGISTRY_OK) {
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger named an unknown template");
        return;
    }
    t->step = FINGER_STEP_CHIP_CONFIRM;
    task_arm(t, FINGER_PRESS_SECONDS);
    if (t->done || !finger_give(t, other, &given))
        return;
    task_event(t, "K07c", NULL);
    fingerlink_request(&t->finger, FINGER_VERIFY, 0, 2);
}

void finger_chip_match(struct task *t, const struct finger_event *e)
{
    if (t->step == FINGER_STEP_CHIP_SEARCH)
        confirm(t, e);
    else
        finger_refuse_duplicate(t, &t->enrolment->other);
}

void finger_chip_no_match(struct task *t)
{
    finger_begin_enroll(t);
}
