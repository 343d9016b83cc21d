/* SPDX-License-Identifier: Apache-2.0
 *
 * Records of CSV files: RFC 4180, and each way not to be.
 */
#include "enroll/hr/csv.h"

#include "tests/unit/enroll/hr_files.h"
#include "tests/unit/enroll/unit.h"

static struct csv csv;

/* The whole file as "a|b;c|d;" with the line of each record in front: "1:a|b;". */
static int render(const char *text, size_t len, size_t piece, char *out, size_t cap)
{
    struct memory m = {.p = (const uint8_t *)text, .left = len, .piece = piece};
    size_t used = 0;
    int err;

    csv_begin(&csv, memory_read, &m);
    out[0] = '\0';
    while ((err = csv_next(&csv)) == CSV_OK) {
        used += (size_t)snprintf(out + used, cap - used, "%u:", csv.record);
        for (size_t n = 0; n < csv.fields; n++)
            used += (size_t)snprintf(out + used, cap - used, "%s%.*s", n > 0 ? "|" : "",
                                     (int)csv.field[n].len, (char *)csv.row + csv.field[n].at);
        used += (size_t)snprintf(out + used, cap - used, ";");
    }
    return err;
}

static const struct {
    const char *text;
    const char *records;
    int err;
    uint32_t fault, mixed;
} files[] = {
    {"", "", CSV_END, 1, 0},
    {"a", "1:a;", CSV_END, 1, 0},
    {"a,b\nc,d\n", "1:a|b;2:c|d;", CSV_END, 3, 0},
    {"a,b\r\nc,d", "1:a|b;2:c|d;", CSV_END, 2, 0},
    {"\n\na\n", "1:;2:;3:a;", CSV_END, 4, 0},
    {",\n", "1:|;", CSV_END, 2, 0},
    {"a,", "1:a|;", CSV_END, 1, 0},
    {"\"\",\"\"\n", "1:|;", CSV_END, 2, 0},
    {"\"a,b\",\"c\"\"d\"\"\"\n", "1:a,b|c\"d\";", CSV_END, 2, 0},
    {"\"a\nb\r\nc\",d\ne\n", "1:a\nb\r\nc|d;4:e;", CSV_END, 5, 0},
    {"\"a\rb\"\n", "1:a\rb;", CSV_END, 2, 0},
    {" a , b\n", "1: a | b;", CSV_END, 2, 0},
    /* line ends */
    {"a\r\nb\nc\r\n", "1:a;2:b;3:c;", CSV_END, 4, 2},
    {"a\nb\nc\r\nd\n", "1:a;2:b;3:c;4:d;", CSV_END, 5, 3},
    {"a\r\n\"b\nc\"\r\n", "1:a;2:b\nc;", CSV_END, 4, 0},
    {"a\rb\r", "", CSV_LINE_END, 1, 0},
    {"a\nb\r", "1:a;", CSV_LINE_END, 2, 0},
    {"a\nb\r\r\n", "1:a;", CSV_LINE_END, 2, 0},
    /* quotation marks */
    {"a\nb\"c\n", "1:a;", CSV_QUOTE_STRAY, 2, 0},
    {"a\n\"b\"c\n", "1:a;", CSV_QUOTE_STRAY, 2, 0},
    {"a\n\"b\" ,c\n", "1:a;", CSV_QUOTE_STRAY, 2, 0},
    {"a\nx,\"b\nc\nd", "1:a;", CSV_QUOTE_OPEN, 2, 0},
    {"\"", "", CSV_QUOTE_OPEN, 1, 0},
    {"\"a\"\"", "", CSV_QUOTE_OPEN, 1, 0},
};

static void test_files(void **state)
{
    char out[256];

    (void)state;
    for (size_t n = 0; n < COUNT(files); n++)
        for (size_t piece = 0; piece < 4; piece++) {
            int err = render(files[n].text, strlen(files[n].text), piece, out, sizeof(out));
            if (err != files[n].err || strcmp(out, files[n].records) != 0 ||
                csv.fault != files[n].fault || csv.mixed != files[n].mixed)
                fail_msg("file %zu in pieces of %zu: %d at %u (mixed %u), %s", n, piece, err,
                         csv.fault, csv.mixed, out);
        }
}

static void test_nul(void **state)
{
    static const char *const text[] = {"a\nb\0c\n", "a\n\"\0\"", "a\n\"b\"\0", "a\n\0"};
    static const size_t len[] = {6, 5, 6, 3};
    char out[64];

    (void)state;
    for (size_t n = 0; n < COUNT(text); n++) {
        assert_int_equal(render(text[n], len[n], 0, out, sizeof(out)), CSV_NUL);
        assert_int_equal(csv.fault, 2);
        assert_string_equal(out, "1:a;");
    }
}

/* A file of `count` octets, each `fill`, behind "a\n". */
static int read_filled(const char *before, int fill, size_t count, size_t *taken)
{
    static char text[3 * 1024 * 1024];
    struct memory m = {.p = (const uint8_t *)text};
    int err;

    assert_true(strlen(before) + count <= sizeof(text));
    memcpy(text, before, strlen(before));
    memset(text + strlen(before), fill, count);
    m.left = strlen(before) + count;
    csv_begin(&csv, memory_read, &m);
    while ((err = csv_next(&csv)) == CSV_OK)
        ;
    *taken = m.taken;
    return err;
}

static void test_a_huge_field_is_not_read(void **state)
{
    size_t taken = 0;

    (void)state;
    assert_int_equal(read_filled("a\nb,", 'x', 1024 * 1024, &taken), CSV_FIELD_LONG);
    assert_int_equal(csv.fault, 2);
    assert_true(taken <= CSV_CHUNK);
    assert_int_equal(read_filled("a\nb,\"\n", '\n', 1024 * 1024, &taken), CSV_FIELD_LONG);
    assert_int_equal(csv.fault, 2);
    assert_true(taken <= CSV_CHUNK);
    assert_int_equal(read_filled("a\n", 'x', CSV_FIELD_MAX, &taken), CSV_END);
    assert_int_equal(read_filled("a\n", 'x', CSV_FIELD_MAX + 1, &taken), CSV_FIELD_LONG);
    assert_int_equal(read_filled("a\n", ',', CSV_FIELDS_MAX - 1, &taken), CSV_END);
    assert_int_equal(csv.fields, 0);
    assert_int_equal(read_filled("a\n", ',', CSV_FIELDS_MAX, &taken), CSV_FIELDS_MANY);
    assert_int_equal(csv.fault, 2);
}

static void test_a_huge_row(void **state)
{
    static char text[40 * (CSV_FIELD_MAX + 1)];
    struct memory m = {.p = (const uint8_t *)text, .left = sizeof(text)};

    (void)state;
    memset(text, 'x', sizeof(text));
    for (size_t n = CSV_FIELD_MAX; n < sizeof(text); n += CSV_FIELD_MAX + 1)
        text[n] = ',';
    csv_begin(&csv, memory_read, &m);
    assert_int_equal(csv_next(&csv), CSV_ROW_LONG);
    assert_int_equal(csv.fault, 1);
    assert_true(m.taken <= CSV_ROW_MAX + 2 * CSV_CHUNK);
}

static void test_a_source_that_breaks(void **state)
{
    static const char *const text[] = {"", "a", "a,b\n", "\"a", "\"a\"", "a\r"};

    (void)state;
    for (size_t n = 0; n < COUNT(text); n++) {
        struct memory m = {.p = (const uint8_t *)text[n], .left = strlen(text[n]), .fails = true};
        int err;
        csv_begin(&csv, memory_read, &m);
        while ((err = csv_next(&csv)) == CSV_OK)
            ;
        assert_int_equal(err, CSV_IO);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_a_huge_field_is_not_read),
        cmocka_unit_test(test_a_huge_row),
        cmocka_unit_test(test_a_source_that_breaks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
