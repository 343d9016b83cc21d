/* SPDX-License-Identifier: Apache-2.0
 *
 * The arguments of the module's line: exact, or refused by name.
 */
#include "pam_toyama/options.h"

#include "tests/unit/pam/unit.h"

static void defaults(void **state)
{
    struct options o;

    (void)state;
    assert_null(options_parse(&o, 0, NULL));
    assert_string_equal(o.socket, "/run/toyama/auth.sock");
    assert_true(o.lang == MESSAGES_EN);
    assert_false(o.ignore_silent);
}

static void takes_all(void **state)
{
    const char *argv[] = {"lang=ja", "socket=/run/x/y.sock", "silent=ignore"};
    struct options o;

    (void)state;
    assert_null(options_parse(&o, 3, argv));
    assert_true(o.ignore_silent);
    assert_string_equal(o.socket, "/run/x/y.sock");
    assert_true(o.lang == MESSAGES_JA);
}

static void names_what_it_refuses(void **state)
{
    static const char *const bad[] = {
        "",          "debug",      "socket",      "socket=",        "socket=run/x",
        "socket=/x", "socket=/x/", "SOCKET=/a/b", "lang",           "lang=",
        "lang=jp",   "lang=ja ",   "xlang=ja",    "nosocket=/a/b",  "socket =/a/b",
        "silent",    "silent=",    "silent=no",   "silent=ignored",
    };

    (void)state;
    for (size_t n = 0; n < COUNT(bad); n++) {
        const char *argv[] = {"lang=ja", bad[n]};
        struct options o;
        assert_ptr_equal(options_parse(&o, 2, argv), bad[n]);
    }
}

static void refuses_twice(void **state)
{
    const char *argv[] = {"lang=ja", "socket=/a/b", "lang=ja"};
    struct options o;

    (void)state;
    assert_ptr_equal(options_parse(&o, 3, argv), argv[2]);
}

static void path_fits_the_address(void **state)
{
    char longest[7 + 108] = "socket=/", too_long[7 + 109] = "socket=/";
    const char *argv[] = {longest};
    struct options o;

    (void)state;
    memset(longest + 8, 'a', 106);
    memset(too_long + 8, 'a', 107);
    longest[20] = too_long[20] = '/';
    assert_null(options_parse(&o, 1, argv));
    assert_int_equal(strlen(o.socket), sizeof(((struct sockaddr_un *)0)->sun_path) - 1);
    argv[0] = too_long;
    assert_ptr_equal(options_parse(&o, 1, argv), too_long);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(defaults),
        cmocka_unit_test(takes_all),
        cmocka_unit_test(names_what_it_refuses),
        cmocka_unit_test(refuses_twice),
        cmocka_unit_test(path_fits_the_address),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
