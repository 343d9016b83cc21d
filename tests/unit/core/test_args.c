/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/args.h"

#include "tests/unit/core/unit.h"

static void test_round_trip(void **state)
{
    struct args args = {0}, back;
    uint8_t buf[512];
    size_t len = 0;

    (void)state;
    assert_true(args_add(&args, "zone", ARG_ZONE, "lgwan"));
    assert_true(args_add_number(&args, "tries", 4294967295UL));
    assert_true(args_add(&args, "until", ARG_DATE, "2027-03-31"));
    assert_int_equal(args_encode(&args, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(args_decode(buf, len, &back), WIRE_OK);
    assert_int_equal(back.count, 3);
    assert_string_equal(args_find(&back, "tries")->value, "4294967295");
    assert_int_equal(args_find(&back, "zone")->kind, ARG_ZONE);
    assert_string_equal(args_find(&back, "until")->value, "2027-03-31");
    assert_null(args_find(&back, "unti"));
    assert_int_equal(args_encode(&args, buf, len - 1, &len), WIRE_FULL);
}

static void test_empty(void **state)
{
    struct args args = {0}, back = {.count = 5};
    uint8_t buf[4];
    size_t len = 9;

    (void)state;
    assert_int_equal(args_encode(&args, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(len, 0);
    assert_int_equal(args_decode(buf, 0, &back), WIRE_OK);
    assert_int_equal(back.count, 0);
}

static void test_limits(void **state)
{
    struct args args = {0};
    char name[ARGS_NAME_MAX + 1], value[ARGS_VALUE_MAX + 1];

    (void)state;
    memset(name, 'n', sizeof(name));
    memset(value, 'v', sizeof(value));
    name[ARGS_NAME_MAX] = value[ARGS_VALUE_MAX] = '\0';
    assert_false(args_add(&args, name, ARG_TEXT, ""));
    assert_false(args_add(&args, "n", ARG_TEXT, value));
    assert_true(args_add(&args, name + 1, ARG_TEXT, value + 1));
    for (size_t n = 1; n < ARGS_MAX; n++)
        assert_true(args_add(&args, "n", ARG_TEXT, ""));
    assert_false(args_add(&args, "n", ARG_TEXT, ""));
    assert_int_equal(args.count, ARGS_MAX);
}

static void test_malformed(void **state)
{
    static const struct {
        const char *hex;
        int result;
    } rows[] = {
        {"300B8002616281010182017A", WIRE_SHORT},      {"30098001618101018201", WIRE_SHORT},
        {"300980016181010182017A", WIRE_OK},           {"300980014181010182017A", WIRE_VALUE},
        {"30088000810101820161", WIRE_VALUE},          {"300980016181010082017A", WIRE_VALUE},
        {"300980016181010682017A", WIRE_VALUE},        {"300980016181010182010A", WIRE_VALUE},
        {"300980016182017A810101", WIRE_TAG},          {"310980016181010182017A", WIRE_TAG},
        {"300B80016181010182017A0500", WIRE_TRAILING}, {"300A8001618102000182017A", WIRE_VALUE},
        {"300A800161810101820200617A", WIRE_VALUE},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(rows); n++) {
        uint8_t buf[64];
        size_t len = unit_hex(rows[n].hex, buf, sizeof(buf));
        struct args args;
        int r = args_decode(buf, len, &args);
        if (r != rows[n].result)
            fail_msg("%s: %s", rows[n].hex, wire_strerror(r));
    }
}

static void test_too_many(void **state)
{
    uint8_t buf[(ARGS_MAX + 1) * 11];
    struct args args;

    (void)state;
    for (size_t n = 0; n <= ARGS_MAX; n++)
        unit_hex("300980016181010182017A", buf + n * 11, 11);
    assert_int_equal(args_decode(buf, sizeof(buf) - 11, &args), WIRE_OK);
    assert_int_equal(args_decode(buf, sizeof(buf), &args), WIRE_LENGTH);
}

/* What decodes is written back as it stood. */
static void decode_and_compare(const uint8_t *buf, size_t len)
{
    struct args args;
    uint8_t again[512];
    size_t n = 0;

    if (args_decode(buf, len, &args) != WIRE_OK)
        return;
    assert_int_equal(args_encode(&args, again, sizeof(again), &n), WIRE_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, buf, len);
}

static void test_sweep(void **state)
{
    struct args args = {0};
    uint8_t buf[512];
    size_t len = 0;

    (void)state;
    assert_true(
        args_add(&args, "user", ARG_TEXT, "\xE5\xB1\xB1\xE7\x94\xB0 \xE8\x8A\xB1\xE5\xAD\x90"));
    assert_true(args_add(&args, "at", ARG_TIME, "2026-04-01T08:15"));
    assert_int_equal(args_encode(&args, buf, sizeof(buf), &len), WIRE_OK);
    unit_sweep(buf, len, decode_and_compare);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_empty),
        cmocka_unit_test(test_limits),     cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_too_many),   cmocka_unit_test(test_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
