/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/family.h"

#include <string.h>

#define GUID "(77*16)"

struct row {
    const char *answer;
    int r;
};

static int read_object(uint32_t object, const char *command, const char *answer,
                       struct family_result *res)
{
    struct script script = SCRIPT({command, answer});
    struct apdu_link link = script_link(&script);
    const struct family *piv = family_find(CARD_PIV);

    assert_non_null(piv);
    return piv->read(&link, object, 0x80, res);
}

static void check_rows(uint32_t object, const char *command, const struct row *rows, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        struct family_result res = {0};
        int r = read_object(object, command, rows[n].answer, &res);
        if (r != rows[n].r)
            fail_msg("row %zu: %d, not %d", n, r, rows[n].r);
    }
}

#define CHECK(object, command, rows)                                                               \
    check_rows(object, command, rows, sizeof(rows) / sizeof((rows)[0]))

static void test_identifier(void **state)
{
    static const struct row rows[] = {
        {"531B 3003AABBCC 3410" GUID "FE00 3E00 9000", 0},
        {"531C 3003AABBCC 3410" GUID "FE00 3E00 9000", CARD_MALFORMED}, /* lengths that lie */
        {"531B 3043AABBCC 3410" GUID "FE00 3E00 9000", CARD_MALFORMED},
        {"5312 3410" GUID "9000", 0},
        {"5317 3003AABBCC 3410" GUID "9000", 0},
        {"5311 340F(77*15) 9000", CARD_MALFORMED},
        {"5324 3410" GUID "3410" GUID "9000", CARD_MALFORMED},
        {"5302 FE00 9000", CARD_MALFORMED},
        {"5300 9000", CARD_ABSENT},
        {"9000", CARD_MALFORMED},
        {"5412 3410" GUID "9000", CARD_MALFORMED},
        {"5312 3410" GUID "00 9000", CARD_MALFORMED},
        {"6A82", CARD_ABSENT},
        {"6982", CARD_PIN_NEEDED},
        {"6F00", CARD_REFUSED},
        {"", CARD_GONE}};
    struct family_result res = {0};

    (void)state;
    CHECK(CARD_OBJ_IDENTIFIER, "00CB3FFF055C035FC10200", rows);
    assert_int_equal(read_object(CARD_OBJ_IDENTIFIER, NULL, rows[0].answer, &res), 0);
    assert_int_equal(res.len, 16);
    assert_int_equal(res.data[0], 0x77);
}

static void test_certificate(void **state)
{
    static const struct row rows[] = {{"530F 7008"
                                       "3006020101020105"
                                       "710100 FE00 9000",
                                       0},
                                      {"530A 7008"
                                       "3006020101020105"
                                       "9000",
                                       0},
                                      {"530F 7008"
                                       "3006020101020105"
                                       "710101 FE00 9000",
                                       CARD_MALFORMED}, /* says gzip, is none */
                                      {"5310 7008"
                                       "3006020101020105"
                                       "71020000 FE00 9000",
                                       CARD_MALFORMED},
                                      {"5312 7008"
                                       "3006020101020105"
                                       "710100 710100 FE00 9000",
                                       CARD_MALFORMED},
                                      {"5314 7008"
                                       "3006020101020105"
                                       "7008"
                                       "3006020101020105"
                                       "9000",
                                       CARD_MALFORMED},
                                      {"530F 7008"
                                       "3005020101020105"
                                       "710100 FE00 9000",
                                       CARD_MALFORMED}, /* trailing octet */
                                      {"530F 7008"
                                       "3081060201010201"
                                       "710100 FE00 9000",
                                       CARD_MALFORMED}, /* no DER */
                                      {"530F 7008"
                                       "3106020101020105"
                                       "710100 FE00 9000",
                                       CARD_MALFORMED},
                                      {"5305 710100 FE00 9000", CARD_MALFORMED},
                                      {"5300 9000", CARD_ABSENT},
                                      {"6A82", CARD_ABSENT}};
    struct family_result res = {0};

    (void)state;
    CHECK(CARD_OBJ_CERT_9A, "00CB3FFF055C035FC10500", rows);
    CHECK(CARD_OBJ_CERT_9E, "00CB3FFF055C035FC10100", rows);
    CHECK(CARD_OBJ_CERT_9C, "00CB3FFF055C035FC10A00", rows);
    assert_int_equal(read_object(CARD_OBJ_CERT_9A, NULL, rows[0].answer, &res), 0);
    assert_int_equal(res.len, 8);
    assert_memory_equal(res.data, "\x30\x06\x02\x01\x01\x02\x01\x05", 8);
}

#define GZ_CERT "1F8B0800000000000203336063626464626405005047DE2108000000"
#define GZ_8192                                                                                    \
    "1F8B0800000000000203EDC1410D00000804209B58C18C97DB8739DC80496F0100000000000000AF1D38360702"   \
    "00200000"
#define GZ_8193                                                                                    \
    "1F8B0800000000000203EDC1010900000803309B58C18CEF2D9843D836E92D00000000000000E0B7031AD0FCA5"   \
    "01200000"

/* 8,192 octets of certificate fit, one more does not: a few octets can become a thousand times as
 * many. */
static void test_compressed_certificate(void **state)
{
    static const struct row rows[] = {
        {"5323 701C" GZ_CERT "710101 FE00 9000", 0},
        {"5323 701C" GZ_CERT "710180 FE00 9000", 0},
        {"5323 701C" GZ_CERT "710102 FE00 9000", CARD_MALFORMED},
        {"5323 701C" GZ_CERT "710103 FE00 9000", CARD_MALFORMED},
        {"5323 701C" GZ_CERT "710100 FE00 9000", CARD_MALFORMED},
        {"5324 701D" GZ_CERT "00 710101 FE00 9000", CARD_MALFORMED},
        {"533F 7038" GZ_CERT GZ_CERT "710101 FE00 9000", CARD_MALFORMED},
        {"5307 7000 710101 FE00 9000", CARD_MALFORMED},
        {"5311 700A 1F8B0800000000000203 710101 FE00 9000", CARD_MALFORMED},
        {"5338 7031" GZ_8192 "710101 FE00 9000", 0},
        {"5338 7031" GZ_8193 "710101 FE00 9000", CARD_MALFORMED}};
    struct family_result res = {0};

    (void)state;
    CHECK(CARD_OBJ_CERT_9A, "00CB3FFF055C035FC10500", rows);
    assert_int_equal(read_object(CARD_OBJ_CERT_9A, NULL, rows[0].answer, &res), 0);
    assert_int_equal(res.len, 8);
    assert_memory_equal(res.data, "\x30\x06\x02\x01\x01\x02\x01\x05", 8);
}

static void test_discovery(void **state)
{
    static const struct row rows[] = {{"7E12 4F0BA000000308000010000100 5F2F024010 9000", 0},
                                      {"7E05 5F2F024010 9000", 0},
                                      {"7E06 5F2F03401000 9000", CARD_MALFORMED},
                                      {"7E0A 5F2F024010 5F2F024010 9000", CARD_MALFORMED},
                                      {"5305 5F2F024010 9000", CARD_MALFORMED},
                                      {"7E05 1F8F8F8F02 9000", CARD_MALFORMED},
                                      {"6A82", CARD_ABSENT}};
    struct family_result res = {0};

    (void)state;
    CHECK(CARD_OBJ_DISCOVERY, "00CB3FFF035C017E00", rows);
    assert_int_equal(read_object(CARD_OBJ_DISCOVERY, NULL, rows[0].answer, &res), 0);
    assert_int_equal(res.len, 2);
    assert_memory_equal(res.data, "\x40\x10", 2);
}

static void test_tries(void **state)
{
    static const struct row rows[] = {
        {"63C3", 0}, {"63C1", 0},          {"63C0", CARD_PIN_BLOCKED}, {"6983", CARD_PIN_BLOCKED},
        {"9000", 0}, {"6A88", CARD_ABSENT}};
    struct family_result res = {0};

    (void)state;
    CHECK(CARD_OBJ_TRIES, "00200080", rows);
    assert_int_equal(read_object(CARD_OBJ_TRIES, NULL, "63C3", &res), 0);
    assert_int_equal(res.tries, 3);
    assert_int_equal(read_object(CARD_OBJ_TRIES, NULL, "9000", &res), 0);
    assert_int_equal(res.tries, FAMILY_TRIES_UNKNOWN);
    assert_int_equal(read_object(CARD_OBJ_TRIES, NULL, "AABB63C3", &res), 0);
    assert_int_equal(res.len, 0);
}

/* 8,192 octets are the limit of an object; nothing is written behind it. */
static void test_objects_that_never_end(void **state)
{
    static struct {
        struct family_result res;
        uint8_t guard[64];
    } room;
    struct script script = SCRIPT({NULL, "5382FFFF(30*251)61FF"}, {NULL, "(30*255)61FF"});
    struct apdu_link link = script_link(&script);

    (void)state;
    script.repeat = true;
    memset(room.guard, 0xA5, sizeof(room.guard));
    assert_int_equal(family_find(CARD_PIV)->read(&link, CARD_OBJ_CERT_9A, 0x80, &room.res),
                     CARD_MALFORMED);
    for (size_t n = 0; n < sizeof(room.guard); n++)
        assert_int_equal(room.guard[n], 0xA5);
}

static void test_unknown_objects_and_families(void **state)
{
    struct script script = SCRIPT({NULL, "9000"});
    struct apdu_link link = script_link(&script);
    struct family_result res = {0};

    (void)state;
    assert_int_equal(family_find(CARD_PIV)->read(&link, 0, 0x80, &res), CARD_INTERNAL);
    assert_int_equal(family_find(CARD_PIV)->read(&link, 6, 0x80, &res), CARD_INTERNAL);
    assert_int_equal(script.at, 0);
    assert_null(family_find(0));
    assert_null(family_find(CARD_MEMORISED));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_identifier),
        cmocka_unit_test(test_certificate),
        cmocka_unit_test(test_compressed_certificate),
        cmocka_unit_test(test_discovery),
        cmocka_unit_test(test_tries),
        cmocka_unit_test(test_objects_that_never_end),
        cmocka_unit_test(test_unknown_objects_and_families),
    };

    return cmocka_run_group_tests_name("piv_object", tests, NULL, NULL);
}
