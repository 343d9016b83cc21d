/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue as people see it: arguments in their forms, what is missing leaves no hole, and no
 * argument can do more than be shown.
 */
#include <stdio.h>

#include "po/messages.h"
#include "po/render.h"
#include "tests/unit/pam/unit.h"

struct example {
    const char *id;
    struct args args;
    const char *en;
    const char *ja;
};

#define ONE(n, k, v)                                                                               \
    {                                                                                              \
        1,                                                                                         \
        {                                                                                          \
            {                                                                                      \
                k, n, v                                                                            \
            }                                                                                      \
        }                                                                                          \
    }
#define TWO(n, k, v, n2, k2, v2)                                                                   \
    {                                                                                              \
        2,                                                                                         \
        {                                                                                          \
            {k, n, v},                                                                             \
            {                                                                                      \
                k2, n2, v2                                                                         \
            }                                                                                      \
        }                                                                                          \
    }
#define NONE                                                                                       \
    {                                                                                              \
        0,                                                                                         \
        {                                                                                          \
            {                                                                                      \
                ARG_TEXT, "", ""                                                                   \
            }                                                                                      \
        }                                                                                          \
    }

static const struct example examples[] = {
    {"M01", NONE, "Place your IC card on the card reader.",
     "ICカードをカードリーダーに置いてください。"},
    {"M05", ONE("tries", ARG_NUMBER, "2"),
     "The fingerprint does not match.\nYou can also try another registered finger. (Tries left: 2)",
     "指紋が一致しません。別の登録済みの指でもお試しください。（あと2回）"},
    {"M07", ONE("ext", ARG_TEXT, "2345"),
     "This card is not registered. Please contact the IT desk (ext. 2345).",
     "このカードは登録されていません。情報担当（内線2345）へご連絡ください。"},
    {"M09", ONE("date", ARG_DATE, "2026-03-31"),
     "Your access expired on March 31.\nPlease ask your section manager to arrange a renewal.",
     "利用期限（3月31日）を過ぎています。所属長を通じて更新の手続きをお願いします。"},
    {"M11", ONE("time", ARG_TIME, "2026-04-01T18:00"),
     "Logging in with a temporary card. It is valid until 18:00 today.\nPlease return it before "
     "you leave.",
     "仮カードでログインします。本日18時まで利用できます。\nお帰りの際に返却してください。"},
    {"M11", ONE("time", ARG_TIME, "2026-04-01T08:30"),
     "Logging in with a temporary card. It is valid until 8:30 today.\nPlease return it before you "
     "leave.",
     "仮カードでログインします。本日8時30分まで利用できます。\nお帰りの際に返却してください。"},
    {"M16", TWO("name", ARG_TEXT, "Tonami Taro", "time", ARG_TIME, "2026-09-30T17:02"),
     "Good morning, Tonami Taro.\nLast login: Wed Sep 30, 17:02",
     "Tonami Taroさん、おはようございます。\n前回のログイン：9月30日（水）17時02分"},
    {"M22", TWO("number", ARG_NUMBER, "124", "time", ARG_TIME, "2026-10-01T08:05"),
     "Checking offline. (Roster no. 124, as of Oct 1, 8:05)",
     "オフラインで確認しています。（登録名簿：第124号 10月1日8時05分時点）"},
    {"H10", ONE("zone", ARG_ZONE, "lgwan"),
     "This file is for the LGWAN zone. It cannot be imported on this terminal.",
     "このファイルはLGWAN系用です。この端末では取り込めません。"},
    {"A04", TWO("days", ARG_NUMBER, "90", "count", ARG_NUMBER, "18204"),
     "Cards not used for 90 days or more: 18,204.",
     "90日以上使われていないカードが18,204枚あります。"},
    {"A03", ONE("count", ARG_NUMBER, "1234567"), "Retired staff still in the roster: 1,234,567.",
     "登録名簿に退職者が1,234,567名残っています。"},
};

static const char *render(const char *id, enum messages_language lang, const struct args *args)
{
    static char text[MESSAGES_TEXT_MAX];

    assert_true(messages_render(id, lang, args, text, sizeof(text)));
    return text;
}

static void shows_arguments_in_their_forms(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(examples); n++) {
        const struct example *e = &examples[n];
        assert_string_equal(render(e->id, MESSAGES_EN, &e->args), e->en);
        assert_string_equal(render(e->id, MESSAGES_JA, &e->args), e->ja);
    }
}

static void names_fingers_by_number_and_by_name(void **state)
{
    static const char *const values[][3] = {
        {"1", "Place your right thumb on the sensor.", "右手の親指をセンサーに置いてください。"},
        {"right-index", "Place your right index finger on the sensor.",
         "右手の人さし指をセンサーに置いてください。"},
        {"10", "Place your left little finger on the sensor.",
         "左手の小指をセンサーに置いてください。"},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(values); n++) {
        struct args args = {0};
        assert_true(args_add(&args, "finger", ARG_TEXT, values[n][0]));
        assert_string_equal(render("K05", MESSAGES_EN, &args), values[n][1]);
        assert_string_equal(render("K05", MESSAGES_JA, &args), values[n][2]);
    }
}

static void missing_arguments_leave_no_hole(void **state)
{
    static const char *const expected[][3] = {
        {"M07", "This card is not registered. Please contact the IT desk.",
         "このカードは登録されていません。情報担当へご連絡ください。"},
        {"M16", "Good morning.\nLast login:", "さん、おはようございます。\n前回のログイン："},
        {"M25", "You are logged in at another terminal.\nPlease log out there, then try again.",
         "ほかの端末でログイン中です。\nそちらを終了してから、もう一度お試しください。"},
        {"X02", "The PIN does not match.", "暗証番号が一致しません。"},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(expected); n++) {
        assert_string_equal(render(expected[n][0], MESSAGES_EN, NULL), expected[n][1]);
        assert_string_equal(render(expected[n][0], MESSAGES_JA, NULL), expected[n][2]);
    }
}

static void english_is_ascii_whatever_the_arguments(void **state)
{
    struct args args = {0};

    (void)state;
    assert_true(args_add(&args, "name", ARG_TEXT, "砺波 太郎"));
    assert_true(args_add(&args, "time", ARG_TIME, "2026-09-30T17:02"));
    assert_true(args_add(&args, "place", ARG_TEXT, "市民課03"));
    assert_string_equal(render("M16", MESSAGES_EN, &args),
                        "Good morning.\nLast login: Wed Sep 30, 17:02");
}

static void malformed_values_show_nothing(void **state)
{
    static const struct {
        const char *id;
        struct args args;
    } bad[] = {
        {"M09", ONE("date", ARG_DATE, "2026-13-01")},
        {"M09", ONE("date", ARG_DATE, "2026-00-01")},
        {"M09", ONE("date", ARG_DATE, "2026-01-32")},
        {"M09", ONE("date", ARG_DATE, "2026-1-1")},
        {"M09", ONE("date", ARG_DATE, "")},
        {"M09", ONE("date", ARG_DATE, "2026-01-01x")},
        {"M09", ONE("date", ARG_DATE, "2026-01-01T10:00")},
        {"M09", ONE("date", ARG_TIME, "2026-01-01")},
        {"M09", ONE("date", ARG_TIME, "2026-01-01T24:00")},
        {"M09", ONE("date", ARG_TIME, "2026-01-01T10:60")},
        {"M09", ONE("date", ARG_NUMBER, "12a")},
        {"M09", ONE("date", ARG_NUMBER, "-1")},
        {"M09", ONE("date", ARG_NUMBER, "")},
        {"M09", ONE("date", ARG_ZONE, "other")},
        {"M09", ONE("date", ARG_TEXT, "")},
        {"M09", ONE("dat", ARG_TEXT, "x")},
        {"M09", ONE("dates", ARG_TEXT, "x")},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(bad); n++)
        assert_string_equal(render(bad[n].id, MESSAGES_JA, &bad[n].args),
                            "利用期限を過ぎています。所属長を通じて更新の手続きをお願いします。");
}

static void arguments_are_not_templates(void **state)
{
    struct args args = {0};

    (void)state;
    assert_true(args_add(&args, "ext", ARG_TEXT, "{ext}%s%n)("));
    assert_string_equal(
        render("M07", MESSAGES_EN, &args),
        "This card is not registered. Please contact the IT desk (ext. {ext}%s%n)().");
}

static void unknown_ids_are_refused(void **state)
{
    static const char *const ids[] = {"",     "M",     "M00",     "M99", "m01",
                                      "M01 ", "M01bb", "~~~~~~~", "X99"};
    char text[16] = "untouched";

    (void)state;
    for (size_t n = 0; n < COUNT(ids); n++) {
        assert_false(messages_render(ids[n], MESSAGES_JA, NULL, text, sizeof(text)));
        assert_string_equal(text, "untouched");
    }
    assert_false(messages_render("M01", MESSAGES_JA, NULL, text, 0));
}

static bool is_whole_utf8(const char *text)
{
    size_t expected = 0;

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        if ((c & 0xC0) == 0x80) {
            if (expected-- == 0)
                return false;
            continue;
        }
        if (expected != 0)
            return false;
        expected = c >= 0xF0 ? 3 : c >= 0xE0 ? 2 : c >= 0xC0 ? 1 : 0;
    }
    return expected == 0;
}

/* Each message, each buffer size, on a heap block of exactly that size. */
static void every_cut_is_between_characters(void **state)
{
    struct args args = {0};

    (void)state;
    assert_true(args_add(&args, "name", ARG_TEXT, "砺波 太郎"));
    assert_true(args_add(&args, "ext", ARG_TEXT, "2345"));
    for (size_t n = 0; n < messages_count; n++)
        for (size_t cap = 1; cap < 260; cap++) {
            char *text = malloc(cap);
            assert_non_null(text);
            assert_true(messages_render(messages[n].id, n % 2, &args, text, cap));
            assert_true(strlen(text) < cap);
            assert_true(is_whole_utf8(text));
            free(text);
        }
}

static void fills_pam_message_size(void **state)
{
    char value[ARGS_VALUE_MAX], text[MESSAGES_TEXT_MAX];
    struct args args = {0};

    (void)state;
    memset(value, 'x', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    assert_true(args_add(&args, "name", ARG_TEXT, value));
    assert_true(args_add(&args, "place", ARG_TEXT, value));
    assert_true(messages_render("M16", MESSAGES_JA, &args, text, sizeof(text)));
    assert_true(strlen(text) == sizeof(text) - 1);
}

static void table_is_sorted_and_whole(void **state)
{
    (void)state;
    assert_true(messages_count > 100);
    for (size_t n = 0; n < messages_count; n++) {
        assert_true(n == 0 || strcmp(messages[n - 1].id, messages[n].id) < 0);
        assert_true(strlen(render(messages[n].id, MESSAGES_EN, NULL)) > 0);
        assert_true(strlen(render(messages[n].id, MESSAGES_JA, NULL)) > 0);
    }
}

static void weekdays_are_right(void **state)
{
    static const struct {
        const char *time, *day;
    } known[] = {{"2000-02-29T00:00", "Tue"}, {"2024-02-29T00:00", "Thu"},
                 {"2026-01-01T00:00", "Thu"}, {"2026-11-24T00:00", "Tue"},
                 {"2027-02-28T00:00", "Sun"}, {"2100-03-01T00:00", "Mon"}};

    (void)state;
    for (size_t n = 0; n < COUNT(known); n++) {
        struct args args = {0};
        char wanted[32];
        snprintf(wanted, sizeof(wanted), "Last login: %s ", known[n].day);
        assert_true(args_add(&args, "time", ARG_TIME, known[n].time));
        assert_non_null(strstr(render("M16", MESSAGES_EN, &args), wanted));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shows_arguments_in_their_forms),
        cmocka_unit_test(names_fingers_by_number_and_by_name),
        cmocka_unit_test(missing_arguments_leave_no_hole),
        cmocka_unit_test(english_is_ascii_whatever_the_arguments),
        cmocka_unit_test(malformed_values_show_nothing),
        cmocka_unit_test(arguments_are_not_templates),
        cmocka_unit_test(unknown_ids_are_refused),
        cmocka_unit_test(every_cut_is_between_characters),
        cmocka_unit_test(fills_pam_message_size),
        cmocka_unit_test(table_is_sorted_and_whole),
        cmocka_unit_test(weekdays_are_right),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
