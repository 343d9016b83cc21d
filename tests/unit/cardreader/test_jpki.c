/* SPDX-License-Identifier: Apache-2.0
 *
 * My Number cards, octet by octet.
 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/jpki.h"

#include <string.h>

#define SELECT_PIN "00A4020C020018"
#define SELECT_KEY "00A4020C020017"
#define QUERY      "00200080"

static const uint8_t digest[32] = {0x11, 0x22, 0x33};

struct answer_row {
    const char *answer;
    int r, tries;
};

static struct family_pin pin_of(const char *digits)
{
    return (struct family_pin){
        .ref = JPKI_PIN_REF, .digits = (const uint8_t *)digits, .len = strlen(digits)};
}

static struct family_sign sign_with(uint32_t key, uint32_t alg, size_t len)
{
    return (struct family_sign){.key = key, .alg = alg, .digest = digest, .digest_len = len};
}

static void test_select(void **state)
{
    static const struct answer_row rows[] = {{"9000", 0, 0},
                                             {"6F009000", 0, 0},
                                             {"6A82", CARD_UNKNOWN, 0},
                                             {"6D00", CARD_UNKNOWN, 0},
                                             {"6283", CARD_UNKNOWN, 0},
                                             {"90", CARD_MALFORMED, 0},
                                             {NULL, CARD_GONE, 0}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({"00A4040C0A D392F000260100000001", rows[n].answer});
        struct apdu_link link = script_link(&script);
        struct family_result res = {0};
        assert_int_equal(jpki_select(&link, &res), rows[n].r);
        assert_script_done(script);
    }
}

static void test_check(void **state)
{
    struct family_sign good = sign_with(JPKI_KEY, CARD_RSA2048, 32);
    const struct family_sign bad[] = {
        sign_with(0x1A, CARD_RSA2048, 32),     sign_with(0x9A, CARD_RSA2048, 32),
        sign_with(JPKI_KEY, CARD_RSA3072, 32), sign_with(JPKI_KEY, CARD_P256, 32),
        sign_with(JPKI_KEY, CARD_RSA2048, 48), sign_with(JPKI_KEY, CARD_RSA2048, 0)};

    (void)state;
    assert_int_equal(jpki_check(&good, NULL), 0);
    for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
        assert_int_equal(jpki_check(&bad[n], NULL), CARD_INTERNAL);
}

static void test_pin_format_never_reaches_the_card(void **state)
{
    static const char *const pins[] = {"", "1", "123", "12345", "123456", "123a", " 123", "12\xFF"};
    struct family_sign sign = sign_with(JPKI_KEY, CARD_RSA2048, 32);

    (void)state;
    for (size_t n = 0; n < sizeof(pins) / sizeof(pins[0]); n++) {
        struct script script = SCRIPT({NULL, "9000"});
        struct apdu_link link = script_link(&script);
        struct family_pin bad = pin_of(pins[n]), good = pin_of("1234");
        struct family_result res = {0};
        assert_int_equal(jpki_check(&sign, &bad), CARD_PIN_FORMAT);
        assert_int_equal(jpki_verify(&link, &bad, &res), CARD_PIN_FORMAT);
        assert_int_equal(jpki_change(&link, &bad, &good, false, &res), CARD_PIN_FORMAT);
        assert_int_equal(jpki_change(&link, &good, &bad, false, &res), CARD_PIN_FORMAT);
        good.ref = 0x00;
        assert_int_equal(jpki_verify(&link, &good, &res), CARD_PIN_FORMAT);
        assert_int_equal(script.at, 0);
    }
}

/* Whatever is behind the query in the script must not be asked for. */
static void test_verify_when_refused(void **state)
{
    static const struct answer_row rows[] = {{"63C1", CARD_PIN_LAST, 1},
                                             {"6301", CARD_PIN_LAST, 1},
                                             {"63C0", CARD_PIN_BLOCKED, 0},
                                             {"6983", CARD_PIN_BLOCKED, 0},
                                             {"6984", CARD_PIN_BLOCKED, 0},
                                             {"6A88", CARD_ABSENT, FAMILY_TRIES_UNKNOWN},
                                             {"6D00", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                                             {"63D3", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                                             {"90", CARD_MALFORMED, FAMILY_TRIES_UNKNOWN},
                                             {NULL, CARD_GONE, FAMILY_TRIES_UNKNOWN}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({SELECT_PIN, "9000"}, {QUERY, rows[n].answer});
        struct apdu_link link = script_link(&script);
        struct family_pin pin = pin_of("1234");
        struct family_result res = {0};
        assert_int_equal(jpki_verify(&link, &pin, &res), rows[n].r);
        assert_int_equal(res.tries, rows[n].tries);
        assert_script_done(script);
    }
}

static void test_verify(void **state)
{
    static const struct answer_row rows[] = {
        {"9000", 0, FAMILY_TRIES_UNKNOWN}, {"63C2", CARD_PIN_WRONG, 2},
        {"63C1", CARD_PIN_WRONG, 1},       {"63C0", CARD_PIN_BLOCKED, 0},
        {"6983", CARD_PIN_BLOCKED, 0},     {"6984", CARD_PIN_BLOCKED, 0},
        {"63C9", CARD_PIN_WRONG, 9},       {"6700", CARD_REFUSED, FAMILY_TRIES_UNKNOWN}};
    static const char *const queries[] = {"63C2", "63C3", "9000"};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({SELECT_PIN, "9000"}, {QUERY, queries[n % 3]},
                                      {"0020008004 31323334", rows[n].answer});
        struct apdu_link link = script_link(&script);
        struct family_pin pin = pin_of("1234");
        struct family_result res = {0};
        assert_int_equal(jpki_verify(&link, &pin, &res), rows[n].r);
        assert_int_equal(res.tries, rows[n].tries);
        assert_script_done(script);
    }
}

static void test_change(void **state)
{
    static const struct answer_row rows[] = {{"9000", 0, 0},
                                             {"6700", CARD_REFUSED, 0},
                                             {"6A86", CARD_REFUSED, 0},
                                             {"6982", CARD_REFUSED, 0},
                                             {NULL, CARD_GONE, 0}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script =
            SCRIPT({SELECT_PIN, "9000"}, {QUERY, "63C3"}, {"0020008004 31323334", "9000"},
                   {"0024018004 35363738", rows[n].answer});
        struct apdu_link link = script_link(&script);
        struct family_pin old = pin_of("1234"), fresh = pin_of("5678");
        struct family_result res = {0};
        assert_int_equal(jpki_change(&link, &old, &fresh, false, &res), rows[n].r);
        assert_script_done(script);
    }
}

static void test_no_change_behind_a_wrong_pin(void **state)
{
    struct script script =
        SCRIPT({SELECT_PIN, "9000"}, {QUERY, "63C3"}, {"0020008004 31323334", "63C2"});
    struct apdu_link link = script_link(&script);
    struct family_pin old = pin_of("1234"), fresh = pin_of("5678");
    struct family_result res = {0};

    (void)state;
    assert_int_equal(jpki_change(&link, &old, &fresh, false, &res), CARD_PIN_WRONG);
    assert_script_done(script);
    assert_int_equal(jpki_change(&link, &old, &fresh, true, &res), CARD_ABSENT);
}

static int sign_answered(const char *answer, struct family_result *res)
{
    struct script script =
        SCRIPT({SELECT_KEY, "9000"}, {"802A008033 3031300D060960864801650304020105000420"
                                      "112233(00*29) 00",
                                      answer});
    struct apdu_link link = script_link(&script);
    struct family_sign sign = sign_with(JPKI_KEY, CARD_RSA2048, 32);
    int r = jpki_sign(&link, &sign, res);

    assert_script_done(script);
    return r;
}

static void test_sign(void **state)
{
    static const struct answer_row rows[] = {{"(AB*256)9000", 0, 0},
                                             {"(AB*255)9000", CARD_MALFORMED, 0},
                                             {"(AB*257)9000", CARD_MALFORMED, 0},
                                             {"9000", CARD_MALFORMED, 0},
                                             {"6982", CARD_PIN_NEEDED, 0},
                                             {"6A88", CARD_ABSENT, 0},
                                             {"6985", CARD_REFUSED, 0},
                                             {"(AB*256)6A80", CARD_REFUSED, 0},
                                             {"", CARD_GONE, 0}};
    struct family_result res = {0};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++)
        assert_int_equal(sign_answered(rows[n].answer, &res), rows[n].r);
    assert_int_equal(sign_answered(rows[0].answer, &res), 0);
    assert_int_equal(res.len, 256);
    assert_int_equal(res.data[255], 0xAB);
}

/* GET RESPONSE is no command of the card's own class. */
static void test_sign_in_pieces(void **state)
{
    struct script script =
        SCRIPT({SELECT_KEY, "9000"}, {NULL, "(AB*200)6138"}, {"00C0000038", "(AB*56)9000"});
    struct apdu_link link = script_link(&script);
    struct family_sign sign = sign_with(JPKI_KEY, CARD_RSA2048, 32);
    struct family_result res = {0};

    (void)state;
    assert_int_equal(jpki_sign(&link, &sign, &res), 0);
    assert_int_equal(res.len, 256);
    assert_script_done(script);
}

static int read_object(uint32_t object, struct script *script, struct family_result *res)
{
    struct apdu_link link = script_link(script);

    return jpki_read(&link, object, JPKI_PIN_REF, res);
}

/* 30 82 02 04 { 04 82 02 00, 512 octets }: read in steps of 256. */
static void test_certificate(void **state)
{
    struct script script = SCRIPT({"00A4020C02000A", "9000"}, {"00B0000004", "308202049000"},
                                  {"00B0000400", "04820200(55*252)9000"},
                                  {"00B0010400", "(55*256)9000"}, {"00B0020404", "(55*4)9000"});
    struct family_result res = {0};

    (void)state;
    assert_int_equal(read_object(CARD_OBJ_CERT_JPKI, &script, &res), 0);
    assert_int_equal(res.len, 520);
    assert_memory_equal(res.data, "\x30\x82\x02\x04\x04\x82\x02\x00\x55", 9);
    assert_script_done(script);
}

static void test_certificate_headers(void **state)
{
    static const struct answer_row rows[] = {{"9000", CARD_MALFORMED, 0},
                                             {"3082029000", CARD_MALFORMED, 0},
                                             {"308202FF009000", CARD_MALFORMED, 0},
                                             {"308001019000", CARD_MALFORMED, 0},
                                             {"3084FFFF9000", CARD_MALFORMED, 0},
                                             {"300201019000", CARD_MALFORMED, 0},
                                             {"318202049000", CARD_MALFORMED, 0},
                                             {"3082FFFF9000", CARD_MALFORMED, 0},
                                             {"30821FFD9000", CARD_MALFORMED, 0},
                                             {"6982", CARD_PIN_NEEDED, 0},
                                             {"6A82", CARD_REFUSED, 0},
                                             {NULL, CARD_GONE, 0}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, "9000"}, {NULL, rows[n].answer});
        struct family_result res = {0};
        assert_int_equal(read_object(CARD_OBJ_CERT_JPKI, &script, &res), rows[n].r);
        assert_script_done(script);
    }
}

/* A file of 8,192 octets is the largest; nothing is written behind it. */
static void test_largest_certificate(void **state)
{
    static struct {
        struct family_result res;
        uint8_t guard[64];
    } room;
    struct script script = SCRIPT({NULL, "9000"}, {NULL, "30821FFC9000"},
                                  {NULL, "04821FF8(66*252)9000"}, {NULL, "(66*256)9000"});

    (void)state;
    script.repeat = true;
    memset(room.guard, 0xA5, sizeof(room.guard));
    /* the last piece is short: the same answer is more than was asked for */
    assert_int_equal(read_object(CARD_OBJ_CERT_JPKI, &script, &room.res), CARD_MALFORMED);
    for (size_t n = 0; n < sizeof(room.guard); n++)
        assert_int_equal(room.guard[n], 0xA5);
}

static void test_certificate_pieces(void **state)
{
    static const char *const endless[] = {"559000", "9000", "(55*257)9000"};

    (void)state;
    for (size_t n = 0; n < sizeof(endless) / sizeof(endless[0]); n++) {
        struct script script = SCRIPT({NULL, "9000"}, {NULL, "308202049000"}, {NULL, endless[n]});
        struct family_result res = {0};
        script.repeat = true;
        assert_int_equal(read_object(CARD_OBJ_CERT_JPKI, &script, &res), CARD_MALFORMED);
    }
}

static void test_other_objects(void **state)
{
    static const struct answer_row rows[] = {{"63C3", 0, 3},
                                             {"63C1", 0, 1},
                                             {"6983", CARD_PIN_BLOCKED, 0},
                                             {"6984", CARD_PIN_BLOCKED, 0},
                                             {"9000", 0, FAMILY_TRIES_UNKNOWN}};
    struct script none = SCRIPT({NULL, "9000"});
    struct family_result res = {0};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({SELECT_PIN, "9000"}, {QUERY, rows[n].answer});
        assert_int_equal(read_object(CARD_OBJ_TRIES, &script, &res), rows[n].r);
        assert_int_equal(res.tries, rows[n].tries);
        assert_int_equal(res.len, 0);
    }
    assert_int_equal(read_object(CARD_OBJ_IDENTIFIER, &none, &res), CARD_ABSENT);
    assert_int_equal(read_object(CARD_OBJ_CERT_9A, &none, &res), CARD_INTERNAL);
    assert_int_equal(none.at, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_pin_format_never_reaches_the_card),
        cmocka_unit_test(test_verify_when_refused),
        cmocka_unit_test(test_verify),
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_no_change_behind_a_wrong_pin),
        cmocka_unit_test(test_sign),
        cmocka_unit_test(test_sign_in_pieces),
        cmocka_unit_test(test_certificate),
        cmocka_unit_test(test_certificate_headers),
        cmocka_unit_test(test_largest_certificate),
        cmocka_unit_test(test_certificate_pieces),
        cmocka_unit_test(test_other_objects),
    };

    return cmocka_run_group_tests_name("jpki", tests, NULL, NULL);
}
