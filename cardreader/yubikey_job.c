/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/yubikey_job.h"

#include "cardreader/yubikey_guard.h"
#include "cardreader/yubikey_lock.h"
#include "core/wire/wipe.h"

#include <string.h>
#include <time.h>

#define TRIES     4   /* the first and three more */
#define PAUSE_MS  100 /* before the second; then twice, three times as long */
#define LOCK_MS   100
#define LOCK_WAIT 200 /* of LOCK_MS: 20 s, as long as another login may wait for its touch */
#define DEADLINE  20  /* seconds: the touch takes 15 at most, and a margin */

/* Firmware that knows challenge-response and tells its serial number. */
static bool is_new_enough(const uint8_t version[3])
{
    return version[0] > 2 || (version[0] == 2 && version[1] >= 2);
}

static void pause_ms(unsigned ms)
{
    struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

    nanosleep(&t, NULL);
}

static uint64_t now_us(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* What a failure of the back end means to the broker. */
static int reason_of(int err)
{
    switch ((enum yubikey_err)err) {
    case YUBIKEY_OK:
        return 0;
    case YUBIKEY_NONE:
        return TOKEN_NO_KEY;
    case YUBIKEY_BUSY:
        return TOKEN_IN_USE;
    case YUBIKEY_RIGHTS:
        return TOKEN_NO_RIGHTS;
    case YUBIKEY_GONE:
        return TOKEN_GONE;
    case YUBIKEY_REFUSED:
        return TOKEN_REFUSED;
    case YUBIKEY_CHECKSUM:
    case YUBIKEY_TIMEOUT:
    case YUBIKEY_WOULD_BLOCK:
    case YUBIKEY_FAULT:
        break;
    }
    return TOKEN_FAULT;
}

/* One step of a job, between begin and end of the back end. enum yubikey_err: BUSY and CHECKSUM are
 * tried again, for anything else `reason` may say more. */
struct step {
    int (*run)(struct yubikey_job *job, struct step *step);
    int reason; /* enum token_reason; 0: what the error means by itself */
    uint32_t serial;
    struct token_key *keys;
    size_t count;
    const struct yubikey_question *question;
    uint8_t *answer;
    const struct yubikey_config *config;
    bool replace;
};

static bool take_lock(struct yubikey_job *job)
{
    for (unsigned n = 0; n < LOCK_WAIT; n++) {
        if (yubikey_lock_try(job->lock))
            return true;
        if (n == 0)
            job->in_use(job->ctx);
        pause_ms(LOCK_MS);
    }
    return false;
}

static int run_once(struct yubikey_job *job, struct step *step)
{
    uint64_t start = now_us();
    int r = job->backend->begin();

    if (r == YUBIKEY_OK) {
        r = step->run(job, step);
        job->backend->end();
    }
    job->micros += now_us() - start;
    return r;
}

static bool is_worth_another(int r)
{
    return (r == YUBIKEY_BUSY || r == YUBIKEY_CHECKSUM) && !guard_stopped();
}

static int run(struct yubikey_job *job, struct step *step)
{
    int r = YUBIKEY_FAULT;

    job->micros = 0;
    if (!take_lock(job))
        return TOKEN_IN_USE;
    guard_enter(job->backend, DEADLINE);
    for (unsigned n = 0; n < TRIES && (n == 0 || is_worth_another(r)); n++) {
        pause_ms(n * PAUSE_MS);
        step->reason = 0;
        r = run_once(job, step);
    }
    if (r != YUBIKEY_OK && guard_stopped() && step->reason != TOKEN_UNSURE)
        step->reason = TOKEN_STOPPED;
    guard_leave();
    yubikey_lock_release(job->lock);
    return r == YUBIKEY_OK || step->reason == 0 ? reason_of(r) : step->reason;
}

/* A key that hides its serial number or is too old to have one gets 0. */
static int describe(struct yubikey_job *job, void *key, struct yubikey_status *st,
                    struct token_key *out)
{
    int r = job->backend->status(key, st);
    uint32_t serial = 0;

    if (r != YUBIKEY_OK)
        return r;
    if (is_new_enough(st->version))
        r = job->backend->serial(key, &serial);
    if (r == YUBIKEY_TIMEOUT)
        r = YUBIKEY_OK;
    *out = (struct token_key){
        serial, {st->version[0], st->version[1], st->version[2]}, st->valid, st->touch};
    return r;
}

static int run_list(struct yubikey_job *job, struct step *step)
{
    struct yubikey_status st;
    int r = YUBIKEY_OK, trouble = YUBIKEY_NONE;
    void *key = NULL;

    step->count = 0;
    for (unsigned n = 0; n < TOKEN_KEYS_MAX && r != YUBIKEY_NONE && !guard_stopped(); n++) {
        r = job->backend->open(n, &key);
        if (r == YUBIKEY_OK) {
            r = describe(job, key, &st, &step->keys[step->count]);
            job->backend->close(key);
        }
        if (r == YUBIKEY_OK)
            step->count++;
        else if (r != YUBIKEY_NONE)
            trouble = r;
    }
    if (trouble == YUBIKEY_BUSY || trouble == YUBIKEY_CHECKSUM)
        return trouble;
    return step->count > 0 ? YUBIKEY_OK : trouble;
}

/* A key in trouble among several does not hide the others for good: what is known is kept. */
int yubikey_job_list(struct yubikey_job *job, struct token_key keys[TOKEN_KEYS_MAX], size_t *count)
{
    struct step step = {.run = run_list, .keys = keys};
    int reason = run(job, &step);

    *count = reason == TOKEN_STOPPED ? 0 : step.count;
    return *count > 0 ? 0 : reason;
}

/* Opens the key with this serial number. One that is in trouble may be the one that is meant. */
static int find(struct yubikey_job *job, struct step *step, struct yubikey_status *st,
                struct token_key *who, void **key)
{
    int r, trouble = YUBIKEY_NONE;

    for (unsigned n = 0; n < TOKEN_KEYS_MAX && !guard_stopped(); n++) {
        r = job->backend->open(n, key);
        if (r == YUBIKEY_NONE)
            break;
        if (r == YUBIKEY_OK) {
            r = describe(job, *key, st, who);
            if (r == YUBIKEY_OK && who->serial == step->serial)
                return r;
            job->backend->close(*key);
        }
        if (r != YUBIKEY_OK)
            trouble = r;
    }
    step->reason = trouble == YUBIKEY_NONE ? TOKEN_OTHER : 0;
    return trouble;
}

static int put(struct yubikey_job *job, struct step *step, void *key, bool wait)
{
    const struct yubikey_question *q = step->question;
    int r;

    guard_set_key(wait ? key : NULL);
    r = job->backend->chalresp(key, q->slot, wait, q->challenge, q->len, step->answer);
    guard_set_key(NULL);
    return r;
}

/* Asked without waiting first: only then a slot that never answers is told from one that nobody
 * touched, and "touch the key" is said only where a touch helps. */
static int ask(struct yubikey_job *job, struct step *step, void *key)
{
    int r = put(job, step, key, false);

    if (r == YUBIKEY_TIMEOUT)
        step->reason = TOKEN_SILENT;
    if (r != YUBIKEY_WOULD_BLOCK || guard_stopped())
        return r;
    job->touch(job->ctx);
    r = put(job, step, key, true);
    if (r == YUBIKEY_TIMEOUT)
        step->reason = TOKEN_UNTOUCHED;
    return r;
}

static int run_ask(struct yubikey_job *job, struct step *step)
{
    struct yubikey_status st = {0};
    struct token_key who = {0};
    void *key = NULL;
    int r = find(job, step, &st, &who, &key);

    if (r != YUBIKEY_OK)
        return r;
    if (!is_new_enough(st.version))
        step->reason = TOKEN_TOO_OLD;
    else if ((st.valid & 1u << (step->question->slot - 1)) == 0)
        step->reason = TOKEN_EMPTY;
    r = step->reason != 0 ? YUBIKEY_FAULT : ask(job, step, key);
    job->backend->close(key);
    return r;
}

int yubikey_job_ask(struct yubikey_job *job, const struct yubikey_question *question,
                    uint8_t answer[TOKEN_ANSWER_LEN])
{
    struct step step = {
        .run = run_ask, .serial = question->serial, .question = question, .answer = answer};
    int reason = run(job, &step);

    if (reason != 0)
        wire_wipe(answer, TOKEN_ANSWER_LEN);
    return reason;
}

/* Only the status tells whether it was written: a blank key acknowledges what it did not do. */
static bool is_written(const struct yubikey_status *before, const struct yubikey_status *after,
                       const struct yubikey_config *config)
{
    unsigned bit = 1u << (config->slot - 1);
    bool tells_touch = after->version[0] >= 3;

    return after->sequence != before->sequence && (after->valid & bit) != 0 &&
           (!tells_touch || ((after->touch & bit) != 0) == config->touch);
}

static int settled_status(struct yubikey_job *job, void *key, struct yubikey_status *out)
{
    int r = job->backend->status(key, out);

    for (unsigned n = 1; n < TRIES && r == YUBIKEY_BUSY; n++) {
        pause_ms(n * PAUSE_MS);
        r = job->backend->status(key, out);
    }
    return r;
}

/* What was written is never written again, even if the key fails now: its access code is new. */
static int tell_written(struct yubikey_job *job, struct step *step, void *key,
                        const struct yubikey_status *now)
{
    struct token_key *out = step->keys;

    *out = (struct token_key){step->serial, {0}, now->valid, now->touch};
    memcpy(out->version, now->version, sizeof(out->version));
    if (out->serial == 0 && job->backend->serial(key, &out->serial) != YUBIKEY_OK)
        out->serial = 0;
    return YUBIKEY_OK;
}

static int write_slot(struct yubikey_job *job, struct step *step, void *key,
                      const struct yubikey_status *before)
{
    struct yubikey_status after = {0};
    int r = job->backend->program(key, step->config);
    int seen = settled_status(job, key, &after);

    if (seen == YUBIKEY_OK && is_written(before, &after, step->config))
        return tell_written(job, step, key, &after);
    if (seen == YUBIKEY_OK && after.sequence == before->sequence) {
        step->reason = r == YUBIKEY_OK ? TOKEN_REFUSED : 0;
        return r == YUBIKEY_OK ? YUBIKEY_REFUSED : r;
    }
    step->reason = TOKEN_UNSURE;
    return YUBIKEY_FAULT;
}

static int check_slot(const struct step *step, const struct yubikey_status *st)
{
    if (!is_new_enough(st->version))
        return TOKEN_TOO_OLD;
    if ((st->valid & 1u << (step->config->slot - 1)) != 0 && !step->replace)
        return TOKEN_OCCUPIED;
    return guard_stopped() ? TOKEN_STOPPED : 0;
}

static int run_program(struct yubikey_job *job, struct step *step)
{
    struct yubikey_status st = {0};
    void *key = NULL;
    int r = job->backend->open(1, &key);

    if (r != YUBIKEY_NONE) {
        if (r == YUBIKEY_OK)
            job->backend->close(key);
        step->reason = r == YUBIKEY_OK ? TOKEN_SEVERAL : 0;
        return r == YUBIKEY_OK ? YUBIKEY_FAULT : r;
    }
    r = find(job, step, &st, step->keys, &key);
    if (r != YUBIKEY_OK)
        return r;
    step->reason = check_slot(step, &st);
    r = step->reason != 0 ? YUBIKEY_FAULT : write_slot(job, step, key, &st);
    job->backend->close(key);
    return r;
}

int yubikey_job_program(struct yubikey_job *job, uint32_t serial,
                        const struct yubikey_config *config, bool replace, struct token_key *key)
{
    struct step step = {.run = run_program,
                        .serial = serial,
                        .config = config,
                        .replace = replace,
                        .keys = key,
                        .count = 1};

    return run(job, &step);
}
