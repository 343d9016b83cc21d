/* SPDX-License-Identifier: Apache-2.0
 *
 * People whose fingers are alike, asked one after the other: the same finger once more, then
 * another one or two. search_rule.h says what follows.
 */
#include "toyamad/finger_desk.h"
#include "toyamad/log.h"
#include "toyamad/names.h"

#include <stdio.h>
#include <string.h>

/* `pressed`: what fresh presses said, "alike" or "different"; NULL: nothing of its own. */
static bool record_pair(struct task *t, const char *kind, const char *pressed,
                        const struct roster_record *other)
{
    struct chain_event event = {0};

    snprintf(event.kind, sizeof(event.kind), "%s", kind);
    chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "other", other->number);
    if (pressed != NULL)
        chain_event_add(&event, "pressed", pressed);
    chain_event_add(&event, "operator", t->operator.number);
    return task_event_only(t, &event);
}

void finger_refuse_duplicate(struct task *t, const struct roster_record *other)
{
    if (record_pair(t, "duplicate-finger", NULL, other))
        task_done(t, ADMIN_REFUSED, "K10b", "the finger may be registered for %s already",
                  other->number);
}

static const struct search_found *found_now(const struct task *t)
{
    return &t->enrolment->found.found[t->enrolment->at - 1];
}

static bool is_found(const struct task *t, const struct roster_finger *f)
{
    return memcmp(f->id, found_now(t)->hit.id, ROSTER_ID_LEN) == 0;
}

/* The candidate's template that the presses of this step are compared with. */
static const uint8_t *pressed_against(const struct task *t)
{
    const struct finger_enrolment *enrolment = t->enrolment;

    return t->step == FINGER_STEP_SECOND ? enrolment->second[enrolment->seconds - 1]->id
                                         : found_now(t)->hit.id;
}

/* That one and the new template beside it: what matches that or nothing at all tells which finger
 * was laid on. */
static bool give_candidate(struct task *t)
{
    const struct finger_enrolment *enrolment = t->enrolment;
    const struct roster_record *other = &enrolment->other;

    for (size_t n = 0; n < other->fingers; n++)
        if (memcmp(other->finger[n].id, pressed_against(t), ROSTER_ID_LEN) == 0 &&
            !finger_give_one(t, other, &other->finger[n]))
            return false;
    if (fingerlink_add(&t->finger, &t->print, enrolment->template, enrolment->len))
        return true;
    task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger takes no templates");
    return false;
}

static void ask(struct task *t)
{
    struct args args = {0};

    task_arm(t, FINGER_PRESS_SECONDS);
    if (t->done)
        return;
    if (t->step == FINGER_STEP_SECOND) {
        args_add(&args, "finger", ARG_TEXT,
                 names_finger(t->enrolment->second[t->enrolment->seconds - 1]->finger));
        task_event(t, "K07d", &args);
    } else {
        task_event(t, "K07c", NULL);
    }
    fingerlink_request(&t->finger, FINGER_VERIFY, 0, 1);
}

static void begin(struct task *t, enum finger_step step)
{
    t->step = step;
    t->enrolment->confirm = (struct search_confirm){0};
    if (give_candidate(t))
        ask(t);
}

void finger_confirm_next(struct task *t)
{
    struct finger_enrolment *enrolment = t->enrolment;
    int err = REGISTRY_NONE;

    enrolment->seconds = 0;
    for (; enrolment->at < enrolment->found.count && err == REGISTRY_NONE; enrolment->at++)
        err = registry_template_owner(
            &t->broker->registry, enrolment->found.found[enrolment->at].hit.id, &enrolment->other);
    if (err == REGISTRY_NONE)
        finger_store(t);
    else if (err != REGISTRY_OK)
        task_fail_registry(t, err);
    else
        begin(t, FINGER_STEP_CONFIRM);
}

static bool is_left(uint8_t finger)
{
    return finger > 5;
}

static bool was_asked_for(const struct task *t, const struct roster_finger *f)
{
    for (size_t n = 0; n < t->enrolment->seconds; n++)
        if (t->enrolment->second[n] == f)
            return true;
    return false;
}

static bool is_of_other_hand(const struct task *t, const struct roster_finger *f)
{
    const struct roster_record *other = &t->enrolment->other;

    for (size_t n = 0; n < other->fingers; n++)
        if (is_found(t, &other->finger[n]))
            return is_left(other->finger[n].finger) != is_left(f->finger);
    return true;
}

/* The candidate's finger to ask for next, of the other hand at best; NULL where there is none. */
static const struct roster_finger *choose_second(const struct task *t)
{
    const struct roster_record *other = &t->enrolment->other;
    const struct roster_finger *best = NULL;

    for (size_t n = 0; n < other->fingers; n++) {
        const struct roster_finger *f = &other->finger[n];
        if (is_found(t, f) || !finger_fits_sensor(t, f) || was_asked_for(t, f))
            continue;
        if (best == NULL || (is_of_other_hand(t, f) && !is_of_other_hand(t, best)))
            best = f;
    }
    return best;
}

static void remember_alike(struct finger_enrolment *enrolment)
{
    size_t len = strlen(enrolment->alike);

    snprintf(enrolment->alike + len, sizeof(enrolment->alike) - len, "%s%s", len > 0 ? "," : "",
             enrolment->other.number);
}

/* No second finger says that it is the same person. */
static void judge_alone(struct task *t)
{
    struct finger_enrolment *enrolment = t->enrolment;

    if (!found_now(t)->alone) {
        remember_alike(enrolment);
        finger_confirm_next(t);
    } else if (record_pair(t, "lookalike-refused", NULL, &enrolment->other)) {
        task_done(t, ADMIN_REFUSED, "K10c", "the finger is too much like one of %s",
                  enrolment->other.number);
    }
}

static void ask_for_second(struct task *t)
{
    struct finger_enrolment *enrolment = t->enrolment;
    const struct roster_finger *second =
        enrolment->seconds < SEARCH_SECONDS_MAX ? choose_second(t) : NULL;

    if (second == NULL) {
        judge_alone(t);
        return;
    }
    enrolment->second[enrolment->seconds++] = second;
    begin(t, FINGER_STEP_SECOND);
}

/* Recorded before more is asked: who then goes away has been seen. */
static void judge_first(struct task *t, enum search_verdict verdict)
{
    bool same = verdict == SEARCH_SAME;

    if (!record_pair(t, "lookalike-finger", same ? "alike" : "different", &t->enrolment->other))
        return;
    if (same)
        ask_for_second(t);
    else
        finger_confirm_next(t);
}

static void judge_second(struct task *t, enum search_verdict verdict)
{
    if (verdict == SEARCH_SAME)
        finger_refuse_duplicate(t, &t->enrolment->other);
    else
        ask_for_second(t);
}

static void judge(struct task *t)
{
    const struct search_confirm *confirm = &t->enrolment->confirm;
    bool second = t->step == FINGER_STEP_SECOND;
    enum search_verdict verdict =
        second ? search_rule_second(confirm) : search_rule_verdict(confirm);

    if (verdict == SEARCH_AGAIN)
        ask(t);
    else if (verdict == SEARCH_UNCERTAIN)
        task_done(t, ADMIN_REFUSED, "K11", "the finger that was asked for was not shown");
    else if (second)
        judge_second(t, verdict);
    else
        judge_first(t, verdict);
}

void finger_confirm_match(struct task *t, const struct finger_event *e)
{
    struct search_confirm *confirm = &t->enrolment->confirm;
    bool same = memcmp(t->print.id, e->id, ROSTER_ID_LEN) == 0;

    if (!same && memcmp(pressed_against(t), e->id, ROSTER_ID_LEN) != 0) {
        task_done(t, ADMIN_UNAVAILABLE, "X05", "toyama-finger named an unknown template");
        return;
    }
    if (!same)
        confirm->hits++;
    else if (t->step == FINGER_STEP_SECOND)
        confirm->strange++;
    else
        confirm->misses++;
    judge(t);
}

void finger_confirm_no_match(struct task *t)
{
    if (t->step == FINGER_STEP_SECOND)
        t->enrolment->confirm.misses++;
    else
        t->enrolment->confirm.strange++;
    judge(t);
}
