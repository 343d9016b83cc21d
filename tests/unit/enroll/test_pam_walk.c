/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_walk.h"

#include "tests/unit/enroll/pam_files.h"
#include "tests/unit/enroll/unit.h"

static struct pam_files files;

static struct pam_dispatch walk(const char *text, enum pam_type type, bool strict)
{
    struct pam_stack stack = {0};
    struct pam_dispatch out;
    static struct pam_line by;

    pam_files_write(&files, "self", text);
    assert_int_equal(pam_parse_service(files.dir, "self", &stack), PAM_PARSE_OK);
    assert_int_equal(pam_walk(&stack, type, strict, &out), PAM_DISPATCH_OK);
    if (out.by != NULL) {
        by = *out.by;
        out.by = &by;
    }
    pam_parse_free(&stack);
    return out;
}

/* Our line before `auth required pam_permit.so`, for each way to write it. */
static void test_matrix(void **state)
{
    static const struct {
        const char *control;
        bool granted;
    } row[] = {
        {"required", false},
        {"requisite", false},
        {"[success=ok default=bad]", false},
        {"[success=ok default=die]", false},
        {"[success=done ignore=ignore default=die]", false},
        {"[success=ok new_authtok_reqd=ok ignore=ignore default=die]", false},
        {"sufficient", true},
        {"optional", true},
        {"[success=done default=ignore]", true},
        {"[success=ok authinfo_unavail=ignore default=die]", true},
        {"[success=ok maxtries=1 default=die]", false},
        {"[success=ok user_unknown=reset default=die]", true},
        {"[default=ok]", false},
    };
    char text[256];

    (void)state;
    for (size_t n = 0; n < COUNT(row); n++) {
        snprintf(text, sizeof(text), "auth %s pam_toyama.so\nauth required pam_permit.so\n",
                 row[n].control);
        if (walk(text, PAM_TYPE_AUTH, false).granted != row[n].granted)
            fail_msg("%s", row[n].control);
        assert_false(walk(text, PAM_TYPE_AUTH, true).granted);
    }
}

static const char debian_before[] = "auth [success=ok default=bad] pam_toyama.so\n"
                                    "auth [success=1 default=ignore] pam_unix.so nullok\n"
                                    "auth requisite pam_deny.so\n"
                                    "auth required pam_permit.so\n"
                                    "auth optional pam_cap.so\n";

static void test_debian(void **state)
{
    struct pam_dispatch d;

    (void)state;
    assert_false(walk(debian_before, PAM_TYPE_AUTH, false).granted);
    d = walk("auth [success=2 default=ignore] pam_toyama.so\n"
             "auth [success=1 default=ignore] pam_unix.so nullok\n"
             "auth requisite pam_deny.so\n"
             "auth required pam_permit.so\n",
             PAM_TYPE_AUTH, false);
    assert_true(d.granted);
    assert_string_equal(d.by->module, "pam_unix.so");
    assert_int_equal(d.by->number, 2);
}

/* Weak words without a way around are no way around. */
static void test_harmless(void **state)
{
    (void)state;
    assert_false(
        walk("auth sufficient pam_toyama.so\nauth requisite pam_deny.so\n", PAM_TYPE_AUTH, false)
            .granted);
    assert_false(walk("auth sufficient pam_toyama.so\n", PAM_TYPE_AUTH, false).granted);
    assert_false(walk("auth sufficient pam_rootok.so\nauth requisite pam_toyama.so\n"
                      "auth required pam_unix.so\n",
                      PAM_TYPE_AUTH, false)
                     .granted);
}

static void test_around(void **state)
{
    struct pam_dispatch d;

    (void)state;
    d = walk("auth sufficient pam_unix.so\nauth [success=ok default=bad] pam_toyama.so\n",
             PAM_TYPE_AUTH, true);
    assert_true(d.granted);
    assert_string_equal(d.by->module, "pam_unix.so");
    d = walk("auth [success=1 default=ignore] pam_fprintd.so\n"
             "auth [success=ok default=bad] pam_toyama.so\n"
             "auth required pam_permit.so\n",
             PAM_TYPE_AUTH, true);
    assert_true(d.granted);
    assert_string_equal(d.by->module, "pam_fprintd.so");
    /* A failure that is wiped out again. */
    d = walk("auth [success=ok default=bad] pam_toyama.so\n"
             "auth [success=reset default=ignore] pam_sss.so\n"
             "auth required pam_unix.so\n",
             PAM_TYPE_AUTH, true);
    assert_true(d.granted);
}

static void test_substack(void **state)
{
    (void)state;
    pam_files_write(&files, "inner", "auth sufficient pam_unix.so\nauth required pam_deny.so\n");
    /* `done` inside a substack does not end what is outside. */
    assert_false(walk("auth substack inner\nauth [success=ok default=bad] pam_toyama.so\n",
                      PAM_TYPE_AUTH, false)
                     .granted);
    assert_true(walk("auth include inner\nauth [success=ok default=bad] pam_toyama.so\n",
                     PAM_TYPE_AUTH, false)
                    .granted);
}

static void test_break_glass(void **state)
{
    static const char text[] = "auth [success=2 default=ignore] pam_succeed_if.so quiet user "
                               "ingroup toyama-emergency\n"
                               "auth [success=ok default=bad] pam_toyama.so\n"
                               "auth [success=1 default=ignore] pam_deny.so\n"
                               "auth requisite pam_unix.so\n";
    struct pam_stack stack = {0};
    char group[64];

    (void)state;
    assert_false(walk(text, PAM_TYPE_AUTH, false).granted);
    pam_files_write(&files, "self", text);
    pam_parse_service(files.dir, "self", &stack);
    assert_true(pam_walk_break_glass(&stack.line[0], group, sizeof(group)));
    assert_string_equal(group, "toyama-emergency");
    assert_false(pam_walk_break_glass(&stack.line[1], group, sizeof(group)));
    pam_parse_free(&stack);
    /* A line that grants by itself asks for nothing, whatever group it names. */
    assert_true(walk("auth sufficient pam_succeed_if.so quiet user ingroup toyama-emergency\n"
                     "auth [success=ok default=bad] pam_toyama.so\n",
                     PAM_TYPE_AUTH, true)
                    .granted);
    /* Another condition is not a break-glass line but a way around. */
    assert_true(walk("auth [success=1 default=ignore] pam_succeed_if.so user != root\n"
                     "auth [success=ok default=bad] pam_toyama.so\n"
                     "auth required pam_permit.so\n",
                     PAM_TYPE_AUTH, true)
                    .granted);
}

static void test_account(void **state)
{
    static const char good[] = "account [success=ok default=bad] pam_toyama.so\n"
                               "account [success=1 new_authtok_reqd=done default=ignore] "
                               "pam_unix.so\n"
                               "account requisite pam_deny.so\n"
                               "account required pam_permit.so\n";

    (void)state;
    assert_false(walk(good, PAM_TYPE_ACCOUNT, false).granted);
    assert_true(walk("account sufficient pam_localuser.so\n"
                     "account [success=ok default=bad] pam_toyama.so\n",
                     PAM_TYPE_ACCOUNT, false)
                    .granted);
    /* An expired password lets the login go on after it was changed. */
    assert_true(walk("account [success=ok new_authtok_reqd=ok default=ignore] pam_unix.so\n"
                     "account optional pam_toyama.so\n",
                     PAM_TYPE_ACCOUNT, false)
                    .granted);
}

static void test_intricate(void **state)
{
    static char text[64 * 600];
    struct pam_stack stack = {0};
    struct pam_dispatch out;
    size_t len = 0;

    (void)state;
    /* Every line may be the one whose success counts: more states than are followed. */
    for (int n = 0; n < 600; n++)
        len += (size_t)snprintf(text + len, sizeof(text) - len,
                                "auth [success=%d default=ignore] "
                                "pam_unix.so\n",
                                600 - n);
    pam_files_write(&files, "self", text);
    assert_int_equal(pam_parse_service(files.dir, "self", &stack), PAM_PARSE_OK);
    assert_int_equal(pam_walk(&stack, PAM_TYPE_AUTH, false, &out), PAM_DISPATCH_COMPLEX);
    pam_parse_free(&stack);
}

static int setup(void **state)
{
    (void)state;
    pam_files_make(&files);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pam_files_remove(&files);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),   cmocka_unit_test(test_debian),
        cmocka_unit_test(test_harmless), cmocka_unit_test(test_around),
        cmocka_unit_test(test_substack), cmocka_unit_test(test_break_glass),
        cmocka_unit_test(test_account),  cmocka_unit_test(test_intricate),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
