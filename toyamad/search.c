/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/search.h"

#include "toyamad/log.h"
#include "toyamad/search_private.h"

#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TICK_USEC     UINT64_C(1000000)
#define START_SECONDS 15 /* of a matcher */
#define WORK_SECONDS  90 /* of one COMPARE, which takes a few */
#define SECOND        UINT64_C(1000000)

static void close_lanes(struct search *s)
{
    for (size_t n = 0; n < s->lanes; n++)
        fingerlink_close(&s->lane[n].link);
}

/* The client hears of it later: it may end everything, and somebody here may still be at work. */
static void finish(struct search *s)
{
    s->ended = true;
    close_lanes(s);
    s->tick = sd_event_source_disable_unref(s->tick);
    sd_event_source_set_enabled(s->finish, SD_EVENT_ONESHOT);
}

void search_fail(struct search *s, enum search_result result, const char *what)
{
    if (s->ended)
        return;
    s->outcome.result = result;
    s->outcome.what = what;
    finish(s);
}

static int on_finish(sd_event_source *source, void *userdata)
{
    struct search *s = userdata;

    (void)source;
    s->client.done(s->client.ctx, &s->outcome);
    return 0;
}

static uint64_t now_usec(const struct search *s)
{
    uint64_t now = 0;

    sd_event_now(s->broker->event, CLOCK_MONOTONIC, &now);
    return now;
}

static unsigned percent_of(const struct search *s)
{
    size_t percent = s->total == 0 ? 0 : s->compared * 100 / s->total;

    return percent > 99 ? 99 : (unsigned)percent;
}

static void check_lanes(struct search *s, uint64_t now)
{
    for (size_t n = 0; n < s->lanes && !s->ended; n++) {
        const struct lane *lane = &s->lane[n];
        uint64_t seconds = lane->state == LANE_STARTING ? START_SECONDS : WORK_SECONDS;
        if (lane->state != LANE_IDLE && now > lane->since + seconds * SECOND)
            search_fail(s, SEARCH_BROKEN, "a matcher does not answer");
    }
}

static int on_tick(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct search *s = userdata;
    unsigned percent = percent_of(s);

    (void)usec;
    check_lanes(s, now_usec(s));
    if (s->ended)
        return 0;
    if (sd_event_source_set_time_relative(source, TICK_USEC) < 0 ||
        sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0)
        search_fail(s, SEARCH_BROKEN, "no timer");
    else if (percent != s->told)
        s->client.progress(s->client.ctx, percent);
    s->told = percent;
    return 0;
}

static void begin_batch(struct search *s, struct lane *lane)
{
    bool sweeps = s->phase == PHASE_SWEEP;
    uint32_t presses = sweeps ? SEARCH_SWEEP_PRESSES : s->subject.pictures->count;

    search_feed(s, lane);
    if (s->ended || lane->sent == 0)
        return;
    if (presses > s->subject.pictures->count)
        presses = s->subject.pictures->count;
    lane->state = LANE_BUSY;
    lane->since = now_usec(s);
    fingerlink_compare(&lane->link, presses, sweeps ? SEARCH_SWEEP_SAMPLES : SEARCH_LOOK_SAMPLES,
                       lane->left_out);
}

static bool is_busy(const struct search *s)
{
    for (size_t n = 0; n < s->lanes; n++)
        if (s->lane[n].state == LANE_BUSY)
            return true;
    return false;
}

static void give_work(struct search *s)
{
    for (size_t n = 0; n < s->lanes && !s->ended; n++)
        if (s->lane[n].state == LANE_IDLE)
            begin_batch(s, &s->lane[n]);
}

/* Keeps the best of those who are alike, most pairs first. */
static void keep_best(struct search *s, const struct search_found *one)
{
    struct search_found *found = s->outcome.found;
    size_t at = s->outcome.count < SEARCH_FOUND_MAX ? s->outcome.count++ : SEARCH_FOUND_MAX - 1;

    if (at == SEARCH_FOUND_MAX - 1 && found[at].hit.pairs >= one->hit.pairs)
        return;
    for (; at > 0 && found[at - 1].hit.pairs < one->hit.pairs; at--)
        found[at] = found[at - 1];
    found[at] = *one;
}

/* Drops those that are not alike. */
static void keep_alike(struct search *s)
{
    uint32_t presses = s->subject.pictures->count;
    size_t kept = 0;

    for (size_t n = 0; n < s->candidates; n++)
        if (search_rule_alike(&s->candidate[n].hit, presses, s->candidate[n].prints))
            s->candidate[kept++] = s->candidate[n];
    s->candidates = kept;
}

static void report(struct search *s)
{
    const uint32_t presses = s->subject.pictures->count;
    size_t firm = 0;

    for (size_t n = 0; n < s->candidates; n++) {
        const struct candidate *one = &s->candidate[n];
        struct search_found found = {one->hit,
                                     search_rule_alone(&one->hit, one->firm, presses, one->prints)};
        if (search_rule_firm(one->firm, presses, one->prints)) {
            keep_best(s, &found);
            firm++;
        }
    }
    log_notice("finger search: %zu of %zu templates compared by %zu matchers, %zu hit, %zu alike, "
               "%zu to confirm",
               s->compared, s->total, s->lanes, s->hits, s->candidates, firm);
    s->outcome.compared = s->compared;
    finish(s);
}

/* Another walk over the records, or the end of the sweep. */
static void end_sweep(struct search *s)
{
    int err = search_walk_again(&s->walk);

    if (err == REGISTRY_NONE) {
        s->phase = PHASE_LOOK;
        s->hits = s->candidates;
    } else if (err == REGISTRY_LIMIT) {
        search_fail(s, SEARCH_RESTLESS, "");
    } else if (err != REGISTRY_OK) {
        s->outcome.err = err;
        search_fail(s, SEARCH_STORE, "");
    }
}

/* All lanes are idle and have got all that there was. False: that was the end. */
static bool next_phase(struct search *s)
{
    if (s->phase == PHASE_SWEEP) {
        end_sweep(s);
    } else if (s->phase == PHASE_LOOK) {
        keep_alike(s);
        s->phase = PHASE_FIRM;
    } else {
        report(s);
    }
    s->next = 0;
    s->batch = s->phase == PHASE_SWEEP ? s->batch : 1;
    return !s->ended;
}

/* A matcher that starts late gets its share of what is left; nobody waits for it. */
static void advance(struct search *s)
{
    do
        give_work(s);
    while (!s->ended && !is_busy(s) && next_phase(s));
}

static void name_owner(struct search *s, const uint8_t *id)
{
    struct roster_record owner;

    if (registry_template_owner(&s->broker->registry, id, &owner) == REGISTRY_OK)
        memcpy(s->outcome.number, owner.number, sizeof(s->outcome.number));
}

static void on_compared(struct search *s, struct lane *lane, const struct finger_event *e)
{
    if (e->count != lane->sent) {
        search_fail(s, SEARCH_BROKEN, "a matcher left templates out");
        return;
    }
    if (s->phase == PHASE_SWEEP)
        s->compared += lane->sent;
    lane->state = LANE_IDLE;
    search_take_hits(s, e);
    if (!s->ended)
        advance(s);
}

static void on_lane(void *ctx, const struct finger_event *e)
{
    struct lane *lane = ctx;
    struct search *s = lane->search;

    if (s->ended)
        return;
    if (e->type == FINGER_READY && lane->state == LANE_STARTING) {
        lane->state = LANE_IDLE;
        if (search_pictures_send(s->subject.pictures, &lane->link))
            advance(s);
        else
            search_fail(s, SEARCH_BROKEN, "a matcher takes no pictures");
    } else if (e->type == FINGER_COMPARED && lane->state == LANE_BUSY) {
        on_compared(s, lane, e);
    } else if (e->type == FINGER_FAILED && e->reason == FINGER_BAD_TEMPLATE && e->has_id) {
        name_owner(s, e->id);
        search_fail(s, SEARCH_UNUSABLE, "");
    } else {
        search_fail(s, SEARCH_BROKEN, "a matcher ended, failed or spoke out of turn");
    }
}

/* Processors that this process may use. */
static size_t processors(void)
{
    cpu_set_t set;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof(set), &set) != 0 || CPU_COUNT(&set) < 1)
        return 1;
    return (size_t)CPU_COUNT(&set);
}

static size_t at_most(size_t n, size_t most)
{
    return n < most ? n : most;
}

static void start_lanes(struct search *s)
{
    size_t wanted = at_most(at_most(processors(), SEARCH_LANES_MAX), s->total);

    s->batch = at_most(s->total / (2 * (wanted > 0 ? wanted : 1)) + 1, FINGER_COMPARE_MAX);
    while (s->lanes < wanted && !s->ended) {
        struct lane *lane = &s->lane[s->lanes];
        *lane = (struct lane){.search = s, .since = now_usec(s)};
        if (!fingerlink_matcher(&lane->link, s->broker, s->subject.attempt, on_lane, lane)) {
            search_fail(s, SEARCH_BROKEN, "a matcher could not be started");
            return;
        }
        s->lanes++;
    }
    if (wanted == 0)
        report(s);
}

static bool add_sources(struct search *s)
{
    sd_event *event = s->broker->event;

    return sd_event_add_defer(event, &s->finish, on_finish, s) >= 0 &&
           sd_event_source_set_enabled(s->finish, SD_EVENT_OFF) >= 0 &&
           sd_event_add_time_relative(event, &s->tick, CLOCK_MONOTONIC, TICK_USEC, 0, on_tick, s) >=
               0;
}

struct search *search_start(struct broker *broker, const struct search_subject *subject,
                            const struct search_client *client)
{
    struct search *s = calloc(1, sizeof(*s));

    if (s == NULL)
        return NULL;
    s->broker = broker;
    s->subject = *subject;
    s->client = *client;
    if (!add_sources(s) || !search_walk_begin(&s->walk, &broker->registry) ||
        registry_template_count(&broker->registry, &s->total) != REGISTRY_OK) {
        search_stop(s);
        return NULL;
    }
    start_lanes(s);
    return s;
}

void search_stop(struct search *s)
{
    if (s == NULL)
        return;
    close_lanes(s);
    sd_event_source_disable_unref(s->tick);
    sd_event_source_disable_unref(s->finish);
    search_walk_end(&s->walk);
    free(s->candidate);
    free(s);
}
