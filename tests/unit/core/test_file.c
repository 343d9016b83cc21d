/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/file.h"

#include "tests/unit/core/unit.h"

#include <stdio.h>

static struct roster_file sample(void)
{
    struct roster_file f = {.zone = "individual-number",
                            .number = 124,
                            .created = 1790841900,
                            .people = 412,
                            .base = 120,
                            .media = "USB-07"};

    memset(f.previous, 0xA5, sizeof(f.previous));
    memset(f.sha256, 0x0F, sizeof(f.sha256));
    return f;
}

static const char text[] =
    "toyama-roster: 1\nzone: individual-number\nnumber: 124\ncreated: 2026-10-01T08:05:00Z\n"
    "people: 412\nbase: 120\n"
    "previous: a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5\n"
    "sha256: 0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f\n"
    "media: USB-07\n\n";

static void writes_what_people_can_read(void **state)
{
    const struct roster_file f = sample();
    char buf[ROSTER_FILE_HEAD_MAX];
    size_t len = 0;

    (void)state;
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_OK);
    assert_int_equal(len, sizeof(text) - 1);
    assert_string_equal(buf, text);
    assert_int_equal(roster_file_format(&f, buf, len, &len), ROSTER_FULL);
}

static void reads_what_it_wrote(void **state)
{
    struct roster_file f = sample(), back;
    char buf[ROSTER_FILE_HEAD_MAX];
    size_t len = 0, used = 0;

    (void)state;
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_OK);
    buf[len] = 'x'; /* what stands behind is not looked at */
    assert_int_equal(roster_file_parse(buf, sizeof(buf), &back, &used), ROSTER_OK);
    assert_int_equal(used, len);
    assert_memory_equal(&f, &back, sizeof(f));
    f.media[0] = '\0';
    f.created = 0;
    f.number = UINT64_MAX;
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_OK);
    assert_int_equal(roster_file_parse(buf, len, &back, &used), ROSTER_OK);
    assert_int_equal(back.number, UINT64_MAX);
    assert_string_equal(back.media, "");
}

static void knows_every_day(void **state)
{
    struct roster_file f = sample(), back;
    char buf[ROSTER_FILE_HEAD_MAX];
    size_t len = 0, used = 0;

    (void)state;
    for (int64_t when = 0; when < INT64_C(253402300800); when += 86400 * 13 + 7919) {
        f.created = when;
        assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_OK);
        assert_int_equal(roster_file_parse(buf, len, &back, &used), ROSTER_OK);
        assert_int_equal(back.created, when);
    }
    f.created = INT64_C(253402300800);
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_FORMAT);
    f.created = -1;
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_FORMAT);
}

static void refuses_what_cannot_stand_in_a_line(void **state)
{
    struct roster_file f = sample();
    char buf[ROSTER_FILE_HEAD_MAX];
    size_t len = 0;

    (void)state;
    snprintf(f.media, sizeof(f.media), "USB\nzone: lgwan");
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_FORMAT);
    snprintf(f.media, sizeof(f.media), "\xC3");
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_FORMAT);
    memset(f.media, 'm', sizeof(f.media));
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_FORMAT);
    f = sample();
    f.zone[0] = '\0';
    assert_int_equal(roster_file_format(&f, buf, sizeof(buf), &len), ROSTER_FORMAT);
}

static void refuses_any_other_spelling(void **state)
{
    static const char *const swap[][2] = {{"roster: 1", "roster: 2"},
                                          {"roster: 1", "roster: 01"},
                                          {"zone: ", "zone:"},
                                          {"zone", "Zone"},
                                          {"number: 124", "number: "},
                                          {"number: 124", "number: +4"},
                                          {"124", "0124"},
                                          {"124", "99999999999999999999"},
                                          {"10-01T", "02-30T"},
                                          {"10-01T", "13-01T"},
                                          {"10-01T", "00-01T"},
                                          {"T08", "T24"},
                                          {":00Z", ":60Z"},
                                          {":00Z", ":00z"},
                                          {"2026-", "1969-"},
                                          {"a5a5a5", "A5a5a5"},
                                          {"a5a5a5", "a5a5"},
                                          {"a5a5a5", "g5a5a5"},
                                          {"people: 412\n", ""},
                                          {"base: 120\n", "base: 120\nx: 1\n"},
                                          {"USB-07\n\n", "USB-07\n"},
                                          {"USB-07\n", "USB-07\r\n"},
                                          {"USB", "U\tB"}};
    struct roster_file back;
    size_t used = 0;

    (void)state;
    for (size_t n = 0; n < COUNT(swap); n++) {
        char buf[ROSTER_FILE_HEAD_MAX];
        const char *at = strstr(text, swap[n][0]);
        assert_non_null(at);
        snprintf(buf, sizeof(buf), "%.*s%s%s", (int)(at - text), text, swap[n][1],
                 at + strlen(swap[n][0]));
        if (roster_file_parse(buf, strlen(buf), &back, &used) == ROSTER_OK)
            fail_msg("taken: %s for %s", swap[n][1], swap[n][0]);
    }
}

static void parse(const uint8_t *buf, size_t len)
{
    struct roster_file back;
    size_t used = 0;

    if (roster_file_parse(buf, len, &back, &used) == ROSTER_OK) {
        assert_true(used <= len);
        unit_touch(&back, sizeof(back));
    }
}

static void survives_every_cut_and_bit(void **state)
{
    (void)state;
    unit_sweep(text, sizeof(text) - 1, parse);
}

static const struct {
    const char *zone, *name;
    int64_t created;
} name_table[] = {
    {"individual-number", "N-R8-0124.roster", 1790841900},
    {"lgwan", "L-R7-0124.roster", 1774969199},    /* 2026-03-31 23:59:59 in Japan */
    {"internet", "I-R8-0124.roster", 1774969200}, /* 2026-04-01 00:00:00 in Japan */
    {"internet", "I-R1-0124.roster", 1556636400}, /* 2019-05-01 */
    {"internet", "I-Y2018-0124.roster", 1546300800},
};

static void is_named_by_zone_fiscal_year_and_number(void **state)
{
    struct roster_file f = sample();
    char name[ROSTER_FILE_NAME_MAX];

    (void)state;
    for (size_t n = 0; n < COUNT(name_table); n++) {
        snprintf(f.zone, sizeof(f.zone), "%s", name_table[n].zone);
        f.created = name_table[n].created;
        assert_int_equal(roster_file_name(&f, name), ROSTER_OK);
        assert_string_equal(name, name_table[n].name);
    }
    f.number = UINT64_MAX;
    assert_int_equal(roster_file_name(&f, name), ROSTER_OK);
    snprintf(f.zone, sizeof(f.zone), "lgwan internet");
    assert_int_equal(roster_file_name(&f, name), ROSTER_ZONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_what_people_can_read),
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(knows_every_day),
        cmocka_unit_test(refuses_what_cannot_stand_in_a_line),
        cmocka_unit_test(refuses_any_other_spelling),
        cmocka_unit_test(survives_every_cut_and_bit),
        cmocka_unit_test(is_named_by_zone_fiscal_year_and_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
