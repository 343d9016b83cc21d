/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/pam_parse.h"

#include "enroll/pam_services.h"
#include "tests/unit/enroll/pam_files.h"
#include "tests/unit/enroll/unit.h"

static struct pam_files files;

static int parse(const char *service, struct pam_stack *stack)
{
    *stack = (struct pam_stack){0};
    return pam_parse_service(files.dir, service, stack);
}

static void expect(const struct pam_line *line, enum pam_type type, const char *file,
                   unsigned number, unsigned level, const char *module, const char *args)
{
    assert_int_equal(line->type, type);
    assert_string_equal(line->file, file);
    assert_int_equal(line->number, number);
    assert_int_equal(line->level, level);
    assert_string_equal(line->module, module);
    assert_string_equal(line->args, args);
}

static void test_lines(void **state)
{
    struct pam_stack s;

    (void)state;
    pam_files_write(&files, "login",
                    "# comment\n"
                    "\n"
                    "auth\trequired  /lib/security/pam_toyama.so debug # tail\n"
                    "-auth [success=1 \\\n"
                    "  default=ignore] pam_unix.so nullok \\\n"
                    "  try_first_pass\n"
                    "account sufficient pam_permit.so\n"
                    "session optional pam_motd.so\n"
                    "auth required pam_succeed_if.so user ingroup a b\n");
    assert_int_equal(parse("login", &s), PAM_PARSE_OK);
    assert_int_equal(s.count, 5);
    expect(&s.line[0], PAM_TYPE_AUTH, "login", 3, 0, "pam_toyama.so", "debug ");
    assert_false(s.line[0].sufficient);
    assert_int_equal(s.line[1].control.action[PAM_VALUE_SUCCESS], 1);
    assert_int_equal(s.line[1].control.action[PAM_VALUE_AUTH_ERR], PAM_ACTION_IGNORE);
    assert_string_equal(s.line[1].module, "pam_unix.so");
    expect(&s.line[2], PAM_TYPE_ACCOUNT, "login", 7, 0, "pam_permit.so", "");
    assert_true(s.line[2].sufficient);
    assert_int_equal(s.line[3].type, PAM_TYPE_OTHER);
    assert_string_equal(s.line[4].args, "user ingroup a b");
    pam_parse_free(&s);
}

static void test_includes(void **state)
{
    struct pam_stack s;

    (void)state;
    pam_files_write(&files, "su",
                    "auth sufficient pam_rootok.so\n"
                    "@include common\n"
                    "auth include common\n"
                    "account substack common\n");
    pam_files_write(&files, "common",
                    "auth required pam_unix.so\n"
                    "account substack deep\n");
    pam_files_write(&files, "deep", "account required pam_deny.so\nauth required pam_env.so\n");
    assert_int_equal(parse("su", &s), PAM_PARSE_OK);
    assert_int_equal(s.count, 8);
    expect(&s.line[1], PAM_TYPE_AUTH, "common", 1, 0, "pam_unix.so", "");
    expect(&s.line[2], PAM_TYPE_ACCOUNT, "common", 2, 0, "", "");
    assert_true(s.line[2].substack);
    expect(&s.line[3], PAM_TYPE_ACCOUNT, "deep", 1, 1, "pam_deny.so", "");
    assert_false(s.line[3].substack);
    expect(&s.line[4], PAM_TYPE_AUTH, "common", 1, 0, "pam_unix.so", "");
    expect(&s.line[5], PAM_TYPE_ACCOUNT, "su", 4, 0, "", "");
    expect(&s.line[6], PAM_TYPE_ACCOUNT, "common", 2, 1, "", "");
    expect(&s.line[7], PAM_TYPE_ACCOUNT, "deep", 1, 2, "pam_deny.so", "");
    pam_parse_free(&s);
}

static void test_errors(void **state)
{
    static const struct {
        const char *text;
        int err;
        unsigned line;
    } row[] = {
        {"auth required\n", PAM_PARSE_SYNTAX, 1},
        {"auth required pam_unix.so\nbogus required pam_unix.so\n", PAM_PARSE_SYNTAX, 2},
        {"auth\n", PAM_PARSE_SYNTAX, 1},
        {"auth mandatory pam_unix.so\n", PAM_PARSE_SYNTAX, 1},
        {"auth [success=maybe] pam_unix.so\n", PAM_PARSE_SYNTAX, 1},
        {"@include\n", PAM_PARSE_SYNTAX, 1},
        {"@include self\n", PAM_PARSE_DEPTH, 0},
    };
    struct pam_stack s;

    (void)state;
    for (size_t n = 0; n < COUNT(row); n++) {
        pam_files_write(&files, "self", row[n].text);
        assert_int_equal(parse("self", &s), row[n].err);
        assert_string_equal(s.bad_file, "self");
        assert_int_equal(s.bad_line, row[n].line);
        pam_parse_free(&s);
    }
    pam_files_write(&files, "self", "auth include nowhere\n");
    assert_int_equal(parse("self", &s), PAM_PARSE_FILE);
    assert_string_equal(s.bad_file, "nowhere");
    assert_int_equal(s.count, 1);
    assert_int_equal(s.line[0].control.action[PAM_VALUE_SUCCESS], PAM_ACTION_BAD);
    pam_parse_free(&s);
}

/* A line that is not understood denies, and those around it are still read. */
static void test_broken_line(void **state)
{
    struct pam_stack s;

    (void)state;
    pam_files_write(&files, "self", "auth mandatory pam_unix.so\nauth required pam_deny.so\n");
    assert_int_equal(parse("self", &s), PAM_PARSE_SYNTAX);
    assert_int_equal(s.count, 2);
    assert_int_equal(s.line[0].control.action[PAM_VALUE_SUCCESS], PAM_ACTION_BAD);
    pam_parse_free(&s);
}

static void test_too_many(void **state)
{
    static char text[40 * (PAM_PARSE_LINES_MAX + 2)];
    struct pam_stack s;
    size_t len = 0;

    (void)state;
    for (int n = 0; n <= PAM_PARSE_LINES_MAX; n++)
        len += (size_t)snprintf(text + len, sizeof(text) - len, "auth required pam_%d.so\n", n);
    pam_files_write(&files, "self", text);
    assert_int_equal(parse("self", &s), PAM_PARSE_LINES);
    assert_int_equal(s.count, PAM_PARSE_LINES_MAX);
    pam_parse_free(&s);
}

static void test_long_line(void **state)
{
    char text[6000];
    struct pam_stack s;

    (void)state;
    memset(text, 'x', sizeof(text));
    memcpy(text, "auth required pam_unix.so ", 26);
    memcpy(text + sizeof(text) - 30, "\nauth required pam_deny.so\n\0\0", 29);
    text[sizeof(text) - 1] = '\0';
    pam_files_write(&files, "self", text);
    parse("self", &s);
    assert_true(s.count >= 2);
    assert_string_equal(s.line[s.count - 1].module, "pam_deny.so");
    pam_parse_free(&s);
}

static void name_service(void *context, const char *service, const struct pam_stack *stack, int err)
{
    char *list = context;

    (void)stack;
    (void)err;
    strcat(strcat(list, service), " ");
}

static void test_services(void **state)
{
    static const char *const names[] = {"sshd",          "common-auth", "login",      "system-auth",
                                        "sshd.dpkg-old", ".hidden",     "su.pam-old", "gdm~"};
    struct pam_files own = {""};
    char list[256] = "";

    (void)state;
    pam_files_make(&own);
    for (size_t n = 0; n < COUNT(names); n++)
        pam_files_write(&own, names[n], "auth required pam_unix.so\n");
    pam_files_write(&own, "vsftpd", "auth include system-auth\n");
    pam_files_write(&own, "su-l", "auth include su\n");
    pam_files_write(&own, "su", "auth required pam_unix.so\n");
    assert_true(pam_services_each(own.dir, name_service, list));
    assert_string_equal(list, "login sshd su su-l vsftpd ");
    pam_files_remove(&own);
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
        cmocka_unit_test(test_lines),    cmocka_unit_test(test_includes),
        cmocka_unit_test(test_errors),   cmocka_unit_test(test_broken_line),
        cmocka_unit_test(test_too_many), cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_services),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
