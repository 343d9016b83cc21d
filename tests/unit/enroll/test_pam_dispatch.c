/* SPDX-License-Identifier: Apache-2.0
 *
 * Our dispatcher against libpam's: hundreds of random stacks of pam_debug.so, which returns what
 * its line says, are given to both. Repeatable: the generator starts from a fixed number. Included
 * files stand with their whole path: libpam 1.5 looks for others in /etc/pam.d only.
 */
#include "enroll/pam_dispatch.h"

#include "tests/unit/enroll/pam_files.h"
#include "tests/unit/enroll/unit.h"

#include <security/pam_appl.h>

#define ROUNDS    600
#define LINES_MAX 7

static struct pam_files files;

static const char *const value_name[] = {
    [PAM_VALUE_SUCCESS] = "success",
    [PAM_VALUE_NEW_AUTHTOK] = "new_authtok_reqd",
    [PAM_VALUE_IGNORE] = "ignore",
    [PAM_VALUE_AUTH_ERR] = "auth_err",
    [PAM_VALUE_AUTHINFO_UNAVAIL] = "authinfo_unavail",
    [PAM_VALUE_USER_UNKNOWN] = "user_unknown",
    [PAM_VALUE_MAXTRIES] = "maxtries",
    [PAM_VALUE_PERM_DENIED] = "perm_denied",
    [PAM_VALUE_ACCT_EXPIRED] = "acct_expired",
    [PAM_VALUE_SERVICE_ERR] = "service_err",
    [PAM_VALUE_SYSTEM_ERR] = "system_err",
    [PAM_VALUE_CONV_ERR] = "conv_err",
    [PAM_VALUE_ABORT] = "abort",
    [PAM_VALUE_MODULE_UNKNOWN] = "module_unknown",
    [PAM_VALUE_OTHER] = "buf_err",
};

static uint32_t next_random(uint32_t *seed)
{
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static bool says(const struct pam_line *line, enum pam_value value)
{
    const char *at = strchr(line->args, '=');

    return at != NULL && strcmp(at + 1, value_name[value]) == 0;
}

static int no_weight(const struct pam_line *line)
{
    (void)line;
    return 0;
}

static const char *random_control(uint32_t *seed, char *out, size_t cap)
{
    static const char *const word[] = {"required", "requisite", "sufficient", "optional"};
    static const char *const action[] = {"ok",    "done", "bad", "die", "ignore",
                                         "reset", "1",    "2",   "3"};
    uint32_t r = next_random(seed);

    if (r % 3 == 0)
        return word[r / 3 % COUNT(word)];
    snprintf(out, cap, "[%s=%s %s=%s default=%s]", value_name[r / 3 % PAM_VALUES],
             action[next_random(seed) % COUNT(action)], "success",
             action[next_random(seed) % COUNT(action)], action[next_random(seed) % COUNT(action)]);
    return out;
}

/* Successes and failures are about as frequent; other values are rarer. */
static const char *random_value(uint32_t *seed)
{
    uint32_t r = next_random(seed) % 10;

    if (r < 4)
        return "success";
    return r < 7 ? "auth_err" : value_name[next_random(seed) % PAM_VALUES];
}

/* The type and the argument of pam_debug.so for it. */
static const char *const type_name[] = {"auth", "account"};
static const char *const argument[] = {"auth", "acct"};

static void write_file(uint32_t *seed, enum pam_type type, const char *name, const char *substack)
{
    char text[LINES_MAX * 160] = "", control[100];
    size_t len = 0;
    uint32_t lines = 1 + next_random(seed) % LINES_MAX;

    for (uint32_t n = 0; n < lines; n++) {
        if (substack != NULL && next_random(seed) % 4 == 0)
            len += (size_t)snprintf(
                text + len, sizeof(text) - len, "%s %s %s/%s\n", type_name[type],
                next_random(seed) % 4 == 0 ? "include" : "substack", files.dir, substack);
        else
            len += (size_t)snprintf(text + len, sizeof(text) - len, "%s %s pam_debug.so %s=%s\n",
                                    type_name[type], random_control(seed, control, sizeof(control)),
                                    argument[type], random_value(seed));
    }
    pam_files_write(&files, name, text);
}

static int silent(int count, const struct pam_message **message, struct pam_response **response,
                  void *context)
{
    (void)count;
    (void)message;
    (void)response;
    (void)context;
    return PAM_CONV_ERR;
}

static bool libpam_grants(enum pam_type type)
{
    const struct pam_conv conv = {silent, NULL};
    pam_handle_t *handle = NULL;
    int r;

    assert_int_equal(pam_start_confdir("outer", "nobody", &conv, files.dir, &handle), PAM_SUCCESS);
    if (type == PAM_TYPE_AUTH)
        r = pam_authenticate(handle, PAM_SILENT);
    else
        r = pam_acct_mgmt(handle, PAM_SILENT);
    pam_end(handle, r);
    return r == PAM_SUCCESS || (r == PAM_NEW_AUTHTOK_REQD && type == PAM_TYPE_ACCOUNT);
}

static bool we_grant(enum pam_type type)
{
    const struct pam_dispatch_model model = {says, pam_dispatch_action, no_weight};
    struct pam_stack stack = {0};
    struct pam_dispatch out;

    assert_int_equal(pam_parse_service(files.dir, "outer", &stack), PAM_PARSE_OK);
    assert_int_equal(pam_dispatch(&stack, type, &model, &out), PAM_DISPATCH_OK);
    pam_parse_free(&stack);
    return out.granted;
}

static void compare(enum pam_type type)
{
    uint32_t seed = 20260401;
    unsigned granted = 0;

    for (unsigned round = 0; round < ROUNDS; round++) {
        bool theirs;
        write_file(&seed, type, "inner", NULL);
        write_file(&seed, type, "middle", "inner");
        write_file(&seed, type, "outer", "middle");
        theirs = libpam_grants(type);
        granted += theirs;
        if (we_grant(type) != theirs)
            fail_msg("round %u: libpam %s", round, theirs ? "grants" : "denies");
    }
    /* Both answers came often enough to mean something. */
    assert_in_range(granted, ROUNDS / 10, ROUNDS - ROUNDS / 10);
}

static void test_auth(void **state)
{
    (void)state;
    compare(PAM_TYPE_AUTH);
}

static void test_account(void **state)
{
    (void)state;
    compare(PAM_TYPE_ACCOUNT);
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
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_auth), cmocka_unit_test(test_account)};

    return cmocka_run_group_tests(tests, setup, teardown);
}
