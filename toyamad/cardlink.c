/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/cardlink.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"

#include <string.h>

#define COMMAND_MAX 1024

static void die(struct cardlink *link)
{
    struct card_event event = {.type = CARD_LINK_DEAD};

    worker_stop(link->worker);
    link->worker = NULL;
    link->on_event(link->ctx, &event);
}

static int read_numbers(const struct frame *f, struct card_event *e)
{
    const struct {
        unsigned field;
        uint32_t *out;
    } number[] = {{CARD_F_REASON, &e->reason},
                  {CARD_F_SW, &e->sw},
                  {CARD_F_TRIES, &e->tries},
                  {CARD_F_COUNTER, &e->counter},
                  {CARD_F_APDUS, &e->counts.apdus},
                  {CARD_F_SENT, &e->counts.sent},
                  {CARD_F_RECEIVED, &e->counts.received},
                  {CARD_F_MICROS, &e->counts.micros}};
    int r = WIRE_OK;

    for (size_t n = 0; n < sizeof(number) / sizeof(number[0]) && r == WIRE_OK; n++)
        if (frame_has(f, number[n].field))
            r = frame_u32(f, number[n].field, number[n].out);
    e->has_tries = frame_has(f, CARD_F_TRIES);
    return r;
}

static int decode_event(const struct cardlink *link, const uint8_t *buf, size_t len,
                        struct card_event *e)
{
    static const unsigned payload[] = {CARD_F_SIGNATURE, CARD_F_DATA, CARD_F_LIST};
    uint8_t attempt[FRAME_NONCE_LEN];
    struct frame f;
    int r;

    if ((r = frame_decode(buf, len, card_to_broker, card_to_broker_count, &f)) != WIRE_OK ||
        (r = frame_fixed(&f, CARD_F_ATTEMPT, attempt, sizeof(attempt))) != WIRE_OK)
        return r;
    if (memcmp(attempt, link->attempt, sizeof(attempt)) != 0)
        return WIRE_VALUE;
    if (frame_has(&f, CARD_F_READER) &&
        (r = frame_text(&f, CARD_F_READER, e->reader, sizeof(e->reader))) != WIRE_OK)
        return r;
    if ((r = read_numbers(&f, e)) != WIRE_OK)
        return r;
    e->type = f.type;
    e->more = frame_has(&f, CARD_F_MORE);
    for (size_t n = 0; n < sizeof(payload) / sizeof(payload[0]); n++)
        if (frame_has(&f, payload[n])) {
            e->data = f.field[payload[n]].val;
            e->len = f.field[payload[n]].len;
        }
    return WIRE_OK;
}

static void on_frame(void *ctx, const uint8_t *buf, size_t len)
{
    struct cardlink *link = ctx;
    struct card_event event = {0};
    int r = decode_event(link, buf, len, &event);

    if (r != WIRE_OK) {
        log_error("toyama-card broke the protocol: %s", wire_strerror(r));
        die(link);
        return;
    }
    link->on_event(link->ctx, &event);
}

static void on_gone(void *ctx)
{
    struct cardlink *link = ctx;
    struct card_event event = {.type = CARD_LINK_DEAD};

    link->worker = NULL;
    link->on_event(link->ctx, &event);
}

static struct frame_out begin(struct cardlink *link, uint8_t *buf, enum card_type type)
{
    struct frame_out out = frame_begin(buf, COMMAND_MAX, (uint8_t)type);

    frame_put(&out, CARD_F_ATTEMPT, link->attempt, sizeof(link->attempt));
    return out;
}

static bool send_frame(struct cardlink *link, struct frame_out *out, uint8_t *buf)
{
    size_t len = 0;
    bool sent = link->worker != NULL && frame_end(out, &len) == WIRE_OK &&
                worker_send(link->worker, buf, len);

    wire_wipe(buf, COMMAND_MAX);
    return sent;
}

static bool start(struct cardlink *link, struct broker *broker,
                  const uint8_t attempt[FRAME_NONCE_LEN], cardlink_fn on_event, void *ctx)
{
    static const struct worker_ops ops = {on_frame, on_gone};
    const struct worker_spec spec = {broker->config.card_worker, broker->config.card_user,
                                     "toyama-card"};

    *link = (struct cardlink){.on_event = on_event, .ctx = ctx};
    memcpy(link->attempt, attempt, sizeof(link->attempt));
    link->worker = worker_start(broker->event, &spec, &ops, link);
    return link->worker != NULL;
}

bool cardlink_open(struct cardlink *link, struct broker *broker,
                   const uint8_t attempt[FRAME_NONCE_LEN], const char *reader, cardlink_fn on_event,
                   void *ctx)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out;

    if (!start(link, broker, attempt, on_event, ctx))
        return false;
    out = begin(link, buf, CARD_OPEN);
    if (reader != NULL)
        frame_put_text(&out, CARD_F_READER, reader);
    if (send_frame(link, &out, buf))
        return true;
    cardlink_close(link);
    return false;
}

bool cardlink_list(struct cardlink *link, struct broker *broker,
                   const uint8_t attempt[FRAME_NONCE_LEN], cardlink_fn on_event, void *ctx)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out;

    if (!start(link, broker, attempt, on_event, ctx))
        return false;
    out = begin(link, buf, CARD_LIST);
    if (send_frame(link, &out, buf))
        return true;
    cardlink_close(link);
    return false;
}

void cardlink_sign(struct cardlink *link, const struct card_signing *s)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, CARD_SIGN);

    frame_put_u32(&out, CARD_F_FAMILY, s->family);
    frame_put_u32(&out, CARD_F_KEY, s->key);
    frame_put_u32(&out, CARD_F_ALG, s->alg);
    frame_put(&out, CARD_F_DIGEST, s->digest, s->digest_len);
    if (s->pin != NULL) {
        frame_put_text(&out, CARD_F_PIN, s->pin);
        frame_put_u32(&out, CARD_F_PINREF, s->pin_ref);
    }
    frame_put_u32(&out, CARD_F_MORE, s->more ? 1 : 0);
    if (!send_frame(link, &out, buf))
        die(link);
}

void cardlink_read(struct cardlink *link, uint8_t family, enum card_object object, bool more)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, CARD_READ);

    frame_put_u32(&out, CARD_F_FAMILY, family);
    frame_put_u32(&out, CARD_F_OBJECT, (uint32_t)object);
    frame_put_u32(&out, CARD_F_MORE, more ? 1 : 0);
    if (!send_frame(link, &out, buf))
        die(link);
}

void cardlink_tries(struct cardlink *link, uint8_t family, uint8_t pin_ref)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, CARD_READ);

    frame_put_u32(&out, CARD_F_FAMILY, family);
    frame_put_u32(&out, CARD_F_OBJECT, CARD_OBJ_TRIES);
    frame_put_u32(&out, CARD_F_PINREF, pin_ref);
    if (!send_frame(link, &out, buf))
        die(link);
}

void cardlink_change(struct cardlink *link, const struct card_change *change)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, CARD_PIN);

    frame_put_u32(&out, CARD_F_FAMILY, change->family);
    frame_put_text(&out, CARD_F_PIN, change->pin);
    frame_put_text(&out, CARD_F_NEWPIN, change->fresh);
    frame_put_u32(&out, CARD_F_PINREF, change->pin_ref);
    frame_put_u32(&out, CARD_F_UNBLOCK, change->unblock ? 1 : 0);
    if (!send_frame(link, &out, buf))
        die(link);
}

void cardlink_issue(struct cardlink *link, const uint8_t secret[CARD_SECRET_LEN], uint16_t version,
                    bool lock)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, CARD_ISSUE);

    frame_put_u32(&out, CARD_F_FAMILY, CARD_FELICA);
    frame_put(&out, CARD_F_SECRET, secret, CARD_SECRET_LEN);
    frame_put_u32(&out, CARD_F_KEYVER, version);
    frame_put_u32(&out, CARD_F_LOCK, lock ? 1 : 0);
    if (!send_frame(link, &out, buf))
        die(link);
}

void cardlink_simple(struct cardlink *link, enum card_type type)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, type);

    if (!send_frame(link, &out, buf))
        die(link);
}

void cardlink_drain(struct cardlink *link)
{
    if (link->worker != NULL)
        worker_drain(link->worker);
}

void cardlink_close(struct cardlink *link)
{
    worker_stop(link->worker);
    link->worker = NULL;
}
