/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/json.h"

#include "tests/unit/enroll/unit.h"

static const char *written(const char *text)
{
    static char out[512];
    FILE *stream = fmemopen(out, sizeof(out), "w");
    struct json j;

    assert_non_null(stream);
    j = json_begin(stream);
    json_text(&j, text);
    fclose(stream);
    return out;
}

static void test_escaping(void **state)
{
    static const struct {
        const char *in;
        const char *out;
    } row[] = {
        {"", "\"\""},
        {"plain", "\"plain\""},
        {"a\"b\\c/", "\"a\\\"b\\\\c/\""},
        {"\n\t\r\x01\x1F\x7F", "\"\\n\\t\\u000d\\u0001\\u001f\\u007f\""},
        {"砺波 太郎", "\"砺波 太郎\""},
        {"\xF0\xA0\xAE\xB7", "\"\xF0\xA0\xAE\xB7\""},
        {"\xFF", "\"\\ufffd\""},
        {"a\xE3\x81", "\"a\\ufffd\\ufffd\""},
        {"\xE3\x81z", "\"\\ufffd\\ufffdz\""},
        {"\xC0\xAF", "\"\\ufffd\\ufffd\""},
        {"\xED\xA0\x80", "\"\\ufffd\\ufffd\\ufffd\""},
        {"</script>", "\"</script>\""},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(row); n++)
        assert_string_equal(written(row[n].in), row[n].out);
}

static void test_structure(void **state)
{
    char out[256] = "";
    FILE *stream = fmemopen(out, sizeof(out), "w");
    struct json j;

    (void)state;
    assert_non_null(stream);
    j = json_begin(stream);
    json_open(&j, '{');
    json_pair(&j, "a", "1");
    json_key(&j, "b");
    json_open(&j, '[');
    json_close(&j, ']');
    json_key(&j, "c");
    json_open(&j, '[');
    json_number(&j, -5);
    json_bool(&j, true);
    json_open(&j, '{');
    json_close(&j, '}');
    json_close(&j, ']');
    json_close(&j, '}');
    json_end(&j);
    fclose(stream);
    assert_string_equal(out, "{\"a\":\"1\",\"b\":[],\"c\":[-5,true,{}]}\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_escaping),
        cmocka_unit_test(test_structure),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
