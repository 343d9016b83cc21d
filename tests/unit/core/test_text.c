/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/tlv.h"

#include "core/wire/wipe.h"
#include "tests/unit/core/unit.h"

static const struct {
    const char *octets;
    int result;
} texts[] = {
    {"", WIRE_OK},
    {"toyama", WIRE_OK},
    {"\xE7\xA0\xBA\xE6\xB3\xA2", WIRE_OK},
    {"\xF0\x9F\x80\x80", WIRE_OK},
    {"\xF4\x8F\xBF\xBF", WIRE_OK},
    {"\xC2\xA0", WIRE_OK},
    {"\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80", WIRE_OK},
    {"\x1F", WIRE_VALUE},
    {"a\nb", WIRE_VALUE},
    {"\x1B[31m", WIRE_VALUE},
    {"\x7F", WIRE_VALUE},
    {"\xC2\x80", WIRE_VALUE},
    {"\xC2\x9F", WIRE_VALUE},
    {"\x80", WIRE_VALUE},
    {"\xBF", WIRE_VALUE},
    {"\xC0\x80", WIRE_VALUE},
    {"\xC1\xBF", WIRE_VALUE},
    {"\xC2", WIRE_VALUE},
    {"\xC2q", WIRE_VALUE},
    {"\xE0\x80\xAF", WIRE_VALUE},
    {"\xE0\x9F\xBF", WIRE_VALUE},
    {"\xE7\xA0", WIRE_VALUE},
    {"\xED\xA0\x80", WIRE_VALUE},
    {"\xED\xBF\xBF", WIRE_VALUE},
    {"\xF0\x80\x80\x80", WIRE_VALUE},
    {"\xF0\x8F\xBF\xBF", WIRE_VALUE},
    {"\xF4\x90\x80\x80", WIRE_VALUE},
    {"\xF5\x80\x80\x80", WIRE_VALUE},
    {"\xFF", WIRE_VALUE},
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(texts); n++) {
        size_t len = strlen(texts[n].octets);
        uint8_t *tight = unit_copy(texts[n].octets, len);
        struct tlv t = {.val = tight, .len = len};
        char out[32] = "before";
        assert_int_equal(tlv_text(&t, out, sizeof(out)), texts[n].result);
        assert_string_equal(out, texts[n].result == WIRE_OK ? texts[n].octets : "before");
        free(tight);
    }
}

static void test_nul_is_a_control_character(void **state)
{
    struct tlv t = {.val = (const uint8_t *)"a\0b", .len = 3};
    char out[8] = "";

    (void)state;
    assert_int_equal(tlv_text(&t, out, sizeof(out)), WIRE_VALUE);
}

static void test_capacity(void **state)
{
    struct tlv t = {.val = (const uint8_t *)"abc", .len = 3};
    struct tlv absent = {0};
    char out[4] = "";

    (void)state;
    assert_int_equal(tlv_text(&t, out, 0), WIRE_LENGTH);
    assert_int_equal(tlv_text(&t, out, 3), WIRE_LENGTH);
    assert_int_equal(tlv_text(&t, out, 4), WIRE_OK);
    assert_string_equal(out, "abc");
    assert_int_equal(tlv_text(&absent, out, sizeof(out)), WIRE_LENGTH);
}

/* Unicode, table 3-7, with control characters left out. */
static bool well_formed(const uint8_t *p, size_t n)
{
    const uint8_t a = n > 0 ? p[0] : 0, b = n > 1 ? p[1] : 0, c = n > 2 ? p[2] : 0;

    if (n == 0)
        return true;
    if (a >= 0x20 && a < 0x7F)
        return well_formed(p + 1, n - 1);
    if (n >= 2 && ((a == 0xC2 && b >= 0xA0) || (a > 0xC2 && a <= 0xDF && b >= 0x80)) && b <= 0xBF)
        return well_formed(p + 2, n - 2);
    if (n < 3 || a < 0xE0 || a > 0xEF || b < 0x80 || b > 0xBF || c < 0x80 || c > 0xBF)
        return false;
    if ((a == 0xE0 && b < 0xA0) || (a == 0xED && b > 0x9F))
        return false;
    return well_formed(p + 3, n - 3);
}

static void test_all_short_sequences(void **state)
{
    (void)state;
    for (uint32_t value = 0; value < 1u << 24; value++) {
        const uint8_t octets[3] = {(uint8_t)(value >> 16), (uint8_t)(value >> 8), (uint8_t)value};
        struct tlv t = {.val = octets, .len = 3};
        char out[4];
        if ((tlv_text(&t, out, sizeof(out)) == WIRE_OK) != well_formed(octets, 3))
            fail_msg("sequence %06x", value);
    }
}

static void test_wipe(void **state)
{
    uint8_t secret[5] = {1, 2, 3, 4, 5};
    static const uint8_t wiped[5] = {0, 0, 0, 0, 5};

    (void)state;
    wire_wipe(secret, 4);
    assert_memory_equal(secret, wiped, sizeof(wiped));
    wire_wipe(NULL, 4);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),    cmocka_unit_test(test_nul_is_a_control_character),
        cmocka_unit_test(test_capacity), cmocka_unit_test(test_all_short_sequences),
        cmocka_unit_test(test_wipe),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
