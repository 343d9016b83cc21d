/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/options.h"

#include "core/roster/record.h"
#include "enroll/names.h"
#include "tests/unit/enroll/unit.h"

#define WORDS_MAX 20

/* Splits at '|'; the copy lives until the next call. */
static int parse(const char *line, struct options *opt)
{
    static char copy[512];
    char *argv[WORDS_MAX + 1] = {NULL};
    int argc = 0;
    char *save = NULL;

    snprintf(copy, sizeof(copy), "toyama-enroll|%s", line);
    for (char *w = strtok_r(copy, "|", &save); w != NULL && argc < WORDS_MAX;
         w = strtok_r(NULL, "|", &save))
        argv[argc++] = w;
    return options_parse(argc, argv, opt);
}

static void test_commands(void **state)
{
    const struct command *c;
    struct options opt;

    (void)state;
    for (size_t n = 0; (c = command_at(n)) != NULL; n++) {
        char name[64], line[64];
        command_name(c, name, sizeof(name));
        snprintf(line, sizeof(line), "%s%s%s|--help", c->noun, c->action != NULL ? "|" : "",
                 c->action != NULL ? c->action : "");
        assert_int_equal(parse(line, &opt), OPTIONS_OK);
        assert_ptr_equal(opt.command, c);
        assert_true(opt.help);
        assert_true(strlen(c->summary) > 0 && strlen(c->detail) > 0);
        /* The example shows the command that it stands under. */
        assert_non_null(strstr(c->example, name));
    }
}

static void test_values(void **state)
{
    struct options opt;

    (void)state;
    assert_int_equal(parse("person|add|--number|012345|--name=砺波 太郎|--login|taro,t2|--category|"
                           "contractor|--until|2028-02-29|--json|--yes|--pin-stdin|--lang|ja|"
                           "--config|/tmp/c",
                           &opt),
                     OPTIONS_OK);
    assert_string_equal(opt.command->verb, "person.add");
    assert_string_equal(admin_pair_get(&opt.pairs, "number"), "012345");
    assert_string_equal(admin_pair_get(&opt.pairs, "name"), "砺波 太郎");
    assert_string_equal(admin_pair_get(&opt.pairs, "login"), "taro,t2");
    assert_string_equal(admin_pair_get(&opt.pairs, "until"), "2028-02-29");
    assert_null(admin_pair_get(&opt.pairs, "kana"));
    assert_true(opt.json && opt.yes && opt.pin_stdin && !opt.help);
    assert_int_equal(opt.lang, LANG_JA);
    assert_string_equal(opt.config, "/tmp/c");
}

static void test_order(void **state)
{
    struct options opt;

    (void)state;
    assert_int_equal(parse("--json|finger|--lang=en|enroll|taro|right-index", &opt), OPTIONS_OK);
    assert_string_equal(admin_pair_get(&opt.pairs, "person"), "taro");
    assert_string_equal(admin_pair_get(&opt.pairs, "finger"), "right-index");
    assert_int_equal(parse("card|stop|--|--weird", &opt), OPTIONS_OK);
    assert_string_equal(admin_pair_get(&opt.pairs, "person"), "--weird");
    assert_int_equal(
        parse("person|add|--share|--login|a|--number|1|--name|n|--category|regular", &opt),
        OPTIONS_OK);
    assert_string_equal(admin_pair_get(&opt.pairs, "share"), "yes");
    assert_int_equal(parse("person|change|a|--until|none|--escort|no|--hosts|all", &opt),
                     OPTIONS_OK);
    assert_string_equal(admin_pair_get(&opt.pairs, "until"), "none");
    assert_int_equal(parse("exception|add|a|--factors|card pin|--hosts|h|--until|2026-10-03T17:15|"
                           "--reason|injured|--from|2026-10-01",
                           &opt),
                     OPTIONS_OK);
    assert_string_equal(admin_pair_get(&opt.pairs, "until"), "2026-10-03T17:15");
    assert_int_equal(parse("lockout|show", &opt), OPTIONS_OK);
    assert_int_equal(opt.pairs.count, 0);
}

static const struct {
    const char *line;
    int err;
    const char *about; /* NULL: any */
} mistakes[] = {
    {"", OPTIONS_NO_COMMAND, NULL},
    {"person", OPTIONS_NO_COMMAND, NULL},
    {"bogus", OPTIONS_COMMAND, "bogus"},
    {"person|bogus", OPTIONS_COMMAND, "bogus"},
    {"status|extra", OPTIONS_EXTRA, "extra"},
    {"person|show|a|b", OPTIONS_EXTRA, "b"},
    {"person|show", OPTIONS_MISSING, NULL},
    {"finger|enroll|taro", OPTIONS_MISSING, NULL},
    {"person|show|a|--bogus", OPTIONS_UNKNOWN, "--bogus"},
    {"person|show|a|--kana|x", OPTIONS_UNKNOWN, "--kana"},
    {"person|show|a|--jso", OPTIONS_UNKNOWN, "--jso"},
    {"person|show|a|--json=1", OPTIONS_VALUE, NULL},
    {"person|show|a|--config", OPTIONS_VALUE, "--config"},
    {"person|show|a|--config=", OPTIONS_VALUE, NULL},
    {"status|--json|--json", OPTIONS_TWICE, "--json"},
    {"status|--config|a|--config|b", OPTIONS_TWICE, NULL},
    {"card|stop|a|--reason|x|--reason|y", OPTIONS_TWICE, NULL},
    {"pin", OPTIONS_NO_COMMAND, NULL},
    {"pin|set|taro|123456", OPTIONS_EXTRA, "123456"},
    {"pin|set|taro|--pin|123456", OPTIONS_UNKNOWN, "--pin"},
    {"pin|set|taro|--generate=8", OPTIONS_VALUE, NULL},
    {"card|change-pin|taro|123456|654321", OPTIONS_EXTRA, "123456"},
    {"person|add|--share|--share", OPTIONS_TWICE, "--share"},
    {"person|add|--share=no", OPTIONS_VALUE, NULL},
    {"status|--lang|fr", OPTIONS_BAD, NULL},
    {"finger|enroll|taro|nose", OPTIONS_BAD, "nose"},
    {"finger|enroll|taro|all", OPTIONS_BAD, "all"},
    {"audit|show|--last|-1", OPTIONS_BAD, "-1"},
    {"audit|show|--last|1x", OPTIONS_BAD, "1x"},
    {"audit|show|--last|9999999999", OPTIONS_BAD, NULL},
    {"person|add|--category|boss", OPTIONS_BAD, "boss"},
    {"person|add|--until|2026-02-29", OPTIONS_BAD, NULL},
    {"person|add|--until|2026-2-01", OPTIONS_BAD, NULL},
    {"person|add|--until|2026-13-01", OPTIONS_BAD, NULL},
    {"person|add|--until|2026-04-01x", OPTIONS_BAD, NULL},
    {"person|add|--until|令和8年4月1日", OPTIONS_BAD, NULL},
    {"person|add|--escort=yes", OPTIONS_VALUE, NULL},
    {"person|change|a|--escort|maybe", OPTIONS_BAD, "maybe"},
    {"person|change|a|--until|never", OPTIONS_BAD, "never"},
    {"person|change|a|--from|none", OPTIONS_BAD, "none"},
    {"exception|add|a|--until|none", OPTIONS_BAD, "none"},
    {"exception|add|a|--until|2026-10-03T24:00", OPTIONS_BAD, NULL},
    {"exception|add|a|--until|2026-10-03T17:60", OPTIONS_BAD, NULL},
    {"exception|add|a|--until|2026-02-30T17:15", OPTIONS_BAD, NULL},
    {"exception|add|a|--until|2026-10-03 17:15", OPTIONS_BAD, NULL},
    {"exception|add|a|--until|2026-10-03T17:15Z", OPTIONS_BAD, NULL},
    {"exception|add|a|--factors|card pin|--until|2026-10-03", OPTIONS_MISSING, NULL},
};

static void test_mistakes(void **state)
{
    struct options opt;
    char text[512];

    (void)state;
    for (size_t n = 0; n < COUNT(mistakes); n++) {
        int err = parse(mistakes[n].line, &opt);
        if (err != mistakes[n].err)
            fail_msg("\"%s\": %d, not %d", mistakes[n].line, err, mistakes[n].err);
        if (mistakes[n].about != NULL)
            assert_string_equal(opt.about, mistakes[n].about);
        options_explain(err, &opt, text, sizeof(text));
        assert_true(strlen(text) > 10);
        assert_null(strchr(text, '%'));
    }
}

static void test_error_language(void **state)
{
    struct options opt;

    (void)state;
    assert_int_equal(parse("bogus|--json|--lang|ja", &opt), OPTIONS_COMMAND);
    assert_true(opt.json);
    assert_int_equal(opt.lang, LANG_JA);
}

static void test_too_long(void **state)
{
    struct options opt;
    char value[ADMIN_VALUE_MAX + 1];
    char words[] = "toyama-enroll\0person\0show";
    char *argv[] = {words, words + 14, words + 21, value, NULL};

    (void)state;
    memset(value, 'a', sizeof(value) - 1);
    value[sizeof(value) - 1] = '\0';
    assert_int_equal(options_parse(4, argv, &opt), OPTIONS_BAD);
    value[ADMIN_VALUE_MAX - 1] = '\0';
    assert_int_equal(options_parse(4, argv, &opt), OPTIONS_OK);
}

/* The words that the parser lets through are those that the broker knows. */
static void test_same_words(void **state)
{
    enum roster_category category;

    (void)state;
    for (size_t n = 0; n < names_categories; n++) {
        assert_true(roster_category_parse(names_category[n], &category));
    }
    for (int n = 0; n < 64; n++) {
        const char *name = roster_category_name((enum roster_category)n);
        if (strcmp(name, "unknown") != 0)
            assert_true(names_is_category(name));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_commands),       cmocka_unit_test(test_values),
        cmocka_unit_test(test_order),          cmocka_unit_test(test_mistakes),
        cmocka_unit_test(test_error_language), cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_same_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
