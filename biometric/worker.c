/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/worker.h"

#include "core/wire/wipe.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define RETRIES_MAX 30  /* unreadable presses a request; the broker counts the tries that matter */
#define REARM_MS    100 /* after an unreadable press: a sensor that only fails must not spin */
#define CLOSE_MS    150

static gboolean on_close_late(gpointer user)
{
    struct worker *worker = user;

    worker->hung = true;
    g_main_loop_quit(worker->loop);
    return G_SOURCE_REMOVE;
}

static void on_sensor_closed(void *user)
{
    struct worker *worker = user;

    g_main_loop_quit(worker->loop);
}

static void begin_closing(struct worker *worker)
{
    if (worker->state == WORKER_CLOSING)
        return;
    worker->state = WORKER_CLOSING;
    g_timeout_add(CLOSE_MS, on_close_late, worker);
    if (worker->sensor != NULL)
        sensor_close(worker->sensor, on_sensor_closed, worker);
    else
        g_main_loop_quit(worker->loop);
}

static gboolean on_signal(gpointer user)
{
    begin_closing(user);
    return G_SOURCE_CONTINUE;
}

static void on_channel_closed(void *user, const char *why)
{
    struct worker *worker = user;

    if (why != NULL) {
        fprintf(stderr, "toyama-finger: %s\n", why);
        worker->status = 1;
    }
    begin_closing(worker);
}

static void break_protocol(struct worker *worker, const char *what)
{
    fprintf(stderr, "toyama-finger: the broker broke the protocol: %s\n", what);
    worker->status = 1;
    begin_closing(worker);
}

struct frame_out *worker_answer(struct worker *worker, uint8_t type)
{
    struct frame_out *out = channel_begin(worker->channel, type);

    frame_put(out, FINGER_F_ATTEMPT, worker->attempt, sizeof(worker->attempt));
    if (worker->now.type != 0)
        frame_put(out, FINGER_F_NONCE, worker->now.nonce, sizeof(worker->now.nonce));
    return out;
}

void worker_send(struct worker *worker)
{
    channel_send(worker->channel);
}

void worker_press_report(struct worker *worker, enum finger_press result, size_t stage,
                         size_t stages)
{
    struct frame_out *out = worker_answer(worker, FINGER_PRESS);

    frame_put_u32(out, FINGER_F_STAGE, (uint32_t)stage);
    frame_put_u32(out, FINGER_F_STAGES, (uint32_t)stages);
    frame_put_u32(out, FINGER_F_RESULT, result);
    worker_send(worker);
}

void worker_done(struct worker *worker)
{
    if (worker->state == WORKER_WORKING)
        worker->state = WORKER_READY;
    worker->served = worker->now.type;
    worker->now = (struct worker_request){0};
    worker->gallery_used = true;
    enroll_end(&worker->enroll);
    verify_end(&worker->verify);
    matcher_end(&worker->matcher);
}

void worker_fail(struct worker *worker, enum finger_reason reason, const uint8_t *id)
{
    struct frame_out *out = worker_answer(worker, FINGER_FAILED);

    if (id != NULL)
        frame_put(out, FINGER_F_ID, id, FINGER_ID_LEN);
    frame_put_u32(out, FINGER_F_REASON, reason);
    worker_send(worker);
    worker_done(worker);
}

bool worker_count_retry(struct worker *worker)
{
    worker->unread = true;
    return ++worker->retries <= RETRIES_MAX;
}

static void step(struct worker *worker)
{
    worker->unread = false;
    if (worker->now.type == FINGER_ENROLL)
        enroll_step(worker);
    else if (worker->now.type == FINGER_COMPARE)
        matcher_step(worker);
    else
        verify_step(worker);
}

static void begin_request(struct worker *worker)
{
    worker->state = WORKER_WORKING;
    worker->retries = 0;
    if (worker->gallery_used &&
        (worker->now.type != FINGER_VERIFY || worker->served != FINGER_VERIFY))
        gallery_clear(worker->gallery);
    worker->gallery_used = true;
    if (worker->gallery->spoiled)
        worker_fail(worker, FINGER_BAD_TEMPLATE, worker->gallery->spoiler);
    else if (worker->now.type == FINGER_ENROLL)
        enroll_begin(worker);
    else if (worker->now.type == FINGER_COMPARE)
        matcher_begin(worker);
    else
        verify_begin(worker);
}

static void on_judged(void *user, const struct sensor_press *press)
{
    struct worker *worker = user;

    if (worker->state != WORKER_WORKING)
        return;
    if (worker->now.type == FINGER_ENROLL)
        enroll_judge(worker, press);
    else if (worker->now.type == FINGER_COMPARE)
        matcher_judge(worker, press);
    else
        verify_judge(worker, press);
}

static gboolean on_rearm(gpointer user)
{
    struct worker *worker = user;

    worker->rearm_timer = 0;
    if (worker->state == WORKER_WORKING && !sensor_busy(worker->sensor))
        step(worker);
    return G_SOURCE_REMOVE;
}

static void on_ended(void *user)
{
    struct worker *worker = user;

    if (worker->state == WORKER_WORKING && worker->rearm_timer == 0) {
        worker->rearm_timer = g_timeout_add(worker->unread ? REARM_MS : 0, on_rearm, worker);
    } else if (worker->state == WORKER_READY && worker->next.type != 0) {
        worker->now = worker->next;
        worker->next = (struct worker_request){0};
        begin_request(worker);
    }
}

static void send_ready(struct worker *worker)
{
    FpDevice *device = sensor_device(worker->sensor);
    struct frame_out *out = worker_answer(worker, FINGER_READY);

    frame_put_text(out, FINGER_F_DRIVER, fp_device_get_driver(device));
    frame_put_text(out, FINGER_F_DEVICE, sensor_device_id(worker->sensor));
    frame_put_text(out, FINGER_F_NAME, fp_device_get_name(device));
    frame_put_u32(out, FINGER_F_STAGES, (uint32_t)enroll_stages(worker->sensor));
    frame_put_u32(out, FINGER_F_PICTURES, sensor_compares(worker->sensor) ? 1 : 0);
    worker_send(worker);
}

static void on_opened(void *user, enum finger_reason reason)
{
    struct worker *worker = user;

    if (worker->state != WORKER_OPENING)
        return;
    if (reason == 0 && worker->matcher.on && !matcher_opened(worker))
        reason = FINGER_INTERNAL;
    if (reason != 0) {
        worker_fail(worker, reason, NULL);
        begin_closing(worker);
    } else if (worker->now.type == FINGER_COMPARE) {
        worker->state = WORKER_WORKING;
        matcher_step(worker);
    } else {
        worker->state = WORKER_READY;
        send_ready(worker);
    }
}

static bool driver_list_is_plain(const char *drivers)
{
    return drivers[strspn(drivers, "abcdefghijklmnopqrstuvwxyz0123456789_:")] == '\0';
}

static bool create_sensor(struct worker *worker, const struct frame *frame)
{
    char drivers[SENSOR_DRIVERS_MAX] = "";
    char socket[SENSOR_SOCKET_MAX] = "";
    /* A listing shows the sensors that the configuration does not admit, too. */
    bool listed = frame->type == FINGER_OPEN;
    bool virtual = frame_has(frame, FINGER_F_SOCKET);

    if (worker->state != WORKER_NEW ||
        (listed && frame_text(frame, FINGER_F_DRIVERS, drivers, sizeof(drivers)) != WIRE_OK) ||
        (virtual && frame_text(frame, FINGER_F_SOCKET, socket, sizeof(socket)) != WIRE_OK) ||
        !driver_list_is_plain(drivers) || (virtual && socket[0] != '/') ||
        frame_fixed(frame, FINGER_F_ATTEMPT, worker->attempt, sizeof(worker->attempt)) != WIRE_OK)
        return false;
    worker->state = WORKER_OPENING;
    worker->sensor = sensor_new(listed ? drivers : NULL, virtual ? socket : NULL, &worker->client);
    return true;
}

static gboolean open_later(gpointer user)
{
    struct worker *worker = user;

    if (worker->state == WORKER_OPENING)
        sensor_open(worker->sensor);
    return G_SOURCE_REMOVE;
}

static bool take_open(struct worker *worker, const struct frame *frame)
{
    if (!create_sensor(worker, frame))
        return false;
    g_idle_add(open_later, worker);
    return true;
}

static bool take_list(struct worker *worker, const struct frame *frame)
{
    uint8_t list[FRAME_AUTH_MAX];
    struct tlv_out out = tlv_writer(list, sizeof(list));
    size_t len = 0;

    if (!create_sensor(worker, frame))
        return false;
    sensor_list(worker->sensor, &out);
    if (tlv_finish(&out, &len) != WIRE_OK)
        return false;
    frame_put(worker_answer(worker, FINGER_SENSORS), FINGER_F_LIST, list, len);
    worker_send(worker);
    begin_closing(worker);
    return true;
}

static bool take_gallery(struct worker *worker, const struct frame *frame)
{
    if (worker->state != WORKER_READY || worker->next.type != 0)
        return false;
    if (worker->gallery_used)
        gallery_clear(worker->gallery);
    worker->gallery_used = false;
    return gallery_add(worker->gallery, worker->matcher.on ? NULL : sensor_device(worker->sensor),
                       &frame->field[FINGER_F_GALLERY]);
}

static bool read_number(const struct frame *frame, unsigned field, uint32_t *out)
{
    return !frame_has(frame, field) || frame_u32(frame, field, out) == WIRE_OK;
}

static bool request_fits(const struct worker_request *r)
{
    if (r->type == FINGER_COMPARE)
        return r->presses >= 1 && r->presses <= FINGER_PICTURES_MAX && r->samples >= 1 &&
               r->left_out <= FINGER_QUARTERS;
    if (r->type == FINGER_ENROLL && (r->finger < 1 || r->finger > 10))
        return false;
    return r->presses >= 1 && r->presses <= VERIFY_PRESSES_MAX &&
           r->pictures <= FINGER_PICTURES_MAX;
}

static bool read_request(const struct frame *frame, struct worker_request *out)
{
    *out = (struct worker_request){.type = frame->type, .presses = 1};
    if (frame_fixed(frame, FINGER_F_NONCE, out->nonce, sizeof(out->nonce)) != WIRE_OK)
        return false;
    return read_number(frame, FINGER_F_PRESSES, &out->presses) &&
           read_number(frame, FINGER_F_FINGER, &out->finger) &&
           read_number(frame, FINGER_F_PICTURES, &out->pictures) &&
           read_number(frame, FINGER_F_SAMPLES, &out->samples) &&
           read_number(frame, FINGER_F_LEFT_OUT, &out->left_out) && request_fits(out);
}

static bool take_request(struct worker *worker, const struct frame *frame)
{
    struct worker_request request;

    if (worker->state != WORKER_READY || worker->next.type != 0 ||
        worker->matcher.on != (frame->type == FINGER_COMPARE) || !read_request(frame, &request))
        return false;
    if (sensor_busy(worker->sensor)) {
        worker->next = request;
        return true;
    }
    worker->now = request;
    begin_request(worker);
    return true;
}

static const struct {
    uint8_t type;
    bool (*take)(struct worker *worker, const struct frame *frame);
} requests[] = {
    {FINGER_OPEN, take_open},
    {FINGER_LIST, take_list},
    {FINGER_GALLERY, take_gallery},
    {FINGER_VERIFY, take_request},
    {FINGER_ENROLL, take_request},
    {FINGER_SEARCH, take_request},
    {FINGER_MATCHER, matcher_take_open},
    {FINGER_PROBE, matcher_take_picture},
    {FINGER_COMPARE, take_request},
};

static bool attempt_fits(const struct worker *worker, const struct frame *frame)
{
    uint8_t attempt[FINGER_ID_LEN];

    return frame_fixed(frame, FINGER_F_ATTEMPT, attempt, sizeof(attempt)) == WIRE_OK &&
           (worker->state == WORKER_NEW || memcmp(attempt, worker->attempt, sizeof(attempt)) == 0);
}

static void on_frame(void *user, const struct frame *frame)
{
    struct worker *worker = user;
    bool taken = false;

    if (worker->state == WORKER_CLOSING)
        return;
    for (size_t n = 0; n < G_N_ELEMENTS(requests) && attempt_fits(worker, frame); n++)
        if (requests[n].type == frame->type) {
            taken = requests[n].take(worker, frame);
            break;
        }
    if (!taken)
        break_protocol(worker, "request out of place or out of range");
}

struct worker *worker_new(int fd)
{
    struct worker *worker = g_new0(struct worker, 1);
    const struct channel_handler handler = {on_frame, on_channel_closed, worker};

    worker->loop = g_main_loop_new(NULL, FALSE);
    worker->client = (struct sensor_client){on_judged, on_ended, on_opened, worker};
    worker->gallery = gallery_new();
    worker->channel = channel_new(fd, &handler);
    if (worker->channel != NULL)
        return worker;
    worker_free(worker);
    return NULL;
}

int worker_run(struct worker *worker)
{
    g_unix_signal_add(SIGTERM, on_signal, worker);
    g_main_loop_run(worker->loop);
    if (worker->hung) {
        channel_free(worker->channel);
        _exit(worker->status != 0 ? worker->status : WORKER_HUNG);
    }
    return worker->status;
}

void worker_free(struct worker *worker)
{
    if (worker == NULL)
        return;
    enroll_end(&worker->enroll);
    verify_end(&worker->verify);
    matcher_free(&worker->matcher);
    gallery_free(worker->gallery);
    sensor_free(worker->sensor);
    channel_free(worker->channel);
    g_main_loop_unref(worker->loop);
    wire_wipe(worker, sizeof(*worker));
    g_free(worker);
}
