/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/settings.h"

#include "tests/unit/enroll/unit.h"

#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char program[64];
static struct settings settings;

/* Instead of toyamad: a script that gets the same arguments. */
static void write_program(const char *body)
{
    FILE *out = fopen(program, "we");

    assert_non_null(out);
    fprintf(out, "#!/bin/sh\n%s\n", body);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(program, 0700), 0);
}

static void test_good(void **state)
{
    (void)state;
    write_program("echo \"zone = lgwan\"; echo \"remote = \"; echo 'odd = a = b'; echo config = $2;"
                  "echo ignored; echo args = $#$1$3; env | grep -c . | sed 's/^/env = /'");
    assert_int_equal(settings_load(&settings, program, "/some/file"), SETTINGS_OK);
    assert_string_equal(settings_get(&settings, "zone"), "lgwan");
    assert_string_equal(settings_get(&settings, "remote"), "");
    assert_string_equal(settings_get(&settings, "odd"), "a = b");
    assert_string_equal(settings_get(&settings, "config"), "/some/file");
    assert_string_equal(settings_get(&settings, "args"), "3--config--check-config");
    assert_string_equal(settings_get(&settings, "nothing"), "");
    /* PATH and LANG, and what the shell adds: nothing of ours. */
    assert_true(atoi(settings_get(&settings, "env")) <= 4);
}

static void test_bad(void **state)
{
    (void)state;
    write_program("echo \"$2:3: unknown key\" >&2; exit 78");
    assert_int_equal(settings_load(&settings, program, "/f"), SETTINGS_BAD);
    assert_string_equal(settings.run.error, "/f:3: unknown key\n");
    assert_string_equal(settings_get(&settings, "zone"), "");
}

static void test_broken(void **state)
{
    static const char *const body[] = {"exit 1", "kill -9 $$", "exit 0", "exit 127"};

    (void)state;
    for (size_t n = 0; n < COUNT(body); n++) {
        write_program(body[n]);
        assert_int_equal(settings_load(&settings, program, "/f"), SETTINGS_NO_BROKER);
    }
    assert_int_equal(settings_load(&settings, "/nonexistent/toyamad", "/f"), SETTINGS_NO_BROKER);
}

static void test_loud(void **state)
{
    (void)state;
    write_program("head -c 300000 /dev/zero | tr '\\0' 'a'; echo; echo late >&2; exit 78");
    assert_int_equal(settings_load(&settings, program, "/f"), SETTINGS_BAD);
    assert_int_equal(strlen(settings.run.out), RUN_TEXT_MAX - 1);
    assert_string_equal(settings.run.error, "late\n");
}

static void test_deadline(void **state)
{
    const char *const argv[] = {program, NULL};
    static struct run_result result;
    struct timespec before, after;

    (void)state;
    write_program("exec sleep 60");
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_false(run_program(argv, 1, &result));
    clock_gettime(CLOCK_MONOTONIC, &after);
    assert_in_range(after.tv_sec - before.tv_sec, 1, 5);
}

static int remove_program(void **state)
{
    (void)state;
    return unlink(program);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good), cmocka_unit_test(test_bad),      cmocka_unit_test(test_broken),
        cmocka_unit_test(test_loud), cmocka_unit_test(test_deadline),
    };

    snprintf(program, sizeof(program), "/tmp/toyama-settings.%d", (int)getpid());
    return cmocka_run_group_tests(tests, NULL, remove_program);
}
