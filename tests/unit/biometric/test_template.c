/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/template.h"

#include "tests/unit/biometric/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

static uint8_t buf[FRAME_WORK_MAX];

static const struct template_prints two = {2,
                                           {{(const uint8_t *)"one", 3}, {(const uint8_t *)"", 0}}};

static void test_round_trip(void **state)
{
    struct template_prints back;
    size_t len = 0;

    (void)state;
    assert_int_equal(template_write(&two, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(template_read(buf, len, &back), WIRE_OK);
    assert_int_equal(back.count, 2);
    assert_int_equal(back.print[0].len, 3);
    assert_memory_equal(back.print[0].val, "one", 3);
    assert_int_equal(back.print[1].len, 0);
    assert_int_equal(template_write(&two, buf, len - 1, &len), WIRE_FULL);
}

static void test_malformed(void **state)
{
    struct template_prints back;
    size_t len = 0;

    (void)state;
    assert_int_equal(template_read("", 0, &back), WIRE_SHORT);
    assert_int_equal(template_read("\x30\x00", 2, &back), WIRE_MISSING);
    assert_int_equal(template_read("\x30\x02\x02\x00", 4, &back), WIRE_TAG);
    assert_int_equal(template_read("\x31\x02\x04\x00", 4, &back), WIRE_TAG);
    assert_int_equal(template_read("\x30\x81\x02\x04\x00", 5, &back), WIRE_LENGTH);
    assert_int_equal(template_write(&two, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(template_read(buf, len + 1, &back), WIRE_TRAILING);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_not_equal(template_read(buf, cut, &back), WIRE_OK);
}

static void test_too_many_prints(void **state)
{
    struct template_prints many = {.count = TEMPLATE_PRINTS_MAX}, back;
    size_t len = 0;

    (void)state;
    for (size_t n = 0; n < many.count; n++)
        many.print[n] = two.print[0];
    assert_int_equal(template_write(&many, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(template_read(buf, len, &back), WIRE_OK);
    assert_int_equal(back.count, TEMPLATE_PRINTS_MAX);
    memmove(buf + 2 + 5, buf + 2, len - 2);
    memcpy(buf + 2, "\x04\x03two", 5);
    buf[1] = (uint8_t)(buf[1] + 5);
    assert_int_equal(template_read(buf, len + 5, &back), WIRE_LENGTH);
}

static void test_too_long(void **state)
{
    static uint8_t octets[FINGER_TEMPLATE_MAX];
    const struct template_prints one = {1, {{octets, sizeof(octets)}}};
    struct template_prints back;
    size_t len = 0;

    (void)state;
    assert_int_equal(template_write(&one, buf, sizeof(buf), &len), WIRE_OK);
    assert_int_equal(template_read(buf, len, &back), WIRE_LENGTH);
}

static void put_row(struct tlv_out *out, const char *id, uint64_t finger, const char *driver,
                    const char *device)
{
    size_t mark = tlv_open(out, DER_SEQUENCE);

    tlv_put_text(out, DER_OCTETS, id);
    tlv_put_uint(out, DER_INTEGER, finger);
    tlv_put_text(out, DER_UTF8, driver);
    tlv_put_text(out, DER_UTF8, device);
    tlv_put_text(out, DER_OCTETS, "template");
    tlv_close(out, mark);
}

static int read_row(const char *id, uint64_t finger, const char *driver, const char *device)
{
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    struct template_row row;
    struct tlv_cur cur;

    put_row(&out, id, finger, driver, device);
    cur = tlv_der(buf, out.len);
    return template_next_row(&cur, &row);
}

static void test_rows(void **state)
{
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    struct template_row row;
    struct tlv_cur cur;

    (void)state;
    put_row(&out, "0123456789abcdef", 1, "uru4000", "0");
    put_row(&out, "fedcba9876543210", 10, "synaptics", "");
    cur = tlv_der(buf, out.len);
    assert_int_equal(template_next_row(&cur, &row), WIRE_OK);
    assert_memory_equal(row.id, "0123456789abcdef", 16);
    assert_string_equal(row.driver, "uru4000");
    assert_string_equal(row.device, "0");
    assert_int_equal(row.finger, 1);
    assert_int_equal(row.prints.len, 8);
    assert_int_equal(template_next_row(&cur, &row), WIRE_OK);
    assert_int_equal(row.finger, 10);
    assert_int_equal(cur.left, 0);
}

static void test_rows_out_of_range(void **state)
{
    char long_name[FINGER_DRIVER_MAX + 1] = "";

    (void)state;
    memset(long_name, 'x', FINGER_DRIVER_MAX);
    assert_int_equal(read_row("0123456789abcdef", 5, "d", "0"), WIRE_OK);
    assert_int_equal(read_row("0123456789abcde", 5, "d", "0"), WIRE_LENGTH);
    assert_int_equal(read_row("0123456789abcdef", 0, "d", "0"), WIRE_VALUE);
    assert_int_equal(read_row("0123456789abcdef", 11, "d", "0"), WIRE_VALUE);
    assert_int_equal(read_row("0123456789abcdef", 5, long_name, "0"), WIRE_LENGTH);
    assert_int_equal(read_row("0123456789abcdef", 5, "d\n", "0"), WIRE_VALUE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_too_many_prints),
        cmocka_unit_test(test_too_long),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_rows_out_of_range),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
