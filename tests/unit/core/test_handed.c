/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/handed.h"

#include "tests/unit/core/unit.h"

static uint8_t buf[HANDED_ITEM_MAX], der[4097], link[HANDED_LINK_LEN], person[HANDED_ID_LEN];

static void test_events(void **state)
{
    const struct handed_event e = {.sequence = 70000, .der = der, .der_len = 4096, .link = link};
    struct handed_event back;
    struct tlv_cur cur;
    size_t len = 0, more = 0;

    (void)state;
    link[31] = 7;
    assert_int_equal(handed_event_encode(&e, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(handed_event_encode(&e, buf + len, sizeof(buf) - len, &more), WIRE_FULL);
    cur = tlv_der(buf, len);
    assert_int_equal(handed_event_next(&cur, &back), 1);
    assert_int_equal(back.sequence, 70000);
    assert_int_equal(back.der_len, 4096);
    assert_int_equal(back.link[31], 7);
    assert_int_equal(handed_event_next(&cur, &back), 0);
    for (size_t n = 1; n < len; n++) {
        cur = tlv_der(buf, n);
        assert_true(handed_event_next(&cur, &back) < 0);
    }
}

static void test_an_event_has_its_sizes(void **state)
{
    struct handed_event e = {.sequence = 1, .der = der, .der_len = 4097, .link = link}, back;
    struct tlv_cur cur;
    size_t len = 0;

    (void)state;
    assert_int_equal(handed_event_encode(&e, buf, sizeof(buf), &len), WIRE_OK);
    cur = tlv_der(buf, len);
    assert_int_equal(handed_event_next(&cur, &back), WIRE_LENGTH);
    e.der_len = 0;
    assert_int_equal(handed_event_encode(&e, buf, sizeof(buf), &len), WIRE_OK);
    cur = tlv_der(buf, len);
    assert_int_equal(handed_event_next(&cur, &back), WIRE_LENGTH);
}

static void test_counters(void **state)
{
    struct handed_counter c = {.person = person, .failures = 5, .until = INT64_MAX}, back;
    struct tlv_cur cur;
    size_t len = 0;

    (void)state;
    person[0] = 9;
    assert_int_equal(handed_counter_encode(&c, buf, sizeof(buf), &len), WIRE_OK);
    cur = tlv_der(buf, len);
    assert_int_equal(handed_counter_next(&cur, &back), 1);
    assert_int_equal(back.person[0], 9);
    assert_int_equal(back.failures, 5);
    assert_true(back.until == INT64_MAX);
    assert_int_equal(handed_counter_next(&cur, &back), 0);
    c.until = (uint64_t)INT64_MAX + 1;
    assert_int_equal(handed_counter_encode(&c, buf, sizeof(buf), &len), WIRE_OK);
    cur = tlv_der(buf, len);
    assert_int_equal(handed_counter_next(&cur, &back), WIRE_VALUE);
    c.until = 0;
    c.failures = (uint64_t)UINT32_MAX + 1;
    assert_int_equal(handed_counter_encode(&c, buf, sizeof(buf), &len), WIRE_OK);
    cur = tlv_der(buf, len);
    assert_int_equal(handed_counter_next(&cur, &back), WIRE_VALUE);
}

static void test_uses(void **state)
{
    static const uint64_t bad[] = {0, HANDED_DAY_MAX + 1, UINT64_MAX};
    struct handed_use u = {.person = person, .day = HANDED_DAY_MAX}, back;
    struct tlv_cur cur;
    size_t len = 0;

    (void)state;
    person[15] = 4;
    assert_int_equal(handed_use_encode(&u, buf, sizeof(buf), &len), WIRE_OK);
    cur = tlv_der(buf, len);
    assert_int_equal(handed_use_next(&cur, &back), 1);
    assert_int_equal(back.person[15], 4);
    assert_int_equal(back.day, HANDED_DAY_MAX);
    assert_int_equal(handed_use_next(&cur, &back), 0);
    for (size_t n = 1; n < len; n++) {
        cur = tlv_der(buf, n);
        assert_true(handed_use_next(&cur, &back) < 0);
    }
    for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++) {
        u.day = bad[n];
        assert_int_equal(handed_use_encode(&u, buf, sizeof(buf), &len), WIRE_OK);
        cur = tlv_der(buf, len);
        assert_int_equal(handed_use_next(&cur, &back), WIRE_VALUE);
    }
}

static void test_octets(void **state)
{
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    struct tlv_cur cur;
    struct tlv t;
    size_t len = 0;

    (void)state;
    tlv_put(&out, DER_OCTETS, "abc", 3);
    tlv_put(&out, DER_OCTETS, "", 0);
    assert_int_equal(tlv_finish(&out, &len), WIRE_OK);
    cur = tlv_der(buf, len);
    assert_int_equal(handed_octets_next(&cur, &t), 1);
    assert_memory_equal(t.val, "abc", 3);
    assert_int_equal(handed_octets_next(&cur, &t), WIRE_LENGTH);
    cur = tlv_der(buf, 0);
    assert_int_equal(handed_octets_next(&cur, &t), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events),   cmocka_unit_test(test_an_event_has_its_sizes),
        cmocka_unit_test(test_counters), cmocka_unit_test(test_uses),
        cmocka_unit_test(test_octets),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
