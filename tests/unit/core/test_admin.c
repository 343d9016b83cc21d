/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/admin.h"

#include "tests/unit/core/unit.h"

static struct admin_pairs pairs, back;
static uint8_t buf[FRAME_WORK_MAX];

static int setup(void **state)
{
    (void)state;
    pairs = (struct admin_pairs){0};
    back = (struct admin_pairs){.count = 3};
    return 0;
}

static void test_round_trip(void **state)
{
    size_t len = 0;

    (void)state;
    assert_true(admin_pair_add(&pairs, "login", "hanako"));
    assert_true(admin_pair_add(&pairs, "name", "\xE8\x8A\xB1\xE5\xAD\x90"));
    assert_true(admin_pair_add(&pairs, "until", ""));
    assert_int_equal(admin_pairs_encode(&pairs, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(admin_pairs_decode(buf, len, &back), WIRE_OK);
    assert_int_equal(back.count, 3);
    assert_string_equal(admin_pair_get(&back, "login"), "hanako");
    assert_string_equal(admin_pair_get(&back, "name"), "\xE8\x8A\xB1\xE5\xAD\x90");
    assert_string_equal(admin_pair_get(&back, "until"), "");
    assert_null(admin_pair_get(&back, "Login"));
    assert_int_equal(admin_pairs_encode(&pairs, buf, len - 1, &len), WIRE_FULL);
    assert_int_equal(admin_pairs_decode(buf, 0, &back), WIRE_OK);
    assert_int_equal(back.count, 0);
}

static void test_limits(void **state)
{
    char key[ADMIN_KEY_MAX + 1], value[ADMIN_VALUE_MAX + 1];
    size_t len = 0;

    (void)state;
    memset(key, 'k', sizeof(key));
    memset(value, 'v', sizeof(value));
    key[ADMIN_KEY_MAX] = value[ADMIN_VALUE_MAX] = '\0';
    assert_false(admin_pair_add(&pairs, key, ""));
    assert_false(admin_pair_add(&pairs, "k", value));
    for (size_t n = 0; n < ADMIN_PAIRS_MAX; n++) {
        key[ADMIN_KEY_MAX - 1] = (char)('0' + n);
        assert_true(admin_pair_add(&pairs, key + 1, value + 1));
    }
    assert_false(admin_pair_add(&pairs, "k", ""));
    assert_int_equal(admin_pairs_encode(&pairs, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(admin_pairs_decode(buf, len, &back), WIRE_OK);
    assert_int_equal(back.count, ADMIN_PAIRS_MAX);
    assert_int_equal(unit_hex("300680017A810161", buf + len, 8), 8);
    assert_int_equal(admin_pairs_decode(buf, len + 8, &back), WIRE_LENGTH);
}

static void test_malformed(void **state)
{
    static const struct {
        const char *hex;
        int result;
    } rows[] = {
        {"300680017A810161", WIRE_OK},
        {"300680017A810161300680017A810162", WIRE_DUPLICATE},
        {"300680017A810161300680017B810162", WIRE_OK},
        {"300680017A820161", WIRE_TAG},
        {"310680017A810161", WIRE_TAG},
        {"300880017A8101610500", WIRE_TRAILING},
        {"300680017A81010A", WIRE_VALUE},
        {"3006800100810161", WIRE_VALUE},
        {"300380017A", WIRE_SHORT},
        {"300680017A810261", WIRE_SHORT},
        {"300680017A81016100", WIRE_SHORT},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(rows); n++) {
        size_t len = unit_hex(rows[n].hex, buf, sizeof(buf));
        int r = admin_pairs_decode(buf, len, &back);
        if (r != rows[n].result)
            fail_msg("%s: %s", rows[n].hex, wire_strerror(r));
    }
}

static void decode_and_compare(const uint8_t *octets, size_t len)
{
    uint8_t again[256];
    size_t n = 0;

    if (admin_pairs_decode(octets, len, &back) != WIRE_OK)
        return;
    assert_int_equal(admin_pairs_encode(&back, again, sizeof(again), &n), WIRE_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, octets, len);
}

static void test_sweep(void **state)
{
    size_t len = 0;

    (void)state;
    assert_true(admin_pair_add(&pairs, "login", "hanako"));
    assert_true(admin_pair_add(&pairs, "number", "012345"));
    assert_int_equal(admin_pairs_encode(&pairs, buf, sizeof(buf), &len), WIRE_OK);
    unit_sweep(buf, len, decode_and_compare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trip, setup),
        cmocka_unit_test_setup(test_limits, setup),
        cmocka_unit_test_setup(test_malformed, setup),
        cmocka_unit_test_setup(test_sweep, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
