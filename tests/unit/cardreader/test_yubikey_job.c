/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/yubikey_job.h"

#include "cardreader/yubikey_guard.h"
#include "cardreader/yubikey_lock.h"
#include "tests/unit/cardreader/unit.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SERIAL 7654321
#define NEVER  UINT_MAX

/* A key behind the table. Call number `fail_at` of all gives `fail_with`, and `fails` more after
 * it that would come to the same function. */
static struct {
    unsigned calls, fail_at, fails;
    int fail_with;
    const char *failed;
    unsigned keys, opened, closed, begun, ended, asked, programmed, touches, in_use;
    struct yubikey_status status;
    bool wants_touch, swallows, hidden, touched;
    uint8_t secret[TOKEN_SECRET_LEN];
} fake;
static uint64_t slept_ms;

int __wrap_nanosleep(const struct timespec *t, struct timespec *left);
int __wrap_nanosleep(const struct timespec *t, struct timespec *left)
{
    (void)left;
    slept_ms += (uint64_t)t->tv_sec * 1000 + (uint64_t)t->tv_nsec / 1000000;
    return 0;
}

static int turn(const char *function)
{
    bool now = fake.calls++ == fake.fail_at;

    if (now)
        fake.failed = function;
    if (now || (fake.failed != NULL && fake.fails > 0 && strcmp(fake.failed, function) == 0)) {
        fake.fails -= now ? 0 : 1;
        return fake.fail_with;
    }
    return YUBIKEY_OK;
}

static int fake_begin(void)
{
    int r = turn("begin");

    fake.begun += r == YUBIKEY_OK;
    return r;
}

static void fake_end(void)
{
    fake.ended++;
}

static int fake_open(unsigned number, void **key)
{
    int r;

    if (number >= fake.keys)
        return YUBIKEY_NONE;
    r = turn("open");
    *key = r == YUBIKEY_OK ? &fake : NULL;
    fake.opened += r == YUBIKEY_OK;
    return r;
}

static void fake_close(void *key)
{
    assert_ptr_equal(key, &fake);
    fake.closed++;
}

static int fake_status(void *key, struct yubikey_status *out)
{
    int r = turn("status");

    (void)key;
    *out = r == YUBIKEY_OK ? fake.status : (struct yubikey_status){0};
    return r;
}

static int fake_serial(void *key, uint32_t *out)
{
    int r = fake.hidden ? YUBIKEY_TIMEOUT : turn("serial");

    (void)key;
    if (r == YUBIKEY_OK)
        *out = SERIAL;
    return r;
}

static int fake_chalresp(void *key, unsigned slot, bool wait, const uint8_t *challenge, size_t len,
                         uint8_t out[TOKEN_ANSWER_LEN])
{
    int r = turn("chalresp");

    (void)key;
    assert_int_equal(slot, 2);
    fake.asked++;
    if (r != YUBIKEY_OK)
        return r;
    if (fake.wants_touch && !wait)
        return YUBIKEY_WOULD_BLOCK;
    if (fake.wants_touch && !fake.touched)
        return YUBIKEY_TIMEOUT;
    memset(out, challenge[len - 1], TOKEN_ANSWER_LEN);
    return YUBIKEY_OK;
}

static int fake_program(void *key, const struct yubikey_config *config)
{
    int r = turn("program");

    (void)key;
    fake.programmed++;
    if (r != YUBIKEY_OK || fake.swallows)
        return r;
    memcpy(fake.secret, config->secret, sizeof(fake.secret));
    fake.status.sequence++;
    assert_int_equal(config->slot, 2);
    fake.status.valid |= 2;
    fake.status.touch = config->touch ? fake.status.valid & 2 : 0;
    return YUBIKEY_OK;
}

static void fake_interrupt(void *key)
{
    (void)key;
}

static const struct yubikey_backend backend = {fake_begin,    fake_end,     fake_open,
                                               fake_close,    fake_status,  fake_serial,
                                               fake_chalresp, fake_program, fake_interrupt};

static void on_in_use(void *ctx)
{
    (void)ctx;
    fake.in_use++;
}

static void on_touch(void *ctx)
{
    (void)ctx;
    fake.touches++;
}

static const uint8_t challenge[32] = {[31] = 0x5A};
static const struct yubikey_question question = {SERIAL, 2, challenge, sizeof(challenge)};
static const struct yubikey_config config = {.slot = 2, .touch = true, .secret = {1}, .code = {2}};
static char lock_path[] = "/tmp/toyama-unit-lock.XXXXXX";

static struct yubikey_job job(void)
{
    static int lock = -1;

    if (lock < 0)
        lock = yubikey_lock_open(lock_path);
    assert_true(lock >= 0);
    return (struct yubikey_job){&backend, lock, on_in_use, on_touch, NULL, 0};
}

static void reset(void)
{
    memset(&fake, 0, sizeof(fake));
    fake.fail_at = NEVER;
    fake.keys = 1;
    fake.status = (struct yubikey_status){{5, 4, 3}, 1, 2, 0};
    slept_ms = 0;
}

static int ask(uint8_t answer[TOKEN_ANSWER_LEN])
{
    struct yubikey_job j = job();

    return yubikey_job_ask(&j, &question, answer);
}

static int program(struct token_key *key)
{
    struct yubikey_job j = job();

    return yubikey_job_program(&j, SERIAL, &config, true, key);
}

static void assert_tidy(void)
{
    assert_int_equal(fake.opened, fake.closed);
    assert_int_equal(fake.begun, fake.ended);
}

static void test_answer(void **state)
{
    uint8_t answer[TOKEN_ANSWER_LEN] = {0}, want[TOKEN_ANSWER_LEN];

    (void)state;
    reset();
    memset(want, 0x5A, sizeof(want));
    assert_int_equal(ask(answer), 0);
    assert_memory_equal(answer, want, sizeof(want));
    assert_int_equal(fake.touches, 0);
    assert_int_equal(slept_ms, 0);
    assert_tidy();
}

static void test_touch(void **state)
{
    uint8_t answer[TOKEN_ANSWER_LEN];

    (void)state;
    reset();
    fake.wants_touch = fake.touched = true;
    assert_int_equal(ask(answer), 0);
    assert_int_equal(fake.touches, 1);
    fake.touched = false;
    assert_int_equal(ask(answer), TOKEN_UNTOUCHED);
    assert_int_equal(fake.touches, 2);
    assert_tidy();
}

static void test_slots_that_do_not_answer(void **state)
{
    uint8_t answer[TOKEN_ANSWER_LEN];

    (void)state;
    reset();
    fake.status.valid = 1;
    assert_int_equal(ask(answer), TOKEN_EMPTY);
    assert_int_equal(fake.asked, 0);
    fake.status = (struct yubikey_status){{2, 1, 9}, 1, 2, 0};
    fake.hidden = true;
    assert_int_equal(ask(answer), TOKEN_OTHER);
    reset();
    fake.fail_at = 4; /* begin, open, status, serial */
    fake.fail_with = YUBIKEY_TIMEOUT;
    assert_int_equal(ask(answer), TOKEN_SILENT);
    assert_string_equal(fake.failed, "chalresp");
    assert_tidy();
}

/* Four tries in all, 600 ms apart together, for the two errors that pass; none for the others. */
static void test_tries(void **state)
{
    static const int passing[] = {YUBIKEY_BUSY, YUBIKEY_CHECKSUM};
    static const uint64_t pauses[] = {100, 300, 600, 600};
    uint8_t answer[TOKEN_ANSWER_LEN];

    (void)state;
    for (size_t n = 0; n < 2; n++)
        for (unsigned fails = 1; fails <= 4; fails++) {
            reset();
            fake.fail_at = 4;
            fake.fails = fails - 1;
            fake.fail_with = passing[n];
            assert_int_equal(ask(answer) == 0, fails < 4);
            assert_int_equal(fake.asked, fails < 4 ? fails + 1 : 4);
            assert_true(slept_ms == pauses[fails - 1]);
            assert_tidy();
        }
    reset();
    fake.fail_at = 4;
    fake.fail_with = YUBIKEY_FAULT;
    assert_int_equal(ask(answer), TOKEN_FAULT);
    assert_int_equal(fake.asked, 1);
}

/* Each call of a job fails, once or for good, in each way: what was opened is closed, and an answer
 * is given only where there is one. */
static void test_each_call_of_an_answer_fails(void **state)
{
    uint8_t answer[TOKEN_ANSWER_LEN], zero[TOKEN_ANSWER_LEN] = {0};
    unsigned total;

    (void)state;
    reset();
    fake.wants_touch = fake.touched = true;
    assert_int_equal(ask(answer), 0);
    total = fake.calls;
    for (int err = YUBIKEY_FAULT; err < 0; err++)
        for (unsigned n = 0; n < 2 * total; n++) {
            bool for_good = n >= total;
            reset();
            fake.wants_touch = fake.touched = true;
            fake.fail_at = n % total;
            fake.fails = for_good ? 1000 : 0;
            fake.fail_with = err;
            memset(answer, 0xEE, sizeof(answer));
            if (ask(answer) == 0)
                assert_int_equal(answer[0], 0x5A);
            else
                assert_memory_equal(answer, zero, sizeof(zero));
            assert_int_not_equal(answer[0], 0xEE);
            assert_tidy();
        }
}

static void test_program(void **state)
{
    struct token_key key = {0};

    (void)state;
    reset();
    fake.status.valid = 0;
    assert_int_equal(program(&key), 0);
    assert_int_equal(key.serial, SERIAL);
    assert_int_equal(key.valid, 2);
    assert_int_equal(key.touch, 2);
    assert_int_equal(fake.secret[0], 1);
    assert_tidy();
}

static void test_program_refused(void **state)
{
    struct yubikey_job j = job();
    struct token_key key = {0};

    (void)state;
    reset();
    fake.swallows = true;
    assert_int_equal(program(&key), TOKEN_REFUSED);
    reset();
    assert_int_equal(yubikey_job_program(&j, SERIAL, &config, false, &key), TOKEN_OCCUPIED);
    assert_int_equal(yubikey_job_program(&j, SERIAL + 1, &config, true, &key), TOKEN_OTHER);
    fake.keys = 2;
    assert_int_equal(program(&key), TOKEN_SEVERAL);
    assert_int_equal(fake.programmed, 0);
    reset();
    fake.keys = 0;
    assert_int_equal(program(&key), TOKEN_OTHER);
    assert_tidy();
}

/* With the errors of the library itself, whether or not the key did what it was told. */
static void test_each_call_of_a_program_fails(void **state)
{
    struct token_key key = {0};
    unsigned total;
    int reason;

    (void)state;
    reset();
    assert_int_equal(program(&key), 0);
    total = fake.calls;
    for (int err = YUBIKEY_FAULT; err < 0; err++)
        for (unsigned n = 0; n < 2 * total; n++) {
            bool written;
            reset();
            fake.fail_at = n % total;
            fake.fails = n >= total ? 1000 : 0;
            fake.fail_with = err;
            reason = program(&key);
            written = fake.secret[0] == 1;
            assert_true(written ? reason == 0 || reason == TOKEN_UNSURE : reason != 0);
            assert_true(fake.status.sequence <= 2);
            assert_tidy();
        }
}

static void test_list(void **state)
{
    struct token_key keys[TOKEN_KEYS_MAX];
    struct yubikey_job j = job();
    size_t count = 0;

    (void)state;
    reset();
    fake.keys = TOKEN_KEYS_MAX + 3;
    assert_int_equal(yubikey_job_list(&j, keys, &count), 0);
    assert_int_equal(count, TOKEN_KEYS_MAX);
    reset();
    fake.hidden = true;
    assert_int_equal(yubikey_job_list(&j, keys, &count), 0);
    assert_int_equal(keys[0].serial, 0);
    fake.keys = 0;
    assert_int_equal(yubikey_job_list(&j, keys, &count), TOKEN_NO_KEY);
    assert_tidy();
}

/* One of two keys that is in trouble does not hide the other. */
static void test_list_beside_a_key_in_trouble(void **state)
{
    struct token_key keys[TOKEN_KEYS_MAX];
    struct yubikey_job j = job();
    size_t count = 0;

    (void)state;
    for (int err = YUBIKEY_FAULT; err < YUBIKEY_NONE; err++) {
        reset();
        fake.keys = 2;
        fake.fail_at = 1;
        fake.fail_with = err;
        assert_int_equal(yubikey_job_list(&j, keys, &count), 0);
        assert_int_equal(count, err == YUBIKEY_BUSY || err == YUBIKEY_CHECKSUM ? 2 : 1);
        assert_tidy();
    }
}

static void test_lock_of_another(void **state)
{
    uint8_t answer[TOKEN_ANSWER_LEN];
    int other = yubikey_lock_open(lock_path);

    (void)state;
    reset();
    assert_true(yubikey_lock_try(other));
    assert_int_equal(ask(answer), TOKEN_IN_USE);
    assert_int_equal(fake.calls, 0);
    assert_int_equal(fake.in_use, 1);
    assert_true(slept_ms >= 20000);
    yubikey_lock_release(other);
    assert_int_equal(ask(answer), 0);
    assert_true(yubikey_lock_try(other));
    close(other);
}

static int setup(void **state)
{
    int pair[2], fd = mkstemp(lock_path);

    (void)state;
    if (fd < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) != 0)
        return -1;
    close(fd);
    return guard_start(pair[0]) ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    return unlink(lock_path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_answer),
        cmocka_unit_test(test_touch),
        cmocka_unit_test(test_slots_that_do_not_answer),
        cmocka_unit_test(test_tries),
        cmocka_unit_test(test_each_call_of_an_answer_fails),
        cmocka_unit_test(test_program),
        cmocka_unit_test(test_program_refused),
        cmocka_unit_test(test_each_call_of_a_program_fails),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_list_beside_a_key_in_trouble),
        cmocka_unit_test(test_lock_of_another),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
