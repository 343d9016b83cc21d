/* SPDX-License-Identifier: Apache-2.0
 *
 * The finger verbs at the operator's desk. verb_finger.c opens the sensor and tests and deletes
 * fingers; finger_enrol.c makes a new one; finger_confirm.c asks those whose fingers are alike;
 * finger_chip.c is for sensors that compare by themselves.
 */
#ifndef TOYAMA_TOYAMAD_FINGER_DESK_H
#define TOYAMA_TOYAMAD_FINGER_DESK_H

#include "toyamad/finger_give.h"
#include "toyamad/search.h"
#include "toyamad/task.h"

#define FINGER_PRESS_SECONDS 30

enum finger_step {
    FINGER_STEP_OPEN = 0,
    FINGER_STEP_ENROLL,
    FINGER_STEP_SEARCH,      /* among everybody's: the matchers work, the sensor waits */
    FINGER_STEP_CONFIRM,     /* fresh presses against one candidate */
    FINGER_STEP_SECOND,      /* presses of another finger against the same person */
    FINGER_STEP_CHIP_SEARCH, /* one press on the chip, before the enrolment */
    FINGER_STEP_CHIP_CONFIRM,
    FINGER_STEP_TEST
};

/* A finger between its presses and the store. */
struct finger_enrolment {
    bool chip; /* the sensor compares by itself and gives no pictures */
    struct search_pictures pictures;
    struct search *search;
    uint8_t template[FINGER_TEMPLATE_MAX];
    size_t len;
    struct search_outcome found;                            /* what the search brought */
    size_t at;                                              /* the next of them to be confirmed */
    struct roster_record other;                             /* the owner of the one before */
    const struct roster_finger *second[SEARCH_SECONDS_MAX]; /* his others that were asked for */
    size_t seconds;                                         /* the last of them is asked for now */
    struct search_confirm confirm;
    char
        alike[SEARCH_FOUND_MAX * ROSTER_TEXT_MAX]; /* whom the finger is like, taken all the same */
};

/* verb_finger.c. False: the call was ended, because the finger is there already or there are ten.
 */
bool finger_has_room(struct task *t);
/* `stage` is the press that is asked for now, counted from 1. */
void finger_tell_stage(struct task *t, const char *msg, unsigned stage);

/* finger_enrol.c */
void finger_begin_enroll(struct task *t);
void finger_take_picture(struct task *t, const struct finger_event *e);
void finger_enrolled(struct task *t, const struct finger_event *e);
void finger_store(struct task *t);

/* finger_confirm.c */
/* Asks about the next one that the search brought; behind the last one the finger is stored. */
void finger_confirm_next(struct task *t);
void finger_confirm_match(struct task *t, const struct finger_event *e);
void finger_confirm_no_match(struct task *t);
/* Records that the finger is `other`'s and refuses it. */
void finger_refuse_duplicate(struct task *t, const struct roster_record *other);

/* finger_chip.c */
void finger_chip_search(struct task *t);
void finger_chip_match(struct task *t, const struct finger_event *e);
void finger_chip_no_match(struct task *t);

#endif
