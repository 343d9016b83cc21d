/* SPDX-License-Identifier: Apache-2.0
 *
 * A whole login against a virtual card, with every PC/SC call failing in every way.
 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/choice.h"
#include "tests/unit/cardreader/fake_pcsc.h"
#include "tests/virtual/card/applet.h"

#include <string.h>

#define CALLS_MAX 100

static struct card the_card;

static int make_card(void **state)
{
    struct create create = {.algs = {ALG_P256, ALG_NONE, ALG_NONE, ALG_P256},
                            .subject = "unit",
                            .pin = "123456",
                            .puk = "12345678"};

    (void)state;
    card_init(&the_card, &applet_piv, like_find('B'));
    return create_card(&the_card, &create) ? 0 : -1;
}

static int free_card(void **state)
{
    (void)state;
    card_free(&the_card);
    return 0;
}

struct login {
    struct choice choice;
    struct session session;
    struct family_result res;
    int attached; /* enum pcsc_err */
    int first, second;
};

static int sign(struct login *l, uint32_t key, const char *digits, bool more)
{
    static const uint8_t digest[32] = {1, 2, 3};
    struct family_sign sign = {.key = key, .alg = CARD_P256, .digest = digest, .digest_len = 32};
    struct family_pin pin = {.ref = 0x80, .digits = (const uint8_t *)digits};
    struct session_job job = {.family = family_find(CARD_PIV), .sign = &sign, .more = more};

    if (digits != NULL) {
        pin.len = strlen(digits);
        job.pin = &pin;
    }
    return session_run(&l->session, &job, &l->res);
}

/* 9E without PIN, then 9A with it, as a login does; ends with everything closed. */
static void run_login(struct login *l, const char *digits)
{
    *l = (struct login){.session.pcsc = &l->choice.pcsc, .first = -1, .second = -1};
    l->attached = choice_now(&l->choice, &l->session);
    if (l->attached == PCSC_OK) {
        l->first = sign(l, 0x9E, NULL, true);
        l->second = l->first == 0 ? sign(l, 0x9A, digits, false) : -1;
    }
    session_detach(&l->session, false);
    pcsc_close(&l->choice.pcsc);
}

static void test_login(void **state)
{
    struct login l;

    (void)state;
    fake_pcsc_start(&the_card);
    run_login(&l, "123456");
    assert_int_equal(l.attached, PCSC_OK);
    assert_int_equal(l.first, 0);
    assert_int_equal(l.second, 0);
    assert_int_equal(l.session.link.counts.apdus, 5);
    assert_int_equal(fake_pcsc.resets, 1);
    assert_false(fake_pcsc.connected);
    assert_false(the_card.pin_verified);
}

static void test_reset_only_after_a_pin(void **state)
{
    struct login l;

    (void)state;
    fake_pcsc_start(&the_card);
    l = (struct login){.session.pcsc = &l.choice.pcsc};
    assert_int_equal(choice_now(&l.choice, &l.session), PCSC_OK);
    assert_int_equal(sign(&l, 0x9E, NULL, false), 0);
    session_detach(&l.session, false);
    pcsc_close(&l.choice.pcsc);
    assert_int_equal(fake_pcsc.resets, 0);
}

/* True where the login went through; false after a failure with a reason. Never anything else. */
static bool login_with_failure(unsigned nth, LONG rv, bool late)
{
    struct login l;
    bool success;

    fake_pcsc_start(&the_card);
    fake_pcsc.fail_at = nth;
    fake_pcsc.fail_with = rv;
    fake_pcsc.late = late;
    run_login(&l, "123456");
    success = l.attached == PCSC_OK && l.first == 0 && l.second == 0;
    if (!success)
        assert_true(l.attached < 0 || l.first > 0 || l.second > 0);
    assert_false(fake_pcsc.locked);
    assert_int_equal(fake_pcsc.made, fake_pcsc.released);
    assert_false(the_card.pin_verified);
    assert_int_equal(the_card.tries, the_card.like->pin_tries);
    return success;
}

static unsigned count_calls(void)
{
    struct login l;

    fake_pcsc_start(&the_card);
    run_login(&l, "123456");
    return fake_pcsc.calls;
}

static void test_every_call_fails(void **state)
{
    static const LONG codes[] = {SCARD_E_NO_SERVICE,        SCARD_W_REMOVED_CARD,
                                 SCARD_E_NOT_TRANSACTED,    SCARD_F_COMM_ERROR,
                                 SCARD_E_SHARING_VIOLATION, SCARD_F_INTERNAL_ERROR,
                                 SCARD_E_NO_SMARTCARD,      SCARD_W_UNPOWERED_CARD};
    unsigned calls = count_calls();

    (void)state;
    assert_in_range(calls, 10, CALLS_MAX);
    for (size_t n = 0; n < sizeof(codes) / sizeof(codes[0]); n++)
        for (unsigned nth = 1; nth <= calls; nth++)
            for (int late = 0; late <= 1; late++)
                login_with_failure(nth, codes[n], late == 1);
}

/* Calls up to the connection find no card yet; a reset of the rest is survived. */
static void test_reset_at_every_call(void **state)
{
    unsigned calls = count_calls();
    unsigned survived = 0;

    (void)state;
    for (unsigned nth = 1; nth <= calls; nth++)
        survived += login_with_failure(nth, SCARD_W_RESET_CARD, false);
    /* BeginTransaction, five commands, EndTransaction, Disconnect, ReleaseContext */
    assert_in_range(survived, 8, calls);
}

/* The same on the way of a card that others use, too: a thread and a context of its own. */
static void test_beside_others(void **state)
{
    unsigned alone = count_calls();

    fake_pcsc.others = true;
    assert_true(count_calls() > alone);
    assert_int_equal(fake_pcsc.made, 2);
    test_login(state);
    test_every_call_fails(state);
    test_reset_at_every_call(state);
    fake_pcsc.others = false;
}

/* A reset that hides a swap: the handle would serve the new card as if nothing had happened. */
static void test_swap_under_a_reset(void **state)
{
    unsigned calls = count_calls();

    (void)state;
    for (unsigned nth = 5; nth <= calls - 3; nth++) {
        struct login l;
        fake_pcsc_start(&the_card);
        fake_pcsc.fail_at = nth;
        fake_pcsc.fail_with = SCARD_W_RESET_CARD;
        fake_pcsc.swap = true;
        run_login(&l, "123456");
        assert_true(l.attached != PCSC_OK || l.first == CARD_GONE || l.second == CARD_GONE);
        assert_int_equal(fake_pcsc.verifies, nth > 11 ? 1 : 0);
    }
}

/* A reset in mid-login never makes a wrong PIN cost more than it does, nor the last try. */
static void test_wrong_pin_and_resets(void **state)
{
    unsigned calls = count_calls();

    (void)state;
    for (unsigned nth = 1; nth <= calls; nth++) {
        struct login l;
        fake_pcsc_start(&the_card);
        the_card.tries = 2;
        fake_pcsc.fail_at = nth;
        fake_pcsc.fail_with = SCARD_W_RESET_CARD;
        run_login(&l, "999999");
        assert_in_range(the_card.tries, 1, 2);
        assert_true(fake_pcsc.verifies <= 1);
        assert_int_not_equal(l.second, 0);
    }
    the_card.tries = the_card.like->pin_tries;
}

static void test_a_card_put_aside_is_not_chosen(void **state)
{
    struct login l = {.session.pcsc = &l.choice.pcsc};

    (void)state;
    fake_pcsc_start(&the_card);
    assert_int_equal(choice_now(&l.choice, &l.session), PCSC_OK);
    choice_put_aside(&l.choice, &l.session.reader);
    session_detach(&l.session, true);
    assert_int_equal(choice_now(&l.choice, &l.session), PCSC_NO_CARD);
    fake_pcsc.counter += 2;
    assert_int_equal(choice_now(&l.choice, &l.session), PCSC_OK);
    session_detach(&l.session, false);
    pcsc_close(&l.choice.pcsc);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_login),
        cmocka_unit_test(test_reset_only_after_a_pin),
        cmocka_unit_test(test_every_call_fails),
        cmocka_unit_test(test_reset_at_every_call),
        cmocka_unit_test(test_beside_others),
        cmocka_unit_test(test_swap_under_a_reset),
        cmocka_unit_test(test_wrong_pin_and_resets),
        cmocka_unit_test(test_a_card_put_aside_is_not_chosen),
    };

    return cmocka_run_group_tests_name("session", tests, make_card, free_card);
}
