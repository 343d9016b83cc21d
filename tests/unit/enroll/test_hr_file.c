/* SPDX-License-Identifier: Apache-2.0
 *
 * What a good HR file becomes, how large one may be, and the words by which it is read.
 */
#include "tests/unit/enroll/hr_files.h"

#include "tests/unit/enroll/unit.h"

static void get(size_t n, struct hr_row *row)
{
    static uint8_t buf[16 * HR_ROW_MAX];
    struct hr_list list;
    size_t head = 0;

    if (hr_got.faults > 0)
        fail_msg("kind %d in line %u", (int)hr_got.fault[0].kind, hr_got.fault[0].line);
    assert_int_equal(hr_list_head(hr_got.octets, buf, sizeof(buf), &head), ROSTER_OK);
    memcpy(buf + head, hr_got.der, hr_got.octets);
    assert_int_equal(hr_list_open(buf, head + hr_got.octets, &list), ROSTER_OK);
    for (size_t i = 0; i <= n; i++)
        assert_int_equal(hr_list_next(&list, row), ROSTER_OK);
}

static void test_a_good_file(void **state)
{
    static const char text[] =
        "備考,利用系,ログイン名,\"任期\n満了日\",採用日,区 分,所属,カナ,氏名,職員番号,発令日,\r\n"
        "=1+1,個人番号利用事務系・LGWAN系,\"taro, taro2\",,平成31年4月1日,正規職員,"
        "　市民課　　,ﾄﾅﾐ ﾀﾛｳ,髙橋﨑　太郎　　,０１２３４５,令和8年4月1日,\r\n"
        ",,,,,,,,,,,\r\n"
        "\"a\r\nb\",なし,,R9.3.31,,会計年度,税務課,,①㈱,X-1,,\r\n";
    static const enum hr_encoding encodings[] = {HR_UTF8, HR_CP932};
    struct hr_row row;

    (void)state;
    for (size_t e = 0; e < COUNT(encodings); e++) {
        assert_int_equal(read_text(text, encodings[e]), HR_OK);
        get(0, &row);
        assert_int_equal(row.line, 3);
        assert_int_equal(row.given, HR_GIVEN_ALL);
        assert_string_equal(row.number, "012345");
        assert_string_equal(row.name, "髙橋﨑　太郎");
        assert_string_equal(row.kana, "ﾄﾅﾐ ﾀﾛｳ");
        assert_string_equal(row.section, "市民課");
        assert_int_equal(row.category, ROSTER_REGULAR);
        assert_int_equal(row.from, 20190401);
        assert_int_equal(row.until, 0);
        assert_int_equal(row.effective, 20260401);
        assert_int_equal(row.logins, 2);
        assert_string_equal(row.login[0], "taro");
        assert_string_equal(row.login[1], "taro2");
        assert_int_equal(row.zones, ROSTER_INDIVIDUAL_NUMBER | ROSTER_LGWAN);
        get(1, &row);
        assert_int_equal(row.line, 5);
        assert_int_equal(row.given, HR_KANA | HR_SECTION | HR_ZONES);
        assert_string_equal(row.name, "①㈱");
        assert_int_equal(row.until, 20270331);
        assert_int_equal(row.zones, 0);
        assert_int_equal(hr_got.rows, 2);
        assert_int_equal(hr_got.empty, 1);
        assert_int_equal(hr_got.ignored, 1);
        assert_string_equal(hr_got.ignored_name[0], "備考");
        hr_free(&hr_got);
    }
}

static void test_rows_with_a_fault(void **state)
{
    struct hr_row row;

    (void)state;
    read_text(HEAD GOOD "2,名,,どこか,正規,,\r\n=3,名,,市民課,正規,,\r\n4,名,,市民課,正規,,\r\n",
              HR_UTF8);
    assert_int_equal(hr_got.faults, 2);
    assert_int_equal(hr_got.rows, 4);
    assert_true(hr_got.whole);
    hr_got.faults = 0;
    get(1, &row);
    assert_int_equal(row.given, HR_FAULTY);
    assert_int_equal(row.line, 3);
    assert_string_equal(row.number, "2");
    assert_string_equal(row.name, "");
    get(2, &row);
    assert_string_equal(row.number, "4");
    assert_int_equal(row.line, 5);
    hr_free(&hr_got);
    read_text(HEAD GOOD GOOD "2,名,,市民課,正規,,\r\n", HR_UTF8); /* no number twice in the list */
    assert_int_equal(hr_got.faults, 1);
    hr_got.faults = 0;
    get(1, &row);
    assert_string_equal(row.number, "2");
    hr_free(&hr_got);
    read_text(HEAD GOOD "\"", HR_UTF8);
    assert_false(hr_got.whole);
    hr_free(&hr_got);
}

static void test_what_is_known_of_the_encoding(void **state)
{
    static const char *const ascii[] = {
        "hr.number", "no",         "hr.name",  "name",        "hr.kana",
        "-",         "hr.section", "-",        "hr.category", "kind",
        "hr.from",   "-",          "hr.until", "end",         "hr.category_regular",
        "regular",   NULL};
    static const char text[] = "no,name,kind,end\n1,a,regular,\n";
    static char octets[256];
    struct hr_row row;
    size_t len;

    (void)state;
    hr_format_free(&hr_words);
    format_load(&hr_words, "", ascii);
    read_octets(OCTETS(text), HR_DETECT);
    assert_int_equal(hr_got.encoding, HR_DETECT);
    get(0, &row);
    assert_int_equal(row.given, 0);
    hr_free(&hr_got);
    len = to_cp932("no,name,kind,end\n1,a,regular,\n2,砺波,regular,\n", octets, sizeof(octets));
    read_octets(octets, len, HR_DETECT);
    assert_int_equal(hr_got.encoding, HR_CP932);
    get(1, &row);
    assert_string_equal(row.name, "砺波");
    hr_free(&hr_got);
    read_octets(OCTETS("\xEF\xBB\xBFno,name,kind,end\n1,a,regular,\n"), HR_DETECT);
    assert_int_equal(hr_got.encoding, HR_UTF8);
    assert_true(hr_got.bom);
    get(0, &row);
    hr_free(&hr_got);
    hr_format_free(&hr_words);
    format_load(&hr_words, SECTIONS, NULL);
}

static void test_digits(void **state)
{
    static const char *const six[] = {"hr.number_digits", "6", NULL};

    (void)state;
    hr_format_free(&hr_words);
    format_load(&hr_words, "", six);
    read_text(HEAD GOOD "12345,名,,課,正規,,\r\n01234a,名,,課,正規,,\r\n", HR_UTF8);
    assert_int_equal(hr_got.faults, 2);
    assert_int_equal(hr_got.fault[0].kind, HR_F_DIGITS);
    assert_int_equal(hr_got.fault[0].number, 6);
    assert_int_equal(hr_got.fault[1].line, 4);
    assert_string_equal(hr_got.fault[1].value, "01234a");
    hr_free(&hr_got);
    hr_format_free(&hr_words);
    format_load(&hr_words, SECTIONS, NULL);
}

static void test_long_texts(void **state)
{
    char text[1024] = HEAD "1,";

    (void)state;
    for (size_t n = 0; n < 42; n++)
        strcat(text, "髙");
    strcat(text, "a,,市民課,正規,,\r\n");
    assert_int_equal(read_text(text, HR_CP932), HR_OK);
    assert_int_equal(hr_got.faults, 0);
    hr_free(&hr_got);
    strcpy(text, HEAD "1,");
    for (size_t n = 0; n < 43; n++)
        strcat(text, "髙");
    strcat(text, ",,市民課,正規,,\r\n");
    assert_int_equal(read_text(text, HR_CP932), HR_OK);
    assert_int_equal(hr_got.fault[0].number, 127);
    assert_int_equal(strlen(hr_got.fault[0].value), 63);
    expect_one(HR_F_LONG, 2);
}

static char *many_rows(size_t rows, const char *category, size_t *len)
{
    char *text = malloc(sizeof(HEAD) + rows * 64);

    assert_non_null(text);
    *len = (size_t)sprintf(text, "%s", HEAD);
    for (size_t n = 1; n <= rows; n++)
        *len += (size_t)sprintf(text + *len, "%06zu,名,,市民課,%s,,2027/3/31\r\n", n, category);
    return text;
}

static void test_many_rows(void **state)
{
    struct hr_list list;
    struct hr_row row = {0};
    size_t len = 0, head = 0;
    char *text = many_rows(50000, "正規", &len);
    uint8_t *der;

    (void)state;
    assert_int_equal(read_octets(text, len, HR_DETECT), HR_OK);
    free(text);
    assert_int_equal(hr_got.faults, 0);
    assert_int_equal(hr_got.rows, 50000);
    der = malloc(hr_got.octets + HR_HEAD_MAX);
    assert_non_null(der);
    assert_int_equal(hr_list_head(hr_got.octets, der, HR_HEAD_MAX, &head), ROSTER_OK);
    memcpy(der + head, hr_got.der, hr_got.octets);
    assert_int_equal(hr_list_open(der, head + hr_got.octets, &list), ROSTER_OK);
    while (list.rows.left > 0)
        assert_int_equal(hr_list_next(&list, &row), ROSTER_OK);
    assert_int_equal(list.count, 50000);
    assert_string_equal(row.number, "050000");
    assert_int_equal(row.line, 50001);
    free(der);
    hr_free(&hr_got);
}

static void test_too_many_rows(void **state)
{
    size_t len = 0;
    char *text = many_rows(HR_ROWS_MAX + 1, "正規", &len);

    (void)state;
    assert_int_equal(read_octets(text, len, HR_DETECT), HR_OK);
    free(text);
    assert_int_equal(hr_got.rows, HR_ROWS_MAX);
    assert_int_equal(hr_got.fault[0].number, HR_ROWS_MAX);
    expect_one(HR_F_ROWS_MANY, HR_ROWS_MAX + 2);
}

static void test_many_faults(void **state)
{
    size_t len = 0;
    char *text = many_rows(3000, "何か", &len);

    (void)state;
    assert_int_equal(read_octets(text, len, HR_DETECT), HR_OK);
    free(text);
    assert_int_equal(hr_got.faults, 3000);
    assert_int_equal(hr_got.lines, 3000);
    assert_int_equal(hr_got.kept, HR_FAULTS_KEPT);
    assert_int_equal(hr_got.fault[HR_FAULTS_KEPT - 1].line, HR_FAULTS_KEPT + 1);
    hr_free(&hr_got);
}

static void test_a_source_that_breaks(void **state)
{
    struct memory m = {.p = (const uint8_t *)HEAD GOOD, .left = strlen(HEAD GOOD), .fails = true};
    const struct hr_source source = {.read = memory_read, .ctx = &m};

    (void)state;
    assert_int_equal(hr_read(&source, &hr_words, HR_DETECT, &hr_got), HR_IO);
    hr_free(&hr_got);
}

static void test_words_of_the_config(void **state)
{
    static const struct {
        const char *changes[5];
        const char *why;
    } cases[] = {
        {{"hr.number", "-", NULL}, "[hr] number"},
        {{"hr.until", "-", NULL}, "[hr] until"},
        {{"hr.kana", "氏 名", NULL}, "[hr] kana"},
        {{"hr.name", "", NULL}, "[hr] name"},
        {{"hr.name", "\xFF", NULL}, "[hr] name"},
        {{"hr.category_support", "応援 正規", NULL}, "[hr] category_support"},
        {{"hr.zone_none", "LGWAN系", NULL}, "[hr] zone_none"},
        {{"hr.number_digits", "17", NULL}, "[hr] number_digits"},
        {{"hr.number_digits", "x", NULL}, "[hr] number_digits"},
        {{"hr.number_digits", "", NULL}, "[hr] number_digits"},
    };
    struct hr_format *other = malloc(sizeof(*other));
    char why[256];

    (void)state;
    assert_non_null(other);
    for (size_t n = 0; n < COUNT(cases); n++) {
        assert_false(format_try(other, cases[n].changes, why, sizeof(why)));
        assert_memory_equal(why, cases[n].why, strlen(cases[n].why));
        hr_format_free(other);
    }
    free(other);
}

static void expect_bad_sections(const char *text, size_t len, const char *why)
{
    struct hr_format *other = calloc(1, sizeof(*other));
    FILE *in = fmemopen((void *)(uintptr_t)text, len, "r");
    char got[256] = "";

    assert_non_null(other);
    assert_non_null(in);
    assert_false(hr_format_sections(other, in, got, sizeof(got)));
    assert_memory_equal(got, why, strlen(why));
    fclose(in);
    hr_format_free(other);
    free(other);
}

static void test_sections(void **state)
{
    char text[600];

    (void)state;
    assert_true(hr_format_has_section(&hr_words, "税務課"));
    assert_true(hr_format_has_section(&hr_words, "総務課"));
    assert_false(hr_format_has_section(&hr_words, "総務"));
    assert_false(hr_format_has_section(&hr_words, ""));
    expect_bad_sections("\n\n", 2, "line 1:");
    expect_bad_sections("a\n\xFF\n", 4, "line 2:");
    expect_bad_sections("a\nb\tc\n", 6, "line 2:");
    memset(text, 'x', sizeof(text));
    expect_bad_sections(text, sizeof(text), "line 1:");
    expect_bad_sections(text, 128, "line 1:");
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
        cmocka_unit_test(test_a_good_file),
        cmocka_unit_test(test_rows_with_a_fault),
        cmocka_unit_test(test_what_is_known_of_the_encoding),
        cmocka_unit_test(test_digits),
        cmocka_unit_test(test_long_texts),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_too_many_rows),
        cmocka_unit_test(test_many_faults),
        cmocka_unit_test(test_a_source_that_breaks),
        cmocka_unit_test(test_words_of_the_config),
        cmocka_unit_test(test_sections),
    };

    return cmocka_run_group_tests(tests, load, unload);
}
