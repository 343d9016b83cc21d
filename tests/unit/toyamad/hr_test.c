/* SPDX-License-Identifier: Apache-2.0
 *
 * What rows of an HR file make of people: at once, from a day to come, again, and not any more.
 */
#include "toyamad/hr_merge.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))
#define APRIL        1774969200 /* 2026-04-01T00:00:00+09:00 */
#define MARCH        (APRIL - 20 * 86400)
#define OCTOBER      1790780400 /* 2026-10-01T00:00:00+09:00 */
#define NEXT         1806505200 /* 2027-04-01T00:00:00+09:00 */

static struct roster_record r;
static enum hr_outcome outcome;
static const struct hr_when now = {.now = MARCH, .zones = ROSTER_LGWAN};
static const struct hr_when april = {.now = MARCH, .from = APRIL, .zones = ROSTER_LGWAN};

static struct roster_record person(void)
{
    return (struct roster_record){.id = {1},
                                  .number = "012345",
                                  .name = "砺波 太郎",
                                  .kana = "トナミ",
                                  .section = "市民課",
                                  .category = ROSTER_FISCAL_YEAR,
                                  .state = ROSTER_ACTIVE,
                                  .zones = ROSTER_LGWAN,
                                  .hosts = 2,
                                  .host = {"@市民課", "kiosk-1"},
                                  .valid_from = MARCH - 86400,
                                  .valid_until = APRIL - 1,
                                  .logins = 1,
                                  .login = {"taro"}};
}

/* The row that says what the person is. */
static struct hr_row same(void)
{
    return (struct hr_row){.line = 2,
                           .given = HR_GIVEN_ALL,
                           .number = "012345",
                           .name = "砺波 太郎",
                           .kana = "トナミ",
                           .section = "市民課",
                           .category = ROSTER_FISCAL_YEAR,
                           .until = 20260331,
                           .logins = 1,
                           .login = {"taro"},
                           .zones = ROSTER_LGWAN};
}

/* The record can be stored. */
static void expect_sound(void)
{
    static uint8_t der[ROSTER_RECORD_MAX];
    size_t len = 0;

    assert_int_equal(roster_record_encode(&r, der, sizeof(der), &len), ROSTER_OK);
}

static void merge(const struct hr_row *row, const struct hr_when *when, enum hr_outcome expected)
{
    assert_int_equal(hr_merge_row(row, when, &r, &outcome), HR_MERGE_OK);
    assert_int_equal(outcome, expected);
    expect_sound();
    assert_int_equal(hr_merge_row(row, when, &r, &outcome), HR_MERGE_OK);
    assert_int_equal(outcome, HR_SAME);
}

static void missing(const struct hr_when *when, enum hr_outcome expected)
{
    hr_merge_missing(when, &r, &outcome);
    assert_int_equal(outcome, expected);
    expect_sound();
    hr_merge_missing(when, &r, &outcome);
    assert_int_equal(outcome, HR_SAME);
}

static void nothing_to_do(void **state)
{
    struct hr_row row = same();
    struct roster_record before;

    (void)state;
    r = before = person();
    merge(&row, &now, HR_SAME);
    assert_memory_equal(&r, &before, sizeof(r));
    row.given = 0;
    row.kana[0] = row.section[0] = '\0';
    row.logins = row.zones = 0;
    merge(&row, &now, HR_SAME);
    assert_memory_equal(&r, &before, sizeof(r));
}

static void changes_at_once(void **state)
{
    struct hr_row row = same();

    (void)state;
    r = person();
    strcpy(row.name, "高岡 太郎");
    strcpy(row.section, "税務課");
    strcpy(row.login[0], "t.takaoka");
    row.zones = ROSTER_LGWAN | ROSTER_INTERNET;
    row.until = 20260630;
    merge(&row, &now, HR_CHANGED);
    assert_string_equal(r.name, "高岡 太郎");
    assert_string_equal(r.section, "税務課");
    assert_string_equal(r.host[0], "@税務課");
    assert_string_equal(r.host[1], "kiosk-1");
    assert_string_equal(r.login[0], "t.takaoka");
    assert_int_equal(r.zones, ROSTER_LGWAN | ROSTER_INTERNET);
    assert_int_equal(r.valid_until, APRIL + (int64_t)91 * 86400 - 1);
    assert_int_equal(r.plans, 0);
}

static void prepared_in_march(void **state)
{
    struct hr_row row = same();

    (void)state;
    r = person();
    strcpy(row.section, "税務課");
    strcpy(row.kana, "トナミ タロウ");
    row.until = 20270331;
    merge(&row, &april, HR_CHANGED);
    assert_string_equal(r.section, "市民課");
    assert_int_equal(r.valid_until, APRIL - 1);
    assert_string_equal(r.kana, "トナミ タロウ");
    assert_int_equal(r.plans, 1);
    assert_int_equal(r.plan[0].from, APRIL);
    assert_string_equal(r.plan[0].section, "税務課");
    assert_string_equal(r.plan[0].host[0], "@税務課");
    assert_int_equal(r.plan[0].valid_until, NEXT - 1);
    /* HR thinks again: the plan is replaced, then taken back. */
    strcpy(row.section, "総務課");
    merge(&row, &april, HR_CHANGED);
    assert_int_equal(r.plans, 1);
    assert_string_equal(r.plan[0].section, "総務課");
    strcpy(row.section, "市民課");
    row.until = 20260331;
    row.effective = 20260401;
    row.until = 20270331;
    merge(&row, &now, HR_CHANGED);
    roster_record_effective(&r, APRIL);
    assert_string_equal(r.section, "市民課");
    assert_int_equal(r.valid_until, NEXT - 1);
    expect_sound();
}

static void taken_back(void **state)
{
    struct hr_row row = same();

    (void)state;
    r = person();
    r.category = ROSTER_REGULAR;
    r.valid_until = 0;
    row.category = ROSTER_REGULAR;
    row.until = 0;
    strcpy(row.section, "税務課");
    merge(&row, &april, HR_CHANGED);
    assert_int_equal(r.plans, 1);
    strcpy(row.section, "市民課");
    merge(&row, &april, HR_CHANGED);
    assert_int_equal(r.plans, 0);
}

static void a_day_of_its_own(void **state)
{
    struct hr_row row = same();

    (void)state;
    r = person();
    row.effective = 20261001;
    row.until = 20270331;
    assert_true(hr_merge_later(&row, &april));
    merge(&row, &april, HR_REHIRED); /* the term would end in March and begin again in October */
    assert_int_equal(r.plan[0].from, OCTOBER);
    row.effective = 20260401;
    strcpy(row.section, "税務課");
    merge(&row, &april, HR_CHANGED);
    assert_int_equal(r.plans, 2);
    assert_int_equal(r.plan[0].from, APRIL);
    assert_int_equal(r.plan[1].from, OCTOBER);
    row.effective = 20261101;
    strcpy(row.section, "総務課");
    assert_int_equal(hr_merge_row(&row, &april, &r, &outcome), HR_MERGE_PLANS);
    row.effective = 20260301; /* passed */
    assert_false(hr_merge_later(&row, &april));
}

static void plans_that_are_due_are_folded(void **state)
{
    struct hr_row row = same();
    const struct hr_when may = {.now = APRIL + 30 * 86400};

    (void)state;
    r = person();
    row.until = 20270331;
    strcpy(row.section, "税務課");
    merge(&row, &april, HR_CHANGED);
    assert_int_equal(hr_merge_row(&row, &may, &r, &outcome), HR_MERGE_OK);
    assert_int_equal(outcome, HR_SAME);
    row.zones = ROSTER_INTERNET;
    merge(&row, &may, HR_CHANGED);
    assert_int_equal(r.plans, 0);
    assert_string_equal(r.section, "税務課");
    assert_int_equal(r.zones, ROSTER_INTERNET);
}

static void comes_back_after_a_gap(void **state)
{
    struct hr_row row = same();
    const struct hr_when may = {.now = APRIL + 30 * 86400};

    (void)state;
    r = person();
    row.until = 20270331;
    merge(&row, &may, HR_REHIRED);
    assert_int_equal(r.valid_until, NEXT - 1);
    r = person();
    row.until = 20260331; /* the file still has him as he was */
    merge(&row, &may, HR_SAME);
}

static void who_had_gone_is_active_again(void **state)
{
    static const enum roster_reason gone[] = {ROSTER_RETIRED, ROSTER_ENDED, ROSTER_TRANSFERRED};
    struct hr_row row = same();

    (void)state;
    row.category = ROSTER_REAPPOINTED;
    row.until = 20270331;
    for (size_t n = 0; n < COUNT(gone); n++) {
        r = person();
        r.state = ROSTER_STOPPED;
        r.reason = gone[n];
        merge(&row, &now, HR_REHIRED);
        assert_int_equal(r.state, ROSTER_ACTIVE);
        assert_int_equal(r.reason, ROSTER_NO_REASON);
        /* From April: not a day before. */
        r = person();
        r.category = ROSTER_REGULAR;
        r.valid_until = 0;
        r.state = ROSTER_STOPPED;
        r.reason = gone[n];
        merge(&row, &april, HR_REHIRED);
        assert_int_equal(r.state, ROSTER_ACTIVE);
        assert_true(r.valid_until < MARCH && r.valid_until != 0);
        roster_record_effective(&r, APRIL);
        assert_int_equal(r.valid_until, NEXT - 1);
    }
    r = person();
    r.state = ROSTER_STOPPED;
    r.reason = ROSTER_OTHER;
    merge(&row, &april, HR_REHIRED); /* by his category */
    assert_int_equal(r.state, ROSTER_STOPPED);
    r = person();
    r.state = ROSTER_SUSPENDED;
    merge(&row, &now, HR_REHIRED);
    assert_int_equal(r.state, ROSTER_SUSPENDED);
}

static void new_people(void **state)
{
    struct hr_row row = same();
    struct roster_record other;

    (void)state;
    row.from = 20190401;
    row.until = 20270331;
    assert_int_equal(hr_merge_new(&row, &april, &r, &outcome), HR_MERGE_OK);
    assert_int_equal(outcome, HR_NEW);
    expect_sound();
    assert_int_equal(r.valid_from, APRIL);
    assert_int_equal(r.valid_until, NEXT - 1);
    assert_int_equal(r.zones, ROSTER_LGWAN);
    assert_int_equal(r.state, ROSTER_ACTIVE);
    assert_string_equal(r.login[0], "taro");
    merge(&row, &april, HR_SAME);
    assert_int_equal(hr_merge_new(&row, &april, &other, &outcome), HR_MERGE_OK);
    assert_memory_not_equal(r.id, other.id, sizeof(r.id));
    row.given = 0;
    row.section[0] = row.kana[0] = '\0';
    row.logins = row.zones = 0;
    assert_int_equal(hr_merge_new(&row, &now, &r, &outcome), HR_MERGE_OK);
    expect_sound();
    assert_true(r.valid_from < MARCH);
    assert_int_equal(r.zones, ROSTER_LGWAN);
    assert_int_equal(r.logins, 0);
    row.from = 0;
    assert_int_equal(hr_merge_new(&row, &now, &r, &outcome), HR_MERGE_OK);
    assert_int_equal(r.valid_from, MARCH);
    row.from = 20260501;
    assert_int_equal(hr_merge_new(&row, &april, &r, &outcome), HR_MERGE_OK);
    assert_int_equal(r.valid_from, APRIL + 30 * 86400);
    /* He begins on another day than was said. */
    row.from = 20260601;
    merge(&row, &april, HR_CHANGED);
    assert_int_equal(r.valid_from, APRIL + 61 * 86400);
    row.until = 20260228;
    assert_int_equal(hr_merge_new(&row, &now, &r, &outcome), HR_MERGE_OK);
    assert_int_equal(outcome, HR_SAME);
    row.from = 0;
    row.until = 20260331;
    assert_int_equal(hr_merge_new(&row, &april, &r, &outcome), HR_MERGE_TERM);
}

static void not_in_the_file(void **state)
{
    (void)state;
    r = person();
    r.valid_until = NEXT - 1;
    missing(&april, HR_ENDED);
    assert_int_equal(r.valid_until, APRIL - 1);
    assert_int_equal(r.state, ROSTER_ACTIVE);
    r = person();
    missing(&april, HR_SAME); /* ends in March in any case */
    r = person();
    missing(&now, HR_ENDED);
    assert_int_equal(r.valid_until, MARCH - 1);
    r = person();
    r.category = ROSTER_SUPPORT;
    missing(&now, HR_SAME);
    r.category = ROSTER_CONTRACTOR;
    missing(&now, HR_SAME);
    r = person();
    r.state = ROSTER_STOPPED;
    r.reason = ROSTER_RETIRED;
    missing(&now, HR_SAME);
}

static void plans_of_who_is_not_in_the_file(void **state)
{
    struct hr_row row = same();
    const struct hr_when october = {.now = MARCH, .from = OCTOBER};

    (void)state;
    r = person();
    row.until = 20270331;
    merge(&row, &april, HR_CHANGED);
    missing(&april, HR_ENDED);
    assert_int_equal(r.plans, 0);
    assert_int_equal(r.valid_until, APRIL - 1);
    r = person();
    merge(&row, &april, HR_CHANGED);
    missing(&october, HR_ENDED);
    assert_int_equal(r.plans, 1);
    assert_int_equal(r.plan[0].valid_until, OCTOBER - 1);
    assert_int_equal(r.valid_until, APRIL - 1);
    /* Somebody who was to begin, and does not. */
    assert_int_equal(hr_merge_new(&row, &april, &r, &outcome), HR_MERGE_OK);
    missing(&april, HR_ENDED);
    assert_int_equal(r.state, ROSTER_STOPPED);
    assert_int_equal(r.reason, ROSTER_ENDED);
    merge(&row, &april, HR_REHIRED);
    assert_int_equal(r.state, ROSTER_ACTIVE);
    roster_record_effective(&r, APRIL);
    assert_int_equal(r.valid_until, NEXT - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_do),
        cmocka_unit_test(changes_at_once),
        cmocka_unit_test(prepared_in_march),
        cmocka_unit_test(taken_back),
        cmocka_unit_test(a_day_of_its_own),
        cmocka_unit_test(plans_that_are_due_are_folded),
        cmocka_unit_test(comes_back_after_a_gap),
        cmocka_unit_test(who_had_gone_is_active_again),
        cmocka_unit_test(new_people),
        cmocka_unit_test(not_in_the_file),
        cmocka_unit_test(plans_of_who_is_not_in_the_file),
    };

    setenv("TZ", "JST-9", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
