/* SPDX-License-Identifier: Apache-2.0
 *
 * A new finger: presses, the search among everybody's, store. finger_confirm.c comes between.
 */
#include "core/wire/wipe.h"
#include "toyamad/finger_desk.h"
#include "toyamad/log.h"
#include "toyamad/names.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEARCH_SECONDS 7200 /* 400,000 templates on two processors */

void finger_begin_enroll(struct task *t)
{
    size_t given = 0;

    t->step = FINGER_STEP_ENROLL;
    task_arm(t, FINGER_PRESS_SECONDS);
    if (t->done || !finger_give(t, &t->person, &given))
        return;
    finger_tell_stage(t, t->before == 0 ? "K05" : "K07", t->before + 1);
    if (!t->done)
        fingerlink_request(&t->finger, FINGER_ENROLL, t->print.finger,
                           t->enrolment->chip ? 0 : FINGER_PICTURES_MAX);
}

void finger_take_picture(struct task *t, const struct finger_event *e)
{
    if (!search_pictures_add(&t->enrolment->pictures, e))
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger sent pictures that cannot be kept");
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
    admin_pair_add(&row, "alike", t->enrolment->alike);
    task_row(t, &row);
    task_done(t, ADMIN_OK, t->person.fingers < 2 ? "X34" : NULL, "%s", "");
}

void finger_store(struct task *t)
{
    const struct finger_enrolment *enrolment = t->enrolment;
    struct registry *reg = &t->broker->registry;
    struct chain_event event = {.kind = "finger-enrolled"};
    char compared[24];
    int err;

    if (!task_reload_person(t) || !finger_has_room(t))
        return;
    t->print.enrolled = broker_now(t->broker);
    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "finger", names_finger(t->print.finger));
    if (!enrolment->chip) {
        snprintf(compared, sizeof(compared), "%zu", enrolment->found.compared);
        chain_event_add(&event, "compared", compared);
    }
    if (enrolment->alike[0] != '\0')
        chain_event_add(&event, "alike", enrolment->alike);
    chain_event_add(&event, "operator", t->operator.number);
    if ((err = registry_begin(reg)) != REGISTRY_OK) {
        task_fail_registry(t, err);
        return;
    }
    err = registry_template_put(reg, t->person.id, &t->print, enrolment->template, enrolment->len);
    if (err != REGISTRY_OK) {
        registry_rollback(reg);
        task_fail_registry(t, err);
        return;
    }
    t->person.finger[t->person.fingers++] = t->print;
    if (task_store_open(t, &event))
        report_enrolled(t);
}

static void on_progress(void *ctx, unsigned percent)
{
    struct task *t = ctx;
    struct args args = {0};

    args_add_number(&args, "percent", percent);
    if (!t->done)
        task_event(t, "K07b", &args);
}

static void take_candidates(struct task *t, const struct search_outcome *outcome)
{
    struct finger_enrolment *enrolment = t->enrolment;

    enrolment->found = *outcome;
    search_stop(enrolment->search);
    enrolment->search = NULL;
    finger_confirm_next(t);
}

static void on_searched(void *ctx, const struct search_outcome *outcome)
{
    struct task *t = ctx;

    switch (outcome->result) {
    case SEARCH_DONE:
        take_candidates(t, outcome);
        break;
    case SEARCH_UNUSABLE:
        task_done(t, ADMIN_FAILED, "X13", "a template of %s cannot be used", outcome->number);
        break;
    case SEARCH_STORE:
        task_fail_registry(t, outcome->err);
        break;
    case SEARCH_BROKEN:
        task_done(t, ADMIN_UNAVAILABLE, "X05", "the search among all fingers: %s", outcome->what);
        break;
    case SEARCH_RESTLESS:
        task_done(t, ADMIN_UNAVAILABLE, NULL, "the register changes all the time: try again later");
        break;
    case SEARCH_CROWDED:
        task_done(t, ADMIN_UNAVAILABLE, NULL, "too many registered fingers look like this one");
        break;
    }
}

static void begin_search(struct task *t)
{
    struct finger_enrolment *enrolment = t->enrolment;
    const struct search_client client = {on_progress, on_searched, t};
    struct search_subject subject = {.pictures = &enrolment->pictures};

    memcpy(subject.attempt, t->id, sizeof(subject.attempt));
    memcpy(subject.person, t->person.id, sizeof(subject.person));
    memcpy(subject.driver, t->print.driver, sizeof(subject.driver));
    memcpy(subject.device, t->print.device, sizeof(subject.device));
    t->step = FINGER_STEP_SEARCH;
    task_arm(t, SEARCH_SECONDS);
    if (t->done)
        return;
    on_progress(t, 0);
    enrolment->search = search_start(t->broker, &subject, &client);
    if (enrolment->search == NULL)
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
}

static bool is_what_was_asked_for(const struct task *t, const struct finger_event *e)
{
    return e->finger == t->print.finger && strcmp(e->driver, t->print.driver) == 0 &&
           strcmp(e->device, t->print.device) == 0 && e->len > 0 && e->len <= FINGER_TEMPLATE_MAX &&
           e->width <= UINT16_MAX && e->height <= UINT16_MAX;
}

/* Every press that went into the template is searched, up to what a matcher takes. */
static bool has_pictures(const struct finger_enrolment *enrolment, uint32_t samples)
{
    uint32_t wanted = samples < FINGER_PICTURES_MAX ? samples : FINGER_PICTURES_MAX;

    return enrolment->chip || (wanted > 0 && enrolment->pictures.count == wanted);
}

void finger_enrolled(struct task *t, const struct finger_event *e)
{
    struct finger_enrolment *enrolment = t->enrolment;

    if (!is_what_was_asked_for(t, e) || !has_pictures(enrolment, e->samples)) {
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger enrolled something else");
        return;
    }
    memcpy(enrolment->template, e->data, e->len);
    enrolment->len = e->len;
    t->print.samples = (uint8_t)(e->samples > 255 ? 255 : e->samples);
    t->print.width = (uint16_t)e->width;
    t->print.height = (uint16_t)e->height;
    if (enrolment->chip)
        finger_store(t);
    else
        begin_search(t);
}

void finger_release(struct task *t)
{
    struct finger_enrolment *enrolment = t->enrolment;

    t->enrolment = NULL;
    if (enrolment == NULL)
        return;
    search_stop(enrolment->search);
    search_pictures_wipe(&enrolment->pictures);
    wire_wipe(enrolment, sizeof(*enrolment));
    free(enrolment);
}
