/* SPDX-License-Identifier: Apache-2.0
 *
 * Rows of an HR file: what is written is read, and nothing else is.
 */
#include "core/roster/hr.h"

#include "tests/unit/core/unit.h"

static struct hr_row sample(void)
{
    return (struct hr_row){.line = 2,
                           .given = HR_GIVEN_ALL,
                           .number = "012345",
                           .name = "砺波 太郎",
                           .kana = "トナミ タロウ",
                           .section = "市民課",
                           .category = ROSTER_FISCAL_YEAR,
                           .from = 20260401,
                           .until = 20270331,
                           .effective = 20260401,
                           .logins = 2,
                           .login = {"taro", "taro2"},
                           .zones = ROSTER_LGWAN};
}

/* The list of these rows; returns its octets. */
static size_t put_list(const struct hr_row *rows, size_t count, uint8_t *buf, size_t cap)
{
    static uint8_t body[16 * HR_ROW_MAX];
    size_t used = 0, head = 0, len = 0;

    for (size_t n = 0; n < count; n++, used += len)
        assert_int_equal(hr_row_encode(&rows[n], body + used, HR_ROW_MAX, &len), ROSTER_OK);
    assert_int_equal(hr_list_head(used, buf, cap, &head), ROSTER_OK);
    assert_true(head + used <= cap);
    memcpy(buf + head, body, used);
    return head + used;
}

static void test_what_is_written_is_read(void **state)
{
    struct hr_row rows[4] = {sample(), sample(), sample()}, got;
    static uint8_t buf[5 * HR_ROW_MAX];
    struct hr_list list;
    size_t len;

    (void)state;
    rows[1].line = 5;
    rows[1].category = ROSTER_REGULAR;
    rows[1].until = rows[1].from = rows[1].effective = 0;
    rows[2] = (struct hr_row){.line = 70000,
                              .number = "1",
                              .name = "a",
                              .category = ROSTER_CONTRACTOR,
                              .until = 20280229};
    rows[3] = (struct hr_row){.line = 70001, .given = HR_FAULTY, .number = "2"};
    len = put_list(rows, 4, buf, sizeof(buf));
    assert_int_equal(hr_list_open(buf, len, &list), ROSTER_OK);
    for (size_t n = 0; n < 4; n++) {
        assert_int_not_equal(list.rows.left, 0);
        assert_int_equal(hr_list_next(&list, &got), ROSTER_OK);
        assert_memory_equal(&got, &rows[n], sizeof(got));
    }
    assert_int_equal(list.rows.left, 0);
    assert_int_equal(list.count, 4);
}

static void test_the_longest_row_fits(void **state)
{
    struct hr_row row = sample();
    uint8_t buf[HR_ROW_MAX];
    size_t len = 0;

    (void)state;
    row.line = UINT32_MAX;
    memset(row.number, 'n', ROSTER_TEXT_MAX - 1);
    memset(row.name, 'n', ROSTER_TEXT_MAX - 1);
    memset(row.kana, 'n', ROSTER_TEXT_MAX - 1);
    memset(row.section, 'n', ROSTER_TEXT_MAX - 1);
    row.logins = ROSTER_LOGINS;
    for (size_t n = 0; n < ROSTER_LOGINS; n++) {
        memset(row.login[n], 'a', ROSTER_LOGIN_MAX - 1);
        row.login[n][0] = (char)('a' + (char)n);
    }
    assert_int_equal(hr_row_encode(&row, buf, sizeof(buf), &len), ROSTER_OK);
    assert_int_equal(hr_row_encode(&row, buf, len, &len), ROSTER_OK);
    assert_int_equal(hr_row_encode(&row, buf, len - 1, &len), ROSTER_FULL);
}

static void expect_refused(const struct hr_row *row)
{
    uint8_t buf[HR_ROW_MAX];
    size_t len = 0;

    assert_int_equal(hr_row_encode(row, buf, sizeof(buf), &len), ROSTER_FORMAT);
}

#define REFUSED(change)                                                                            \
    do {                                                                                           \
        struct hr_row row = sample();                                                              \
        change;                                                                                    \
        expect_refused(&row);                                                                      \
    } while (0)

static void test_unsound_rows(void **state)
{
    (void)state;
    REFUSED(row.line = 0);
    REFUSED(row.given = 17);
    REFUSED(row.given = HR_FAULTY);
    REFUSED(row.number[0] = '\0');
    REFUSED(row.name[0] = '\0');
    REFUSED(row.name[0] = '\n');
    REFUSED(row.name[0] = (char)0xFF);
    REFUSED(row.section[0] = '\0');
    REFUSED(row.category = 0);
    REFUSED(row.category = 8);
    REFUSED(row.until = 0);
    REFUSED(row.until = 20260331);
    REFUSED(row.from = 20260229);
    REFUSED(row.effective = 20270401);
    REFUSED(row.effective = 1);
    REFUSED(row.logins = 0);
    REFUSED(row.logins = 9);
    REFUSED(strcpy(row.login[1], "taro"));
    REFUSED(strcpy(row.login[1], "-taro"));
    REFUSED(row.zones = 8);
    REFUSED(row.given &= (uint8_t)~HR_KANA);
    REFUSED(row.given &= (uint8_t)~HR_SECTION);
    REFUSED(row.given &= (uint8_t)~HR_LOGINS);
    REFUSED(row.given &= (uint8_t)~HR_ZONES);
}

#define REFUSED_FAULTY(change)                                                                     \
    do {                                                                                           \
        struct hr_row row = {.line = 1, .given = HR_FAULTY, .number = "1"};                        \
        change;                                                                                    \
        expect_refused(&row);                                                                      \
    } while (0)

static void test_faulty_rows_say_nothing(void **state)
{
    (void)state;
    REFUSED_FAULTY(row.number[0] = '\0');
    REFUSED_FAULTY(row.name[0] = 'a');
    REFUSED_FAULTY(row.kana[0] = 'a');
    REFUSED_FAULTY(row.section[0] = 'a');
    REFUSED_FAULTY(row.category = ROSTER_REGULAR);
    REFUSED_FAULTY(row.from = 20260401);
    REFUSED_FAULTY(row.until = 20260401);
    REFUSED_FAULTY(row.effective = 20260401);
    REFUSED_FAULTY(row.logins = 1; row.login[0][0] = 'a');
    REFUSED_FAULTY(row.zones = 1);
}

static void test_days(void **state)
{
    static const struct {
        unsigned year, month, day;
        uint32_t expected;
    } days[] = {
        {2028, 2, 29, 20280229},  {2027, 2, 29, 0},       {2100, 2, 29, 0},
        {2000, 2, 29, 20000229},  {1970, 1, 1, 19700101}, {1969, 12, 31, 0},
        {2100, 12, 31, 21001231}, {2101, 1, 1, 0},        {2026, 4, 31, 0},
        {2026, 13, 1, 0},         {2026, 0, 1, 0},        {2026, 1, 0, 0},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(days); n++) {
        assert_int_equal(hr_day(days[n].year, days[n].month, days[n].day), days[n].expected);
        assert_int_equal(hr_day_valid(days[n].year * 10000 + days[n].month * 100 + days[n].day),
                         days[n].expected != 0);
    }
    assert_false(hr_day_valid(0));
    assert_false(hr_day_valid(UINT32_MAX));
}

static void test_lists_that_are_none(void **state)
{
    struct hr_row rows[2] = {sample(), sample()}, got;
    static uint8_t buf[4 * HR_ROW_MAX];
    struct hr_list list;
    size_t len = 0;

    (void)state;
    len = put_list(rows, 2, buf, sizeof(buf));
    assert_int_equal(hr_list_open(buf, len, &list), ROSTER_OK);
    assert_int_equal(hr_list_next(&list, &got), ROSTER_OK);
    assert_int_equal(hr_list_next(&list, &got), ROSTER_FORMAT); /* the line does not rise */
    len = put_list(rows, 1, buf, sizeof(buf));
    buf[len] = 0;
    assert_int_equal(hr_list_open(buf, len + 1, &list), ROSTER_FORMAT);
    assert_int_equal(hr_list_head(0, buf, sizeof(buf), &len), ROSTER_OK);
    assert_int_equal(hr_list_open(buf, len, &list), ROSTER_FORMAT);
    assert_int_equal(hr_list_head((size_t)HR_ROWS_MAX * HR_ROW_MAX, buf, sizeof(buf), &len),
                     ROSTER_OK);
    assert_true(len <= HR_HEAD_MAX);
    assert_int_equal(hr_list_head((size_t)HR_ROWS_MAX * HR_ROW_MAX + 1, buf, sizeof(buf), &len),
                     ROSTER_FULL);
}

static void read_all(const uint8_t *buf, size_t len)
{
    struct hr_list list;
    struct hr_row row;

    if (hr_list_open(buf, len, &list) != ROSTER_OK)
        return;
    while (list.rows.left > 0)
        if (hr_list_next(&list, &row) != ROSTER_OK)
            return;
    unit_touch(&row, sizeof(row));
}

static void test_damage(void **state)
{
    struct hr_row rows[2] = {sample(), sample()};
    static uint8_t buf[4 * HR_ROW_MAX];

    (void)state;
    rows[1].line++;
    unit_sweep(buf, put_list(rows, 2, buf, sizeof(buf)), read_all);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_is_read),
        cmocka_unit_test(test_the_longest_row_fits),
        cmocka_unit_test(test_unsound_rows),
        cmocka_unit_test(test_faulty_rows_say_nothing),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_lists_that_are_none),
        cmocka_unit_test(test_damage),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
