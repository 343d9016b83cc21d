/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/cardreader/unit.h"

#include <string.h>

#define ANSWER_CAP 600

struct run {
    uint8_t buf[ANSWER_CAP];
    struct apdu_answer ans;
    struct apdu_link link;
    int r;
};

/* CB with `len` octets of 55 and this Le, over the script. */
static void run_command(struct run *run, struct script *script, size_t len, size_t le)
{
    static uint8_t data[1000];
    struct apdu_command cmd = {.ins = 0xCB, .p1 = 0x3F, .p2 = 0xFF, .data = data};

    memset(data, 0x55, sizeof(data));
    cmd.len = len;
    cmd.le = le;
    run->link = script_link(script);
    run->ans = (struct apdu_answer){.buf = run->buf, .cap = sizeof(run->buf)};
    run->r = apdu_run(&run->link, &cmd, &run->ans);
}

static void test_four_cases(void **state)
{
    static const struct {
        size_t len, le;
        const char *command;
    } rows[] = {{0, 0, "00CB3FFF"},           {0, 16, "00CB3FFF10"},
                {0, 256, "00CB3FFF00"},       {2, 0, "00CB3FFF025555"},
                {2, 256, "00CB3FFF02555500"}, {255, 1, "00CB3FFFFF(55*255)01"}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({rows[n].command, "AABB9000"});
        struct run run;
        run_command(&run, &script, rows[n].len, rows[n].le);
        assert_int_equal(run.r, APDU_OK);
        assert_int_equal(run.ans.sw, 0x9000);
        assert_int_equal(run.ans.len, 2);
        assert_memory_equal(run.buf, "\xAA\xBB", 2);
        assert_script_done(script);
    }
}

static void test_counts(void **state)
{
    struct script script = SCRIPT({"10CB3FFFFF(55*255)", "9000"},
                                  {"00CB3FFF015500", "(AA*256)6108"}, {"00C0000008", "(BB*8)9000"});
    struct run run;

    (void)state;
    run_command(&run, &script, 256, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_int_equal(run.ans.len, 264);
    assert_int_equal(run.buf[255], 0xAA);
    assert_int_equal(run.buf[256], 0xBB);
    assert_int_equal(run.link.counts.apdus, 3);
    assert_int_equal(run.link.counts.sent, 260 + 7 + 5);
    assert_int_equal(run.link.counts.received, 2 + 258 + 10);
}

static void test_chain_of_three(void **state)
{
    struct script script = SCRIPT({"10CB3FFFFF(55*255)", "9000"}, {"10CB3FFFFF(55*255)", "9000"},
                                  {"00CB3FFF0C(55*12)00", "9000"});
    struct run run;

    (void)state;
    run_command(&run, &script, 522, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_script_done(script);
}

static void test_chain_of_an_exact_block(void **state)
{
    struct script script = SCRIPT({"10CB3FFFFF(55*255)", "9000"}, {"00CB3FFFFF(55*255)00", "9000"});
    struct run run;

    (void)state;
    run_command(&run, &script, 510, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_script_done(script);
}

static void test_error_in_mid_chain_ends_the_command(void **state)
{
    struct script script = SCRIPT({NULL, "6982"});
    struct run run;

    (void)state;
    run_command(&run, &script, 522, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_int_equal(run.ans.sw, 0x6982);
    assert_script_done(script);
}

static void test_data_in_mid_chain_is_malformed(void **state)
{
    struct script script = SCRIPT({NULL, "AA9000"});
    struct run run;

    (void)state;
    run_command(&run, &script, 300, 256);
    assert_int_equal(run.r, APDU_MALFORMED);
}

static void test_announced_more_in_mid_chain_is_not_fetched(void **state)
{
    struct script script = SCRIPT({NULL, "6110"});
    struct run run;

    (void)state;
    run_command(&run, &script, 300, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_int_equal(run.ans.sw, 0x6110);
}

static void test_short_answers(void **state)
{
    static const struct {
        const char *answer;
        int r;
    } rows[] = {{"", APDU_LOST},
                {"90", APDU_MALFORMED},
                {NULL, APDU_LOST},
                {"9000", APDU_OK},
                {"(00*602)", APDU_OK},
                {"(00*603)", APDU_MALFORMED},
                {"(00*1024)", APDU_MALFORMED},
                {"(00*65537)", APDU_MALFORMED}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, rows[n].answer});
        struct run run;
        run_command(&run, &script, 0, 256);
        assert_int_equal(run.r, rows[n].r);
    }
}

static void test_get_response_variants(void **state)
{
    static const struct {
        const char *first, *ask, *rest;
        size_t len;
    } rows[] = {{"(AA*256)6108", "00C0000008", "(BB*8)9000", 264},
                {"(AA*255)6109", "00C0000009", "(BB*9)9000", 264},
                {"(AA*255)61FF", "00C00000FF", "(BB*255)9000", 510},
                {"6100", "00C0000000", "(BB*256)9000", 256},
                {"AA6102", "00C0000002", "(BB*5)9000", 6}};

    (void)state;
    for (size_t n = 0; n < sizeof(rows) / sizeof(rows[0]); n++) {
        struct script script = SCRIPT({NULL, rows[n].first}, {rows[n].ask, rows[n].rest});
        struct run run;
        run_command(&run, &script, 5, 256);
        assert_int_equal(run.r, APDU_OK);
        assert_int_equal(run.ans.sw, 0x9000);
        assert_int_equal(run.ans.len, rows[n].len);
        assert_script_done(script);
    }
}

static void test_get_response_ends_with_an_error(void **state)
{
    struct script script = SCRIPT({NULL, "AA6102"}, {NULL, "6F00"});
    struct run run;

    (void)state;
    run_command(&run, &script, 5, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_int_equal(run.ans.sw, 0x6F00);
}

static void test_get_response_loops_are_bounded(void **state)
{
    static const char *const answers[] = {"6110", "6100", "AA6110", "(AA*10)610A", "(AA*255)61FF"};

    (void)state;
    for (size_t n = 0; n < sizeof(answers) / sizeof(answers[0]); n++) {
        struct script script = SCRIPT({NULL, answers[n]});
        struct run run;
        script.repeat = true;
        run_command(&run, &script, 0, 256);
        assert_int_equal(run.r, APDU_MALFORMED);
        assert_true(run.link.counts.apdus <= APDU_ROUNDS_MAX + 2);
        assert_true(run.ans.len <= ANSWER_CAP);
    }
}

static void test_promised_data_must_come(void **state)
{
    struct script script = SCRIPT({NULL, "AA6102"}, {NULL, "9000"});
    struct run run;

    (void)state;
    run_command(&run, &script, 0, 256);
    assert_int_equal(run.r, APDU_MALFORMED);
}

static void test_wrong_le_is_corrected_once(void **state)
{
    struct script script = SCRIPT({"00CB3FFF00", "6C10"}, {"00CB3FFF10", "(AA*16)9000"});
    struct script pingpong = SCRIPT({"00CB3FFF00", "6C10"}, {"00CB3FFF10", "6C20"});
    struct run run;

    (void)state;
    run_command(&run, &script, 0, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_int_equal(run.ans.len, 16);
    run_command(&run, &pingpong, 0, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_int_equal(run.ans.sw, 0x6C20);
    assert_script_done(pingpong);
}

static void test_wrong_le_in_get_response(void **state)
{
    struct script script =
        SCRIPT({NULL, "6110"}, {"00C0000010", "6C08"}, {"00C0000008", "(AA*8)9000"});
    struct script twice =
        SCRIPT({"00CB3FFF00", "6C10"}, {"00CB3FFF10", "6110"}, {"00C0000010", "6C08"});
    struct run run;

    (void)state;
    run_command(&run, &script, 0, 256);
    assert_int_equal(run.r, APDU_OK);
    assert_int_equal(run.ans.len, 8);
    run_command(&run, &twice, 0, 256);
    assert_int_equal(run.ans.sw, 0x6C08);
    assert_script_done(twice);
}

static void test_no_le_no_correction(void **state)
{
    struct script script = SCRIPT({"00CB3FFF", "6C10"});
    struct run run;

    (void)state;
    run_command(&run, &script, 0, 0);
    assert_int_equal(run.r, APDU_OK);
    assert_int_equal(run.ans.sw, 0x6C10);
    assert_script_done(script);
}

static void test_t0_leaves_out_le_behind_data(void **state)
{
    struct script script = SCRIPT({"00CB3FFF025555", "6104"}, {"00C0000004", "AABBCCDD9000"});
    uint8_t buf[16], data[] = {0x55, 0x55};
    struct apdu_answer ans = {.buf = buf, .cap = sizeof(buf)};
    struct apdu_command cmd = {.ins = 0xCB, .p1 = 0x3F, .p2 = 0xFF, .data = data, .len = 2};
    struct apdu_link link = script_link(&script);

    (void)state;
    link.t0 = true;
    cmd.le = 256;
    assert_int_equal(apdu_run(&link, &cmd, &ans), APDU_OK);
    assert_int_equal(ans.len, 4);
    assert_script_done(script);
}

static void test_bad_arguments_send_nothing(void **state)
{
    struct script script = SCRIPT({NULL, "9000"});
    uint8_t buf[4];
    struct apdu_answer ans = {.buf = buf, .cap = sizeof(buf)};
    struct apdu_link link = script_link(&script);
    static const uint8_t data[APDU_DATA_MAX + 1];
    struct apdu_command bad[] = {
        {.le = 257}, {.len = 1}, {.cla = 0x10}, {.cla = 0xFF, .data = data, .len = sizeof(data)}};

    (void)state;
    for (size_t n = 0; n < sizeof(bad) / sizeof(bad[0]); n++)
        assert_int_equal(apdu_run(&link, &bad[n], &ans), APDU_ARGUMENT);
    assert_int_equal(script.at, 0);
    assert_int_equal(link.counts.apdus, 0);
}

static void test_every_transport_failure(void **state)
{
    static const struct step good[] = {{NULL, "9000"},
                                       {NULL, "9000"},
                                       {NULL, "(AA*255)61FF"},
                                       {NULL, "(AA*255)6108"},
                                       {NULL, "(AA*8)9000"}};
    size_t count = sizeof(good) / sizeof(good[0]);

    (void)state;
    for (size_t n = 0; n <= count; n++) {
        struct step steps[sizeof(good) / sizeof(good[0])];
        struct script script = {.steps = steps, .count = count};
        struct run run;
        memcpy(steps, good, sizeof(good));
        if (n < count)
            steps[n].answer = NULL;
        run_command(&run, &script, 522, 256);
        assert_int_equal(run.r, n < count ? APDU_LOST : APDU_OK);
        assert_int_equal(run.link.counts.apdus, n < count ? n + 1 : count);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_four_cases),
        cmocka_unit_test(test_counts),
        cmocka_unit_test(test_chain_of_three),
        cmocka_unit_test(test_chain_of_an_exact_block),
        cmocka_unit_test(test_error_in_mid_chain_ends_the_command),
        cmocka_unit_test(test_data_in_mid_chain_is_malformed),
        cmocka_unit_test(test_announced_more_in_mid_chain_is_not_fetched),
        cmocka_unit_test(test_short_answers),
        cmocka_unit_test(test_get_response_variants),
        cmocka_unit_test(test_get_response_ends_with_an_error),
        cmocka_unit_test(test_get_response_loops_are_bounded),
        cmocka_unit_test(test_promised_data_must_come),
        cmocka_unit_test(test_wrong_le_is_corrected_once),
        cmocka_unit_test(test_wrong_le_in_get_response),
        cmocka_unit_test(test_no_le_no_correction),
        cmocka_unit_test(test_t0_leaves_out_le_behind_data),
        cmocka_unit_test(test_bad_arguments_send_nothing),
        cmocka_unit_test(test_every_transport_failure),
    };

    return cmocka_run_group_tests_name("apdu", tests, NULL, NULL);
}
