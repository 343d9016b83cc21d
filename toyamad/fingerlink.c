/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/fingerlink.h"

#include "core/crypto/crypto.h"
#include "core/wire/wipe.h"
#include "toyamad/log.h"

#include <stdlib.h>
#include <string.h>

#define COMMAND_MAX 1024

static void die(struct fingerlink *link)
{
    struct finger_event event = {.type = FINGER_LINK_DEAD};

    worker_stop(link->worker);
    link->worker = NULL;
    link->on_event(link->ctx, &event);
}

static int read_texts(const struct frame *f, struct finger_event *e)
{
    const struct {
        unsigned field;
        char *out;
        size_t cap;
    } text[] = {{FINGER_F_DRIVER, e->driver, sizeof(e->driver)},
                {FINGER_F_DEVICE, e->device, sizeof(e->device)},
                {FINGER_F_NAME, e->name, sizeof(e->name)}};
    int r = WIRE_OK;

    for (size_t n = 0; n < sizeof(text) / sizeof(text[0]) && r == WIRE_OK; n++)
        if (frame_has(f, text[n].field))
            r = frame_text(f, text[n].field, text[n].out, text[n].cap);
    return r;
}

static int read_numbers(const struct frame *f, struct finger_event *e)
{
    const struct {
        unsigned field;
        uint32_t *out;
    } number[] = {{FINGER_F_REASON, &e->reason},     {FINGER_F_RESULT, &e->result},
                  {FINGER_F_STAGE, &e->stage},       {FINGER_F_STAGES, &e->stages},
                  {FINGER_F_FINGER, &e->finger},     {FINGER_F_SAMPLES, &e->samples},
                  {FINGER_F_WIDTH, &e->width},       {FINGER_F_HEIGHT, &e->height},
                  {FINGER_F_PICTURES, &e->pictures}, {FINGER_F_NUMBER, &e->number},
                  {FINGER_F_OFFSET, &e->offset},     {FINGER_F_COUNT, &e->count}};
    int r = WIRE_OK;

    for (size_t n = 0; n < sizeof(number) / sizeof(number[0]) && r == WIRE_OK; n++)
        if (frame_has(f, number[n].field))
            r = frame_u32(f, number[n].field, number[n].out);
    return r;
}

static void read_payload(const struct frame *f, struct finger_event *e)
{
    static const unsigned payload[] = {FINGER_F_TEMPLATE, FINGER_F_LIST, FINGER_F_PIXELS};

    for (size_t n = 0; n < sizeof(payload) / sizeof(payload[0]); n++)
        if (frame_has(f, payload[n])) {
            e->data = f->field[payload[n]].val;
            e->len = f->field[payload[n]].len;
        }
}

/* The attempt and, where the answer carries one, the nonce of the request under way. */
static int check_binding(const struct fingerlink *link, const struct frame *f)
{
    uint8_t octets[FRAME_NONCE_LEN];
    int r = frame_fixed(f, FINGER_F_ATTEMPT, octets, sizeof(octets));

    if (r != WIRE_OK)
        return r;
    if (memcmp(octets, link->attempt, sizeof(octets)) != 0)
        return WIRE_VALUE;
    if (!frame_has(f, FINGER_F_NONCE))
        return WIRE_OK;
    if ((r = frame_fixed(f, FINGER_F_NONCE, octets, sizeof(octets))) != WIRE_OK)
        return r;
    return crypto_equal(octets, sizeof(octets), link->nonce, sizeof(link->nonce)) ? WIRE_OK
                                                                                  : WIRE_VALUE;
}

static int decode_event(const struct fingerlink *link, const uint8_t *buf, size_t len,
                        struct finger_event *e)
{
    struct frame f;
    int r;

    if ((r = frame_decode(buf, len, finger_to_broker, finger_to_broker_count, &f)) != WIRE_OK ||
        (r = check_binding(link, &f)) != WIRE_OK || (r = read_texts(&f, e)) != WIRE_OK ||
        (r = read_numbers(&f, e)) != WIRE_OK)
        return r;
    e->has_id = frame_has(&f, FINGER_F_ID);
    if (e->has_id && (r = frame_fixed(&f, FINGER_F_ID, e->id, sizeof(e->id))) != WIRE_OK)
        return r;
    e->type = f.type;
    read_payload(&f, e);
    return WIRE_OK;
}

static void on_frame(void *ctx, const uint8_t *buf, size_t len)
{
    struct fingerlink *link = ctx;
    struct finger_event event = {0};
    int r = decode_event(link, buf, len, &event);

    if (r != WIRE_OK) {
        log_error("toyama-finger broke the protocol: %s", wire_strerror(r));
        die(link);
        return;
    }
    link->on_event(link->ctx, &event);
}

static void on_gone(void *ctx)
{
    struct fingerlink *link = ctx;
    struct finger_event event = {.type = FINGER_LINK_DEAD};

    link->worker = NULL;
    link->on_event(link->ctx, &event);
}

static void put_drivers(struct frame_out *out, const struct broker *broker)
{
    char drivers[POLICY_LIST_MAX];
    const char *socket = broker->config.sensor_socket;

    memcpy(drivers, broker->config.policy.sensors, sizeof(drivers));
    for (char *p = drivers; *p != '\0'; p++)
        if (*p == ' ')
            *p = ':';
    frame_put_text(out, FINGER_F_DRIVERS, drivers);
    if (socket[0] != '\0' && broker->config.policy.demo)
        frame_put_text(out, FINGER_F_SOCKET, socket);
}

static bool open_with(struct fingerlink *link, struct broker *broker,
                      const uint8_t attempt[FRAME_NONCE_LEN], enum finger_type type,
                      fingerlink_fn on_event, void *ctx)
{
    static const struct worker_ops ops = {on_frame, on_gone};
    const struct worker_spec spec = {broker->config.finger_worker, broker->config.finger_user,
                                     "toyama-finger"};
    uint8_t buf[COMMAND_MAX];
    struct frame_out out;
    size_t len = 0;

    *link = (struct fingerlink){.on_event = on_event, .ctx = ctx};
    memcpy(link->attempt, attempt, sizeof(link->attempt));
    link->worker = worker_start(broker->event, &spec, &ops, link);
    if (link->worker == NULL)
        return false;
    out = frame_begin(buf, sizeof(buf), (uint8_t)type);
    frame_put(&out, FINGER_F_ATTEMPT, link->attempt, sizeof(link->attempt));
    if (type != FINGER_MATCHER)
        put_drivers(&out, broker);
    if (frame_end(&out, &len) == WIRE_OK && worker_send(link->worker, buf, len))
        return true;
    fingerlink_close(link);
    return false;
}

bool fingerlink_open(struct fingerlink *link, struct broker *broker,
                     const uint8_t attempt[FRAME_NONCE_LEN], fingerlink_fn on_event, void *ctx)
{
    return open_with(link, broker, attempt, FINGER_OPEN, on_event, ctx);
}

bool fingerlink_list(struct fingerlink *link, struct broker *broker,
                     const uint8_t attempt[FRAME_NONCE_LEN], fingerlink_fn on_event, void *ctx)
{
    return open_with(link, broker, attempt, FINGER_LIST, on_event, ctx);
}

bool fingerlink_matcher(struct fingerlink *link, struct broker *broker,
                        const uint8_t attempt[FRAME_NONCE_LEN], fingerlink_fn on_event, void *ctx)
{
    return open_with(link, broker, attempt, FINGER_MATCHER, on_event, ctx);
}

static void put_entry(struct tlv_out *out, const struct roster_finger *finger, const void *template,
                      size_t len)
{
    size_t mark = tlv_open(out, DER_SEQUENCE);

    tlv_put(out, DER_OCTETS, finger->id, sizeof(finger->id));
    tlv_put_uint(out, DER_INTEGER, finger->finger);
    tlv_put_text(out, DER_UTF8, finger->driver);
    tlv_put_text(out, DER_UTF8, finger->device);
    tlv_put(out, DER_OCTETS, template, len);
    tlv_close(out, mark);
}

bool fingerlink_add(struct fingerlink *link, const struct roster_finger *finger,
                    const void *template, size_t len)
{
    uint8_t *buf = malloc(FRAME_WORK_MAX);
    struct frame_out out;
    size_t n = 0, mark;
    bool sent;

    if (buf == NULL || link->worker == NULL) {
        free(buf);
        return false;
    }
    out = frame_begin(buf, FRAME_WORK_MAX, FINGER_GALLERY);
    frame_put(&out, FINGER_F_ATTEMPT, link->attempt, sizeof(link->attempt));
    mark = tlv_open(&out.tlv, 0x80 + FINGER_F_GALLERY);
    put_entry(&out.tlv, finger, template, len);
    tlv_close(&out.tlv, mark);
    sent = frame_end(&out, &n) == WIRE_OK && worker_send(link->worker, buf, n);
    wire_wipe(buf, FRAME_WORK_MAX);
    free(buf);
    return sent;
}

/* False where the link ended over it. */
static bool begin_request(struct fingerlink *link, struct frame_out *out)
{
    if (crypto_random(link->nonce, sizeof(link->nonce)) != CRYPTO_OK) {
        die(link);
        return false;
    }
    frame_put(out, FINGER_F_ATTEMPT, link->attempt, sizeof(link->attempt));
    frame_put(out, FINGER_F_NONCE, link->nonce, sizeof(link->nonce));
    return true;
}

static void send_request(struct fingerlink *link, struct frame_out *out, const uint8_t *buf)
{
    size_t len = 0;

    if (link->worker == NULL || frame_end(out, &len) != WIRE_OK ||
        !worker_send(link->worker, buf, len))
        die(link);
}

void fingerlink_request(struct fingerlink *link, enum finger_type type, uint8_t finger,
                        uint32_t number)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = frame_begin(buf, sizeof(buf), (uint8_t)type);

    if (!begin_request(link, &out))
        return;
    if (type == FINGER_ENROLL) {
        frame_put_u32(&out, FINGER_F_FINGER, finger);
        frame_put_u32(&out, FINGER_F_PICTURES, number);
    }
    if (type == FINGER_VERIFY)
        frame_put_u32(&out, FINGER_F_PRESSES, number);
    send_request(link, &out, buf);
}

static void put_part(struct frame_out *out, const struct finger_part *part)
{
    frame_put_u32(out, FINGER_F_NUMBER, part->number);
    frame_put_u32(out, FINGER_F_WIDTH, part->width);
    frame_put_u32(out, FINGER_F_HEIGHT, part->height);
    frame_put_u32(out, FINGER_F_OFFSET, part->offset);
    frame_put(out, FINGER_F_PIXELS, part->pixels, part->len);
}

bool fingerlink_probe(struct fingerlink *link, const struct finger_part *part)
{
    uint8_t *buf = malloc(FRAME_WORK_MAX);
    struct frame_out out;
    size_t len = 0;
    bool sent;

    if (buf == NULL || link->worker == NULL) {
        free(buf);
        return false;
    }
    out = frame_begin(buf, FRAME_WORK_MAX, FINGER_PROBE);
    frame_put(&out, FINGER_F_ATTEMPT, link->attempt, sizeof(link->attempt));
    put_part(&out, part);
    sent = frame_end(&out, &len) == WIRE_OK && worker_send(link->worker, buf, len);
    wire_wipe(buf, FRAME_WORK_MAX);
    free(buf);
    return sent;
}

void fingerlink_compare(struct fingerlink *link, uint32_t presses, uint32_t samples,
                        uint32_t left_out)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = frame_begin(buf, sizeof(buf), FINGER_COMPARE);

    if (!begin_request(link, &out))
        return;
    frame_put_u32(&out, FINGER_F_PRESSES, presses);
    frame_put_u32(&out, FINGER_F_SAMPLES, samples);
    if (left_out != 0)
        frame_put_u32(&out, FINGER_F_LEFT_OUT, left_out);
    send_request(link, &out, buf);
}

void fingerlink_close(struct fingerlink *link)
{
    worker_stop(link->worker);
    link->worker = NULL;
}
