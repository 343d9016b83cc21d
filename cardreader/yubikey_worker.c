/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/yubikey_worker.h"

#include "cardreader/log.h"
#include "cardreader/yubikey_bus.h"
#include "cardreader/yubikey_job.h"
#include "cardreader/yubikey_lock.h"
#include "cardreader/yubikey_reply.h"
#include "core/wire/wipe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define COMMAND_MAX 512
#define LOOK_MS     100  /* between two looks at what is plugged in */
#define REST_MS     1000 /* before keys that are in trouble are opened again */

/* States are bits, so that a row of the table can name several. */
enum state {
    ST_START = 1,
    ST_PRESENT = 2,
    ST_VACANT = 4, /* a key of those that were reported has left */
    ST_DONE = 8
};

struct worker {
    enum state state;
    struct yubikey_reply reply;
    struct yubikey_job job;
    struct yubikey_seen seen; /* when the keys were reported */
    int told;                 /* the reason of the last WAITING, 0: none */
    bool broken;              /* the broker does not listen */
};

static void tell_waiting(struct worker *w, int reason)
{
    if (reason != w->told && !yubikey_reply_waiting(&w->reply, reason))
        w->broken = true;
    w->told = reason;
}

static void on_lock_taken(void *ctx)
{
    tell_waiting(ctx, TOKEN_IN_USE);
}

static void on_touch(void *ctx)
{
    struct worker *w = ctx;

    if (!yubikey_reply_plain(&w->reply, TOKEN_TOUCH))
        w->broken = true;
}

/* The broker cannot say anything meanwhile; if it leaves, the guard ends the process. */
static void look_again_in(int ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

/* True where keys were reported. A key that came or went meanwhile makes the report void. */
static bool report_keys(struct worker *w, const struct yubikey_seen *before)
{
    struct token_key keys[TOKEN_KEYS_MAX];
    struct yubikey_seen now;
    size_t count = 0;
    int reason = yubikey_job_list(&w->job, keys, &count);

    yubikey_bus_scan(&now);
    if (now.count != before->count || yubikey_bus_lost(before, &now))
        return false;
    if (reason != 0) {
        tell_waiting(w, reason);
        look_again_in(REST_MS);
        return false;
    }
    w->seen = *before;
    w->state = ST_PRESENT;
    w->broken |= !yubikey_reply_present(&w->reply, keys, count, 0);
    return true;
}

/* Until something else is plugged in than `known`, and can be reported. */
static bool wait_for_keys(struct worker *w, const struct yubikey_seen *known)
{
    struct yubikey_seen now;

    w->told = 0;
    for (; !w->broken; look_again_in(LOOK_MS)) {
        yubikey_bus_scan(&now);
        if (now.count == 0)
            tell_waiting(w, TOKEN_NO_KEY);
        else if (!yubikey_bus_lost(&now, known))
            tell_waiting(w, TOKEN_OTHER);
        else if (report_keys(w, &now))
            break;
    }
    return !w->broken;
}

static bool open_lock(struct worker *w, const struct frame *f)
{
    char path[TOKEN_LOCK_MAX];

    if (frame_text(f, TOKEN_F_LOCK, path, sizeof(path)) != WIRE_OK || path[0] != '/')
        return false;
    if (w->job.lock < 0)
        w->job.lock = yubikey_lock_open(path);
    if (w->job.lock < 0)
        card_log("%s: %s", path, strerror(errno));
    return w->job.lock >= 0;
}

static bool on_open(struct worker *w, const struct frame *f)
{
    const struct yubikey_seen none = {0};

    return open_lock(w, f) && wait_for_keys(w, &none);
}

static bool on_next(struct worker *w, const struct frame *f)
{
    struct yubikey_seen known = w->seen;

    (void)f;
    return wait_for_keys(w, &known);
}

static bool on_list(struct worker *w, const struct frame *f)
{
    struct token_key keys[TOKEN_KEYS_MAX];
    size_t count = 0;
    int reason;

    if (!open_lock(w, f))
        return false;
    reason = yubikey_job_list(&w->job, keys, &count);
    w->state = ST_DONE;
    return yubikey_reply_present(&w->reply, keys, count, reason);
}

/* Fields that CHALLENGE and PROGRAM share. */
static bool take_slot(const struct frame *f, uint32_t *serial, unsigned *slot)
{
    uint32_t number = 0;

    if (frame_u32(f, TOKEN_F_SERIAL, serial) != WIRE_OK ||
        frame_u32(f, TOKEN_F_SLOT, &number) != WIRE_OK || number < 1 || number > TOKEN_SLOTS)
        return false;
    *slot = number;
    return true;
}

static bool on_challenge(struct worker *w, const struct frame *f)
{
    const struct tlv *challenge = &f->field[TOKEN_F_CHALLENGE];
    struct yubikey_question q = {.challenge = challenge->val, .len = challenge->len};
    uint8_t answer[TOKEN_ANSWER_LEN] = {0};
    int reason;
    bool sent;

    if (!take_slot(f, &q.serial, &q.slot) || q.len == 0 || q.len > TOKEN_CHALLENGE_MAX)
        return false;
    w->told = 0;
    w->job.micros = 0;
    reason = w->state == ST_PRESENT ? yubikey_job_ask(&w->job, &q, answer) : TOKEN_GONE;
    sent = reason == 0 ? yubikey_reply_answer(&w->reply, answer, w->job.micros)
                       : yubikey_reply_failed(&w->reply, reason, w->job.micros);
    wire_wipe(answer, sizeof(answer));
    return sent && !w->broken;
}

static bool take_flag(const struct frame *f, unsigned field, bool *out)
{
    uint32_t value = 0;

    if (frame_has(f, field) && frame_u32(f, field, &value) != WIRE_OK)
        return false;
    *out = value == 1;
    return value <= 1;
}

static bool take_config(const struct frame *f, struct yubikey_config *c, bool *replace)
{
    c->has_current = frame_has(f, TOKEN_F_CURRENT);
    return frame_fixed(f, TOKEN_F_SECRET, c->secret, sizeof(c->secret)) == WIRE_OK &&
           frame_fixed(f, TOKEN_F_CODE, c->code, sizeof(c->code)) == WIRE_OK &&
           (!c->has_current ||
            frame_fixed(f, TOKEN_F_CURRENT, c->current, sizeof(c->current)) == WIRE_OK) &&
           take_flag(f, TOKEN_F_TOUCH, &c->touch) && take_flag(f, TOKEN_F_REPLACE, replace);
}

static bool on_program(struct worker *w, const struct frame *f)
{
    struct yubikey_config config = {0};
    struct token_key key = {0};
    bool replace = false, good;
    uint32_t serial = 0;
    int reason = TOKEN_GONE;

    good = take_slot(f, &serial, &config.slot) && take_config(f, &config, &replace);
    w->told = 0;
    w->job.micros = 0;
    if (good && w->state == ST_PRESENT)
        reason = yubikey_job_program(&w->job, serial, &config, replace, &key);
    wire_wipe(&config, sizeof(config));
    if (!good)
        return false;
    return (reason == 0 ? yubikey_reply_programmed(&w->reply, &key, w->job.micros)
                        : yubikey_reply_failed(&w->reply, reason, w->job.micros)) &&
           !w->broken;
}

struct rule {
    uint8_t type;
    unsigned states;
    bool (*run)(struct worker *w, const struct frame *f); /* false: the worker ends */
};

static const struct rule rules[] = {
    {TOKEN_OPEN, ST_START | ST_VACANT, on_open},
    {TOKEN_LIST, ST_START, on_list},
    {TOKEN_CHALLENGE, ST_PRESENT | ST_VACANT, on_challenge},
    {TOKEN_PROGRAM, ST_PRESENT | ST_VACANT, on_program},
    {TOKEN_NEXT, ST_PRESENT | ST_VACANT, on_next},
};

static bool notice_removal(struct worker *w)
{
    struct yubikey_seen now;

    if (w->state != ST_PRESENT)
        return true;
    yubikey_bus_scan(&now);
    if (!yubikey_bus_lost(&w->seen, &now))
        return true;
    w->state = ST_VACANT;
    return yubikey_reply_plain(&w->reply, TOKEN_REMOVED);
}

static bool is_of_this_attempt(struct worker *w, const struct frame *f)
{
    uint8_t attempt[FRAME_NONCE_LEN];

    if (frame_fixed(f, TOKEN_F_ATTEMPT, attempt, sizeof(attempt)) != WIRE_OK)
        return false;
    if (!w->reply.bound) {
        memcpy(w->reply.attempt, attempt, sizeof(attempt));
        w->reply.bound = true;
    }
    return memcmp(w->reply.attempt, attempt, sizeof(attempt)) == 0;
}

static bool dispatch(struct worker *w, const uint8_t *buf, size_t len)
{
    struct frame f = {0};
    int r = frame_decode(buf, len, token_to_worker, token_to_worker_count, &f);

    if (r != WIRE_OK || !is_of_this_attempt(w, &f)) {
        card_log("bad frame from the broker: %s", wire_strerror(r));
        return false;
    }
    if (!notice_removal(w))
        return false;
    for (size_t n = 0; n < sizeof(rules) / sizeof(rules[0]); n++)
        if (rules[n].type == f.type && (rules[n].states & w->state) != 0)
            return rules[n].run(w, &f);
    card_log("command 0x%02X out of turn", f.type);
    return false;
}

/* 1: go on, 0: the broker closed, -1: failure. */
static int serve_one(struct worker *w)
{
    struct pollfd p = {.fd = w->reply.fd, .events = POLLIN};
    uint8_t buf[COMMAND_MAX];
    ssize_t len;
    bool good;

    if (poll(&p, 1, w->state == ST_PRESENT ? LOOK_MS : -1) == 0)
        return notice_removal(w) ? 1 : -1;
    do
        len = recv(w->reply.fd, buf, sizeof(buf), MSG_TRUNC);
    while (len < 0 && errno == EINTR);
    if (len <= 0)
        return len == 0 ? 0 : -1;
    good = (size_t)len <= sizeof(buf) && dispatch(w, buf, (size_t)len);
    wire_wipe(buf, sizeof(buf));
    return good ? 1 : -1;
}

int yubikey_worker_run(int fd, const struct yubikey_backend *backend)
{
    struct worker w = {.state = ST_START, .reply.fd = fd};
    int r = 1;

    w.job = (struct yubikey_job){
        .backend = backend, .lock = -1, .in_use = on_lock_taken, .touch = on_touch, .ctx = &w};
    while (r == 1 && w.state != ST_DONE)
        r = serve_one(&w);
    if (w.job.lock >= 0)
        close(w.job.lock);
    return r < 0 ? 1 : 0;
}
