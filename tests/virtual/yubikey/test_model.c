/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/model.h"
#include "tests/virtual/yubikey/sha1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* FIPS 180-4's example messages, and one whose padding needs a second block. */
static void test_sha1(void **state)
{
    static const struct {
        const char *message;
        uint8_t hash[SHA1_LEN];
    } known[] = {{"abc", {0xA9, 0x99, 0x3E, 0x36, 0x47, 0x06, 0x81, 0x6A, 0xBA, 0x3E,
                          0x25, 0x71, 0x78, 0x50, 0xC2, 0x6C, 0x9C, 0xD0, 0xD8, 0x9D}},
                 {"", {0xDA, 0x39, 0xA3, 0xEE, 0x5E, 0x6B, 0x4B, 0x0D, 0x32, 0x55,
                       0xBF, 0xEF, 0x95, 0x60, 0x18, 0x90, 0xAF, 0xD8, 0x07, 0x09}},
                 {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                  {0x84, 0x98, 0x3E, 0x44, 0x1C, 0x3B, 0xD2, 0x6E, 0xBA, 0xAE,
                   0x4A, 0xA1, 0xF9, 0x51, 0x29, 0xE5, 0xE5, 0x46, 0x70, 0xF1}}};
    uint8_t out[SHA1_LEN];

    (void)state;
    for (size_t n = 0; n < sizeof(known) / sizeof(known[0]); n++) {
        sha1((const uint8_t *)known[n].message, strlen(known[n].message), out);
        assert_memory_equal(out, known[n].hash, sizeof(out));
    }
}

/* RFC 2202 3, test case 1. */
static void test_hmac(void **state)
{
    static const uint8_t want[SHA1_LEN] = {0xB6, 0x17, 0x31, 0x86, 0x55, 0x05, 0x72,
                                           0x64, 0xE2, 0x8B, 0xC0, 0xB6, 0xFB, 0x37,
                                           0x8C, 0x8E, 0xF1, 0x46, 0xBE, 0x00};
    uint8_t key[SHA1_LEN], out[SHA1_LEN];

    (void)state;
    memset(key, 0x0B, sizeof(key));
    sha1_hmac(key, (const uint8_t *)"Hi There", 8, out);
    assert_memory_equal(out, want, sizeof(want));
}

static struct model blank(void)
{
    const uint8_t version[3] = {5, 4, 3};
    struct model m;

    model_init(&m, version, 0x01020304);
    return m;
}

static uint16_t crc16(const uint8_t *data, size_t len)
{
    unsigned crc = 0xFFFF;

    for (size_t n = 0; n < 8 * len; n++)
        crc = crc >> 1 ^ (((crc ^ (unsigned)data[n / 8] >> (n % 8)) & 1) != 0 ? 0x8408 : 0);
    return (uint16_t)crc;
}

/* A frame of `payload`, with or without its middle reports where they are zero. */
static void put(struct model *m, const uint8_t payload[MODEL_PAYLOAD], uint8_t command, bool gaps)
{
    uint8_t frame[MODEL_FRAME] = {0}, report[MODEL_REPORT];
    uint16_t crc = crc16(payload, MODEL_PAYLOAD);

    memcpy(frame, payload, MODEL_PAYLOAD);
    frame[64] = command;
    frame[65] = (uint8_t)crc;
    frame[66] = (uint8_t)(crc >> 8);
    for (uint8_t n = 0; n < 10; n++) {
        static const uint8_t zero[7];
        memcpy(report, frame + 7 * n, 7);
        report[7] = 0x80 | n;
        if (!gaps || n == 0 || n == 9 || memcmp(report, zero, 7) != 0)
            model_set_report(m, report, 0);
    }
}

static void test_serial(void **state)
{
    static const uint8_t payload[MODEL_PAYLOAD];
    struct model m = blank();
    uint8_t report[MODEL_REPORT];

    (void)state;
    put(&m, payload, 0x10, true);
    model_get_report(&m, report, 0);
    assert_int_equal(report[7], 0); /* hidden: nothing is said */
    m.slot[0] = (struct model_slot){.valid = true, .ext = MODEL_EXT_SERIAL_API};
    put(&m, payload, 0x10, false);
    model_get_report(&m, report, 0);
    assert_memory_equal(report, ((uint8_t[]){1, 2, 3, 4}), 4);
    assert_int_equal(crc16(report, 6), 0xF0B8);
    assert_int_equal(report[7], 0x40);
    model_get_report(&m, report, 0);
    assert_int_equal(report[7], 0x40); /* the end */
}

static void test_damaged_frame(void **state)
{
    static const uint8_t payload[MODEL_PAYLOAD];
    const uint8_t damaged[MODEL_REPORT] = {0, 1, 0, 0, 0, 0, 0, 0x89};
    struct model m = blank();

    (void)state;
    m.slot[0] = (struct model_slot){.valid = true, .ext = MODEL_EXT_SERIAL_API};
    put(&m, payload, 0x10, true);
    assert_int_equal(m.answer_len, 6);
    model_set_report(&m, damaged, 0);
    assert_int_equal(m.stats.bad_frames, 1);
}

static void test_reset(void **state)
{
    static const uint8_t payload[MODEL_PAYLOAD];
    const uint8_t ends[] = {0x8F, 0xFF};
    struct model m = blank();
    uint8_t report[MODEL_REPORT] = {0};

    (void)state;
    m.slot[1] = (struct model_slot){
        .valid = true, .tkt = MODEL_TKT_CHAL_RESP, .cfg = MODEL_CFG_CHAL_HMAC | MODEL_CFG_TOUCH};
    for (size_t n = 0; n < sizeof(ends); n++) {
        put(&m, payload, 0x38, true);
        assert_int_equal(m.waiting, 2);
        report[7] = ends[n];
        model_set_report(&m, report, 0);
        assert_int_equal(m.waiting, 0);
    }
}

static void test_touch_in_time_and_too_late(void **state)
{
    static const uint8_t payload[MODEL_PAYLOAD];
    struct model m = blank();
    uint8_t report[MODEL_REPORT];

    (void)state;
    m.slot[1] = (struct model_slot){
        .valid = true, .tkt = MODEL_TKT_CHAL_RESP, .cfg = MODEL_CFG_CHAL_HMAC | MODEL_CFG_TOUCH};
    put(&m, payload, 0x38, true);
    model_get_report(&m, report, 0);
    assert_int_equal(report[5], 0x0A);
    assert_int_equal(report[7], 0x20 | 15);
    model_get_report(&m, report, 14001);
    assert_int_equal(report[7], 0x20 | 1);
    model_get_report(&m, report, 15000);
    assert_int_equal(report[7], 0);
    model_touch(&m);
    model_get_report(&m, report, 15001);
    assert_int_equal(report[7], 0);
    put(&m, payload, 0x38, true);
    model_touch(&m);
    model_get_report(&m, report, 1);
    assert_int_equal(report[7], 0x40);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sha1),   cmocka_unit_test(test_hmac),
        cmocka_unit_test(test_serial), cmocka_unit_test(test_damaged_frame),
        cmocka_unit_test(test_reset),  cmocka_unit_test(test_touch_in_time_and_too_late),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
