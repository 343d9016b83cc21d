/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/worker.h"

#include "cardreader/choice.h"
#include "cardreader/log.h"
#include "cardreader/reply.h"
#include "cardreader/watch.h"
#include "core/wire/wipe.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define COMMAND_MAX     1024
#define PIN_REF_DEFAULT 0x80

/* States are bits, so that a row of the table can name several. */
enum state {
    ST_START = 1,
    ST_PRESENT = 2,
    ST_VACANT = 4, /* no card is reported: removed, or none left after NEXT */
    ST_DONE = 16
};

struct worker {
    enum state state;
    struct reply reply;
    struct choice choice;
    struct session session;
    struct watch watch;
    struct family_result result;
    atomic_bool *waiting;
    int reported; /* enum pcsc_err that was reported last, 0: none */
};

static void report_removal(void *ctx, uint32_t counter, int err)
{
    const struct worker *w = ctx;

    reply_removed(&w->reply, counter, err == PCSC_NO_SERVICE ? CARD_NO_SERVICE : 0);
}

static void report_waiting(void *ctx, int err, const char *reader)
{
    struct worker *w = ctx;

    if (err != w->reported)
        reply_waiting(&w->reply, pcsc_reason(err), reader);
    w->reported = err;
}

static bool fail(struct worker *w, int reason)
{
    return reply_failed(&w->reply, &w->session, (uint32_t)reason, &w->result);
}

static void clear_result(struct worker *w)
{
    w->result = (struct family_result){.tries = FAMILY_TRIES_UNKNOWN};
}

static bool present(struct worker *w)
{
    w->choice.pcsc.micros = 0;
    w->state = ST_PRESENT;
    if (!reply_present(&w->reply, &w->session, choice_has_other(&w->choice, &w->session.reader)))
        return false;
    watch_start(&w->watch, &w->session.reader, report_removal, w);
    return true;
}

static bool on_open(struct worker *w, const struct frame *f)
{
    w->choice.only[0] = '\0';
    if (frame_has(f, CARD_F_READER) &&
        frame_text(f, CARD_F_READER, w->choice.only, sizeof(w->choice.only)) != WIRE_OK)
        return false;
    w->reported = PCSC_OK;
    atomic_store(w->waiting, true);
    choice_wait(&w->choice, &w->session, report_waiting, w);
    atomic_store(w->waiting, false);
    return present(w);
}

static bool on_next(struct worker *w, const struct frame *f)
{
    (void)f;
    clear_result(w);
    if (w->state == ST_PRESENT) {
        watch_stop(&w->watch);
        choice_put_aside(&w->choice, &w->session.reader);
        session_detach(&w->session, true);
    }
    if (choice_now(&w->choice, &w->session) == PCSC_OK)
        return present(w);
    w->state = ST_VACANT;
    return fail(w, CARD_NO_OTHER);
}

static bool on_end(struct worker *w, const struct frame *f)
{
    (void)f;
    if (w->state == ST_PRESENT)
        session_end(&w->session);
    return true;
}

static bool on_list(struct worker *w, const struct frame *f)
{
    int r = choice_list(&w->choice);

    (void)f;
    w->state = ST_DONE;
    return reply_readers(&w->reply, r == PCSC_OK ? 0 : pcsc_reason(r), w->choice.readers,
                         r == PCSC_OK ? w->choice.count : 0);
}

/* An optional field that is 0 or 1. False: the frame breaks the protocol. */
static bool take_flag(const struct frame *f, unsigned n, bool *out)
{
    uint32_t value = 0;

    if (frame_has(f, n) && frame_u32(f, n, &value) != WIRE_OK)
        return false;
    *out = value == 1;
    return value <= 1;
}

/* Fields that all jobs share. False: the frame breaks the protocol. */
static bool take_common(const struct frame *f, struct session_job *job)
{
    uint32_t family = 0, ref = PIN_REF_DEFAULT;

    if (frame_u32(f, CARD_F_FAMILY, &family) != WIRE_OK ||
        (frame_has(f, CARD_F_PINREF) && frame_u32(f, CARD_F_PINREF, &ref) != WIRE_OK) ||
        ref > UINT8_MAX)
        return false;
    job->family = family_find(family);
    job->pin_ref = (uint8_t)ref;
    return take_flag(f, CARD_F_MORE, &job->more);
}

static int run_job(struct worker *w, const struct session_job *job)
{
    clear_result(w);
    if (w->state != ST_PRESENT)
        return CARD_GONE;
    if (job->family != NULL)
        return session_run(&w->session, job, &w->result);
    session_end(&w->session);
    return CARD_UNKNOWN;
}

static bool on_read(struct worker *w, const struct frame *f)
{
    struct session_job job = {0};
    int r;

    if (!take_common(f, &job) || frame_u32(f, CARD_F_OBJECT, &job.object) != WIRE_OK)
        return false;
    if ((r = run_job(w, &job)) != 0)
        return fail(w, r);
    return reply_object(&w->reply, &w->session, &w->result);
}

static bool on_sign(struct worker *w, const struct frame *f)
{
    const struct tlv *digest = &f->field[CARD_F_DIGEST], *digits = &f->field[CARD_F_PIN];
    struct family_sign sign = {.digest = digest->val, .digest_len = digest->len};
    struct family_pin pin = {.digits = digits->val, .len = digits->len};
    struct session_job job = {.sign = &sign};
    int r;

    if (!take_common(f, &job) || frame_u32(f, CARD_F_KEY, &sign.key) != WIRE_OK ||
        frame_u32(f, CARD_F_ALG, &sign.alg) != WIRE_OK)
        return false;
    pin.ref = job.pin_ref;
    if (frame_has(f, CARD_F_PIN))
        job.pin = &pin;
    if ((r = run_job(w, &job)) != 0)
        return fail(w, r);
    return reply_signed(&w->reply, &w->session, &w->result);
}

static bool answer_change(struct worker *w, const struct session_job *job)
{
    int r = run_job(w, job);

    if (r != 0)
        return fail(w, r);
    return reply_changed(&w->reply, &w->session);
}

static bool on_pin(struct worker *w, const struct frame *f)
{
    const struct tlv *digits = &f->field[CARD_F_PIN], *wanted = &f->field[CARD_F_NEWPIN];
    struct family_pin pin = {.digits = digits->val, .len = digits->len};
    struct family_pin fresh = {.digits = wanted->val, .len = wanted->len};
    struct session_job job = {.pin = &pin, .fresh = &fresh};

    if (!take_common(f, &job) || !take_flag(f, CARD_F_UNBLOCK, &job.unblock))
        return false;
    pin.ref = fresh.ref = job.pin_ref;
    return answer_change(w, &job);
}

static bool on_issue(struct worker *w, const struct frame *f)
{
    const struct tlv *secret = &f->field[CARD_F_SECRET];
    struct family_issue issue = {.secret = secret->val};
    struct session_job job = {.issue = &issue};
    uint32_t version = 0;

    if (!take_common(f, &job) || frame_u32(f, CARD_F_KEYVER, &version) != WIRE_OK ||
        version > UINT16_MAX || secret->len != CARD_SECRET_LEN ||
        !take_flag(f, CARD_F_LOCK, &issue.lock))
        return false;
    issue.version = (uint16_t)version;
    return answer_change(w, &job);
}

struct rule {
    uint8_t type;
    unsigned states;
    bool (*run)(struct worker *w, const struct frame *f); /* false: the worker ends */
};

static const struct rule rules[] = {
    {CARD_OPEN, ST_START | ST_VACANT, on_open},   {CARD_LIST, ST_START, on_list},
    {CARD_READ, ST_PRESENT | ST_VACANT, on_read}, {CARD_SIGN, ST_PRESENT | ST_VACANT, on_sign},
    {CARD_NEXT, ST_PRESENT | ST_VACANT, on_next}, {CARD_END, ST_PRESENT | ST_VACANT, on_end},
    {CARD_PIN, ST_PRESENT | ST_VACANT, on_pin},   {CARD_ISSUE, ST_PRESENT | ST_VACANT, on_issue},
};

/* The thread that watches has the news first; here they take effect between two commands. */
static void notice_removal(struct worker *w)
{
    if (w->state != ST_PRESENT || !watch_saw_removal(&w->watch))
        return;
    watch_stop(&w->watch);
    session_detach(&w->session, false);
    w->state = ST_VACANT;
}

static bool is_of_this_attempt(struct worker *w, const struct frame *f)
{
    uint8_t attempt[FRAME_NONCE_LEN];

    if (frame_fixed(f, CARD_F_ATTEMPT, attempt, sizeof(attempt)) != WIRE_OK)
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
    int r = frame_decode(buf, len, card_to_worker, card_to_worker_count, &f);

    if (r != WIRE_OK || !is_of_this_attempt(w, &f)) {
        card_log("bad frame from the broker: %s", wire_strerror(r));
        return false;
    }
    notice_removal(w);
    for (size_t n = 0; n < sizeof(rules) / sizeof(rules[0]); n++)
        if (rules[n].type == f.type && (rules[n].states & w->state) != 0)
            return rules[n].run(w, &f);
    card_log("command 0x%02X out of turn", f.type);
    return false;
}

/* 1: one frame served, 0: the broker closed, -1: failure. */
static int serve_one(struct worker *w)
{
    uint8_t buf[COMMAND_MAX];
    ssize_t len;
    bool good;

    do
        len = recv(w->reply.fd, buf, sizeof(buf), MSG_TRUNC);
    while (len < 0 && errno == EINTR);
    if (len <= 0)
        return len == 0 ? 0 : -1;
    good = (size_t)len <= sizeof(buf) && dispatch(w, buf, (size_t)len);
    wire_wipe(buf, sizeof(buf));
    return good ? 1 : -1;
}

int worker_run(int fd, atomic_bool *waiting)
{
    struct worker w = {.state = ST_START, .reply.fd = fd, .waiting = waiting};
    int r = 1;

    w.session.pcsc = &w.choice.pcsc;
    clear_result(&w);
    while (r == 1 && w.state != ST_DONE)
        r = serve_one(&w);
    watch_stop(&w.watch);
    session_detach(&w.session, false);
    pcsc_close(&w.choice.pcsc);
    return r < 0 ? 1 : 0;
}
