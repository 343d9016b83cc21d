/* SPDX-License-Identifier: Apache-2.0
 *
 * A person as of a moment, as of a zone, at a host.
 */
#include "core/roster/record.h"

#include "core/wire/card.h"
#include "tests/unit/core/people.h"
#include "tests/unit/core/unit.h"

#define APRIL 1774969200

static struct roster_record r, out;

static int setup(void **state)
{
    (void)state;
    people_small(&r);
    r.zones = ROSTER_LGWAN;
    strcpy(r.section, "Shimin-ka");
    r.plans = 2;
    r.plan[0] = (struct roster_plan){.from = APRIL,
                                     .section = "Zeimu-ka",
                                     .category = ROSTER_FIXED_TERM,
                                     .valid_until = APRIL + 1000,
                                     .zones = ROSTER_LGWAN | ROSTER_INDIVIDUAL_NUMBER,
                                     .hosts = 1,
                                     .host = {"zeimu-01"}};
    r.plan[1] =
        (struct roster_plan){.from = APRIL + 500, .section = "Somu-ka", .category = ROSTER_REGULAR};
    return 0;
}

static void test_plans_come_into_effect(void **state)
{
    (void)state;
    out = r;
    roster_record_effective(&out, APRIL - 1);
    assert_memory_equal(&out, &r, sizeof(r));
    roster_record_effective(&out, APRIL);
    assert_string_equal(out.section, "Zeimu-ka");
    assert_int_equal(out.category, ROSTER_FIXED_TERM);
    assert_int_equal(out.valid_until, APRIL + 1000);
    assert_int_equal(out.zones, ROSTER_LGWAN | ROSTER_INDIVIDUAL_NUMBER);
    assert_int_equal(out.hosts, 1);
    assert_int_equal(out.plans, 1);
    assert_int_equal(out.plan[0].from, APRIL + 500);
    assert_int_equal(out.plan[1].from, 0);
    roster_record_effective(&out, APRIL + 500);
    assert_int_equal(out.plans, 0);
    assert_int_equal(out.zones, 0);
    assert_int_equal(out.valid_until, 0);
    out = r;
    roster_record_effective(&out, INT64_MAX);
    assert_string_equal(out.section, "Somu-ka");
}

static void test_what_a_zone_may_know(void **state)
{
    (void)state;
    assert_false(roster_record_for_zone(&r, ROSTER_INTERNET, true, &out));
    assert_true(roster_record_for_zone(&r, ROSTER_INDIVIDUAL_NUMBER, true, &out));
    assert_int_equal(out.zones, 0);
    assert_int_equal(out.plan[0].zones, ROSTER_INDIVIDUAL_NUMBER);
    assert_int_equal(out.fingers, r.fingers);
    assert_true(roster_record_for_zone(&r, ROSTER_LGWAN, false, &out));
    assert_int_equal(out.zones, ROSTER_LGWAN);
    assert_int_equal(out.fingers, 0);
    assert_int_equal(out.finger[0].finger, 0);
}

static void test_credentials_of_other_zones_stay_away(void **state)
{
    (void)state;
    r.credentials = 3;
    r.credential[1] = r.credential[2] = r.credential[0];
    r.credential[1].zones = ROSTER_INTERNET;
    r.credential[1].label[0] = 'i';
    r.credential[2].zones = ROSTER_LGWAN | ROSTER_INTERNET;
    r.credential[2].label[0] = 'b';
    assert_true(roster_record_for_zone(&r, ROSTER_LGWAN, false, &out));
    assert_int_equal(out.credentials, 2);
    assert_int_equal(out.credential[0].zones, 0);
    assert_int_equal(out.credential[1].label[0], 'b');
    assert_int_equal(out.credential[1].zones, ROSTER_LGWAN);
    assert_int_equal(out.credential[2].keys, 0);
}

static void test_hosts(void **state)
{
    static const char list[3][ROSTER_TEXT_MAX] = {"shimin-01", "@Zeimu-ka", "@"};

    (void)state;
    assert_true(roster_host_allowed(list, 0, "any", ""));
    assert_true(roster_host_allowed(list, 1, "shimin-01", ""));
    assert_false(roster_host_allowed(list, 1, "shimin-02", "shimin-01"));
    assert_true(roster_host_allowed(list, 2, "x", "Zeimu-ka"));
    assert_false(roster_host_allowed(list, 2, "Zeimu-ka", "x"));
    assert_false(roster_host_allowed(list, 3, "x", ""));
    assert_false(roster_host_allowed(list, 3, "@Zeimu-ka", ""));
}

static void test_hours(void **state)
{
    const struct roster_hours any = {0};
    const struct roster_hours weekdays = {.days = 0x3E, .begin = 510, .end = 1035};

    (void)state;
    assert_true(roster_hours_allow(&any, 0, 0));
    assert_true(roster_hours_allow(&weekdays, 1, 510));
    assert_true(roster_hours_allow(&weekdays, 5, 1034));
    assert_false(roster_hours_allow(&weekdays, 5, 1035));
    assert_false(roster_hours_allow(&weekdays, 5, 509));
    assert_false(roster_hours_allow(&weekdays, 0, 600));
    assert_false(roster_hours_allow(&weekdays, 7, 600));
}

static void test_hours_in_words(void **state)
{
    static const char *const good[] = {"mon-fri 08:30-17:15", "sun 00:00-24:00",
                                       "mon,wed,sat-sun 23:59-24:00", "mon-sun 00:00-00:01"};
    static const char *const bad[] = {"",
                                      "mon",
                                      "mon ",
                                      "mon-",
                                      "mon-fr",
                                      "mon,",
                                      "fri-mon 08:00-09:00",
                                      "mon,mon 08:00-09:00",
                                      "mon-wed,tue 08:00-09:00",
                                      "Mon 08:00-09:00",
                                      "mon  08:00-09:00",
                                      "mon 8:00-09:00",
                                      "mon 08:00",
                                      "mon 08:00-",
                                      "mon 08:00-09",
                                      "mon 08:00-08:00",
                                      "mon 09:00-08:00",
                                      "mon 08:60-09:00",
                                      "mon 08:00-24:01",
                                      "mon 25:00-26:00",
                                      "mon 08:00-09:00 ",
                                      "any ",
                                      "moo 08:00-09:00"};
    struct roster_hours h = {0};
    char text[ROSTER_HOURS_MAX];

    (void)state;
    for (size_t n = 0; n < COUNT(good); n++) {
        assert_true(roster_hours_parse(good[n], &h));
        roster_hours_format(&h, text);
        assert_string_equal(text, good[n]);
    }
    assert_true(roster_hours_parse("mon,tue,wed 09:00-10:30", &h));
    assert_int_equal(h.days, 0x0E);
    assert_int_equal(h.begin, 540);
    assert_int_equal(h.end, 630);
    roster_hours_format(&h, text);
    assert_string_equal(text, "mon-wed 09:00-10:30");
    for (size_t n = 0; n < COUNT(bad); n++)
        assert_false(roster_hours_parse(bad[n], &h));
    assert_int_equal(h.days, 0x0E);
    for (unsigned days = 1; days <= 0x7F; days++) {
        struct roster_hours back = {0};
        h.days = (uint8_t)days;
        roster_hours_format(&h, text);
        assert_true(roster_hours_parse(text, &back));
        assert_int_equal(back.days, days);
    }
    assert_true(roster_hours_parse("any", &h));
    assert_int_equal(h.days + h.begin + h.end, 0);
    roster_hours_format(&h, text);
    assert_string_equal(text, "");
}

/* What is signed tells one exception, one person and one asking from every other. */
static void test_what_an_approver_signs(void **state)
{
    struct roster_exception e = {.factors = 3,
                                 .reason = ROSTER_INJURED,
                                 .from = APRIL,
                                 .until = APRIL + 1,
                                 .hosts = 2,
                                 .host = {"zeimu-05", "@Zeimu-ka"}};
    uint8_t person[ROSTER_ID_LEN] = {1}, serial[ROSTER_ID_LEN] = {2};
    uint8_t first[ROSTER_EXCEPTION_MAX], other[ROSTER_EXCEPTION_MAX];
    size_t len = 0, n = 0;

    (void)state;
    assert_int_equal(roster_exception_encode(&e, person, serial, first, sizeof(first), &len),
                     ROSTER_OK);
    assert_memory_equal(first + 2, "\x02\x01\x01\x0C\x10toyama exception", 21);
    for (unsigned change = 0; change < 8; change++) {
        struct roster_exception f = e;
        uint8_t who[ROSTER_ID_LEN] = {1}, asked[ROSTER_ID_LEN] = {2};
        who[15] = change == 0;
        asked[15] = change == 1;
        f.factors = change == 2 ? 5 : 3;
        f.reason = change == 3 ? ROSTER_NO_FINGER : ROSTER_INJURED;
        f.from -= change == 4;
        f.until += change == 5;
        f.host[1][8] = change == 6 ? 'x' : 'a';
        f.form[0] = change == 7 ? '1' : '\0';
        assert_int_equal(roster_exception_encode(&f, who, asked, other, sizeof(other), &n),
                         ROSTER_OK);
        assert_false(n == len && memcmp(first, other, len) == 0);
    }
    for (size_t cap = 0; cap < len; cap++)
        assert_int_equal(roster_exception_encode(&e, person, serial, other, cap, &n), ROSTER_FULL);
    e.until = e.from;
    assert_int_equal(roster_exception_encode(&e, person, serial, other, sizeof(other), &n),
                     ROSTER_FORMAT);
}

static void test_words(void **state)
{
    enum roster_reason reason = ROSTER_NO_REASON;
    enum roster_role role = ROSTER_REGISTRAR;
    char text[64];
    uint8_t bits = 9;

    (void)state;
    for (unsigned n = ROSTER_LOST; n <= ROSTER_OTHER; n++) {
        assert_true(roster_reason_parse(roster_reason_name((enum roster_reason)n), &reason));
        assert_int_equal(reason, n);
    }
    assert_false(roster_reason_parse("", &reason));
    for (unsigned n = 1; n <= ROSTER_AUDITOR; n <<= 1) {
        assert_true(roster_role_parse(roster_role_name((enum roster_role)n), &role));
        assert_int_equal(role, n);
    }
    assert_false(roster_role_parse("root", &role));
    for (unsigned n = 0; n <= ROSTER_ZONES_ALL; n++) {
        roster_zones_format((uint8_t)n, text, sizeof(text));
        assert_true(roster_zones_parse(text, &bits));
        assert_int_equal(bits, n);
    }
    assert_false(roster_zones_parse("lgwan lgwan", &bits));
    assert_false(roster_zones_parse("lgwan number", &bits));
    assert_int_equal(bits, ROSTER_ZONES_ALL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_plans_come_into_effect, setup),
        cmocka_unit_test_setup(test_what_a_zone_may_know, setup),
        cmocka_unit_test_setup(test_credentials_of_other_zones_stay_away, setup),
        cmocka_unit_test(test_hosts),
        cmocka_unit_test(test_hours),
        cmocka_unit_test(test_hours_in_words),
        cmocka_unit_test(test_what_an_approver_signs),
        cmocka_unit_test(test_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
