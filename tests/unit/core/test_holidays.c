/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/holidays.h"

#include "tests/unit/core/unit.h"

#include <stdio.h>

static struct holidays h;

static int parse(const char *text, size_t *line)
{
    return holidays_parse((const uint8_t *)text, strlen(text), &h, line);
}

static void takes_both_encodings(void **state)
{
    static const char cp932[] = "\x8D\x91\x96\xAF\x82\xCC,\x96\xBC\x8F\xCC\r\n"
                                "2026/11/23,\x8B\xCE\x98\x4A\x8A\xB4\x8E\xD3\x82\xCC\x93\xFA\r\n"
                                "2027/1/1,\x8C\xB3\x93\xFA\r\n";
    static const char utf8[] = "\xEF\xBB\xBF国民の祝日・休日月日,国民の祝日・休日名称\n"
                               "2026/11/23,勤労感謝の日\n2027/01/01,元日";
    static const char bare[] = "2026/11/23,x\n2027/1/1,y\n";
    const char *const files[] = {cp932, utf8, bare};
    size_t line = 0;

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        assert_int_equal(parse(files[n], &line), HOLIDAYS_OK);
        assert_int_equal(h.count, 2);
        assert_true(holidays_closed(&h, 2026, 11, 23));
        assert_true(holidays_know(&h, 2027));
        assert_false(holidays_know(&h, 2028));
        assert_false(holidays_closed(&h, 2026, 11, 24));
        assert_false(holidays_closed(&h, 2027, 11, 23));
    }
}

static void is_closed_at_the_turn_of_the_year(void **state)
{
    (void)state;
    h.count = 0;
    assert_false(holidays_closed(&h, 2026, 12, 28));
    for (int day = 29; day <= 31; day++)
        assert_true(holidays_closed(&h, 2026, 12, day));
    for (int day = 1; day <= 3; day++)
        assert_true(holidays_closed(&h, 2027, 1, day));
    assert_false(holidays_closed(&h, 2027, 1, 4));
}

static void names_the_line_of_a_fault(void **state)
{
    static const struct {
        const char *text;
        int err;
        size_t line;
    } bad[] = {
        {"", HOLIDAYS_EMPTY, 0},
        {"day,name\n", HOLIDAYS_EMPTY, 1},
        {"day\n2026/1/1,x\n", HOLIDAYS_LINE, 1},
        {"day,name,more\n2026/1/1,x\n", HOLIDAYS_LINE, 1},
        {"d,n\n2026/1/1,x\n\n2026/2/1,y\n", HOLIDAYS_LINE, 3},
        {"d,n\n2026-01-01,x\n", HOLIDAYS_LINE, 2},
        {"d,n\n2026/1/1\n", HOLIDAYS_LINE, 2},
        {"d,n\n2026/1/1,\n", HOLIDAYS_LINE, 2},
        {"d,n\n2026/1/1,a,b\n", HOLIDAYS_LINE, 2},
        {"d,n\n2026/1/1 ,a\n", HOLIDAYS_LINE, 2},
        {"d,n\n20260/1/1,a\n", HOLIDAYS_LINE, 2},
        {"d,n\n2026/001/1,a\n", HOLIDAYS_LINE, 2},
        {"d,n\nd,n\n2026/1/1,a\n", HOLIDAYS_LINE, 2},
        {"d,n\n2026/1/1,a\rb\n", HOLIDAYS_NAME, 2},
        {"d,n\n2026/1/1,a\n2026/1/2,\x81\n", HOLIDAYS_NAME, 3},
        {"d,n\n2026/1/1,a\n2026/1/2,\xFF\xFF\n", HOLIDAYS_NAME, 3},
        {"2026/2/29,a\n", HOLIDAYS_DATE, 1},
        {"2026/13/1,a\n", HOLIDAYS_DATE, 1},
        {"2026/0/1,a\n", HOLIDAYS_DATE, 1},
        {"26/1/1,a\n", HOLIDAYS_DATE, 1},
        {"2026/1/2,a\n2026/1/1,b\n", HOLIDAYS_ORDER, 2},
        {"2026/1/1,a\n2026/1/1,b\n", HOLIDAYS_ORDER, 2},
    };
    size_t line = 0;

    (void)state;
    for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
        assert_int_equal(parse(bad[n].text, &line), bad[n].err);
        assert_int_equal(line, bad[n].line);
        assert_true(strlen(holidays_strerror(bad[n].err)) > 5);
    }
    assert_int_equal(holidays_parse((const uint8_t *)"2026/1/1,a\0b\n", 13, &h, &line),
                     HOLIDAYS_NAME);
    assert_int_equal(parse("2028/2/29,a\n", &line), HOLIDAYS_OK);
}

static void has_an_end(void **state)
{
    static char text[(HOLIDAYS_MAX + 1) * 16];
    size_t used = 0, line = 0;

    (void)state;
    for (int n = 0; n <= HOLIDAYS_MAX; n++)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%d/%d/%d,a\n", 1900 + n / 336,
                                 n / 28 % 12 + 1, n % 28 + 1);
    assert_int_equal(holidays_parse((const uint8_t *)text, used, &h, &line), HOLIDAYS_MANY);
    assert_int_equal(line, HOLIDAYS_MAX + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_both_encodings),
        cmocka_unit_test(is_closed_at_the_turn_of_the_year),
        cmocka_unit_test(names_the_line_of_a_fault),
        cmocka_unit_test(has_an_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
