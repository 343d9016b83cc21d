/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/tokenlink.h"

#include "core/wire/wipe.h"
#include "toyamad/log.h"

#include <string.h>

#define COMMAND_MAX 512
#define LABEL       "toyama-yubikey"

static void die(struct tokenlink *link)
{
    struct token_event event = {.type = TOKEN_LINK_DEAD};

    worker_stop(link->worker);
    link->worker = NULL;
    link->on_event(link->ctx, &event);
}

static int read_answer(const struct frame *f, struct token_event *e)
{
    const struct tlv *answer = &f->field[TOKEN_F_ANSWER];

    if (!frame_has(f, TOKEN_F_ANSWER))
        return WIRE_OK;
    e->answer = answer->val;
    e->len = answer->len;
    return answer->len == TOKEN_ANSWER_LEN ? WIRE_OK : WIRE_LENGTH;
}

static int decode_event(const struct tokenlink *link, const uint8_t *buf, size_t len,
                        struct token_event *e)
{
    uint8_t attempt[FRAME_NONCE_LEN];
    struct frame f;
    int r;

    if ((r = frame_decode(buf, len, token_to_broker, token_to_broker_count, &f)) != WIRE_OK ||
        (r = frame_fixed(&f, TOKEN_F_ATTEMPT, attempt, sizeof(attempt))) != WIRE_OK)
        return r;
    if (memcmp(attempt, link->attempt, sizeof(attempt)) != 0)
        return WIRE_VALUE;
    if ((frame_has(&f, TOKEN_F_REASON) &&
         (r = frame_u32(&f, TOKEN_F_REASON, &e->reason)) != WIRE_OK) ||
        (frame_has(&f, TOKEN_F_MICROS) &&
         (r = frame_u32(&f, TOKEN_F_MICROS, &e->micros)) != WIRE_OK) ||
        (frame_has(&f, TOKEN_F_KEYS) && (r = token_get_keys(&f, e->keys, &e->count)) != WIRE_OK) ||
        (r = read_answer(&f, e)) != WIRE_OK)
        return r;
    if (f.type == TOKEN_PROGRAMMED && e->count != 1)
        return WIRE_VALUE;
    e->type = f.type;
    return WIRE_OK;
}

static void on_frame(void *ctx, const uint8_t *buf, size_t len)
{
    struct tokenlink *link = ctx;
    struct token_event event = {0};
    int r = decode_event(link, buf, len, &event);

    if (r != WIRE_OK) {
        log_error(LABEL " broke the protocol: %s", wire_strerror(r));
        die(link);
        return;
    }
    if (event.type == TOKEN_PRESENT)
        link->next = false;
    /* It crossed our NEXT: another one would wait for other keys than those that come now. */
    if (event.type != TOKEN_REMOVED || !link->next)
        link->on_event(link->ctx, &event);
}

static void on_gone(void *ctx)
{
    struct tokenlink *link = ctx;
    struct token_event event = {.type = TOKEN_LINK_DEAD};

    link->worker = NULL;
    link->on_event(link->ctx, &event);
}

static struct frame_out begin(const struct tokenlink *link, uint8_t *buf, enum token_type type)
{
    struct frame_out out = frame_begin(buf, COMMAND_MAX, (uint8_t)type);

    frame_put(&out, TOKEN_F_ATTEMPT, link->attempt, sizeof(link->attempt));
    return out;
}

static bool send_frame(struct tokenlink *link, struct frame_out *out, uint8_t *buf)
{
    size_t len = 0;
    bool sent = link->worker != NULL && frame_end(out, &len) == WIRE_OK &&
                worker_send(link->worker, buf, len);

    wire_wipe(buf, COMMAND_MAX);
    return sent;
}

static void mend_keyboards(void *owner);

static bool start(struct tokenlink *link, struct broker *broker, enum token_type type, bool mends)
{
    static const struct worker_ops ops = {on_frame, on_gone};
    const struct worker_spec spec = {.program = broker->config.yubikey_worker,
                                     .user = broker->config.yubikey_user,
                                     .label = LABEL,
                                     .unclean = mends ? mend_keyboards : NULL,
                                     .owner = broker};
    uint8_t buf[COMMAND_MAX];
    struct frame_out out;

    link->worker = worker_start(broker->event, &spec, &ops, link);
    if (link->worker == NULL)
        return false;
    out = begin(link, buf, type);
    frame_put_text(&out, TOKEN_F_LOCK, broker->config.yubikey_lock);
    if (send_frame(link, &out, buf))
        return true;
    tokenlink_close(link);
    return false;
}

static void on_mended(void *ctx, const struct token_event *event)
{
    struct tokenlink *link = ctx;

    if (event->type == TOKEN_PRESENT || event->type == TOKEN_LINK_DEAD)
        tokenlink_close(link);
}

/* One at a time: it goes through all keys. Should it die, too, nobody tries a third time. */
static void mend_keyboards(void *owner)
{
    static struct tokenlink link;
    struct broker *broker = owner;

    if (link.worker != NULL || broker->ending)
        return;
    log_warning(LABEL " left in the middle: the keys are opened and closed once more");
    link = (struct tokenlink){.on_event = on_mended, .ctx = &link};
    if (!start(&link, broker, TOKEN_LIST, false))
        log_error(LABEL
                  " cannot be started again: a key may type nothing until it is plugged anew");
}

static bool begin_link(struct tokenlink *link, struct broker *broker,
                       const uint8_t attempt[FRAME_NONCE_LEN], enum token_type type,
                       tokenlink_fn on_event, void *ctx)
{
    *link = (struct tokenlink){.on_event = on_event, .ctx = ctx};
    memcpy(link->attempt, attempt, sizeof(link->attempt));
    return start(link, broker, type, true);
}

bool tokenlink_open(struct tokenlink *link, struct broker *broker,
                    const uint8_t attempt[FRAME_NONCE_LEN], tokenlink_fn on_event, void *ctx)
{
    return begin_link(link, broker, attempt, TOKEN_OPEN, on_event, ctx);
}

bool tokenlink_list(struct tokenlink *link, struct broker *broker,
                    const uint8_t attempt[FRAME_NONCE_LEN], tokenlink_fn on_event, void *ctx)
{
    return begin_link(link, broker, attempt, TOKEN_LIST, on_event, ctx);
}

void tokenlink_challenge(struct tokenlink *link, const struct token_question *question)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, TOKEN_CHALLENGE);

    frame_put_u32(&out, TOKEN_F_SERIAL, question->serial);
    frame_put_u32(&out, TOKEN_F_SLOT, question->slot);
    frame_put(&out, TOKEN_F_CHALLENGE, question->challenge, question->len);
    if (!send_frame(link, &out, buf))
        die(link);
}

void tokenlink_program(struct tokenlink *link, const struct token_program *program)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, TOKEN_PROGRAM);

    frame_put_u32(&out, TOKEN_F_SERIAL, program->serial);
    frame_put_u32(&out, TOKEN_F_SLOT, program->slot);
    frame_put(&out, TOKEN_F_SECRET, program->secret, sizeof(program->secret));
    frame_put(&out, TOKEN_F_CODE, program->code, sizeof(program->code));
    if (program->current != NULL)
        frame_put(&out, TOKEN_F_CURRENT, program->current, TOKEN_CODE_LEN);
    frame_put_u32(&out, TOKEN_F_REPLACE, program->replace ? 1 : 0);
    frame_put_u32(&out, TOKEN_F_TOUCH, program->touch ? 1 : 0);
    if (!send_frame(link, &out, buf))
        die(link);
}

void tokenlink_next(struct tokenlink *link)
{
    uint8_t buf[COMMAND_MAX];
    struct frame_out out = begin(link, buf, TOKEN_NEXT);

    link->next = true;
    if (!send_frame(link, &out, buf))
        die(link);
}

void tokenlink_drain(struct tokenlink *link)
{
    if (link->worker != NULL)
        worker_drain(link->worker);
}

void tokenlink_close(struct tokenlink *link)
{
    worker_stop(link->worker);
    link->worker = NULL;
}
