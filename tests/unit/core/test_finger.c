/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/finger.h"

#include "tests/unit/core/unit.h"

static const struct finger_hit some[] = {{{1, 2, 3}, 1, 1}, {{9}, FINGER_PICTURES_MAX, 160}};

static size_t build(uint8_t *buf, size_t cap, const struct finger_hit *hits, size_t count)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t len = 0;

    for (size_t n = 0; n < count; n++)
        finger_hit_put(&out, &hits[n]);
    assert_int_equal(tlv_finish(&out, &len), WIRE_OK);
    return len;
}

static void test_hits_come_back(void **state)
{
    uint8_t buf[128];
    struct tlv_cur cur = tlv_der(buf, build(buf, sizeof(buf), some, COUNT(some)));
    struct finger_hit hit;

    (void)state;
    for (size_t n = 0; n < COUNT(some); n++) {
        assert_int_equal(finger_hit_next(&cur, &hit), WIRE_OK);
        assert_memory_equal(hit.id, some[n].id, sizeof(hit.id));
        assert_int_equal(hit.presses, some[n].presses);
        assert_int_equal(hit.pairs, some[n].pairs);
    }
    assert_int_equal(cur.left, 0);
    assert_int_equal(finger_hit_next(&cur, &hit), WIRE_SHORT);
}

static void test_hits_that_cannot_be(void **state)
{
    static const struct finger_hit bad[] = {
        {{1}, 0, 0}, {{1}, 0, 5}, {{1}, 2, 1}, {{1}, FINGER_PICTURES_MAX + 1, 160}};
    uint8_t buf[128];
    struct finger_hit hit;

    (void)state;
    for (size_t n = 0; n < COUNT(bad); n++) {
        struct tlv_cur cur = tlv_der(buf, build(buf, sizeof(buf), &bad[n], 1));
        assert_int_equal(finger_hit_next(&cur, &hit), WIRE_VALUE);
    }
}

static void test_hits_that_are_malformed(void **state)
{
    uint8_t buf[128], changed[128];
    size_t len = build(buf, sizeof(buf), some, 1);
    struct finger_hit hit;

    (void)state;
    for (size_t n = 0; n < len; n++) {
        struct tlv_cur cur = tlv_der(buf, n);
        assert_int_not_equal(finger_hit_next(&cur, &hit), WIRE_OK);
    }
    memcpy(changed, buf, len);
    changed[1]++; /* an octet behind the last count */
    changed[len] = 0;
    assert_int_not_equal(finger_hit_next(&(struct tlv_cur){changed, len + 1, true}, &hit), WIRE_OK);
    memcpy(changed, buf, len);
    changed[len - 3] = 0x80; /* a negative number of pairs */
    assert_int_not_equal(finger_hit_next(&(struct tlv_cur){changed, len, true}, &hit), WIRE_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hits_come_back),
        cmocka_unit_test(test_hits_that_cannot_be),
        cmocka_unit_test(test_hits_that_are_malformed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
