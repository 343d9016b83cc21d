/* SPDX-License-Identifier: Apache-2.0
 *
 * PIV: change of the PIN by its holder, and by the PUK.
 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/piv.h"

#include <string.h>

#define CHANGE   "00240080 10 313233343536FFFF 3837363534333231"
#define RESET    "002C0080 10 3132333435363738 3837363534333231"
#define QUERY    "00200081"
#define METADATA "00F7008100"

struct row {
    const char *answer;
    int r, tries;
};

static struct family_pin pin_of(const char *digits)
{
    return (struct family_pin){
        .ref = 0x80, .digits = (const uint8_t *)digits, .len = strlen(digits)};
}

static int change(struct script *script, const char *old, const char *fresh, bool unblock,
                  struct family_result *res)
{
    struct apdu_link link = script_link(script);
    struct family_pin from = pin_of(old), to = pin_of(fresh);

    *res = (struct family_result){.tries = FAMILY_TRIES_UNKNOWN};
    return piv_change(&link, &from, &to, unblock, res);
}

static void test_change(void **state)
{
    static const struct row rows[] = {{"9000", 0, FAMILY_TRIES_UNKNOWN},
                                      {"63C2", CARD_PIN_WRONG, 2},
                                      {"6983", CARD_PIN_BLOCKED, 0},
                                      {"63C0", CARD_PIN_BLOCKED, 0},
                                      {"6A80", CARD_PIN_FORMAT, FAMILY_TRIES_UNKNOWN},
                                      {"6A88", CARD_ABSENT, FAMILY_TRIES_UNKNOWN},
                                      {"6982", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                                      {"90", CARD_MALFORMED, FAMILY_TRIES_UNKNOWN},
                                      {NULL, CARD_GONE, FAMILY_TRIES_UNKNOWN}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({"00200080", "63C3"}, {CHANGE, rows[n].answer});
        struct family_result res;
        assert_int_equal(change(&script, "123456", "87654321", false, &res), rows[n].r);
        assert_int_equal(res.tries, rows[n].tries);
        assert_script_done(script);
    }
}

static void test_change_when_refused(void **state)
{
    static const struct row rows[] = {{"63C1", CARD_PIN_LAST, 1},
                                      {"6301", CARD_PIN_LAST, 1},
                                      {"63C0", CARD_PIN_BLOCKED, 0},
                                      {"6983", CARD_PIN_BLOCKED, 0},
                                      {"6A88", CARD_ABSENT, FAMILY_TRIES_UNKNOWN},
                                      {"6D00", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                                      {NULL, CARD_GONE, FAMILY_TRIES_UNKNOWN}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({"00200080", rows[n].answer});
        struct family_result res;
        assert_int_equal(change(&script, "123456", "87654321", false, &res), rows[n].r);
        assert_int_equal(res.tries, rows[n].tries);
        assert_script_done(script);
    }
}

static void test_format(void **state)
{
    static const struct {
        const char *old, *fresh;
        bool unblock;
    } rows[] = {
        {"12345", "654321", false},  {"123456789", "654321", false}, {"12345a", "654321", false},
        {"123456", "65432", false},  {"123456", "65432x", false},    {"123456", "987654321", false},
        {"", "654321", false},       {"12345", "654321", true},      {"123456789", "654321", true},
        {"12345678", "65432", true}, {"12345678", "6543210x", true}, {"12345678", "", true}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, "9000"});
        struct family_result res;
        assert_int_equal(change(&script, rows[n].old, rows[n].fresh, rows[n].unblock, &res),
                         CARD_PIN_FORMAT);
        assert_int_equal(script.at, 0);
    }
}

static void test_references(void **state)
{
    struct script script = SCRIPT({"00200000", "63C3"}, {NULL, "9000"});
    struct apdu_link link = script_link(&script);
    struct family_pin old = pin_of("123456"), fresh = pin_of("654321");
    struct family_result res = {0};

    (void)state;
    old.ref = 0x00;
    assert_int_equal(piv_change(&link, &old, &fresh, false, &res), CARD_PIN_FORMAT);
    fresh.ref = 0x00;
    assert_int_equal(piv_change(&link, &old, &fresh, true, &res), CARD_ABSENT);
    assert_int_equal(script.at, 0);
    assert_int_equal(piv_change(&link, &old, &fresh, false, &res), 0);
    assert_script_done(script);
}

/* The PUK's last try is left alone where the card says how many there are. */
static void test_puk_told_by_query(void **state)
{
    static const struct row refused[] = {{"63C1", CARD_PIN_LAST, 1},
                                         {"63C0", CARD_PIN_BLOCKED, 0},
                                         {"6983", CARD_PIN_BLOCKED, 0},
                                         {NULL, CARD_GONE, FAMILY_TRIES_UNKNOWN}};
    struct script good = SCRIPT({QUERY, "63C2"}, {RESET, "9000"});
    struct family_result res;

    (void)state;
    for (size_t n = 0; n < sizeof(refused) / sizeof(refused[0]); n++) {
        struct script script = SCRIPT({QUERY, refused[n].answer});
        assert_int_equal(change(&script, "12345678", "87654321", true, &res), refused[n].r);
        assert_int_equal(res.tries, refused[n].tries);
        assert_script_done(script);
    }
    assert_int_equal(change(&good, "12345678", "87654321", true, &res), 0);
    assert_script_done(good);
}

static void test_puk_told_by_metadata(void **state)
{
    static const struct row refused[] = {{"0101FF050100060203019000", CARD_PIN_LAST, 1},
                                         {"060203009000", CARD_PIN_BLOCKED, 0},
                                         {NULL, CARD_GONE, FAMILY_TRIES_UNKNOWN}};
    static const char *const silent[] = {
        "6D00", "6982", "9000", "0602FF029000", "0603030101 9000", "0682FFFF9000", "060203016A86"};
    struct family_result res;

    (void)state;
    for (size_t n = 0; n < sizeof(refused) / sizeof(refused[0]); n++) {
        struct script script = SCRIPT({QUERY, "6A88"}, {METADATA, refused[n].answer});
        assert_int_equal(change(&script, "12345678", "87654321", true, &res), refused[n].r);
        assert_int_equal(res.tries, refused[n].tries);
        assert_script_done(script);
    }
    for (size_t n = 0; n < sizeof(silent) / sizeof(silent[0]); n++) {
        struct script script = SCRIPT({QUERY, "6A86"}, {METADATA, silent[n]}, {RESET, "9000"});
        assert_int_equal(change(&script, "12345678", "87654321", true, &res), 0);
        assert_script_done(script);
    }
}

static void test_unblock(void **state)
{
    static const struct row rows[] = {{"9000", 0, FAMILY_TRIES_UNKNOWN},
                                      {"63C2", CARD_PIN_WRONG, 2},
                                      {"63C0", CARD_PIN_BLOCKED, 0},
                                      {"6983", CARD_PIN_BLOCKED, 0},
                                      {"6A80", CARD_PIN_FORMAT, FAMILY_TRIES_UNKNOWN},
                                      {"6D00", CARD_REFUSED, FAMILY_TRIES_UNKNOWN},
                                      {"", CARD_GONE, FAMILY_TRIES_UNKNOWN}};
    struct family_result res;

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({QUERY, "6A86"}, {METADATA, "6D00"}, {RESET, rows[n].answer});
        assert_int_equal(change(&script, "12345678", "87654321", true, &res), rows[n].r);
        assert_int_equal(res.tries, rows[n].tries);
        assert_script_done(script);
    }
}

/* A PUK may hold anything; shorter ones are padded as the PIN is. */
static void test_puk_of_six(void **state)
{
    struct script script =
        SCRIPT({QUERY, "63C3"}, {"002C0080 10 61622100F0FFFFFF 363534333231FFFF", "9000"});
    struct apdu_link link = script_link(&script);
    struct family_pin puk = {.ref = 0x80, .digits = (const uint8_t *)"ab!\0\xF0\xFF", .len = 6};
    struct family_pin fresh = pin_of("654321");
    struct family_result res = {0};

    (void)state;
    assert_int_equal(piv_change(&link, &puk, &fresh, true, &res), 0);
    assert_script_done(script);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_change),
        cmocka_unit_test(test_change_when_refused),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_references),
        cmocka_unit_test(test_puk_told_by_query),
        cmocka_unit_test(test_puk_told_by_metadata),
        cmocka_unit_test(test_unblock),
        cmocka_unit_test(test_puk_of_six),
    };

    return cmocka_run_group_tests_name("piv_pin", tests, NULL, NULL);
}
