/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

#include "tests/unit/core/unit.h"

static void test_zones(void **state)
{
    (void)state;
    for (unsigned zone = ZONE_NONE; zone <= ZONE_INTERNET; zone++) {
        assert_int_equal(policy_zone_parse(policy_zone_name((enum zone)zone)), zone);
        assert_string_equal(policy_clause((enum zone)zone),
                            zone == ZONE_NONE ? "8(4)(a)" : "8(4)(d)");
    }
    assert_string_equal(policy_zone_name((enum zone)4), "none");
    assert_string_equal(policy_zone_name((enum zone)UINT32_MAX), "none");
    assert_string_equal(policy_clause((enum zone)4), "8(4)(a)");
    assert_int_equal(policy_zone_parse(""), ZONE_NONE);
    assert_int_equal(policy_zone_parse("lgwan "), ZONE_NONE);
}

static void test_factors(void **state)
{
    (void)state;
    for (unsigned factors = 1; factors <= FACTOR_ALL; factors++) {
        char text[32];
        unsigned back = 0;
        policy_factors_format(factors, text, sizeof(text));
        assert_true(policy_factors_parse(text, &back));
        assert_int_equal(back, factors);
    }
}

static void test_factors_text(void **state)
{
    static const char *const wrong[] = {"",       "  ",  "card finger card", "cards", "car",
                                        "card\n", "Card"};
    char text[32] = "x";
    unsigned factors = 99;

    (void)state;
    for (size_t n = 0; n < COUNT(wrong); n++)
        assert_false(policy_factors_parse(wrong[n], &factors));
    assert_int_equal(factors, 99);
    assert_true(policy_factors_parse(" finger\tcard ", &factors));
    assert_int_equal(factors, FACTOR_CARD | FACTOR_FINGER);
    policy_factors_format(FACTOR_ALL, text, sizeof(text));
    assert_string_equal(text, "card token pin finger");
    assert_true(policy_factors_parse("token pin", &factors));
    assert_int_equal(factors, FACTOR_TOKEN | FACTOR_PIN);
    policy_factors_format(0, text, sizeof(text));
    assert_string_equal(text, "");
    policy_factors_format(FACTOR_ALL, text, 6);
    assert_true(strlen(text) < 6);
    text[0] = 'x';
    policy_factors_format(FACTOR_ALL, text, 0);
    assert_int_equal(text[0], 'x');
}

static void test_listed(void **state)
{
    (void)state;
    assert_true(policy_listed("cron atd", "cron"));
    assert_true(policy_listed("cron atd", "atd"));
    assert_true(policy_listed("  cron\tatd ", "atd"));
    assert_false(policy_listed("cron atd", "at"));
    assert_false(policy_listed("cron atd", "tron"));
    assert_false(policy_listed("cron atd", "cron atd"));
    assert_false(policy_listed("cron atd", ""));
    assert_false(policy_listed("", "cron"));
    assert_false(policy_listed("runuser-l", "runuser"));
}

static void test_names(void **state)
{
    (void)state;
    assert_string_equal(policy_decision_name(DECISION_GRANT), "grant");
    assert_string_equal(policy_decision_name(DECISION_FACTORS), "factors");
    assert_string_equal(policy_decision_name(DECISION_CARD_KIND), "card-kind");
    assert_string_equal(policy_decision_name(DECISION_ESCORT), "escort");
    assert_string_equal(policy_decision_name((enum decision)(DECISION_ESCORT + 1)), "deny");
    for (unsigned a = 0; a <= DECISION_ESCORT; a++)
        for (unsigned b = 0; b < a; b++)
            assert_string_not_equal(policy_decision_name((enum decision)a),
                                    policy_decision_name((enum decision)b));
    assert_string_equal(policy_strerror(POLICY_OK), "ok");
    assert_string_equal(policy_strerror(POLICY_MISSING), "mandatory key missing");
    assert_string_equal(policy_strerror(POLICY_MISSING - 1), "unknown error");
    assert_string_equal(policy_strerror(7), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_zones),        cmocka_unit_test(test_factors),
        cmocka_unit_test(test_factors_text), cmocka_unit_test(test_listed),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
