/* SPDX-License-Identifier: Apache-2.0
 *
 * Shared by search.c (lanes and phases) and search_feed.c (templates and hits).
 */
#ifndef TOYAMA_TOYAMAD_SEARCH_PRIVATE_H
#define TOYAMA_TOYAMAD_SEARCH_PRIVATE_H

#include "toyamad/search.h"
#include "toyamad/search_walk.h"

#define SEARCH_LANES_MAX      8
#define SEARCH_CANDIDATES_MAX 4096

enum lane_state { LANE_STARTING, LANE_IDLE, LANE_BUSY };

/* A template that was hit. */
struct candidate {
    struct finger_hit hit; /* in the sweep, then in the look */
    uint32_t prints;       /* of the template; known once it was looked at */
    uint32_t firm;         /* pairs that matched without a quarter, of all four times */
};

enum phase { PHASE_SWEEP, PHASE_LOOK, PHASE_FIRM };

/* One matcher. */
struct lane {
    struct search *search;
    struct fingerlink link;
    enum lane_state state;
    size_t sent;       /* templates of the running COMPARE */
    uint32_t left_out; /* its quarter */
    uint64_t since;    /* microseconds, monotonic: when it was last given something to do */
};

struct search {
    struct broker *broker;
    struct search_subject subject;
    struct search_client client;
    struct search_outcome outcome;
    struct lane lane[SEARCH_LANES_MAX];
    size_t lanes;
    size_t batch; /* templates of one COMPARE */
    enum phase phase;
    struct search_walk walk;
    struct candidate *candidate;
    size_t candidates, hits; /* those that are left; those that the sweep hit */
    size_t next;             /* candidate; in PHASE_FIRM four times as many */
    size_t total, compared;  /* templates in the store; those the sweep has behind it */
    unsigned told;           /* percent */
    sd_event_source *tick, *finish;
    bool ended;
};

/* Ends the search; the first result stands. */
void search_fail(struct search *s, enum search_result result, const char *what);

/* Gives the lane its next templates and sets `sent`; none where the phase has no more. */
void search_feed(struct search *s, struct lane *lane);
/* What a lane found. */
void search_take_hits(struct search *s, const struct finger_event *e);

#endif
