/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/attempt.h"

#include "core/wire/wipe.h"
#include "toyamad/age.h"
#include "toyamad/decoy.h"
#include "toyamad/log.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

uint64_t attempt_clock(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * 1000000 + (uint64_t)ts.tv_nsec / 1000;
}

void attempt_args(const struct attempt *a, struct args *args)
{
    *args = (struct args){0};
    args_add(args, "ext", ARG_TEXT, a->broker->config.policy.extension);
}

void attempt_message(struct attempt *a, const char *msg, const struct args *args)
{
    struct args standard;

    if (a->client == NULL)
        return;
    if (args == NULL) {
        attempt_args(a, &standard);
        args = &standard;
    }
    client_info(a->client, msg, args);
}

/* Whose turn it was to act when the time ran out decides what is said. */
static void on_waited_out(struct attempt *a)
{
    switch (a->state) {
    case ATTEMPT_QUEUED:
    case ATTEMPT_CARD:
        if (a->waiting == CARD_NO_SERVICE)
            attempt_fail(a, CAUSE_NO_SERVICE);
        else if (a->waiting == CARD_NO_READER)
            attempt_fail(a, CAUSE_NO_READER);
        else if (a->waiting == CARD_IN_USE)
            attempt_fail(a, CAUSE_CARD_IN_USE);
        else if (a->waiting == CARD_MUTE)
            attempt_fail(a, CAUSE_CARD_UNREADABLE);
        else
            attempt_fail(a, (enum attempt_cause)DECISION_TIME);
        break;
    case ATTEMPT_PIN:
    case ATTEMPT_SECRET:
        attempt_fail(a, CAUSE_NO_PIN);
        break;
    case ATTEMPT_HINT:
    case ATTEMPT_LOOK:
    case ATTEMPT_MATCH:
    case ATTEMPT_PROVE:
    case ATTEMPT_PROVE_PIN:
    case ATTEMPT_NEXT:
        attempt_fail(a, CAUSE_CARD_UNREADABLE);
        break;
    case ATTEMPT_TOKEN:
        attempt_fail(a, CAUSE_TOKEN_UNREADABLE);
        break;
    case ATTEMPT_SENSOR:
    case ATTEMPT_FINGER:
        attempt_finger_waited_out(a);
        break;
    case ATTEMPT_DONE:
        break;
    }
}

static int on_wait(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    on_waited_out(userdata);
    return 0;
}

static int on_total(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    on_waited_out(userdata);
    return 0;
}

static bool set_timer(struct attempt *a, sd_event_source **timer, uint64_t usec,
                      sd_event_time_handler_t handler)
{
    *timer = sd_event_source_disable_unref(*timer);
    return sd_event_add_time_relative(a->broker->event, timer, CLOCK_MONOTONIC, usec, 0, handler,
                                      a) >= 0;
}

void attempt_arm(struct attempt *a, uint32_t seconds)
{
    if (!set_timer(a, &a->wait, seconds * UINT64_C(1000000), on_wait))
        attempt_fail(a, CAUSE_INTERNAL);
}

void attempt_wait_begin(struct attempt *a)
{
    attempt_wait_end(a);
    a->wait_since = attempt_clock();
    a->awaiting = true;
}

void attempt_wait_end(struct attempt *a)
{
    if (a->awaiting)
        a->waited += attempt_clock() - a->wait_since;
    a->awaiting = false;
}

static bool read_fields(struct attempt *a, const struct frame *f)
{
    const struct {
        unsigned field;
        char *out;
    } text[] = {{AUTH_F_SERVICE, a->service},
                {AUTH_F_USER, a->user},
                {AUTH_F_TTY, a->tty},
                {AUTH_F_RHOST, a->rhost},
                {AUTH_F_RUSER, a->ruser}};

    for (size_t n = 0; n < sizeof(text) / sizeof(text[0]); n++)
        if (frame_has(f, text[n].field) &&
            frame_text(f, text[n].field, text[n].out, AUTH_NAME_MAX) != WIRE_OK)
            return false;
    a->has_user = frame_has(f, AUTH_F_USER);
    return true;
}

void attempt_look_at_origin(struct attempt *a)
{
    a->origin = ORIGIN_HERE;
    a->evidence.local = true;
    if (policy_listed(a->broker->config.policy.remote, a->service))
        return;
    if (a->rhost[0] != '\0')
        a->origin = ORIGIN_REMOTE;
    else
        a->origin = a->client == NULL ? ORIGIN_UNKNOWN
                                      : origin_of_peer(a->client->fd, attempt_of_a_user(a));
    a->evidence.local = a->origin == ORIGIN_HERE;
}

static void set_evidence(struct attempt *a)
{
    struct broker *b = a->broker;

    a->roster_old = age_refuses(b);
    a->evidence.roster_good = b->registry_good && !a->roster_old;
    a->evidence.clock_good = b->registry_good && broker_clock_good(b);
    attempt_look_at_origin(a);
    a->evidence.in_time = true;
    a->pin_late = b->decoy != NULL && b->decoy->pinless_until >= broker_now(b);
}

static void begin_devices(struct attempt *a)
{
    struct args args;

    attempt_look_at_origin(a);
    if (!a->evidence.local) {
        attempt_conclude(a);
        return;
    }
    a->broker->device_owner = a;
    a->state = ATTEMPT_CARD;
    attempt_args(a, &args);
    attempt_message(a, attempt_wants_token(a) ? "X63" : "M01", &args);
    attempt_arm(a, a->broker->config.policy.card_wait);
    if (a->state != ATTEMPT_DONE)
        attempt_card_begin(a);
    if (a->state != ATTEMPT_DONE && attempt_wants_token(a))
        attempt_token_begin(a);
    if (a->state != ATTEMPT_DONE)
        attempt_finger_warm(a);
}

static void begin_or_wait(struct attempt *a);

static int on_throttled(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct attempt *a = userdata;

    (void)source;
    (void)usec;
    if (a->state == ATTEMPT_QUEUED)
        begin_or_wait(a);
    return 0;
}

static void begin_or_wait(struct attempt *a)
{
    struct broker *b = a->broker;
    uint64_t wait = throttle_wait(&b->throttle, &b->config.policy, attempt_clock());

    if (b->device_owner != NULL) {
        attempt_message(a, "X21", NULL);
        attempt_arm(a, b->config.policy.card_wait);
    } else if (wait == 0) {
        begin_devices(a);
    } else if (!set_timer(a, &a->wait, wait, on_throttled)) {
        attempt_fail(a, CAUSE_INTERNAL);
    }
}

void attempt_next_in_queue(struct broker *b)
{
    struct attempt *next = NULL;

    for (struct client *c = b->clients; c != NULL; c = c->next)
        if (!c->closing && c->attempt != NULL && c->attempt->state == ATTEMPT_QUEUED &&
            (next == NULL || c->attempt->started < next->started))
            next = c->attempt;
    if (next != NULL && b->device_owner == NULL)
        begin_or_wait(next);
}

/* What needs no device is refused before one is touched. */
static bool refused_early(struct attempt *a)
{
    if (!a->broker->config_good)
        attempt_fail(a, CAUSE_CONFIG);
    else if (!a->evidence.roster_good)
        attempt_fail(a, a->roster_old ? CAUSE_ROSTER_OLD : CAUSE_REGISTRY);
    else if (!a->evidence.local || !a->evidence.clock_good)
        attempt_conclude(a);
    else
        return false;
    return true;
}

bool attempt_of_a_user(const struct attempt *a)
{
    return a->ruser[0] != '\0' && strcmp(a->ruser, "root") != 0;
}

/* All attempts, or those of one requester. */
static size_t count_attempts(const struct broker *b, const char *ruser)
{
    size_t count = 0;

    for (const struct client *c = b->clients; c != NULL; c = c->next)
        if (!c->closing && c->attempt != NULL &&
            (ruser == NULL || strcmp(c->attempt->ruser, ruser) == 0))
            count++;
    return count;
}

/* One user's many sudos must not keep everybody else from the queue. */
static bool asks_too_often(const struct attempt *a)
{
    return attempt_of_a_user(a) && count_attempts(a->broker, a->ruser) > BROKER_PER_USER_MAX;
}

void attempt_start(struct client *c, const struct frame *f)
{
    struct attempt *a = calloc(1, sizeof(*a));
    bool full = count_attempts(c->broker, NULL) >= BROKER_ATTEMPTS_MAX;

    if (a == NULL || full) {
        log_warning("an attempt was refused: %s", full ? "too many wait" : "out of memory");
        free(a);
        client_close(c);
        return;
    }
    *a = (struct attempt){.broker = c->broker, .client = c, .started = attempt_clock()};
    c->attempt = a;
    if (!read_fields(a, f) || crypto_random(a->id, sizeof(a->id)) != CRYPTO_OK) {
        log_warning("auth.sock: pid %d sent a name that is not plain text", (int)c->pid);
        attempt_fail(a, CAUSE_INTERNAL);
        return;
    }
    if (asks_too_often(a)) {
        attempt_fail(a, CAUSE_CROWD);
        return;
    }
    set_evidence(a);
    if (refused_early(a))
        return;
    if (!set_timer(a, &a->total, a->broker->config.policy.total * UINT64_C(1000000), on_total)) {
        attempt_fail(a, CAUSE_INTERNAL);
        return;
    }
    attempt_find_by_login(a);
    begin_or_wait(a);
}

void attempt_answer(struct attempt *a, const struct frame *f)
{
    size_t len = f->field[AUTH_F_SECRET].len;

    if (a->state != ATTEMPT_PIN && a->state != ATTEMPT_SECRET) {
        client_close(a->client);
        return;
    }
    attempt_wait_end(a);
    if (!frame_has(f, AUTH_F_SECRET) || len == 0) {
        attempt_fail(a, CAUSE_NO_PIN);
        return;
    }
    if (len >= sizeof(a->pin) || memchr(f->field[AUTH_F_SECRET].val, 0, len) != NULL) {
        attempt_fail(a, CAUSE_PIN_FORMAT);
        return;
    }
    memcpy(a->pin, f->field[AUTH_F_SECRET].val, len);
    a->pin[len] = '\0';
    a->have_pin = true;
    if (a->state == ATTEMPT_SECRET)
        attempt_secret_typed(a);
    else
        attempt_card_resume(a);
}

void attempt_abandon(struct attempt *a)
{
    a->client = NULL;
    attempt_fail(a, CAUSE_ABANDONED);
}
