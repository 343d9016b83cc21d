/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/enroll_rule.h"

#include "tests/unit/biometric/cmocka_all.h"

#include <stdlib.h>

#define GOOD_COUNT 60
#define FIRST      ENROLL_NO_HIT

static struct enroll_rule rule;

static int setup(void **state)
{
    (void)state;
    enroll_rule_begin(&rule);
    return 0;
}

static enum enroll_verdict press(int sample)
{
    const struct enroll_press p = {GOOD_COUNT, false, sample, ENROLL_NO_HIT};

    return enroll_rule_press(&rule, &p);
}

static enum enroll_verdict press_foreign(int foreign)
{
    const struct enroll_press p = {GOOD_COUNT, false, ENROLL_NO_HIT, foreign};

    return enroll_rule_press(&rule, &p);
}

static enum enroll_verdict press_counted(size_t minutiae, bool repeated)
{
    const struct enroll_press p = {minutiae, repeated, ENROLL_NO_HIT, ENROLL_NO_HIT};

    return enroll_rule_press(&rule, &p);
}

static void test_seven_presses_of_one_finger(void **state)
{
    (void)state;
    assert_int_equal(press(FIRST), ENROLL_TAKEN);
    for (int n = 1; n < 6; n++)
        assert_int_equal(press(n - 1), ENROLL_TAKEN);
    assert_int_equal(press(2), ENROLL_COMPLETE);
    assert_int_equal(enroll_rule_size(&rule), 7);
}

static void test_strangers_never_complete(void **state)
{
    (void)state;
    assert_int_equal(press(FIRST), ENROLL_TAKEN);
    for (int n = 1; n < ENROLL_BAD_MAX; n++)
        assert_int_equal(press(FIRST), ENROLL_APART);
    assert_int_equal(press(FIRST), ENROLL_GIVEN_UP);
}

static void test_two_fingers_in_turn(void **state)
{
    (void)state;
    assert_int_equal(press(FIRST), ENROLL_TAKEN);
    assert_int_equal(press(FIRST), ENROLL_APART);
    for (int n = 1; n < ENROLL_RIVAL_MAX - 1; n++) {
        assert_int_equal(press(0), ENROLL_TAKEN);
        assert_int_equal(press(1), ENROLL_APART);
    }
    assert_int_equal(press(0), ENROLL_TAKEN);
    assert_int_equal(press(1), ENROLL_GIVEN_UP);
}

static void test_wrong_first_press_is_overtaken(void **state)
{
    (void)state;
    assert_int_equal(press(FIRST), ENROLL_TAKEN);
    assert_int_equal(press(FIRST), ENROLL_APART);
    assert_int_equal(press(1), ENROLL_TAKEN);
    assert_false(enroll_rule_chosen(&rule, 0));
    assert_true(enroll_rule_chosen(&rule, 1));
    assert_true(enroll_rule_chosen(&rule, 2));
    for (int n = 0; n < 4; n++)
        assert_int_equal(press(1), ENROLL_TAKEN);
    assert_int_equal(press(6), ENROLL_COMPLETE);
    assert_false(enroll_rule_chosen(&rule, 0));
    assert_int_equal(enroll_rule_size(&rule), 7);
}

static void test_misses_after_the_fifth_ask_for_more(void **state)
{
    (void)state;
    press(FIRST);
    for (int n = 0; n < 4; n++)
        assert_int_equal(press(0), ENROLL_TAKEN);
    for (size_t miss = 1; miss <= 4; miss++) {
        assert_int_equal(press(FIRST), ENROLL_APART);
        assert_int_equal(rule.wanted, miss <= 3 ? 7 + miss : ENROLL_SAMPLES_MAX);
    }
    for (int n = 0; n < 4; n++)
        assert_int_equal(press(0), ENROLL_TAKEN);
    assert_int_equal(press(0), ENROLL_COMPLETE);
    assert_int_equal(enroll_rule_size(&rule), ENROLL_SAMPLES_MAX);
}

static void test_misses_before_the_fifth_do_not(void **state)
{
    (void)state;
    press(FIRST);
    press(FIRST);
    press(FIRST);
    assert_int_equal(rule.wanted, ENROLL_GROWN + ENROLL_CONFIRM);
}

static void test_gate(void **state)
{
    (void)state;
    assert_int_equal(press_counted(ENROLL_MINUTIAE_MIN - 1, false), ENROLL_NOISE);
    assert_int_equal(press_counted(ENROLL_MINUTIAE_MAX + 1, false), ENROLL_NOISE);
    assert_int_equal(press_counted(GOOD_COUNT, true), ENROLL_NOISE);
    assert_int_equal(enroll_rule_size(&rule), 0);
    assert_int_equal(press_counted(ENROLL_MINUTIAE_MIN, false), ENROLL_TAKEN);
    assert_int_equal(press_counted(ENROLL_MINUTIAE_MAX, false), ENROLL_APART);
}

static void test_unread_presses_end_it(void **state)
{
    (void)state;
    for (int n = 1; n < ENROLL_BAD_MAX; n++)
        assert_int_equal(enroll_rule_unread(&rule), ENROLL_NOISE);
    assert_int_equal(enroll_rule_unread(&rule), ENROLL_GIVEN_UP);
}

static void test_second_hit_on_a_foreign_finger(void **state)
{
    (void)state;
    assert_int_equal(press_foreign(3), ENROLL_FOREIGN);
    assert_int_equal(press_foreign(4), ENROLL_FOREIGN);
    assert_int_equal(press(FIRST), ENROLL_TAKEN);
    assert_int_equal(press_foreign(3), ENROLL_DUPLICATE);
    assert_int_equal(enroll_rule_size(&rule), 1);
}

static void test_sample_that_does_not_exist(void **state)
{
    (void)state;
    assert_int_equal(press(0), ENROLL_GIVEN_UP);
    setup(NULL);
    press(FIRST);
    assert_int_equal(press(1), ENROLL_GIVEN_UP);
}

/* Whatever is pressed, a complete template consists of presses that hang together by hits, and
 * nothing is kept beyond the arrays. */
static void check_complete(const int *hit)
{
    size_t chosen = 0, roots = 0;

    for (size_t n = 0; n < rule.kept; n++) {
        if (!enroll_rule_chosen(&rule, n))
            continue;
        chosen++;
        if (hit[n] == ENROLL_NO_HIT)
            roots++;
        else
            assert_true(enroll_rule_chosen(&rule, (size_t)hit[n]));
    }
    assert_int_equal(roots, 1);
    assert_in_range(chosen, ENROLL_GROWN + ENROLL_CONFIRM, ENROLL_SAMPLES_MAX);
}

static bool one_random_run(void)
{
    int hit[ENROLL_KEPT_MAX];
    int lone = 1 + rand() % 6;

    enroll_rule_begin(&rule);
    for (int n = 0; n < 2 * ENROLL_KEPT_MAX; n++) {
        size_t kept = rule.kept;
        int sample = kept == 0 || rand() % lone == 0 ? ENROLL_NO_HIT : (int)(rand() % (int)kept);
        enum enroll_verdict v = rand() % 10 == 0 ? enroll_rule_unread(&rule) : press(sample);
        assert_true(rule.kept <= ENROLL_KEPT_MAX);
        if (rule.kept > kept)
            hit[kept] = sample;
        if (v == ENROLL_COMPLETE)
            check_complete(hit);
        if (v == ENROLL_COMPLETE || v == ENROLL_GIVEN_UP)
            return v == ENROLL_COMPLETE;
    }
    fail_msg("an enrolment that does not end");
    return false;
}

static void test_random_runs(void **state)
{
    int complete = 0;

    (void)state;
    srand(1);
    for (int n = 0; n < 20000; n++)
        complete += one_random_run() ? 1 : 0;
    assert_in_range(complete, 1000, 19000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_seven_presses_of_one_finger, setup),
        cmocka_unit_test_setup(test_strangers_never_complete, setup),
        cmocka_unit_test_setup(test_two_fingers_in_turn, setup),
        cmocka_unit_test_setup(test_wrong_first_press_is_overtaken, setup),
        cmocka_unit_test_setup(test_misses_after_the_fifth_ask_for_more, setup),
        cmocka_unit_test_setup(test_misses_before_the_fifth_do_not, setup),
        cmocka_unit_test_setup(test_gate, setup),
        cmocka_unit_test_setup(test_unread_presses_end_it, setup),
        cmocka_unit_test_setup(test_second_hit_on_a_foreign_finger, setup),
        cmocka_unit_test_setup(test_sample_that_does_not_exist, setup),
        cmocka_unit_test(test_random_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
