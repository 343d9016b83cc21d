/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/tlv.h"

#include "tests/unit/core/unit.h"

static int next_of(const char *hex, bool der, struct tlv *out, size_t *left)
{
    uint8_t buf[600];
    size_t len = unit_hex(hex, buf, sizeof(buf));
    uint8_t *tight = unit_copy(buf, len);
    struct tlv_cur cur = der ? tlv_der(tight, len) : tlv_ber(tight, len);
    const uint8_t *start = cur.p;
    int r = tlv_next(&cur, out);

    if (r != WIRE_OK) {
        assert_ptr_equal(cur.p, start);
        assert_int_equal(cur.left, len);
    } else {
        assert_ptr_equal(cur.p, out->val + out->len);
    }
    *left = cur.left;
    free(tight);
    return r;
}

static const struct {
    const char *hex;
    int ber, der;
    uint32_t tag;
    size_t len, left;
} elements[] = {
    {"0400", WIRE_OK, WIRE_OK, 0x04, 0, 0},
    {"0401AA05", WIRE_OK, WIRE_OK, 0x04, 1, 1},
    {"7F4902AABB", WIRE_OK, WIRE_OK, 0x7F49, 2, 0},
    {"5FC10501AA", WIRE_OK, WIRE_OK, 0x5FC105, 1, 0},
    {"5FC1C5C501AA", WIRE_TAG, WIRE_TAG, 0, 0, 0},
    {"", WIRE_SHORT, WIRE_SHORT, 0, 0, 0},
    {"04", WIRE_SHORT, WIRE_SHORT, 0, 0, 0},
    {"1F", WIRE_SHORT, WIRE_SHORT, 0, 0, 0},
    {"1F81", WIRE_SHORT, WIRE_SHORT, 0, 0, 0},
    {"0402AA", WIRE_SHORT, WIRE_SHORT, 0, 0, 0},
    {"0480AA0000", WIRE_LENGTH, WIRE_LENGTH, 0, 0, 0},
    {"0481", WIRE_SHORT, WIRE_SHORT, 0, 0, 0},
    {"048100", WIRE_OK, WIRE_LENGTH, 0x04, 0, 0},
    {"048101AA", WIRE_OK, WIRE_LENGTH, 0x04, 1, 0},
    {"04820001AA", WIRE_OK, WIRE_LENGTH, 0x04, 1, 0},
    {"0483000001AA", WIRE_OK, WIRE_LENGTH, 0x04, 1, 0},
    {"048400000001AA", WIRE_OK, WIRE_LENGTH, 0x04, 1, 0},
    {"04850000000001AA", WIRE_LENGTH, WIRE_LENGTH, 0, 0, 0},
    {"04FF", WIRE_LENGTH, WIRE_LENGTH, 0, 0, 0},
    {"0484FFFFFFFFAA", WIRE_SHORT, WIRE_SHORT, 0, 0, 0},
    {"04847FFFFFFF", WIRE_SHORT, WIRE_SHORT, 0, 0, 0},
};

static void test_elements(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(elements); n++) {
        struct tlv t = {0};
        size_t left = 0;
        assert_int_equal(next_of(elements[n].hex, false, &t, &left), elements[n].ber);
        if (elements[n].ber == WIRE_OK) {
            assert_int_equal(t.tag, elements[n].tag);
            assert_int_equal(t.len, elements[n].len);
            assert_int_equal(left, elements[n].left);
        }
        assert_int_equal(next_of(elements[n].hex, true, &t, &left), elements[n].der);
    }
}

static void test_expect_enter_peek_end(void **state)
{
    static const uint8_t der[] = {0x30, 0x05, 0x02, 0x01, 0x07, 0x05, 0x00};
    struct tlv_cur cur = tlv_der(der, sizeof(der)), inner;
    struct tlv t = {0};

    (void)state;
    assert_int_equal(tlv_expect(&cur, DER_SET, &t), WIRE_TAG);
    assert_int_equal(cur.left, sizeof(der));
    assert_false(tlv_peek(&cur, DER_SET));
    assert_true(tlv_peek(&cur, DER_SEQUENCE));
    assert_int_equal(cur.left, sizeof(der));
    assert_int_equal(tlv_end(&cur), WIRE_TRAILING);
    assert_int_equal(tlv_enter(&cur, DER_SEQUENCE, &inner), WIRE_OK);
    assert_int_equal(tlv_end(&cur), WIRE_OK);
    assert_true(inner.der);
    assert_int_equal(tlv_expect(&inner, DER_INTEGER, &t), WIRE_OK);
    assert_int_equal(t.val[0], 7);
    assert_int_equal(tlv_end(&inner), WIRE_TRAILING);
    assert_int_equal(tlv_expect(&inner, DER_NULL, &t), WIRE_OK);
    assert_int_equal(tlv_end(&inner), WIRE_OK);
    assert_false(tlv_peek(&inner, DER_NULL));
}

/* The beginning of something long: its content need not be there. */
static void test_header(void **state)
{
    static const uint8_t der[] = {0x30, 0x84, 0xFF, 0xFF, 0x00, 0x00, 0x04, 0x81, 0x7F};
    struct tlv_cur cur = tlv_der(der, sizeof(der));
    size_t len = 99;

    (void)state;
    assert_int_equal(tlv_header(&cur, DER_SET, &len), WIRE_TAG);
    assert_int_equal(cur.left, sizeof(der));
    assert_int_equal(len, 99);
    assert_int_equal(tlv_header(&cur, DER_SEQUENCE, &len), WIRE_OK);
    assert_int_equal(len, 0xFFFF0000);
    assert_int_equal(cur.left, 3);
    assert_int_equal(tlv_header(&cur, DER_OCTETS, &len), WIRE_LENGTH); /* not minimal */
    cur.der = false;
    assert_int_equal(tlv_header(&cur, DER_OCTETS, &len), WIRE_OK);
    assert_int_equal(len, 0x7F);
    assert_int_equal(tlv_header(&cur, DER_OCTETS, &len), WIRE_SHORT);
    cur = tlv_der(der, 5);
    assert_int_equal(tlv_header(&cur, DER_SEQUENCE, &len), WIRE_SHORT);
    assert_int_equal(cur.left, 5);
}

static const struct {
    const char *hex;
    int result;
    uint64_t value;
} integers[] = {
    {"", WIRE_LENGTH, 0},
    {"00", WIRE_OK, 0},
    {"7F", WIRE_OK, 127},
    {"80", WIRE_VALUE, 0},
    {"0080", WIRE_OK, 128},
    {"007F", WIRE_VALUE, 0},
    {"0000", WIRE_VALUE, 0},
    {"FF", WIRE_VALUE, 0},
    {"7FFFFFFFFFFFFFFF", WIRE_OK, INT64_MAX},
    {"00FFFFFFFFFFFFFFFF", WIRE_OK, UINT64_MAX},
    {"01FFFFFFFFFFFFFFFF", WIRE_LENGTH, 0},
    {"0080FFFFFFFFFFFFFFFF", WIRE_LENGTH, 0},
};

static void test_integers(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(integers); n++) {
        uint8_t buf[16];
        struct tlv t = {.val = buf, .len = unit_hex(integers[n].hex, buf, sizeof(buf))};
        uint64_t value = 99;
        assert_int_equal(tlv_uint(&t, &value), integers[n].result);
        assert_true(value == (integers[n].result == WIRE_OK ? integers[n].value : 99));
    }
}

static void test_integers_come_back(void **state)
{
    (void)state;
    for (unsigned shift = 0; shift < 64; shift++) {
        for (int delta = -1; delta <= 1; delta++) {
            uint64_t value = (UINT64_C(1) << shift) + (uint64_t)(int64_t)delta, back = 0;
            uint8_t buf[16];
            struct tlv_out out = tlv_writer(buf, sizeof(buf));
            struct tlv_cur cur;
            struct tlv t = {0};
            size_t len = 0;

            tlv_put_uint(&out, DER_INTEGER, value);
            assert_int_equal(tlv_finish(&out, &len), WIRE_OK);
            cur = tlv_der(buf, len);
            assert_int_equal(tlv_expect(&cur, DER_INTEGER, &t), WIRE_OK);
            assert_int_equal(tlv_uint(&t, &back), WIRE_OK);
            assert_true(back == value);
        }
    }
}

static void test_fixed(void **state)
{
    static const uint8_t octets[] = {1, 2, 3};
    struct tlv t = {.val = octets, .len = 3};
    struct tlv absent = {0};
    uint8_t out[4] = {9, 9, 9, 9};

    (void)state;
    assert_int_equal(tlv_fixed(&t, out, 2), WIRE_LENGTH);
    assert_int_equal(tlv_fixed(&t, out, 4), WIRE_LENGTH);
    assert_int_equal(out[0], 9);
    assert_int_equal(tlv_fixed(&t, out, 3), WIRE_OK);
    assert_memory_equal(out, octets, 3);
    assert_int_equal(out[3], 9);
    assert_int_equal(tlv_fixed(&absent, out, 0), WIRE_LENGTH);
}

/* Every content length where the size of the length field changes, and its neighbours. */
static void test_lengths_come_back(void **state)
{
    static const size_t lengths[] = {0, 1, 126, 127, 128, 254, 255, 256, 257, 65534, 65535, 65536};

    (void)state;
    for (size_t n = 0; n < COUNT(lengths); n++) {
        size_t cap = lengths[n] + 6, put = 0, nested = 0;
        uint8_t *content = calloc(1, lengths[n] + 1), *a = malloc(cap), *b = malloc(cap);
        struct tlv_out whole = tlv_writer(a, cap), parts = tlv_writer(b, cap);
        struct tlv_cur cur;
        struct tlv t = {0};
        size_t mark;

        assert_true(content != NULL && a != NULL && b != NULL);
        tlv_put(&whole, DER_OCTETS, content, lengths[n]);
        mark = tlv_open(&parts, DER_OCTETS);
        tlv_put_raw(&parts, content, lengths[n]);
        tlv_close(&parts, mark);
        assert_int_equal(tlv_finish(&whole, &put), WIRE_OK);
        assert_int_equal(tlv_finish(&parts, &nested), WIRE_OK);
        assert_int_equal(put, nested);
        assert_memory_equal(a, b, put);
        cur = tlv_der(a, put);
        assert_int_equal(tlv_expect(&cur, DER_OCTETS, &t), WIRE_OK);
        assert_int_equal(t.len, lengths[n]);
        assert_int_equal(tlv_end(&cur), WIRE_OK);
        free(content);
        free(a);
        free(b);
    }
}

/* In every capacity below the one needed the writer fails, writes nothing behind it, stays failed.
 */
static void test_writer_full(void **state)
{
    enum { NEED = 2 + 2 + 3 + 2 + 130 + 1 };
    static const uint8_t content[130];

    (void)state;
    for (size_t cap = 0; cap <= NEED; cap++) {
        uint8_t *buf = malloc(cap > 0 ? cap : 1);
        struct tlv_out out = tlv_writer(buf, cap);
        size_t len = 77, mark = tlv_open(&out, DER_SEQUENCE);

        assert_non_null(buf);
        tlv_put_uint(&out, DER_INTEGER, 5);
        tlv_put_text(&out, DER_UTF8, "x");
        tlv_put(&out, DER_OCTETS, content, sizeof(content));
        tlv_close(&out, mark);
        assert_int_equal(tlv_finish(&out, &len), cap < NEED + 2 ? WIRE_FULL : WIRE_OK);
        assert_int_equal(len, 77);
        free(buf);
    }
}

static void test_writer_exact(void **state)
{
    static const uint8_t expected[] = {0x30, 0x0B, 0x02, 0x02, 0x00, 0x80, 0x0C,
                                       0x01, 'x',  0x7F, 0x49, 0x00, 0x00};
    uint8_t buf[sizeof(expected)];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    size_t len = 0, mark = tlv_open(&out, DER_SEQUENCE);

    (void)state;
    tlv_put_uint(&out, DER_INTEGER, 128);
    tlv_put_text(&out, DER_UTF8, "x");
    tlv_put(&out, 0x7F49, NULL, 0);
    tlv_put_raw(&out, "", 1);
    tlv_close(&out, mark);
    assert_int_equal(tlv_finish(&out, &len), WIRE_OK);
    assert_int_equal(len, sizeof(expected));
    assert_memory_equal(buf, expected, len);
}

static void test_close_of_a_wrong_mark(void **state)
{
    uint8_t buf[16];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    size_t len = 0;

    (void)state;
    (void)tlv_open(&out, DER_SEQUENCE);
    tlv_close(&out, 9);
    assert_int_equal(tlv_finish(&out, &len), WIRE_FULL);
}

static size_t visited;

static void walk(struct tlv_cur *cur, unsigned depth)
{
    struct tlv t = {0};

    while (tlv_next(cur, &t) == WIRE_OK) {
        visited++;
        unit_touch(t.val, t.len);
        if (depth < 8) {
            struct tlv_cur inner = {.p = t.val, .left = t.len, .der = cur->der};
            walk(&inner, depth + 1);
        }
    }
}

static void walk_both(const uint8_t *buf, size_t len)
{
    struct tlv_cur der = tlv_der(buf, len), ber = tlv_ber(buf, len);

    walk(&der, 0);
    walk(&ber, 0);
}

static void test_sweep(void **state)
{
    static const uint8_t der[] = {0x30, 0x81, 0x84, 0x7F, 0x49, 0x03, 0x02, 0x01, 0x05, 0x04, 0x7C};
    uint8_t buf[sizeof(der) + 0x7C] = {0};

    (void)state;
    memcpy(buf, der, sizeof(der));
    unit_sweep(buf, sizeof(buf), walk_both);
    assert_true(visited > sizeof(buf));
}

static void test_strerror(void **state)
{
    (void)state;
    assert_string_equal(wire_strerror(WIRE_OK), "ok");
    assert_string_equal(wire_strerror(WIRE_DUPLICATE), "field given twice");
    assert_string_equal(wire_strerror(WIRE_DUPLICATE - 1), "unknown error");
    assert_string_equal(wire_strerror(1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_elements),
        cmocka_unit_test(test_expect_enter_peek_end),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_integers),
        cmocka_unit_test(test_integers_come_back),
        cmocka_unit_test(test_fixed),
        cmocka_unit_test(test_lengths_come_back),
        cmocka_unit_test(test_writer_full),
        cmocka_unit_test(test_writer_exact),
        cmocka_unit_test(test_close_of_a_wrong_mark),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_strerror),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
