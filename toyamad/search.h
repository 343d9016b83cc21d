/* SPDX-License-Identifier: Apache-2.0
 *
 * The search of a new finger among everybody else's templates: a matcher process for each
 * processor, each with a part of the templates at a time, so that neither the broker nor a matcher
 * ever holds them all. Names whoever search_rule.h calls alike; what is missing or fails ends the
 * search as an error, never as "nobody".
 */
#ifndef TOYAMA_TOYAMAD_SEARCH_H
#define TOYAMA_TOYAMAD_SEARCH_H

#include "toyamad/search_pictures.h"
#include "toyamad/search_rule.h"

struct search;

enum search_result {
    SEARCH_DONE,     /* `found`, which may be nobody */
    SEARCH_UNUSABLE, /* a template of `number` does not open or is not what the record says */
    SEARCH_STORE,    /* `err` of the registry */
    SEARCH_BROKEN,   /* a matcher could not be started, ended, was too slow or lied: `what` */
    SEARCH_RESTLESS, /* the records changed again and again */
    SEARCH_CROWDED   /* more templates were hit than can be looked at */
};

#define SEARCH_FOUND_MAX 3 /* people who are compared by fresh presses; there is hardly one */

struct search_found {
    struct finger_hit hit;
    bool alone; /* search_rule_alone() */
};

struct search_outcome {
    enum search_result result;
    int err;
    const char *what;
    char number[ROSTER_TEXT_MAX];                /* staff number */
    struct search_found found[SEARCH_FOUND_MAX]; /* alike; most pairs first */
    size_t count;
    size_t compared; /* templates */
};

struct search_subject {
    uint8_t attempt[FRAME_NONCE_LEN];
    uint8_t person[ROSTER_ID_LEN]; /* whose own templates are left out */
    char driver[FINGER_DRIVER_MAX];
    char device[FINGER_DEVICE_MAX];
    const struct search_pictures *pictures; /* live as long as the search */
};

struct search_client {
    void (*progress)(void *ctx, unsigned percent); /* at most once a second */
    void (*done)(void *ctx, const struct search_outcome *outcome);
    void *ctx;
};

/* `done` is called once, later, from the event loop; NULL where there is no memory. */
struct search *search_start(struct broker *broker, const struct search_subject *subject,
                            const struct search_client *client);
/* Ends the matchers. NULL is allowed; also from inside of `done`. */
void search_stop(struct search *search);

#endif
