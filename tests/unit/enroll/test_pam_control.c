/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_control.h"

#include "tests/unit/enroll/unit.h"

static void test_keywords(void **state)
{
    static const struct {
        const char *word;
        int success, ignore, failure;
        bool weak;
    } row[] = {
        {"required", PAM_ACTION_OK, PAM_ACTION_IGNORE, PAM_ACTION_BAD, false},
        {"requisite", PAM_ACTION_OK, PAM_ACTION_IGNORE, PAM_ACTION_DIE, false},
        {"sufficient", PAM_ACTION_DONE, PAM_ACTION_IGNORE, PAM_ACTION_IGNORE, true},
        {"optional", PAM_ACTION_OK, PAM_ACTION_IGNORE, PAM_ACTION_IGNORE, true},
    };
    struct pam_control c;

    (void)state;
    for (size_t n = 0; n < COUNT(row); n++) {
        assert_true(pam_control_parse(row[n].word, false, &c));
        assert_int_equal(c.action[PAM_VALUE_SUCCESS], row[n].success);
        assert_int_equal(c.action[PAM_VALUE_IGNORE], row[n].ignore);
        for (int v = PAM_VALUE_AUTH_ERR; v < PAM_VALUES; v++)
            assert_int_equal(c.action[v], row[n].failure);
        assert_int_equal(pam_control_is_weak(&c), row[n].weak);
    }
}

static void test_brackets(void **state)
{
    struct pam_control c;

    (void)state;
    assert_true(pam_control_parse("success=ok default=bad", true, &c));
    assert_false(pam_control_is_weak(&c));
    assert_int_equal(c.action[PAM_VALUE_IGNORE], PAM_ACTION_BAD);
    assert_true(pam_control_parse("  success=3\tdefault=ignore auth_err=die ", true, &c));
    assert_int_equal(c.action[PAM_VALUE_SUCCESS], 3);
    assert_int_equal(c.action[PAM_VALUE_AUTH_ERR], PAM_ACTION_DIE);
    assert_int_equal(c.action[PAM_VALUE_ABORT], PAM_ACTION_IGNORE);
    assert_true(pam_control_is_weak(&c));
    assert_true(pam_control_parse("success=ok authinfo_unavail=ignore default=die", true, &c));
    assert_true(pam_control_is_weak(&c));
    assert_true(pam_control_parse("default=die cred_err=2", true, &c));
    assert_int_equal(c.action[PAM_VALUE_OTHER], 2);
}

/* Values that nothing is said about deny. */
static void test_unsaid(void **state)
{
    struct pam_control c;

    (void)state;
    assert_true(pam_control_parse("success=done", true, &c));
    assert_int_equal(c.action[PAM_VALUE_SUCCESS], PAM_ACTION_DONE);
    for (int v = PAM_VALUE_NEW_AUTHTOK; v < PAM_VALUES; v++)
        assert_int_equal(c.action[v], PAM_ACTION_BAD);
}

static void test_mistakes(void **state)
{
    static const char *const bad[] = {
        "success",    "success=",   "=ok",          "succes=ok",    "success=0",
        "success=-1", "success=1x", "success=okay", "default=ok x", "success=99999999"};
    struct pam_control c;

    (void)state;
    for (size_t n = 0; n < COUNT(bad); n++) {
        assert_false(pam_control_parse(bad[n], true, &c));
        for (int v = 0; v < PAM_VALUES; v++)
            assert_int_equal(c.action[v], PAM_ACTION_BAD);
    }
    assert_false(pam_control_parse("mandatory", false, &c));
    assert_false(pam_control_parse("required", true, &c));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keywords),
        cmocka_unit_test(test_brackets),
        cmocka_unit_test(test_unsaid),
        cmocka_unit_test(test_mistakes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
