/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/task.h"

#include "core/wire/wipe.h"
#include "toyamad/attempt.h"
#include "toyamad/decoy.h"
#include "toyamad/log.h"
#include "toyamad/station/stops.h"
#include "toyamad/verb_station.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DETAIL_MAX 512
#define ROW_MAX    (FRAME_WORK_MAX / 2)
#define ROW_EXTRA  16 /* octets of a frame around its pairs */

static int on_free(sd_event_source *source, void *userdata)
{
    struct task *t = userdata;

    (void)source;
    sd_event_source_disable_unref(t->defer);
    wire_wipe(t, sizeof(*t));
    free(t);
    return 0;
}

static void release(struct task *t)
{
    struct broker *b = t->broker;
    struct client *c = t->client;

    t->done = true;
    if (t->works && c != NULL)
        operator_stir(b, c->uid);
    cardlink_close(&t->card);
    tokenlink_close(&t->token);
    fingerlink_close(&t->finger);
    finger_release(t);
    t->wait = sd_event_source_disable_unref(t->wait);
    if (t->fd >= 0)
        close(t->fd);
    t->fd = -1;
    wire_wipe(t->pin, sizeof(t->pin));
    wire_wipe(t->fresh, sizeof(t->fresh));
    wire_wipe(t->approve.pin, sizeof(t->approve.pin));
    wire_wipe(t->shared, sizeof(t->shared));
    if (t->drop != NULL)
        t->drop(t->work);
    t->drop = NULL;
    t->client = NULL;
    if (c != NULL) {
        c->task = NULL;
        client_close(c);
    }
    if (sd_event_add_defer(b->event, &t->defer, on_free, t) < 0)
        log_error("out of memory: a call is not freed");
    if (b->device_owner == t) {
        b->device_owner = NULL;
        attempt_next_in_queue(b);
    }
}

static void tell_of_failure(struct task *t, enum admin_result result, const char *msg)
{
    void (*failed)(struct task * t, enum admin_result result, const char *msg) = t->failed;

    t->failed = NULL;
    if (failed != NULL && result != ADMIN_OK)
        failed(t, result, msg);
}

static void send_frame(struct task *t, struct frame_out *out, const uint8_t *buf)
{
    size_t len = 0;

    if (t->client != NULL && frame_end(out, &len) == WIRE_OK)
        client_send(t->client, buf, len);
}

__attribute__((format(printf, 5, 0))) static void finish(struct task *t, enum admin_result result,
                                                         const char *msg, const struct args *args,
                                                         const char *format, va_list ap)
{
    uint8_t buf[4096], encoded[2048];
    struct frame_out out = frame_begin(buf, sizeof(buf), ADMIN_DONE);
    char detail[DETAIL_MAX] = "";
    size_t len = 0;

    if (t->done)
        return;
    tell_of_failure(t, result, msg);
    vsnprintf(detail, sizeof(detail), format, ap);
    frame_put_u32(&out, ADMIN_F_RESULT, (uint32_t)result);
    if (msg != NULL)
        frame_put_text(&out, ADMIN_F_MSG, msg);
    if (args != NULL && args->count > 0 &&
        args_encode(args, encoded, sizeof(encoded), &len) == WIRE_OK)
        frame_put(&out, ADMIN_F_ARGS, encoded, len);
    if (detail[0] != '\0')
        frame_put_text(&out, ADMIN_F_DETAIL, detail);
    if (result != ADMIN_OK)
        log_warning("%s: %s", t->verb, detail);
    send_frame(t, &out, buf);
    release(t);
}

void task_done(struct task *t, enum admin_result result, const char *msg, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    finish(t, result, msg, NULL, format, ap);
    va_end(ap);
}

void task_done_with(struct task *t, enum admin_result result, const char *msg,
                    const struct args *args, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    finish(t, result, msg, args, format, ap);
    va_end(ap);
}

void task_done_saying(struct task *t, const char *msg, const struct args *args)
{
    task_done_with(t, ADMIN_OK, msg, args, "%s", "");
}

void task_done_until(struct task *t, const char *msg, const char *key, const char *person,
                     int64_t until)
{
    struct args args = {0};
    char time[20];

    broker_local_time(until, time, 17);
    args_add(&args, key, ARG_TEXT, person);
    args_add(&args, "time", ARG_TIME, time);
    task_done_saying(t, msg, &args);
}

/* A row may hold a secret that is shown once. */
void task_row(struct task *t, const struct admin_pairs *row)
{
    uint8_t encoded[ROW_MAX];
    uint8_t buf[ROW_MAX + ROW_EXTRA];
    struct frame_out out = frame_begin(buf, sizeof(buf), ADMIN_ROW);
    size_t len = 0;

    if (admin_pairs_encode(row, encoded, sizeof(encoded), &len) != WIRE_OK)
        return;
    frame_put(&out, ADMIN_F_PAIRS, encoded, len);
    send_frame(t, &out, buf);
    wire_wipe(encoded, len);
    wire_wipe(buf, len + ROW_EXTRA);
}

static void send_message(struct task *t, enum admin_type type, const char *msg,
                         const struct args *args)
{
    uint8_t buf[4096], encoded[2048];
    struct frame_out out = frame_begin(buf, sizeof(buf), (uint8_t)type);
    size_t len = 0;

    frame_put_text(&out, ADMIN_F_MSG, msg);
    if (args != NULL && args_encode(args, encoded, sizeof(encoded), &len) == WIRE_OK)
        frame_put(&out, ADMIN_F_ARGS, encoded, len);
    send_frame(t, &out, buf);
}

void task_event(struct task *t, const char *msg, const struct args *args)
{
    send_message(t, ADMIN_EVENT, msg, args);
}

void task_ask(struct task *t, const char *msg)
{
    send_message(t, ADMIN_ASK, msg, NULL);
}

static int on_wait(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct task *t = userdata;

    (void)source;
    (void)usec;
    if (!t->done && t->ops != NULL && t->ops->late != NULL)
        t->ops->late(t);
    return 0;
}

void task_arm(struct task *t, uint32_t seconds)
{
    t->wait = sd_event_source_disable_unref(t->wait);
    if (sd_event_add_time_relative(t->broker->event, &t->wait, CLOCK_MONOTONIC,
                                   seconds * UINT64_C(1000000), 0, on_wait, t) < 0)
        task_done(t, ADMIN_FAILED, NULL, "out of memory");
}

bool task_take_devices(struct task *t)
{
    if (t->broker->device_owner != NULL) {
        task_done(t, ADMIN_UNAVAILABLE, "X21", "a login or another call is using the devices");
        return false;
    }
    t->broker->device_owner = t;
    return true;
}

void task_abandon(struct task *t)
{
    if (!t->done)
        tell_of_failure(t, ADMIN_UNAVAILABLE, NULL);
    t->client = NULL;
    if (!t->done)
        release(t);
}

const char *task_get(const struct task *t, const char *key)
{
    const char *value = admin_pair_get(&t->pairs, key);

    return value != NULL ? value : "";
}

void task_fail_registry(struct task *t, int err)
{
    enum admin_result result = ADMIN_FAILED;

    if (err == REGISTRY_NONE)
        result = ADMIN_NOT_FOUND;
    else if (err == REGISTRY_EXISTS)
        result = ADMIN_EXISTS;
    else if (err == REGISTRY_LIMIT)
        result = ADMIN_USAGE;
    else if (err == REGISTRY_TAKEN)
        result = ADMIN_REFUSED;
    task_done(t, result, err == REGISTRY_TAKEN ? "H70" : NULL, "%s", registry_strerror(err));
}

bool task_find_person(struct task *t)
{
    const char *person = task_get(t, "person");
    int err = registry_by_number(&t->broker->registry, person, &t->person);

    if (err == REGISTRY_NONE)
        err = registry_by_login(&t->broker->registry, person, &t->person);
    if (err == REGISTRY_OK)
        return true;
    if (err == REGISTRY_SHARED)
        task_done(t, ADMIN_USAGE, NULL, "several people have the login \"%s\": give a staff number",
                  person);
    else if (err == REGISTRY_NONE)
        task_done(t, ADMIN_NOT_FOUND, NULL, "nobody has the staff number or login \"%s\"", person);
    else
        task_fail_registry(t, err);
    return false;
}

bool task_reload_person(struct task *t)
{
    struct roster_record now;
    int err = registry_by_id(&t->broker->registry, t->person.id, &now);

    if (err == REGISTRY_OK)
        t->person = now;
    else
        task_fail_registry(t, err);
    return err == REGISTRY_OK;
}

/* What the station enrols can be stopped in every zone. */
static int give_stop_codes(struct task *t)
{
    struct station st;

    if (t->broker->config.roster.kind != REGISTER_STATION)
        return REGISTRY_OK;
    verb_station_fill(t, &st);
    return stops_assign(&st, &t->person);
}

bool task_store_open(struct task *t, struct chain_event *event)
{
    struct broker *b = t->broker;
    struct registry_change change = {0};
    int err = give_stop_codes(t);

    registry_by(&b->registry, t->operator.id);
    if (err == REGISTRY_OK &&
        (err = registry_put(&b->registry, &t->person, broker_now(b), &change)) == REGISTRY_OK &&
        (err = audit_append(&b->audit, event, broker_now(b))) == REGISTRY_OK &&
        (err = registry_commit(&b->registry)) == REGISTRY_OK) {
        registry_settle(&b->registry, &change);
        decoy_put(b->decoy, &t->person);
        audit_settle(&b->audit);
        return true;
    }
    registry_rollback(&b->registry);
    registry_drop(&change);
    audit_forget(&b->audit);
    task_fail_registry(t, err);
    return false;
}

bool task_store(struct task *t, struct chain_event *event)
{
    int err;

    audit_ready(&t->broker->audit);
    err = registry_begin(&t->broker->registry);
    if (err == REGISTRY_OK)
        return task_store_open(t, event);
    task_fail_registry(t, err);
    return false;
}

bool task_event_only(struct task *t, struct chain_event *event)
{
    int err = audit_write(&t->broker->audit, event, broker_now(t->broker));

    if (err != REGISTRY_OK)
        task_done(t, ADMIN_FAILED, NULL, "the event could not be recorded: %s",
                  registry_strerror(err));
    return err == REGISTRY_OK;
}

void task_list(struct task *t, const char *kind,
               bool (*each)(void *t, const struct roster_record *r))
{
    struct chain_event event = {0};
    bool all = task_get(t, "person")[0] == '\0';
    int err = REGISTRY_OK;

    if (!all && !task_find_person(t))
        return;
    snprintf(event.kind, sizeof(event.kind), "%s", kind);
    if (!all)
        chain_event_add(&event, "person", t->person.number);
    chain_event_add(&event, "operator", t->operator.number);
    if (!task_event_only(t, &event))
        return;
    if (all)
        err = registry_each_by_number(&t->broker->registry, each, t);
    else
        each(t, &t->person);
    if (err == REGISTRY_OK)
        task_done(t, ADMIN_OK, NULL, "%s", "");
    else
        task_fail_registry(t, err);
}
