/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/token.h"

#include "tests/unit/core/unit.h"

static const struct token_key some[] = {{4294967295, {5, 4, 3}, 3, 2}, {0, {2, 1, 0}, 0, 0}};

static size_t build(uint8_t *buf, size_t cap, const struct token_key *keys, size_t count)
{
    struct frame_out out = frame_begin(buf, cap, TOKEN_PRESENT);
    size_t len = 0;

    frame_put(&out, TOKEN_F_ATTEMPT, "0123456789abcdef", 16);
    token_put_keys(&out, keys, count);
    assert_int_equal(frame_end(&out, &len), WIRE_OK);
    return len;
}

static int read_back(const uint8_t *buf, size_t len, struct token_key *keys, size_t *count)
{
    struct frame f;
    int r = frame_decode(buf, len, token_to_broker, token_to_broker_count, &f);

    return r != WIRE_OK ? r : token_get_keys(&f, keys, count);
}

static void test_keys_come_back(void **state)
{
    struct token_key keys[TOKEN_KEYS_MAX];
    uint8_t buf[512];
    size_t count = 0;

    (void)state;
    assert_int_equal(read_back(buf, build(buf, sizeof(buf), some, 2), keys, &count), WIRE_OK);
    assert_int_equal(count, 2);
    for (size_t n = 0; n < count; n++) {
        assert_int_equal(keys[n].serial, some[n].serial);
        assert_memory_equal(keys[n].version, some[n].version, sizeof(some[n].version));
        assert_int_equal(keys[n].valid, some[n].valid);
        assert_int_equal(keys[n].touch, some[n].touch);
    }
    assert_int_equal(read_back(buf, build(buf, sizeof(buf), NULL, 0), keys, &count), WIRE_OK);
    assert_int_equal(count, 0);
}

static void test_as_many_as_there_is_room_for(void **state)
{
    struct token_key keys[TOKEN_KEYS_MAX], many[TOKEN_KEYS_MAX + 1] = {{.serial = 1}};
    uint8_t buf[512];
    size_t count = 0;

    (void)state;
    assert_int_equal(read_back(buf, build(buf, sizeof(buf), many, TOKEN_KEYS_MAX), keys, &count),
                     WIRE_OK);
    assert_int_equal(count, TOKEN_KEYS_MAX);
    assert_int_equal(
        read_back(buf, build(buf, sizeof(buf), many, TOKEN_KEYS_MAX + 1), keys, &count),
        WIRE_VALUE);
}

/* The content of KEYS, written by hand. */
static int read_raw(const char *hex)
{
    struct token_key keys[TOKEN_KEYS_MAX];
    uint8_t list[256];
    size_t len = unit_hex(hex, list, sizeof(list)), count = 0;
    uint8_t *exact = unit_copy(list, len);
    struct frame f = {.field[TOKEN_F_KEYS] = {0x80 + TOKEN_F_KEYS, exact, len}};
    int r = token_get_keys(&f, keys, &count);

    free(exact);
    return r;
}

static void test_lists_that_are_none(void **state)
{
    static const char *const bad[] = {
        "301002010104030504030201030201020500",     /* one field more */
        "3012020501000000000403050403020103020102", /* a serial number of 33 bits */
        "300E0201010403050403020104020102",         /* a third slot */
        "300E0201010403050403020103020104",
        "300D02010104020504020103020102",     /* half a version */
        "300F020101040405040300020103020102", /* too much of one */
        "300F020200010403050403020103020102", /* not DER */
        "300E0201FF0403050403020103020102",   /* negative */
        "300B0201010403050403020103",         /* a field missing */
        "310E0201010403050403020103020102",   /* another tag */
        "300E020101040305040302010302010200", /* something behind the key */
        "300F0201010403050403020103020102",   /* cut */
        "300D02010104030504030201030201",
    };

    (void)state;
    assert_int_equal(read_raw("300E0201010403050403020103020102"), WIRE_OK);
    for (size_t n = 0; n < COUNT(bad); n++)
        assert_int_not_equal(read_raw(bad[n]), WIRE_OK);
}

static void parse(const uint8_t *buf, size_t len)
{
    struct token_key keys[TOKEN_KEYS_MAX];
    size_t count = 0;

    if (read_back(buf, len, keys, &count) == WIRE_OK)
        unit_touch((const uint8_t *)keys, count * sizeof(keys[0]));
    assert_true(count <= TOKEN_KEYS_MAX);
}

static void test_cut_and_damaged_frames(void **state)
{
    uint8_t buf[512];
    size_t len = build(buf, sizeof(buf), some, 2);

    (void)state;
    unit_sweep(buf, len, parse);
}

static void test_without_keys(void **state)
{
    struct token_key keys[TOKEN_KEYS_MAX];
    struct frame f = {0};
    size_t count = 7;

    (void)state;
    assert_int_equal(token_get_keys(&f, keys, &count), WIRE_MISSING);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_come_back),
        cmocka_unit_test(test_as_many_as_there_is_room_for),
        cmocka_unit_test(test_lists_that_are_none),
        cmocka_unit_test(test_cut_and_damaged_frames),
        cmocka_unit_test(test_without_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
