/* SPDX-License-Identifier: Apache-2.0
 *
 * Each fault of an HR file with its line, in both encodings.
 */
#include "tests/unit/enroll/hr_files.h"

#include "tests/unit/enroll/unit.h"

#define HEAD_ALL "職員番号,氏名,カナ,所属,区分,採用日,任期満了日,発令日,ログイン名,利用系\n"

static const struct {
    const char *text;
    size_t faults;
    struct {
        uint32_t line;
        enum hr_fault_kind kind;
        enum hr_column column;
        uint32_t number;
    } fault[4];
} files[] = {
    {HEAD GOOD, 0, {{0}}},
    /* columns */
    {"氏名,カナ,所属,区分,採用日,任期満了日\n", 1, {{1, HR_F_COLUMN_MISSING, HR_C_NUMBER, 0}}},
    {"職員番号,氏名,カナ,課,区分,採用日,満了日\na\n",
     2,
     {{1, HR_F_COLUMN_MISSING, HR_C_SECTION, 0}, {1, HR_F_COLUMN_MISSING, HR_C_UNTIL, 0}}},
    {"職員番号,氏名,カナ,所属,区分,採用日,任期満了日,氏名\n",
     1,
     {{1, HR_F_COLUMN_TWICE, HR_C_NAME, 0}}},
    {HEAD GOOD "1,2\r\n" GOOD "1,2,3,4,5,6,7,8\r\n",
     3,
     {{3, HR_F_COLUMN_COUNT, HR_COLUMNS, 2},
      {4, HR_F_NUMBER_TWICE, HR_C_NUMBER, 2},
      {5, HR_F_COLUMN_COUNT, HR_COLUMNS, 8}}},
    {HEAD, 1, {{0, HR_F_NO_ROWS, HR_COLUMNS, 0}}},
    {HEAD ",,,,,,\r\n\r\n", 1, {{0, HR_F_NO_ROWS, HR_COLUMNS, 0}}},
    /* structure */
    {HEAD GOOD "\"2\n3", 1, {{3, HR_F_QUOTE_OPEN, HR_COLUMNS, 0}}},
    {HEAD GOOD "a\"b\r\nc,d\r\n", 1, {{3, HR_F_QUOTE_STRAY, HR_COLUMNS, 0}}},
    {HEAD GOOD "a\r", 1, {{3, HR_F_LINE_END, HR_COLUMNS, 0}}},
    {HEAD GOOD "1,名,,市民課,正規,,\n"
               "2,名,,市民課,正規,,\r\n"
               "3,名,,どこか,正規,,\n",
     2,
     {{3, HR_F_LINE_END_MIXED, HR_COLUMNS, 0}, {5, HR_F_SECTION, HR_C_SECTION, 0}}},
    /* empty fields */
    {HEAD ",名,,市民課,正規,,\r\n"
          "2,,,市民課,正規,,\r\n"
          "3,名,,,正規,,\r\n"
          "4,名,,市民課,,,\r\n",
     4,
     {{2, HR_F_MISSING, HR_C_NUMBER, 0},
      {3, HR_F_MISSING, HR_C_NAME, 0},
      {4, HR_F_MISSING, HR_C_SECTION, 0},
      {5, HR_F_MISSING, HR_C_CATEGORY, 0}}},
    /* words */
    {HEAD "1,名,,どこか,嘱託,,\r\n",
     2,
     {{2, HR_F_SECTION, HR_C_SECTION, 0}, {2, HR_F_CATEGORY, HR_C_CATEGORY, 0}}},
    /* numbers */
    {HEAD "職1,名,,市民課,正規,,\r\n"
          "1.5,名,,市民課,正規,,\r\n"
          "123456789012345678901234567890123,名,,市民課,正規,,\r\n"
          "1 2,名,,市民課,正規,,\r\n",
     4,
     {{2, HR_F_NUMBER, HR_C_NUMBER, 0},
      {3, HR_F_NUMBER, HR_C_NUMBER, 0},
      {4, HR_F_NUMBER, HR_C_NUMBER, 0},
      {5, HR_F_NUMBER, HR_C_NUMBER, 0}}},
    {HEAD GOOD "1,名,,市民課,正規,,\r\n０１２３４５,名,,市民課,正規,,\r\n",
     1,
     {{4, HR_F_NUMBER_TWICE, HR_C_NUMBER, 2}}},
    /* dates */
    {HEAD "1,名,,市民課,正規,2026-02-29,\r\n"
          "2,名,,市民課,正規,令和元年4月30日,\r\n"
          "3,名,,市民課,委託,,来年\r\n"
          "4,名,,市民課,臨時,,R9.2.29\r\n",
     4,
     {{2, HR_F_DAY, HR_C_FROM, 0},
      {3, HR_F_ERA, HR_C_FROM, 0},
      {4, HR_F_DATE, HR_C_UNTIL, 0},
      {5, HR_F_DAY, HR_C_UNTIL, 0}}},
    {HEAD "1,名,,市民課,任期付,2026-04-01,2026-03-31\r\n"
          "2,名,,市民課,会計年度,,\r\n"
          "3,名,,市民課,正規,令和9年4月1日,R9.3.31\r\n"
          "4,名,,市民課,再任用,2026-04-01,2026-04-01\r\n",
     3,
     {{2, HR_F_ORDER, HR_C_UNTIL, 0},
      {3, HR_F_END_MISSING, HR_C_UNTIL, 0},
      {4, HR_F_ORDER, HR_C_UNTIL, 0}}},
    {HEAD_ALL "1,名,,市民課,応援,,2026-03-31,2026-04-01,,\n",
     1,
     {{2, HR_F_ORDER_EFFECTIVE, HR_C_UNTIL, 0}}},
    /* formulas */
    {HEAD "1,=1+1,,市民課,正規,,\r\n"
          "2,名,+81,市民課,正規,,\r\n"
          "3,名,,-市民課,正規,,\r\n"
          "4,@SUM(A1),,市民課,正規,,\r\n",
     4,
     {{2, HR_F_FORMULA, HR_C_NAME, 0},
      {3, HR_F_FORMULA, HR_C_KANA, 0},
      {4, HR_F_FORMULA, HR_C_SECTION, 0},
      {5, HR_F_FORMULA, HR_C_NAME, 0}}},
    {HEAD "1,\"=cmd|' /C calc'!A0\",,市民課,正規,,\r\n"
          "2,＝名,,市民課,正規,,\r\n"
          "3, =名,,市民課,正規,,\r\n"
          "4,名,　－,市民課,正規,,\r\n",
     4,
     {{2, HR_F_FORMULA, HR_C_NAME, 0},
      {3, HR_F_FORMULA, HR_C_NAME, 0},
      {4, HR_F_FORMULA, HR_C_NAME, 0},
      {5, HR_F_FORMULA, HR_C_KANA, 0}}},
    /* control characters; a line break counts for the lines behind it */
    {HEAD "1,\t名,,市民課,正規,,\r\n"
          "2,\"砺波\r\n太郎\",,市民課,正規,,\r\n"
          "3,名\x7F,,市民課,正規,,\r\n"
          "4,\"\r名\",,市民課,正規,,\r\n",
     4,
     {{2, HR_F_CONTROL, HR_C_NAME, 0},
      {3, HR_F_CONTROL, HR_C_NAME, 0},
      {5, HR_F_CONTROL, HR_C_NAME, 0},
      {6, HR_F_CONTROL, HR_C_NAME, 0}}},
    /* logins and zones */
    {HEAD_ALL "1,名,,市民課,正規,,,,taro taro,\n"
              "2,名,,市民課,正規,,,,\"jiro,saburo\",\n"
              "3,名,,市民課,正規,,,,saburo,\n"
              "4,名,,市民課,正規,,,,タロウ,\n",
     3,
     {{2, HR_F_LOGIN_TWICE, HR_C_LOGINS, 2},
      {4, HR_F_LOGIN_TWICE, HR_C_LOGINS, 3},
      {5, HR_F_LOGIN, HR_C_LOGINS, 0}}},
    {HEAD_ALL "1,名,,市民課,正規,,,,a b c d e f g h i,\n"
              "2,名,,市民課,正規,,,,、,\n",
     2,
     {{2, HR_F_LOGINS_MANY, HR_C_LOGINS, 8}, {3, HR_F_LOGIN, HR_C_LOGINS, 0}}},
    {HEAD_ALL "1,名,,市民課,正規,,,,,LGWAN\n"
              "2,名,,市民課,正規,,,,,なし LGWAN系\n"
              "3,名,,市民課,正規,,,,,ＬＧＷＡＮ系・なし\n"
              "4,名,,市民課,正規,,,,,/\n",
     4,
     {{2, HR_F_ZONE, HR_C_ZONES, 0},
      {3, HR_F_ZONE, HR_C_ZONES, 0},
      {4, HR_F_ZONE, HR_C_ZONES, 0},
      {5, HR_F_ZONE, HR_C_ZONES, 0}}},
};

static void expect_faults(size_t n, const char *encoding)
{
    if (hr_got.faults != files[n].faults || hr_got.kept != files[n].faults)
        fail_msg("file %zu in %s: %zu faults, the first is kind %d in line %u", n, encoding,
                 hr_got.faults, hr_got.kept > 0 ? (int)hr_got.fault[0].kind : -1,
                 hr_got.kept > 0 ? hr_got.fault[0].line : 0);
    for (size_t i = 0; i < hr_got.faults; i++) {
        const struct hr_fault *f = &hr_got.fault[i];
        if (f->line != files[n].fault[i].line || f->kind != files[n].fault[i].kind ||
            f->column != files[n].fault[i].column)
            fail_msg("file %zu in %s, fault %zu: line %u, kind %d, column %d", n, encoding, i,
                     f->line, (int)f->kind, (int)f->column);
        if (files[n].fault[i].number != 0)
            assert_int_equal(f->number, files[n].fault[i].number);
    }
}

static void test_faults(void **state)
{
    static const enum hr_encoding encodings[] = {HR_UTF8, HR_CP932};

    (void)state;
    for (size_t n = 0; n < COUNT(files); n++)
        for (size_t e = 0; e < COUNT(encodings); e++) {
            assert_int_equal(read_text(files[n].text, encodings[e]), HR_OK);
            expect_faults(n, e == 0 ? "UTF-8" : "CP932");
            assert_int_equal(hr_got.encoding, encodings[e]);
            assert_false(hr_got.bom);
            if (hr_got.faults > 0)
                assert_true(files[n].fault[0].line <= 2 || hr_got.rows > 0);
            hr_free(&hr_got);
        }
}

static void test_what_is_no_text(void **state)
{
    (void)state;
    read_octets(OCTETS(""), HR_DETECT);
    expect_one(HR_F_EMPTY_FILE, 0);
    read_octets(OCTETS("\xEF\xBB\xBF"), HR_DETECT);
    expect_one(HR_F_EMPTY_FILE, 0);
    read_octets(OCTETS("PK\x03\x04\x14\x00\x06"), HR_DETECT);
    expect_one(HR_F_WORKBOOK, 0);
    read_octets(OCTETS("\xD0\xCF\x11\xE0\xA1\xB1"), HR_DETECT);
    expect_one(HR_F_WORKBOOK, 0);
    read_octets(OCTETS("\xFF\xFE\x77\x80\xE1\x54"), HR_DETECT);
    expect_one(HR_F_UTF16, 0);
    read_octets(OCTETS(HEAD GOOD "1,a\0b,,,,,\r\n"), HR_DETECT);
    expect_one(HR_F_NUL, 3);
}

static void test_wrong_octets(void **state)
{
    static char octets[4096];
    size_t len;

    (void)state;
    read_octets(OCTETS(HEAD GOOD "1,\x93\xC1,,市民課,正規,,\r\n"), HR_DETECT);
    assert_int_equal(hr_got.encoding, HR_UTF8);
    assert_int_equal(hr_got.fault[0].other, 2);
    expect_one(HR_F_OCTETS, 3);
    len = to_cp932(HEAD GOOD "1,", octets, sizeof(octets));
    memcpy(octets + len, OCTETS("\x81,,a,b,,\r\n"));
    len += sizeof("\x81,,a,b,,\r\n") - 1;
    read_octets(octets, len, HR_DETECT);
    assert_int_equal(hr_got.encoding, HR_CP932);
    assert_int_equal(hr_got.fault[0].kind, HR_F_OCTETS);
    assert_int_equal(hr_got.fault[0].line, 3);
    assert_int_equal(hr_got.fault[0].column, HR_C_NAME);
    hr_free(&hr_got);
    /* The other encoding was asked for. */
    read_octets(octets, len, HR_UTF8);
    assert_int_equal(hr_got.fault[0].kind, HR_F_OCTETS);
    assert_int_equal(hr_got.fault[0].line, 1);
    assert_int_equal(hr_got.rows, 0);
    hr_free(&hr_got);
    read_octets(OCTETS(HEAD GOOD), HR_CP932);
    assert_true(hr_got.faults > 0);
    hr_free(&hr_got);
    /* Also in columns that are not used. */
    read_octets(OCTETS("備考," HEAD "\xFF," GOOD), HR_DETECT);
    assert_int_equal(hr_got.fault[0].column, HR_COLUMNS);
    expect_one(HR_F_OCTETS, 2);
}

static void test_gaiji(void **state)
{
    static char octets[4096];
    size_t len = to_cp932(HEAD "1,", octets, sizeof(octets));

    (void)state;
    memcpy(octets + len, OCTETS("\xF0\x40,,,,,\r\n"));
    read_octets(octets, len + sizeof("\xF0\x40,,,,,\r\n") - 1, HR_DETECT);
    assert_int_equal(hr_got.fault[0].kind, HR_F_PRIVATE);
    assert_string_equal(hr_got.fault[0].value, "\uFFFD");
    hr_free(&hr_got);
    read_text(HEAD "1,a\u200Bb,,市民課,正規,,\r\n", HR_UTF8);
    expect_one(HR_F_CONTROL, 2);
    read_text(HEAD "1,a\u202Eb,,市民課,正規,,\r\n", HR_UTF8);
    expect_one(HR_F_CONTROL, 2);
    read_text(HEAD "1,a\xC2\x85"
                   "b,,市民課,正規,,\r\n",
              HR_UTF8);
    expect_one(HR_F_CONTROL, 2);
    read_text(HEAD "1,\uFEFFb,,市民課,正規,,\r\n", HR_UTF8);
    expect_one(HR_F_CONTROL, 2);
}

static int load(void **state)
{
    (void)state;
    format_load(&hr_words, SECTIONS, NULL);
    return 0;
}

static int unload(void **state)
{
    (void)state;
    hr_format_free(&hr_words);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_faults),
        cmocka_unit_test(test_what_is_no_text),
        cmocka_unit_test(test_wrong_octets),
        cmocka_unit_test(test_gaiji),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
