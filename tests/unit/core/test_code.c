/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/code.h"

#include "tests/unit/core/random.h"
#include "tests/unit/core/unit.h"

#define CODES 300

static const char alphabet[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
static const char label[] = CODE_LABEL_RECOVERY;

/* Without the hyphens. */
static void fresh(char chars[CODE_CHARS + 1])
{
    char text[CODE_TEXT_CAP];
    size_t count = 0;

    assert_int_equal(code_make(text), CODE_OK);
    assert_int_equal(strlen(text), CODE_TEXT_CAP - 1);
    for (size_t n = 0; text[n] != '\0'; n++)
        if (n % 5 == 4)
            assert_int_equal(text[n], '-');
        else
            chars[count++] = text[n];
    assert_int_equal(count, CODE_CHARS);
    chars[CODE_CHARS] = '\0';
}

static void test_shape(void **state)
{
    size_t seen[sizeof(alphabet) - 1] = {0};
    char chars[CODE_CHARS + 1], text[CODE_TEXT_CAP];

    (void)state;
    for (size_t n = 0; n < CODES; n++) {
        fresh(chars);
        assert_int_equal(code_parse(chars, text), CODE_OK);
        for (size_t at = 0; at < CODE_CHARS; at++) {
            const char *symbol = strchr(alphabet, chars[at]);
            assert_non_null(symbol);
            seen[symbol - alphabet]++;
        }
    }
    /* 187 times each is the mean; what is farther off than that is no chance. */
    for (size_t n = 0; n < COUNT(seen); n++)
        assert_in_range(seen[n], 100, 300);
}

/* At every place every other character; and any two exchanged, neighbours or not. */
static void test_every_error_is_found(void **state)
{
    char chars[CODE_CHARS + 1], text[CODE_TEXT_CAP];

    (void)state;
    for (size_t n = 0; n < CODES; n++) {
        fresh(chars);
        for (size_t at = 0; at < CODE_CHARS; at++) {
            char right = chars[at];
            for (const char *wrong = alphabet; *wrong != '\0'; wrong++) {
                chars[at] = *wrong;
                assert_int_equal(code_parse(chars, text), *wrong == right ? CODE_OK : CODE_CHECK);
            }
            for (size_t other = at + 1; other < CODE_CHARS; other++) {
                chars[at] = chars[other];
                chars[other] = right;
                assert_int_equal(code_parse(chars, text),
                                 chars[at] == right ? CODE_OK : CODE_CHECK);
                chars[other] = chars[at];
            }
            chars[at] = right;
        }
    }
}

/* Worked out with tables of GF(32) by another program. */
static void test_known_code(void **state)
{
    static const char *const forms[] = {
        "71QA-0MJK-1X9Z-RTVW-0GC7", "71qa0mjk1x9zrtvw0gc7", " 7lQA oMJK IX9Z RTVW OGC7 ",
        "\xEF\xBC\x97\xEF\xBC\x91\xEF\xBD\x91\xEF\xBD\x81\xEF\xBC\x8D\xEF\xBC\x90\xEF\xBD\x8D\xEF"
        "\xBD\x8A\xEF\xBD\x8B\xEF\xBC\x8D\xEF\xBC\x91\xEF\xBD\x98\xEF\xBC\x99\xEF\xBD\x9A\xEF\xBC"
        "\x8D\xEF\xBD\x92\xEF\xBD\x94\xEF\xBD\x96\xEF\xBD\x97\xEF\xBC\x8D\xEF\xBC\x90\xEF\xBD\x87"
        "\xEF\xBD\x83\xEF\xBC\x97"};
    char text[CODE_TEXT_CAP];

    (void)state;
    for (size_t n = 0; n < COUNT(forms); n++) {
        assert_int_equal(code_parse(forms[n], text), CODE_OK);
        assert_string_equal(text, "71QA-0MJK-1X9Z-RTVW-0GC7");
    }
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        int r;
    } cases[] = {
        {"", CODE_COUNT},
        {"0000-0000-0000-0000-000", CODE_COUNT},
        {"0000-0000-0000-0000-00000", CODE_COUNT},
        {"0000-0000-0000-0000-0001", CODE_CHECK},
        {"0000-0000-0000-0000-000U", CODE_CHARACTER},
        {"0000-0000-0000-0000-000?", CODE_CHARACTER},
        {"0000-0000-0000-0000-000\xE3\x81\x82", CODE_CHARACTER},
    };
    char text[CODE_TEXT_CAP] = "untouched";

    (void)state;
    for (size_t n = 0; n < COUNT(cases); n++)
        if (code_parse(cases[n].text, text) != cases[n].r)
            fail_msg("%s", cases[n].text);
    assert_string_equal(text, "untouched");
}

static void test_sealed(void **state)
{
    static const uint8_t content[] = "what nobody may read";
    uint8_t file[sizeof(content) + CODE_SEAL_EXTRA], again[sizeof(file)], out[sizeof(file)];
    char code[CODE_TEXT_CAP], other[CODE_TEXT_CAP];
    size_t len = 0, againlen = 0, outlen = 0;

    (void)state;
    assert_int_equal(code_make(code), CODE_OK);
    assert_int_equal(code_make(other), CODE_OK);
    assert_int_equal(code_seal(label, code, content, sizeof(content), file, sizeof(file), &len),
                     CODE_OK);
    assert_int_equal(
        code_seal(label, code, content, sizeof(content), again, sizeof(again), &againlen), CODE_OK);
    assert_int_equal(len, againlen);
    assert_memory_not_equal(file + 24, again + 24, len - 24); /* salt, nonce and all behind */
    assert_int_equal(code_open(label, code, file, len, out, len, &outlen), CODE_OK);
    assert_int_equal(outlen, sizeof(content));
    assert_memory_equal(out, content, outlen);
    assert_int_equal(code_open(label, other, file, len, out, len, &outlen), CODE_WRONG);
    assert_int_equal(out[0], 0);
    assert_int_equal(code_open(CODE_LABEL_JOIN, code, file, len, out, len, &outlen), CODE_DAMAGED);
    assert_int_equal(code_open(label, "12", file, len, out, len, &outlen), CODE_COUNT);
    assert_int_equal(code_open(label, code, file, len, out, sizeof(content) - 1, &outlen),
                     CODE_FULL);
}

/* Nothing at all, and the most; buffers that are one octet short. */
static void test_sizes(void **state)
{
    uint8_t *content = calloc(1, CODE_SEALED_MAX + 1);
    uint8_t *file = malloc(CODE_SEALED_MAX + CODE_SEAL_EXTRA);
    char code[CODE_TEXT_CAP];
    size_t len = 0, outlen = 1;

    (void)state;
    assert_non_null(content);
    assert_non_null(file);
    assert_int_equal(code_make(code), CODE_OK);
    assert_int_equal(code_seal(label, code, "", 0, file, CODE_SEAL_EXTRA - 1, &len), CODE_FULL);
    assert_int_equal(code_seal(label, code, "", 0, file, CODE_SEAL_EXTRA, &len), CODE_OK);
    assert_int_equal(code_open(label, code, file, len, content, len, &outlen), CODE_OK);
    assert_int_equal(outlen, 0);
    assert_int_equal(code_seal(label, code, content, CODE_SEALED_MAX + 1, file,
                               CODE_SEALED_MAX + CODE_SEAL_EXTRA, &len),
                     CODE_FULL);
    assert_int_equal(code_seal("a label that is longer than any of them", code, "", 0, file,
                               CODE_SEAL_EXTRA, &len),
                     CODE_FULL);
    content[CODE_SEALED_MAX - 1] = 7;
    assert_int_equal(code_seal(label, code, content, CODE_SEALED_MAX, file,
                               CODE_SEALED_MAX + CODE_SEAL_EXTRA, &len),
                     CODE_OK);
    content[CODE_SEALED_MAX - 1] = 0;
    assert_int_equal(code_open(label, code, file, len, content, CODE_SEALED_MAX, &outlen), CODE_OK);
    assert_int_equal(outlen, CODE_SEALED_MAX);
    assert_int_equal(content[CODE_SEALED_MAX - 1], 7);
    free(content);
    free(file);
}

static void test_no_random_numbers(void **state)
{
    char text[CODE_TEXT_CAP] = "untouched";
    uint8_t file[CODE_SEAL_EXTRA];
    size_t len = 99;

    (void)state;
    random_mode = RANDOM_FAILS;
    assert_int_equal(code_make(text), CODE_CRYPTO);
    assert_int_equal(code_seal(label, "71QA-0MJK-1X9Z-RTVW-0GC7", "", 0, file, sizeof(file), &len),
                     CODE_CRYPTO);
    random_mode = RANDOM_REAL;
    assert_string_equal(text, "untouched");
    assert_int_equal(len, 99);
}

static void test_errors_have_words(void **state)
{
    (void)state;
    for (int err = CODE_CRYPTO; err <= CODE_OK; err++)
        assert_string_not_equal(code_strerror(err), "unknown error");
    assert_string_equal(code_strerror(CODE_CRYPTO - 1), "unknown error");
    assert_string_equal(code_strerror(1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shape),
        cmocka_unit_test(test_every_error_is_found),
        cmocka_unit_test(test_known_code),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_sealed),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_no_random_numbers),
        cmocka_unit_test(test_errors_have_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
