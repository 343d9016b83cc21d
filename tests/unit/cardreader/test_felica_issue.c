/* SPDX-License-Identifier: Apache-2.0
 *
 * Writing a card key, octet by octet, behind a reader that takes frames.
 */
#include "tests/unit/cardreader/unit.h"

#include "cardreader/felica.h"

#include <stdbool.h>
#include <string.h>

#define IDM     "012E4C0102030405"
#define SECRET  "000102030405060708090A0B0C0D0E0F"
#define MC      "FFFFFF0107000000 0000000000000000"
#define WCNT    "00FEFF00(00*12)"
#define WRITTEN "0C09" IDM "0000"
#define GET_IDM                                                                                    \
    {                                                                                              \
        "FFCA000000", IDM "9000"                                                                   \
    }
#define READ_MC            "FF00000012 1206" IDM "010B00028088 8090"
#define WRITE(block, data) "FF00000020 2008" IDM "0109000180" block data
#define MC_READ(mc)        "2D07" IDM "000002" mc WCNT "9000"

static struct family_result res;

static int issue(struct script *script, bool lock)
{
    static uint8_t secret[CARD_SECRET_LEN];
    struct apdu_link link = script_link(script);
    struct family_issue args = {.secret = secret, .version = 0x0102, .lock = lock};
    int r;

    link.reader = "ACS ACR1252 Dual Reader 00 00";
    unit_hex(SECRET, secret, sizeof(secret));
    if ((r = felica_select(&link, &res)) != 0)
        return r;
    return felica_issue(&link, &args, &res);
}

static void test_issue(void **state)
{
    struct script script =
        SCRIPT(GET_IDM, {READ_MC, MC_READ(MC)}, {WRITE("87", SECRET), WRITTEN "9000"},
               {WRITE("86", "0201(00*14)"), WRITTEN "9000"});

    (void)state;
    assert_int_equal(issue(&script, false), 0);
    assert_script_done(script);
}

/* MC_ALL and MC_CKCKV_W_MAC_A become 00, all the rest stays as it was. */
static void test_issue_and_lock(void **state)
{
    struct script script =
        SCRIPT(GET_IDM, {READ_MC, MC_READ("FF7FFF0107010200 0102030401000000")},
               {WRITE("87", SECRET), WRITTEN "9000"}, {WRITE("86", "0201(00*14)"), WRITTEN "9000"},
               {WRITE("88", "FF7F000107000200 0102030401000000"), WRITTEN "9000"});

    (void)state;
    assert_int_equal(issue(&script, true), 0);
    assert_script_done(script);
}

/* Nothing is written to a card that is locked, or whose memory configuration is not understood. */
/* A card as this worker leaves it is what a call with a lock asks for; its key is not written
 * again.
 */
static void test_issue_of_a_card_that_was_locked_here(void **state)
{
    struct script again =
        SCRIPT(GET_IDM, {READ_MC, "2D07" IDM "000002"
                                  "FFFF000107000000 0000000000000000" WCNT "9000"});
    struct script anew = again;

    (void)state;
    assert_int_equal(issue(&again, true), 0);
    assert_script_done(again);
    assert_int_equal(issue(&anew, false), CARD_REFUSED);
    assert_script_done(anew);
}

static void test_issue_of_a_locked_card(void **state)
{
    static const char *const locked[] = {
        "FFFF000107010000 0000000000000000", "FFFFFE0107000000 0000000000000000",
        "FFFFFF0106000000 0000000000000000", "FFFFFF0107000000 0000000000010000",
        "FFFFFF0107000000 0000000000000001",
    };

    (void)state;
    for (size_t n = 0; n < sizeof(locked) / sizeof(locked[0]); n++) {
        char answer[256] = "2D07" IDM "000002";
        struct script script = SCRIPT(GET_IDM, {READ_MC, answer});
        strcat(answer, locked[n]);
        strcat(answer, WCNT "9000");
        assert_int_equal(issue(&script, true), CARD_REFUSED);
        assert_script_done(script);
    }
}

/* FeliCa Lite has no block 90. */
static void test_issue_of_another_card(void **state)
{
    struct script script = SCRIPT(GET_IDM, {READ_MC, "0C07" IDM "02A8 9000"});

    (void)state;
    assert_int_equal(issue(&script, true), CARD_ABSENT);
    assert_script_done(script);
}

/* A step that fails is the last one: never a lock over a key that was not written. */
static void test_issue_that_fails(void **state)
{
    static const struct step steps[] = {GET_IDM,
                                        {READ_MC, MC_READ(MC)},
                                        {WRITE("87", SECRET), WRITTEN "9000"},
                                        {WRITE("86", "0201(00*14)"), WRITTEN "9000"},
                                        {NULL, WRITTEN "9000"}};
    static const struct {
        const char *answer;
        int r;
    } rows[] = {{"0C09" IDM "01A9 9000", CARD_REFUSED},
                {"0C09" IDM "01A8 9000", CARD_ABSENT},
                {"6300", CARD_REFUSED},
                {"0C09FFFFFFFFFFFFFFFF 0000 9000", CARD_MALFORMED},
                {NULL, CARD_GONE}};

    (void)state;
    for (size_t at = 2; at < 5; at++) {
        for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
            struct step copy[5];
            struct script script = {.steps = copy, .count = at + 1};
            memcpy(copy, steps, sizeof(copy));
            copy[at].answer = rows[n].answer;
            assert_int_equal(issue(&script, true), rows[n].r);
            assert_script_done(script);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_issue),
        cmocka_unit_test(test_issue_and_lock),
        cmocka_unit_test(test_issue_of_a_card_that_was_locked_here),
        cmocka_unit_test(test_issue_of_a_locked_card),
        cmocka_unit_test(test_issue_of_another_card),
        cmocka_unit_test(test_issue_that_fails),
    };

    return cmocka_run_group_tests_name("felica issue", tests, NULL, NULL);
}
