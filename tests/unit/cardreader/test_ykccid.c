/* SPDX-License-Identifier: Apache-2.0
 *
 * A YubiKey's OTP application, octet by octet.
 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/ykccid.h"

#include <string.h>

struct answer_row {
    const char *answer;
    int r;
};

static void test_select(void **state)
{
    static const struct answer_row rows[] = {
        {"050403010300009000", 0}, {"0504039000", 0},      {"05049000", CARD_UNKNOWN},
        {"9000", CARD_UNKNOWN},    {"6A82", CARD_UNKNOWN}, {"6D00", CARD_UNKNOWN},
        {"90", CARD_MALFORMED},    {"", CARD_GONE},        {NULL, CARD_GONE}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({"00A4040007A0000005272001", rows[n].answer});
        struct apdu_link link = script_link(&script);
        struct family_result res = {0};
        assert_int_equal(ykccid_select(&link, &res), rows[n].r);
        assert_script_done(script);
    }
}

static void test_check(void **state)
{
    static const uint8_t challenge[64] = {1};
    struct family_pin pin = {.ref = 0x80, .digits = challenge, .len = 6};
    static const struct {
        uint32_t key, alg;
        size_t len;
        int r;
    } rows[] = {{1, CARD_HMAC_SHA1, 1, 0},
                {2, CARD_HMAC_SHA1, 63, 0},
                {0, CARD_HMAC_SHA1, 32, CARD_INTERNAL},
                {3, CARD_HMAC_SHA1, 32, CARD_INTERNAL},
                {1, CARD_MAC_A, 32, CARD_INTERNAL},
                {1, CARD_P256, 32, CARD_INTERNAL},
                {1, CARD_HMAC_SHA1, 0, CARD_INTERNAL},
                {1, CARD_HMAC_SHA1, 64, CARD_INTERNAL}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, "(AB*20)9000"});
        struct apdu_link link = script_link(&script);
        struct family_result res = {0};
        struct family_sign sign = {rows[n].key, rows[n].alg, challenge, rows[n].len};
        assert_int_equal(ykccid_check(&sign, NULL), rows[n].r);
        assert_int_equal(ykccid_sign(&link, &sign, &res), rows[n].r);
        assert_int_equal(ykccid_check(&sign, &pin), CARD_INTERNAL);
        assert_int_equal(script.at, rows[n].r == 0 ? 1 : 0);
    }
}

/* The padding differs from the last octet of the challenge, always. */
static void test_padding(void **state)
{
    static const struct {
        uint32_t slot;
        const char *challenge, *command;
    } rows[] = {{1, "AABBCC", "00013000 40 AABBCC(00*61) 00"},
                {2, "AABBCC", "00013800 40 AABBCC(00*61) 00"},
                {1, "AABB00", "00013000 40 AABB00(01*61) 00"},
                {1, "AABB01", "00013000 40 AABB01(00*61) 00"},
                {1, "00", "00013000 40 00(01*63) 00"},
                {2, "(00*63)", "00013800 40 (00*63)01 00"},
                {2, "(77*63)", "00013800 40 (77*63)00 00"}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({rows[n].command, "(AB*20)9000"});
        struct apdu_link link = script_link(&script);
        struct family_result res = {0};
        uint8_t challenge[64];
        struct family_sign sign = {.key = rows[n].slot, .alg = CARD_HMAC_SHA1, .digest = challenge};
        sign.digest_len = unit_hex(rows[n].challenge, challenge, sizeof(challenge));
        assert_int_equal(ykccid_sign(&link, &sign, &res), 0);
        assert_int_equal(res.len, 20);
        assert_script_done(script);
    }
}

static void test_responses(void **state)
{
    static const uint8_t challenge[32] = {1};
    static const struct answer_row rows[] = {{"(AB*20)9000", 0},
                                             {"9000", CARD_ABSENT},
                                             {"(AB*19)9000", CARD_MALFORMED},
                                             {"(AB*21)9000", CARD_MALFORMED},
                                             {"(AB*22)9000", CARD_MALFORMED},
                                             {"(AB*20)6985", CARD_REFUSED},
                                             {"6985", CARD_REFUSED},
                                             {"6D00", CARD_REFUSED},
                                             {"AB", CARD_MALFORMED},
                                             {NULL, CARD_GONE}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, rows[n].answer});
        struct apdu_link link = script_link(&script);
        struct family_result res = {0};
        struct family_sign sign = {1, CARD_HMAC_SHA1, challenge, sizeof(challenge)};
        assert_int_equal(ykccid_sign(&link, &sign, &res), rows[n].r);
    }
}

static void test_objects(void **state)
{
    static const struct answer_row rows[] = {{"00BC614E9000", 0},
                                             {"9000", CARD_ABSENT},
                                             {"00BC619000", CARD_MALFORMED},
                                             {"00BC614E009000", CARD_MALFORMED},
                                             {"6A86", CARD_REFUSED}};
    struct script none = SCRIPT({NULL, "9000"});
    struct apdu_link link = script_link(&none);
    struct family_result res = {0};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({"00011000", rows[n].answer});
        struct apdu_link key = script_link(&script);
        assert_int_equal(ykccid_read(&key, CARD_OBJ_IDENTIFIER, 0x80, &res), rows[n].r);
        assert_script_done(script);
    }
    assert_int_equal(ykccid_read(&link, CARD_OBJ_TRIES, 0x80, &res), CARD_ABSENT);
    assert_int_equal(ykccid_read(&link, CARD_OBJ_CERT_9A, 0x80, &res), CARD_INTERNAL);
    assert_int_equal(none.at, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select),  cmocka_unit_test(test_check),
        cmocka_unit_test(test_padding), cmocka_unit_test(test_responses),
        cmocka_unit_test(test_objects),
    };

    return cmocka_run_group_tests_name("ykccid", tests, NULL, NULL);
}
