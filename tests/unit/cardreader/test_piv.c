/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/piv.h"

#include <stdlib.h>
#include <string.h>

#define SELECT_ANSWER "61114F0600001000010079074F05A0000003089000"

static const uint8_t digest[48] = {0x11, 0x22, 0x33};

static struct family_sign sign_with(uint32_t key, uint32_t alg, size_t len)
{
    return (struct family_sign){.key = key, .alg = alg, .digest = digest, .digest_len = len};
}

static struct family_pin pin_of(const char *digits)
{
    return (struct family_pin){
        .ref = 0x80, .digits = (const uint8_t *)digits, .len = strlen(digits)};
}

static void test_select(void **state)
{
    static const struct {
        const char *answer;
        int r;
    } rows[] = {{SELECT_ANSWER, 0},     {"6A82", CARD_UNKNOWN},     {"6D00", CARD_UNKNOWN},
                {"9000", CARD_UNKNOWN}, {"61109000", CARD_UNKNOWN}, {"6F009000", CARD_UNKNOWN},
                {"61009000", 0},        {"90", CARD_MALFORMED},     {"", CARD_GONE},
                {NULL, CARD_GONE}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({"00A4040009A0000003080000100000", rows[n].answer});
        struct apdu_link link = script_link(&script);
        struct family_result res = {0};
        assert_int_equal(piv_select(&link, &res), rows[n].r);
    }
}

static void test_signature_p256(void **state)
{
    struct script script =
        SCRIPT({"008711 9E 267C2482008120 112233(00*29) 00", "7C0A8208300602010102010190 00"});
    struct apdu_link link = script_link(&script);
    struct family_sign sign = sign_with(0x9E, CARD_P256, 32);
    struct family_result res = {0};

    (void)state;
    assert_int_equal(piv_sign(&link, &sign, &res), 0);
    assert_int_equal(res.len, 8);
    assert_memory_equal(res.data, "\x30\x06\x02\x01\x01\x02\x01\x01", 8);
    assert_script_done(script);
}

static void test_signature_p384(void **state)
{
    struct script script =
        SCRIPT({"008714 9A 367C3482008130 112233(00*45) 00", "7C0A8208300602010102010190 00"});
    struct apdu_link link = script_link(&script);
    struct family_sign sign = sign_with(0x9A, CARD_P384, 48);
    struct family_result res = {0};

    (void)state;
    assert_int_equal(piv_sign(&link, &sign, &res), 0);
    assert_script_done(script);
}

/* SP 800-73-4 wants the whole PKCS#1 block from the host. */
static void test_signature_rsa2048(void **state)
{
    struct script script = SCRIPT({"108707 9A FF 7C820106820081820100 0001(FF*202)00"
                                   "3031300D060960864801650304020105000420 112233(00*18)",
                                   "9000"},
                                  {"008707 9A 0B (00*11) 00", "7C820104 82820100 (AB*248) 6108"},
                                  {"00C0000008", "(AB*8)9000"});
    struct apdu_link link = script_link(&script);
    struct family_sign sign = sign_with(0x9A, CARD_RSA2048, 32);
    struct family_result res = {0};

    (void)state;
    assert_int_equal(piv_sign(&link, &sign, &res), 0);
    assert_int_equal(res.len, 256);
    assert_int_equal(res.data[0], 0xAB);
    assert_int_equal(res.data[255], 0xAB);
    assert_script_done(script);
}

static void test_signature_rsa3072_sha384(void **state)
{
    struct script script =
        SCRIPT({"108705 9A FF 7C820186820081820180 0001(FF*243)", "9000"},
               {"008705 9A 8B (FF*71)00 3041300D060960864801650304020205000430 112233(00*45) 00",
                "7C820184 82820180 (CD*248) 6188"},
               {"00C0000088", "(CD*136)9000"});
    struct apdu_link link = script_link(&script);
    struct family_sign sign = sign_with(0x9A, CARD_RSA3072, 48);
    struct family_result res = {0};

    (void)state;
    assert_int_equal(piv_sign(&link, &sign, &res), 0);
    assert_int_equal(res.len, 384);
    assert_script_done(script);
}

static void test_signature_status_words(void **state)
{
    static const struct {
        const char *answer;
        int r;
    } rows[] = {{"6982", CARD_PIN_NEEDED}, {"6985", CARD_ABSENT},  {"6A86", CARD_ABSENT},
                {"6A88", CARD_ABSENT},     {"6A82", CARD_ABSENT},  {"6F00", CARD_REFUSED},
                {"6D00", CARD_REFUSED},    {"63C0", CARD_REFUSED}, {"0000", CARD_REFUSED}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, rows[n].answer});
        struct apdu_link link = script_link(&script);
        struct family_sign sign = sign_with(0x9A, CARD_P256, 32);
        struct family_result res = {0};
        assert_int_equal(piv_sign(&link, &sign, &res), rows[n].r);
        assert_int_equal(res.sw, strtoul(rows[n].answer, NULL, 16));
    }
}

static void test_malformed_templates(void **state)
{
    static const char *const answers[] = {
        "9000",                             /* nothing */
        "7C009000",                         /* empty */
        "7C0A8108300602010102010190 00",    /* wrong inner tag */
        "7D0A8208300602010102010190 00",    /* wrong outer tag */
        "7C0A82083006020101020101 00 9000", /* trailing octet behind */
        "7C0B82083006020101020101 00 9000", /* trailing octet inside */
        "7C14 8208(30*8) 8208(30*8) 9000",  /* two answers */
        "7C0A82FF300602010102010190 00",    /* inner overrun */
        "7C808208300602010102010100009000", /* indefinite length */
        "7C84FFFFFFFF8208(30*8)9000",       /* four octets of length */
        "7C850000000001829000",             /* five */
        "7C8201008208(30*8)9000",           /* more promised than there */
        "7C09 8207(30*7) 9000",             /* shorter than any signature */
        "7C4B 8249(30*73) 9000",            /* longer than any P-256 signature */
        "7C820104 82820100 (00*256) 9000",  /* that of an RSA key */
    };

    (void)state;
    for (size_t n = 0; n < sizeof(answers) / sizeof(answers[0]); n++) {
        struct script script = SCRIPT({NULL, answers[n]});
        struct apdu_link link = script_link(&script);
        struct family_sign sign = sign_with(0x9E, CARD_P256, 32);
        struct family_result res = {0};
        assert_int_equal(piv_sign(&link, &sign, &res), CARD_MALFORMED);
    }
}

static void test_rsa_signature_has_the_length_of_the_modulus(void **state)
{
    static const char *const answers[] = {"7C81FF 8281FC (00*252) 9000",
                                          "7C820105 82820101 (00*257) 9000"};

    (void)state;
    for (size_t n = 0; n < sizeof(answers) / sizeof(answers[0]); n++) {
        struct script script = SCRIPT({NULL, "9000"}, {NULL, answers[n]});
        struct apdu_link link = script_link(&script);
        struct family_sign sign = sign_with(0x9A, CARD_RSA2048, 32);
        struct family_result res = {0};
        assert_int_equal(piv_sign(&link, &sign, &res), CARD_MALFORMED);
    }
}

static void test_check(void **state)
{
    static const struct {
        uint32_t alg;
        size_t len;
        int r;
    } rows[] = {
        {CARD_P256, 32, 0},    {CARD_P256, 31, CARD_INTERNAL},    {CARD_P256, 48, CARD_INTERNAL},
        {CARD_P384, 48, 0},    {CARD_P384, 32, CARD_INTERNAL},    {CARD_RSA2048, 32, 0},
        {CARD_RSA2048, 48, 0}, {CARD_RSA2048, 20, CARD_INTERNAL}, {CARD_RSA3072, 32, 0},
        {0, 0, CARD_INTERNAL}, {0x99, 32, CARD_INTERNAL}};
    struct family_sign key = sign_with(0x1009A, CARD_P256, 32);

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct family_sign sign = sign_with(0x9A, rows[n].alg, rows[n].len);
        assert_int_equal(piv_check(&sign, NULL), rows[n].r);
    }
    assert_int_equal(piv_check(&key, NULL), CARD_INTERNAL);
    key.key = 0;
    assert_int_equal(piv_check(&key, NULL), CARD_INTERNAL);
}

static void test_pin_format_never_reaches_the_card(void **state)
{
    static const char *const pins[] = {
        "", "12345", "123456789", "12345a", " 123456", "12345\xFF", "\xEF\xBC\x91\xEF\xBC\x92"};
    struct family_sign sign = sign_with(0x9A, CARD_P256, 32);

    (void)state;
    for (size_t n = 0; n < sizeof(pins) / sizeof(pins[0]); n++) {
        struct script script = SCRIPT({NULL, "9000"});
        struct apdu_link link = script_link(&script);
        struct family_pin pin = pin_of(pins[n]);
        struct family_result res = {0};
        assert_int_equal(piv_check(&sign, &pin), CARD_PIN_FORMAT);
        assert_int_equal(piv_verify(&link, &pin, &res), CARD_PIN_FORMAT);
        assert_int_equal(script.at, 0);
    }
}

static void test_pin_reference(void **state)
{
    struct script script = SCRIPT({"00200000", "63C3"}, {"0020000008313233343536FFFF", "9000"});
    struct apdu_link link = script_link(&script);
    struct family_pin pin = pin_of("123456");
    struct family_result res = {0};

    (void)state;
    pin.ref = 0x00;
    assert_int_equal(piv_verify(&link, &pin, &res), 0);
    assert_script_done(script);
    pin.ref = 0x81;
    assert_int_equal(piv_verify(&link, &pin, &res), CARD_PIN_FORMAT);
    assert_int_equal(piv_tries(&link, 0x81, &res), CARD_INTERNAL);
}

static void test_verify_when_allowed(void **state)
{
    /* "verified already" is no reason to believe anybody */
    static const char *const queries[] = {"63C2", "63C3", "63CF", "9000", "6302"};

    (void)state;
    for (size_t n = 0; n < sizeof(queries) / sizeof(queries[0]); n++) {
        struct script script =
            SCRIPT({"00200080", queries[n]}, {"0020008008 3132333435363738", "9000"});
        struct apdu_link link = script_link(&script);
        struct family_pin pin = pin_of("12345678");
        struct family_result res = {0};
        assert_int_equal(piv_verify(&link, &pin, &res), 0);
        assert_script_done(script);
    }
}

static void test_verify_when_refused(void **state)
{
    static const struct {
        const char *query;
        int r, tries;
    } rows[] = {{"63C1", CARD_PIN_LAST, 1},
                {"6301", CARD_PIN_LAST, 1},
                {"63C0", CARD_PIN_BLOCKED, 0},
                {"6300", CARD_PIN_BLOCKED, 0},
                {"6983", CARD_PIN_BLOCKED, 0},
                {"6A88", CARD_ABSENT, FAMILY_TRIES_UNKNOWN},
                {"6D00", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                {"6700", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                {"90", CARD_MALFORMED, FAMILY_TRIES_UNKNOWN},
                {NULL, CARD_GONE, FAMILY_TRIES_UNKNOWN}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({"00200080", rows[n].query});
        struct apdu_link link = script_link(&script);
        struct family_pin pin = pin_of("123456");
        struct family_result res = {0};
        assert_int_equal(piv_verify(&link, &pin, &res), rows[n].r);
        assert_int_equal(res.tries, rows[n].tries);
        assert_script_done(script);
    }
}

static void test_wrong_pin(void **state)
{
    static const struct {
        const char *answer;
        int r, tries;
    } rows[] = {{"63C2", CARD_PIN_WRONG, 2},
                {"63C9", CARD_PIN_WRONG, 9},
                {"63C0", CARD_PIN_BLOCKED, 0},
                {"6983", CARD_PIN_BLOCKED, 0},
                {"6700", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                {"6A80", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                {"6110", CARD_GONE, FAMILY_TRIES_UNKNOWN}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, "63C3"}, {NULL, rows[n].answer}, {NULL, NULL});
        struct apdu_link link = script_link(&script);
        struct family_pin pin = pin_of("123456");
        struct family_result res = {0};
        assert_int_equal(piv_verify(&link, &pin, &res), rows[n].r);
        assert_int_equal(res.tries, rows[n].tries);
    }
}

static void test_every_transport_failure(void **state)
{
    static const struct step good[] = {{NULL, SELECT_ANSWER},
                                       {NULL, "63C3"},
                                       {NULL, "9000"},
                                       {NULL, "9000"},
                                       {NULL, "7C820104 82820100 (AB*248) 6108"},
                                       {NULL, "(AB*8)9000"}};
    size_t count = sizeof(good) / sizeof(good[0]);
    struct family_sign sign = sign_with(0x9A, CARD_RSA2048, 32);

    (void)state;
    for (size_t n = 0; n <= count; n++) {
        struct step steps[sizeof(good) / sizeof(good[0])];
        struct script script = {.steps = steps, .count = count};
        struct apdu_link link = script_link(&script);
        struct family_pin pin = pin_of("123456");
        struct family_result res = {0};
        int r;
        memcpy(steps, good, sizeof(good));
        if (n < count)
            steps[n].answer = n % 2 == 0 ? NULL : "";
        if ((r = piv_select(&link, &res)) == 0 && (r = piv_verify(&link, &pin, &res)) == 0)
            r = piv_sign(&link, &sign, &res);
        assert_int_equal(r, n < count ? CARD_GONE : 0);
        assert_int_equal(script.at, n < count ? n + 1 : count);
        if (n < count)
            assert_int_equal(res.len, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_select),
        cmocka_unit_test(test_signature_p256),
        cmocka_unit_test(test_signature_p384),
        cmocka_unit_test(test_signature_rsa2048),
        cmocka_unit_test(test_signature_rsa3072_sha384),
        cmocka_unit_test(test_signature_status_words),
        cmocka_unit_test(test_malformed_templates),
        cmocka_unit_test(test_rsa_signature_has_the_length_of_the_modulus),
        cmocka_unit_test(test_check),
        cmocka_unit_test(test_pin_format_never_reaches_the_card),
        cmocka_unit_test(test_pin_reference),
        cmocka_unit_test(test_verify_when_allowed),
        cmocka_unit_test(test_verify_when_refused),
        cmocka_unit_test(test_wrong_pin),
        cmocka_unit_test(test_every_transport_failure),
    };

    return cmocka_run_group_tests_name("piv", tests, NULL, NULL);
}
