/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/rows.h"

#include "tests/unit/enroll/unit.h"

static void add(struct rows *rows, const char *key, const char *value)
{
    struct admin_pairs pairs = {0};
    uint8_t buf[256];
    size_t len = 0;

    assert_true(admin_pair_add(&pairs, key, value));
    assert_int_equal(admin_pairs_encode(&pairs, buf, sizeof(buf), &len), WIRE_OK);
    assert_true(rows_add(rows, buf, len));
}

static void test_many(void **state)
{
    struct rows rows = {0};
    char text[32], value[32];

    (void)state;
    for (int n = 0; n < 1000; n++) {
        snprintf(text, sizeof(text), "%d", n);
        add(&rows, "number", text);
    }
    assert_int_equal(rows.count, 1000);
    for (size_t n = 0; n < 1000; n++) {
        snprintf(text, sizeof(text), "%zu", n);
        assert_true(rows_value(&rows, n, "number", value, sizeof(value)));
        assert_string_equal(value, text);
    }
    assert_false(rows_value(&rows, 0, "name", value, sizeof(value)));
    assert_string_equal(value, "");
    assert_false(rows_value(&rows, 1000, "number", value, sizeof(value)));
    rows_free(&rows);
    assert_int_equal(rows.count, 0);
}

static void test_malformed(void **state)
{
    struct rows rows = {0};

    (void)state;
    assert_false(rows_add(&rows, "\x30\x05", 2));
    assert_false(rows_add(&rows, "\x31\x00", 2));
    assert_int_equal(rows.count, 0);
    assert_true(rows_add(&rows, "", 0));
    rows_free(&rows);
}

static void test_sorted(void **state)
{
    static const char *const given[] = {"2027-03-31", "2026-12-01", "2027-03-31", "", "2026-11-30"};
    static const char *const sorted[] = {"", "2026-11-30", "2026-12-01", "2027-03-31",
                                         "2027-03-31"};
    struct rows rows = {0};
    char value[32];

    (void)state;
    rows_sort(&rows, "until");
    for (size_t n = 0; n < 5; n++)
        add(&rows, "until", given[n]);
    rows_sort(&rows, "until");
    for (size_t n = 0; n < 5; n++) {
        rows_value(&rows, n, "until", value, sizeof(value));
        assert_string_equal(value, sorted[n]);
    }
    rows_sort(&rows, "name");
    rows_value(&rows, 4, "until", value, sizeof(value));
    assert_string_equal(value, "2027-03-31");
    rows_free(&rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_sorted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
