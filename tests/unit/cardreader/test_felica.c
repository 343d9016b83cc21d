/* SPDX-License-Identifier: Apache-2.0
 *
 * FeliCa Lite-S, octet by octet, as each kind of reader wants it.
 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/felica.h"

#include <stdbool.h>
#include <string.h>

#define IDM    "012E4C0102030405"
#define RC     "101112131415161718191A1B1C1D1E1F"
#define BLOCKS "(A1*16)(A2*16)(A3*16)"

/* What differs from reader to reader. */
struct kind {
    const char *name;
    const char *recognise[2]; /* command, good answer */
    const char *write[2];     /* of block RC */
    const char *read[2];
};

#define WRITE_RC   "2008" IDM "0109000180 80" RC
#define READ_THREE "1406" IDM "010B0003808280868091"
#define WRITTEN    "0C09" IDM "0000"
#define READ       "3D07" IDM "000003" BLOCKS
#define GET_IDM                                                                                    \
    {                                                                                              \
        "FFCA000000", IDM "9000"                                                                   \
    }

static const struct kind acr122u = {"ACS ACR122U PICC Interface 00 00",
                                    GET_IDM,
                                    {"FF00000023D44001" WRITE_RC, "D54100" WRITTEN "9000"},
                                    {"FF00000017D44001" READ_THREE, "D54100" READ "9000"}};
static const struct kind acr1252 = {"ACS ACR1252 Dual Reader 00 00",
                                    GET_IDM,
                                    {"FF00000020" WRITE_RC, WRITTEN "9000"},
                                    {"FF00000014" READ_THREE, READ "9000"}};
static const struct kind part3 = {
    "Some reader 00 00",
    GET_IDM,
    {"FFC20001229520" WRITE_RC, "C003009000 920100 960200 00 970C" WRITTEN "9000"},
    {"FFC20001169514" READ_THREE, "C003009000 973D" READ "9000"}};

/* A card behind this reader; the commands of a task that a script has to hold. */
static struct apdu_link link_of(struct script *script, const struct kind *kind)
{
    struct apdu_link link = script_link(script);

    link.reader = kind->name;
    return link;
}

static struct family_sign challenge(void)
{
    static uint8_t rc[FELICA_CHALLENGE];
    struct family_sign sign = {.key = 0x87, .alg = CARD_MAC_A, .digest = rc};

    sign.digest_len = unit_hex(RC, rc, sizeof(rc));
    return sign;
}

static struct family_result res;

static void assert_answer(const struct script *script, int r)
{
    uint8_t blocks[FELICA_ANSWER_LEN];

    assert_int_equal(r, 0);
    assert_script_done(*script);
    assert_int_equal(unit_hex(BLOCKS, blocks, sizeof(blocks)), res.len);
    assert_memory_equal(res.data, blocks, res.len);
}

static int login(struct apdu_link *link)
{
    struct family_sign sign = challenge();
    int r = felica_select(link, &res);

    return r != 0 ? r : felica_sign(link, &sign, &res);
}

static void test_frames(void **state)
{
    static const struct kind *const kinds[] = {&acr122u, &acr1252};

    (void)state;
    for (size_t n = 0; n < 2; n++) {
        const struct kind *k = kinds[n];
        struct script script = SCRIPT({k->recognise[0], k->recognise[1]},
                                      {k->write[0], k->write[1]}, {k->read[0], k->read[1]});
        struct apdu_link link = link_of(&script, k);
        assert_answer(&script, login(&link));
        assert_int_equal(link.counts.apdus, 3);
    }
}

static void test_part3(void **state)
{
    struct script script =
        SCRIPT({part3.recognise[0], part3.recognise[1]}, {"FFC20000028100", "C0030090009000"},
               {part3.write[0], part3.write[1]}, {part3.read[0], part3.read[1]},
               {"FFC20000028200", "C0030090009000"});
    struct apdu_link link = link_of(&script, &part3);

    (void)state;
    assert_answer(&script, login(&link));
    assert_int_equal(link.counts.apdus, 5);
}

static void test_sony(void **state)
{
    static const char *const names[] = {"SONY FeliCa RC-S300/S (1234567) 00 00",
                                        "SONY FeliCa RC-S300/P 01 00",
                                        "SONY FeliCa RC-S660/U 00 00"};

    (void)state;
    for (size_t n = 0; n < 3; n++) {
        struct script script =
            SCRIPT({"FFA40001020900", "9000"}, {"FFD68001128080" RC, "9000"},
                   {"FFA40001020B00", "9000"}, {"FFB080030680828086809130", BLOCKS "9000"});
        struct apdu_link link = script_link(&script);
        link.reader = names[n];
        assert_answer(&script, login(&link));
        assert_int_equal(link.counts.apdus, 4);
    }
}

/* In one transaction a second challenge begins with the service that is not selected any more. */
static void test_sony_twice(void **state)
{
    struct script script =
        SCRIPT({"FFA40001020900", "9000"}, {"FFD68001128080" RC, "9000"},
               {"FFA40001020B00", "9000"}, {"FFB080030680828086809130", BLOCKS "9000"},
               {"FFA40001020900", "9000"}, {"FFD68001128080" RC, "9000"},
               {"FFA40001020B00", "9000"}, {"FFB080030680828086809130", BLOCKS "9000"});
    struct apdu_link link = script_link(&script);
    struct family_sign sign = challenge();

    (void)state;
    link.reader = "SONY FeliCa RC-S300/S";
    assert_int_equal(login(&link), 0);
    assert_answer(&script, felica_sign(&link, &sign, &res));
}

static void test_other_cards(void **state)
{
    static const struct {
        const char *reader, *answer;
        int r;
    } rows[] = {{"ACS ACR122U", "6300", CARD_UNKNOWN},
                {"ACS ACR122U", "9000", CARD_UNKNOWN},
                {"ACS ACR122U", "01020304 9000", CARD_UNKNOWN},
                {"ACS ACR1252", "010203040506 07 9000", CARD_UNKNOWN},
                {"", "6A81", CARD_UNKNOWN},
                {NULL, "6E00", CARD_UNKNOWN},
                {"", "(01*10) 9000", CARD_UNKNOWN},
                {"", "90", CARD_MALFORMED},
                {"", "", CARD_GONE},
                {"RC-S300", "6A82", CARD_UNKNOWN},
                {"RC-S300", NULL, CARD_GONE}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, rows[n].answer});
        struct apdu_link link = script_link(&script);
        link.reader = rows[n].reader;
        assert_int_equal(felica_select(&link, &res), rows[n].r);
        assert_script_done(script);
    }
}

/* The nth command of a login over frames answers so; what follows is not sent. */
static void answer_at(const struct kind *kind, size_t at, const char *answer, int expected)
{
    struct step steps[3] = {{kind->recognise[0], kind->recognise[1]},
                            {kind->write[0], kind->write[1]},
                            {kind->read[0], kind->read[1]}};
    struct script script = {.steps = steps, .count = at + 1};
    struct apdu_link link = link_of(&script, kind);

    steps[at].answer = answer;
    assert_int_equal(login(&link), expected);
    assert_script_done(script);
}

static void test_answers_to_the_challenge(void **state)
{
    (void)state;
    answer_at(&acr1252, 1, "0C09" IDM "01A6 9000", CARD_ABSENT);
    answer_at(&acr1252, 1, "0C09" IDM "01A8 9000", CARD_ABSENT);
    answer_at(&acr1252, 1, "0C09" IDM "FF70 9000", CARD_REFUSED);
    answer_at(&acr1252, 1, "0C09" IDM "0100 9000", CARD_REFUSED);
    answer_at(&acr1252, 1, "0C09012E4C0102030406 0000 9000", CARD_MALFORMED);
    answer_at(&acr1252, 1, "0C07" IDM "0000 9000", CARD_MALFORMED);
    answer_at(&acr1252, 1, "0B09" IDM "0000 9000", CARD_MALFORMED);
    answer_at(&acr1252, 1, "0D09" IDM "0000 9000", CARD_MALFORMED);
    answer_at(&acr1252, 1, "0D09" IDM "0000 00 9000", CARD_MALFORMED);
    answer_at(&acr1252, 1, "0D09" IDM "01A8 00 9000", CARD_MALFORMED);
    answer_at(&acr1252, 1, "0B09" IDM "00 9000", CARD_MALFORMED);
    answer_at(&acr1252, 1, "9000", CARD_MALFORMED);
    answer_at(&acr1252, 1, "0C09" IDM "0000 6300", CARD_REFUSED);
    answer_at(&acr1252, 1, "", CARD_GONE);
    answer_at(&acr122u, 1, "D54101 9000", CARD_GONE);
    answer_at(&acr122u, 1, "D541 9000", CARD_MALFORMED);
    answer_at(&acr122u, 1, "D54300" WRITTEN "9000", CARD_MALFORMED);
    answer_at(&acr122u, 1, "D44100" WRITTEN "9000", CARD_MALFORMED);
    answer_at(&acr122u, 1, "D54100 9000", CARD_MALFORMED);
    answer_at(&acr122u, 1, "6300", CARD_REFUSED);
}

static void test_answers_to_the_read(void **state)
{
    (void)state;
    answer_at(&acr1252, 2, "0C07" IDM "04A8 9000", CARD_ABSENT);
    answer_at(&acr1252, 2, "0C07" IDM "04B2 9000", CARD_REFUSED);
    answer_at(&acr1252, 2, "0C07" IDM "0000 9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "3D07" IDM "000002" BLOCKS "9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "3D07" IDM "000004" BLOCKS "9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "3C07" IDM "000003" BLOCKS "9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "3E07" IDM "000003" BLOCKS "00 9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "3D07" IDM "000003 (A1*47) 9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "2D07" IDM "000002 (A1*32) 9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "4D07" IDM "000004 (A1*64) 9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "3D09" IDM "000003" BLOCKS "9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "3D07012E4C0102030400 000003" BLOCKS "9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "3D07" IDM "01A8 03" BLOCKS "9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, "(FF*1022) 9000", CARD_MALFORMED);
    answer_at(&acr1252, 2, NULL, CARD_GONE);
}

/* However the task ends, the session is closed, so that the reader looks for cards again. */
static void part3_at(const char *answer, int expected)
{
    struct script script =
        SCRIPT({part3.recognise[0], part3.recognise[1]}, {"FFC20000028100", "9000"},
               {part3.write[0], answer}, {"FFC20000028200", "6300"});
    struct apdu_link link = link_of(&script, &part3);

    assert_int_equal(login(&link), expected);
    assert_script_done(script);
}

static void test_answers_of_part3(void **state)
{
    (void)state;
    part3_at("C003016400 9000", CARD_GONE);
    part3_at("C003006401 9000", CARD_GONE);
    part3_at("C00300698A 9000", CARD_REFUSED);
    part3_at("C003019000 970C" WRITTEN "9000", CARD_REFUSED);
    part3_at("C003009000 9000", CARD_MALFORMED);
    part3_at("970C" WRITTEN "9000", CARD_MALFORMED);
    part3_at("C003009000 C003009000 970C" WRITTEN "9000", CARD_MALFORMED);
    part3_at("C003009000 970C" WRITTEN "970C" WRITTEN "9000", CARD_MALFORMED);
    part3_at("C003009000 980100 970C" WRITTEN "9000", CARD_MALFORMED);
    part3_at("C003009000 970D" WRITTEN "9000", CARD_MALFORMED);
    part3_at("C003009000 9784FFFFFFFF" WRITTEN "9000", CARD_MALFORMED);
    part3_at("C0020090 970C" WRITTEN "9000", CARD_MALFORMED);
    part3_at("C000 970C" WRITTEN "9000", CARD_MALFORMED);
    part3_at("C003009000 9700 9000", CARD_MALFORMED);
    part3_at("9000", CARD_MALFORMED);
    part3_at("6A81", CARD_REFUSED);
    part3_at(NULL, CARD_GONE);
}

static void test_part3_without_session(void **state)
{
    struct script script =
        SCRIPT({part3.recognise[0], part3.recognise[1]}, {"FFC20000028100", "6A81"});
    struct apdu_link link = link_of(&script, &part3);

    (void)state;
    assert_int_equal(login(&link), CARD_REFUSED);
    assert_script_done(script);
}

static void sony_at(size_t at, const char *answer, int expected)
{
    struct step steps[4] = {{"FFA40001020900", "9000"},
                            {"FFD68001128080" RC, "9000"},
                            {"FFA40001020B00", "9000"},
                            {"FFB080030680828086809130", BLOCKS "9000"}};
    struct script script = {.steps = steps, .count = at + 1};
    struct apdu_link link = script_link(&script);

    link.reader = "SONY FeliCa RC-S300/P";
    steps[at].answer = answer;
    assert_int_equal(login(&link), expected);
    assert_script_done(script);
}

static void test_answers_of_sony(void **state)
{
    (void)state;
    sony_at(1, "01A8 9100", CARD_REFUSED);
    sony_at(1, "00 9000", CARD_MALFORMED);
    sony_at(1, "", CARD_GONE);
    sony_at(2, "6A82", CARD_REFUSED);
    sony_at(3, "(A1*47) 9000", CARD_MALFORMED);
    sony_at(3, "(A1*49) 9000", CARD_MALFORMED);
    sony_at(3, "9000", CARD_MALFORMED);
    sony_at(3, BLOCKS "6281", CARD_REFUSED);
    sony_at(3, NULL, CARD_GONE);
}

static void identify(const char *reader, const struct step *steps, size_t count, int expected)
{
    struct script script = {.steps = steps, .count = count};
    struct apdu_link link = script_link(&script);
    uint8_t idm[8];

    link.reader = reader;
    unit_hex(IDM, idm, sizeof(idm));
    assert_int_equal(felica_select(&link, &res), 0);
    assert_int_equal(felica_read(&link, CARD_OBJ_IDENTIFIER, 0x80, &res), expected);
    assert_script_done(script);
    if (expected == 0) {
        assert_int_equal(res.len, sizeof(idm));
        assert_memory_equal(res.data, idm, sizeof(idm));
    }
}

static void sony_identify(const char *idm, const char *pmm, int expected)
{
    struct step steps[] = {{"FFA40001020900", "9000"}, {"FFCA000000", idm}, {"FFCA010000", pmm}};

    identify("SONY FeliCa RC-S300/S", steps, pmm != NULL ? 3 : 2, expected);
}

static void test_identifier(void **state)
{
    static const struct step get_idm[] = {GET_IDM};
    char pmm[] = "00F1000000014300 9000";

    (void)state;
    identify("ACS ACR122U", get_idm, 1, 0);
    identify("ACS ACR1252", get_idm, 1, 0);
    identify("Reader", get_idm, 1, 0);
    for (int ic = 0; ic <= 9; ic++) {
        pmm[3] = (char)('0' + ic);
        sony_identify(IDM "9000", pmm, ic >= 1 && ic <= 7 ? 0 : CARD_UNKNOWN);
    }
    sony_identify(IDM "9000", "0120220427674EFF 9000", CARD_UNKNOWN);
    sony_identify(IDM "9000", "00F10000000143 9000", CARD_MALFORMED);
    sony_identify(IDM "9000", "6A81", CARD_REFUSED);
    sony_identify("01020304 9000", NULL, CARD_MALFORMED);
    sony_identify(IDM "00 9000", NULL, CARD_MALFORMED);
    sony_identify("6A81", NULL, CARD_REFUSED);
}

static void test_what_is_not_there(void **state)
{
    static const uint8_t digits[] = "1234";
    struct family_pin pin = {.digits = digits, .len = 4};
    struct family_sign sign = challenge(), bad;
    struct script script = SCRIPT({NULL, "6F00"});
    struct apdu_link link = script_link(&script);

    (void)state;
    assert_int_equal(felica_read(&link, CARD_OBJ_TRIES, 0x80, &res), CARD_ABSENT);
    assert_int_equal(felica_read(&link, CARD_OBJ_CERT_9A, 0x80, &res), CARD_INTERNAL);
    assert_int_equal(script.at, 0);
    assert_int_equal(felica_check(&sign, NULL), 0);
    assert_int_equal(felica_check(&sign, &pin), CARD_INTERNAL);
    bad = sign;
    bad.key = 0x86;
    assert_int_equal(felica_check(&bad, NULL), CARD_INTERNAL);
    bad = sign;
    bad.alg = CARD_HMAC_SHA1;
    assert_int_equal(felica_check(&bad, NULL), CARD_INTERNAL);
    for (bad = sign, bad.digest_len = 0; bad.digest_len <= 64; bad.digest_len++)
        assert_int_equal(felica_check(&bad, NULL), bad.digest_len == 16 ? 0 : CARD_INTERNAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_frames),
        cmocka_unit_test(test_part3),
        cmocka_unit_test(test_sony),
        cmocka_unit_test(test_sony_twice),
        cmocka_unit_test(test_other_cards),
        cmocka_unit_test(test_answers_to_the_challenge),
        cmocka_unit_test(test_answers_to_the_read),
        cmocka_unit_test(test_answers_of_part3),
        cmocka_unit_test(test_part3_without_session),
        cmocka_unit_test(test_answers_of_sony),
        cmocka_unit_test(test_identifier),
        cmocka_unit_test(test_what_is_not_there),
    };

    return cmocka_run_group_tests_name("felica", tests, NULL, NULL);
}
