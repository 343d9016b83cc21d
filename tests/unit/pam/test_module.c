/* SPDX-License-Identifier: Apache-2.0
 *
 * The module with every call that it makes failing once: never PAM_SUCCESS nor PAM_IGNORE where the
 * broker did not grant this user, no descriptor left, and setcred says what authenticate said.
 */
#include <security/pam_modules.h>
#include <unistd.h>

#include "pam_toyama/client.h"
#include "tests/unit/pam/fake_pam.h"
#include "tests/unit/pam/faults.h"
#include "tests/unit/pam/unit.h"

int pam_sm_authenticate(pam_handle_t *pamh, int flags, int argc, const char **argv);
int pam_sm_setcred(pam_handle_t *pamh, int flags, int argc, const char **argv);
int pam_sm_acct_mgmt(pam_handle_t *pamh, int flags, int argc, const char **argv);
int pam_sm_open_session(pam_handle_t *pamh, int flags, int argc, const char **argv);
int pam_sm_close_session(pam_handle_t *pamh, int flags, int argc, const char **argv);
int pam_sm_chauthtok(pam_handle_t *pamh, int flags, int argc, const char **argv);

struct outcome {
    int code;
    int setcred;
    bool fault;
    char user[64];
};

static struct outcome authenticate(const char *script, const char *user, enum fault_call call,
                                   unsigned nth)
{
    struct outcome out = {0};
    pam_handle_t pamh;

    fake_pam_begin(&pamh, "123456");
    pamh.user = user;
    faults_script(script);
    faults_arm(call, nth);
    out.code = pam_sm_authenticate(&pamh, 0, 0, NULL);
    out.fault = faults_happened();
    faults_arm(FAULT_NONE, 0);
    out.setcred = pam_sm_setcred(&pamh, PAM_ESTABLISH_CRED, 0, NULL);
    strncpy(out.user, pamh.user == NULL ? "" : pamh.user, sizeof(out.user) - 1);
    fake_pam_end(&pamh);
    return out;
}

static void grants_without_faults(void **state)
{
    (void)state;
    assert_int_equal(authenticate("+G", "taro", FAULT_NONE, 0).code, PAM_SUCCESS);
    assert_int_equal(authenticate("+IP+IG", "taro", FAULT_NONE, 0).code, PAM_SUCCESS);
    assert_string_equal(faults_sent(), "SA");
    assert_string_equal(authenticate("+IP+IG", NULL, FAULT_NONE, 0).user, "taro");
}

/* What the broker says must be refused, whatever else fails. */
static const struct {
    const char *script;
    const char *user;
} refused[] = {
    {"+D", "taro"},       {"+L", "taro"},  {"+W", "taro"}, {"+H", "taro"},  {"+N", "taro"},
    {"+IP+D", "taro"},    {"+IP", "taro"}, {"+", "taro"},  {"", "taro"},    {"+IP+H", "taro"},
    {"+IP+W", "taro"},    {"+N", NULL},    {"+W", NULL},   {"+IP+L", NULL}, {"+G", "hanako"},
    {"+IP+IG", "hanako"}, {"+G", "root"},  {"+G", ""},
};

static void refuses_whatever_fails(void **state)
{
    int descriptors = faults_open_descriptors();
    unsigned runs = 0;

    (void)state;
    for (size_t n = 0; n < COUNT(refused); n++)
        for (int call = FAULT_NONE; call < FAULT_END; call++) {
            struct outcome out;
            unsigned nth = 0;
            do {
                out =
                    authenticate(refused[n].script, refused[n].user, (enum fault_call)call, ++nth);
                assert_int_not_equal(out.code, PAM_SUCCESS);
                assert_int_not_equal(out.code, PAM_IGNORE);
                assert_string_equal(out.user, refused[n].user == NULL ? "" : refused[n].user);
                runs++;
            } while (out.fault);
        }
    assert_int_equal(faults_open_descriptors(), descriptors);
    print_message("%u runs\n", runs);
    assert_true(runs > 700);
}

/* With a broker that grants, a failing call may only turn success into refusal; and what the module
 * remembers agrees with what it said. */
static void a_fault_never_leaves_half_a_login(void **state)
{
    static const char *const scripts[] = {"+G", "+IP+IG"};
    int descriptors = faults_open_descriptors();

    (void)state;
    for (size_t n = 0; n < COUNT(scripts); n++)
        for (int call = FAULT_LSTAT; call < FAULT_END; call++) {
            struct outcome out;
            unsigned nth = 0;
            do {
                out =
                    authenticate(scripts[n], n == 0 ? "taro" : NULL, (enum fault_call)call, ++nth);
                assert_int_not_equal(out.code, PAM_IGNORE);
                if (out.code != PAM_SUCCESS && call != FAULT_CALLOC && call != FAULT_SET_DATA)
                    assert_int_equal(out.setcred, PAM_CRED_ERR);
                if (out.code == PAM_SUCCESS)
                    assert_int_equal(out.setcred, PAM_SUCCESS);
            } while (out.fault);
        }
    assert_int_equal(faults_open_descriptors(), descriptors);
}

/* The calls whose first failure must be fatal even where the broker would grant. */
static void these_faults_are_fatal(void **state)
{
    static const struct {
        enum fault_call call;
        int code;
    } fatal[] = {
        {FAULT_LSTAT, PAM_AUTHINFO_UNAVAIL},
        {FAULT_GETRANDOM, PAM_AUTHINFO_UNAVAIL},
        {FAULT_GETRANDOM_SHORT, PAM_AUTHINFO_UNAVAIL},
        {FAULT_SOCKET, PAM_AUTHINFO_UNAVAIL},
        {FAULT_CONNECT, PAM_AUTHINFO_UNAVAIL},
        {FAULT_GETSOCKOPT, PAM_AUTHINFO_UNAVAIL},
        {FAULT_FOREIGN_PEER, PAM_AUTHINFO_UNAVAIL},
        {FAULT_CLOCK, PAM_AUTHINFO_UNAVAIL},
        {FAULT_POLL, PAM_AUTHINFO_UNAVAIL},
        {FAULT_SEND, PAM_AUTHINFO_UNAVAIL},
        {FAULT_RECVMSG, PAM_AUTHINFO_UNAVAIL},
        {FAULT_CALLOC, PAM_BUF_ERR},
        {FAULT_SET_DATA, PAM_BUF_ERR},
        {FAULT_SET_ITEM, PAM_SYSTEM_ERR},
        {FAULT_CONVERSATION, PAM_CONV_ERR},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(fatal); n++) {
        struct outcome out = authenticate("+IP+G", NULL, fatal[n].call, 1);
        assert_true(out.fault);
        assert_int_equal(out.code, fatal[n].code);
    }
}

static int account(const char *script, enum fault_call call, unsigned nth, bool *fault)
{
    pam_handle_t pamh;
    int code;

    fake_pam_begin(&pamh, NULL);
    faults_script(script);
    faults_arm(call, nth);
    code = pam_sm_acct_mgmt(&pamh, 0, 0, NULL);
    *fault = faults_happened();
    faults_arm(FAULT_NONE, 0);
    fake_pam_end(&pamh);
    return code;
}

static void account_refuses_whatever_fails(void **state)
{
    static const char *const scripts[] = {"+D", "+L", "+W", "+H", "+I", "+P", "+", ""};
    bool fault = false;

    (void)state;
    assert_int_equal(account("+G", FAULT_NONE, 0, &fault), PAM_SUCCESS);
    assert_int_equal(account("+N", FAULT_NONE, 0, &fault), PAM_SUCCESS);
    for (size_t n = 0; n < COUNT(scripts); n++)
        for (int call = FAULT_NONE; call < FAULT_END; call++) {
            unsigned nth = 0;
            do {
                int code = account(scripts[n], (enum fault_call)call, ++nth, &fault);
                assert_int_not_equal(code, PAM_SUCCESS);
                assert_int_not_equal(code, PAM_IGNORE);
            } while (fault);
        }
}

static void sessions_never_fail(void **state)
{
    static const char *const scripts[] = {"+G", "+D", "+W", ""};

    (void)state;
    for (size_t n = 0; n < COUNT(scripts); n++)
        for (int call = FAULT_NONE; call < FAULT_END; call++) {
            bool fault;
            unsigned nth = 0;
            do {
                pam_handle_t pamh;
                fake_pam_begin(&pamh, NULL);
                faults_script(scripts[n]);
                faults_arm((enum fault_call)call, ++nth);
                assert_int_equal(pam_sm_open_session(&pamh, 0, 0, NULL), PAM_SUCCESS);
                fault = faults_happened();
                faults_arm(FAULT_NONE, 0);
                assert_int_equal(pamh.shown + pamh.asked, 0);
                fake_pam_end(&pamh);
            } while (fault);
        }
}

static void setcred_and_chauthtok(void **state)
{
    pam_handle_t pamh;

    (void)state;
    fake_pam_begin(&pamh, NULL);
    assert_int_equal(pam_sm_setcred(&pamh, PAM_DELETE_CRED, 0, NULL), PAM_SUCCESS);
    assert_int_equal(pam_sm_chauthtok(&pamh, PAM_PRELIM_CHECK, 0, NULL), PAM_IGNORE);
    assert_int_equal(pam_sm_chauthtok(&pamh, PAM_UPDATE_AUTHTOK, 0, NULL), PAM_IGNORE);
    fake_pam_end(&pamh);
}

/* The whole deadline with a broker that says nothing, and one that never stops to talk. */
static void deadlines_hold(void **state)
{
    static const char *const scripts[] = {"+.", "+IIIIII."};

    (void)state;
    for (size_t n = 0; n < COUNT(scripts); n++) {
        struct client c;
        struct frame frame;
        int err;
        faults_script(scripts[n]);
        assert_int_equal(client_open(&c, "/run/x/auth.sock", 100, 200), CLIENT_OK);
        struct frame_out out = client_begin(&c, AUTH_CANCEL);
        assert_int_equal(client_send(&c, &out), CLIENT_OK);
        while ((err = client_receive(&c, &frame)) == CLIENT_OK)
            continue;
        assert_int_equal(err, CLIENT_LATE);
        assert_true(client_is_late(&c));
        client_close(&c);
        faults_happened();
    }
}

static void type_slowly(void)
{
    faults_advance_clock(91);
}

static void a_late_answer_is_not_sent(void **state)
{
    pam_handle_t pamh;

    (void)state;
    fake_pam_begin(&pamh, "123456");
    pamh.while_typing = type_slowly;
    faults_script("+P+G");
    faults_arm(FAULT_NONE, 0);
    assert_int_equal(pam_sm_authenticate(&pamh, 0, 0, NULL), PAM_AUTH_ERR);
    faults_happened();
    assert_string_equal(faults_sent(), "SC");
    assert_non_null(strstr(pamh.last_text, "時間内に"));
    fake_pam_end(&pamh);
    faults_arm(FAULT_NONE, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grants_without_faults),
        cmocka_unit_test(refuses_whatever_fails),
        cmocka_unit_test(a_fault_never_leaves_half_a_login),
        cmocka_unit_test(these_faults_are_fatal),
        cmocka_unit_test(account_refuses_whatever_fails),
        cmocka_unit_test(sessions_never_fail),
        cmocka_unit_test(setcred_and_chauthtok),
        cmocka_unit_test(deadlines_hold),
        cmocka_unit_test(a_late_answer_is_not_sent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
