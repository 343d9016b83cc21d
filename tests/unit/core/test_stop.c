/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/stop.h"

#include <stdio.h>

#include "tests/unit/core/random.h"
#include "tests/unit/core/unit.h"

#define CODES  300
#define DIGITS 16

static const uint8_t credential[STOP_ID_LEN] = {1, 2, 3};

static void digits_of(const struct stop_code *code, char digits[DIGITS + 1])
{
    char text[STOP_TEXT_CAP];
    size_t count = 0;

    assert_int_equal(stop_format(code, text), STOP_OK);
    assert_int_equal(strlen(text), STOP_TEXT_CAP - 1);
    for (size_t n = 0; text[n] != '\0'; n++)
        if (n % 5 == 4)
            assert_int_equal(text[n], '-');
        else
            digits[count++] = text[n];
    assert_int_equal(count, DIGITS);
    digits[DIGITS] = '\0';
}

static struct stop_code random_code(void)
{
    struct stop_code code;
    uint32_t slot;

    assert_int_equal(crypto_random(&slot, sizeof(slot)), CRYPTO_OK);
    assert_int_equal(stop_make(slot % STOP_SLOTS, &code), STOP_OK);
    assert_int_equal(code.slot, slot % STOP_SLOTS);
    assert_true(code.secret < STOP_SECRETS);
    return code;
}

static void read_back(const char *text, const struct stop_code *code)
{
    struct stop_code found = {0};

    assert_int_equal(stop_parse(text, &found), STOP_OK);
    assert_int_equal(found.slot, code->slot);
    assert_int_equal(found.secret, code->secret);
}

static void test_round_trip(void **state)
{
    static const struct stop_code edges[] = {{0, 0},
                                             {0, 1},
                                             {0, STOP_SECRETS - 1},
                                             {1, 0},
                                             {STOP_SLOTS - 1, 0},
                                             {STOP_SLOTS - 1, STOP_SECRETS - 1}};
    char text[STOP_TEXT_CAP];

    (void)state;
    for (size_t n = 0; n < COUNT(edges) + CODES; n++) {
        struct stop_code code = n < COUNT(edges) ? edges[n] : random_code();
        assert_int_equal(stop_format(&code, text), STOP_OK);
        read_back(text, &code);
    }
    assert_int_equal(stop_format(&edges[0], text), STOP_OK);
    assert_string_equal(text, "0000-0000-0000-0000");
}

/* 15 digits of 123456 * 2^30 + 789012345, and the check digit as another program found it. */
static void test_known_code(void **state)
{
    const struct stop_code code = {.slot = 123456, .secret = 789012345};
    char text[STOP_TEXT_CAP];

    (void)state;
    assert_int_equal(stop_format(&code, text), STOP_OK);
    assert_string_equal(text, "1325-6065-9636-0894");
}

static void test_every_wrong_digit(void **state)
{
    struct stop_code found;
    char digits[DIGITS + 1];

    (void)state;
    for (size_t n = 0; n < CODES; n++) {
        struct stop_code code = random_code();
        digits_of(&code, digits);
        for (size_t at = 0; at < DIGITS; at++) {
            char right = digits[at];
            for (const char *wrong = "0123456789"; *wrong != '\0'; wrong++) {
                digits[at] = *wrong;
                assert_int_equal(stop_parse(digits, &found),
                                 *wrong == right ? STOP_OK : STOP_CHECK);
            }
            digits[at] = right;
        }
    }
}

static void test_every_exchange_of_neighbours(void **state)
{
    struct stop_code found;
    char digits[DIGITS + 1];
    size_t exchanged = 0;

    (void)state;
    for (size_t n = 0; n < CODES; n++) {
        struct stop_code code = random_code();
        digits_of(&code, digits);
        for (size_t at = 0; at + 1 < DIGITS; at++) {
            char first = digits[at];
            digits[at] = digits[at + 1];
            digits[at + 1] = first;
            if (digits[at] != first) {
                assert_int_equal(stop_parse(digits, &found), STOP_CHECK);
                exchanged++;
            }
            digits[at + 1] = digits[at];
            digits[at] = first;
        }
    }
    assert_true(exchanged > CODES * 10);
}

static void test_as_people_type(void **state)
{
    static const char *const forms[] = {
        "1325-6065-9636-0894",
        "1325606596360894",
        "  1325 6065 9636 0894\t",
        "\xEF\xBC\x91\xEF\xBC\x93\xEF\xBC\x92\xEF\xBC\x95\xEF\xBC\x96\xEF\xBC\x90\xEF\xBC\x96\xEF"
        "\xBC\x95\xEF\xBC\x99\xEF\xBC\x96\xEF\xBC\x93\xEF\xBC\x96\xEF\xBC\x90\xEF\xBC\x98\xEF\xBC"
        "\x99\xEF\xBC\x94",
        "\xEF\xBC\x91\xEF\xBC\x93\xEF\xBC\x92\xEF\xBC\x95\xEF\xBC\x8D\xEF\xBC\x96\xEF\xBC\x90\xEF"
        "\xBC\x96\xEF\xBC\x95\xEF\xBC\x8D\xEF\xBC\x99\xEF\xBC\x96\xEF\xBC\x93\xEF\xBC\x96\xEF\xBC"
        "\x8D\xEF\xBC\x90\xEF\xBC\x98\xEF\xBC\x99\xEF\xBC\x94",
        "\xEF\xBC\x91\xEF\xBC\x93\xEF\xBC\x92\xEF\xBC\x95\xE3\x83\xBC\xEF\xBC\x96\xEF\xBC\x90\xEF"
        "\xBC\x96\xEF\xBC\x95\xE3\x83\xBC\xEF\xBC\x99\xEF\xBC\x96\xEF\xBC\x93\xEF\xBC\x96\xE3\x83"
        "\xBC\xEF\xBC\x90\xEF\xBC\x98\xEF\xBC\x99\xEF\xBC\x94\xE3\x80\x80"};
    const struct stop_code code = {.slot = 123456, .secret = 789012345};

    (void)state;
    for (size_t n = 0; n < COUNT(forms); n++)
        read_back(forms[n], &code);
}

static void test_refused(void **state)
{
    static const struct {
        const char *text;
        int r;
    } cases[] = {
        {"", STOP_COUNT},
        {"-", STOP_COUNT},
        {"000000000000000", STOP_COUNT},
        {"00000000000000000", STOP_COUNT},
        {"0000-0000-0000-000O", STOP_CHARACTER},
        {"0000-0000-0000-000o", STOP_CHARACTER},
        {"0000-0000-0000-000\xEF\xBC\xAF", STOP_CHARACTER}, /* full-width O */
        {"0000-0000-0000-000\xEF\xBC", STOP_CHARACTER},
        {"0000-0000-0000-000\xEF", STOP_CHARACTER},
        {"0000-0000-0000-000\xFF", STOP_CHARACTER},
        {"0000-0000-0000-000\xE2\x91\xA0", STOP_CHARACTER}, /* 1 in a circle */
        {"0000-0000-0000-000\xD9\xA0", STOP_CHARACTER},     /* Arabic 0 */
        {"0000.0000.0000.0000", STOP_CHARACTER},
        {"0000-0000-0000-0001", STOP_CHECK},
        /* The first number behind the last slot, and the largest of all, with good check digits. */
        {"5629-4995-3421-3121", STOP_CHECK},
        {"9999-9999-9999-9990", STOP_CHECK},
    };
    struct stop_code found = {.slot = 7, .secret = 8};

    (void)state;
    for (size_t n = 0; n < COUNT(cases); n++)
        if (stop_parse(cases[n].text, &found) != cases[n].r)
            fail_msg("%s", cases[n].text);
    assert_int_equal(found.slot, 7);
    assert_int_equal(found.secret, 8);
}

static void test_out_of_range(void **state)
{
    struct stop_code code = {.slot = STOP_SLOTS}, other = {.secret = STOP_SECRETS};
    char text[STOP_TEXT_CAP];
    uint8_t buf[STOP_NOTICE_MAX], hash[STOP_HASH_LEN];
    size_t len;

    (void)state;
    assert_int_equal(stop_make(STOP_SLOTS, &code), STOP_CHECK);
    assert_int_equal(stop_format(&code, text), STOP_CHECK);
    assert_int_equal(stop_format(&other, text), STOP_CHECK);
    assert_int_equal(stop_hash(&other, credential, hash), STOP_CHECK);
    assert_int_equal(stop_notice_encode(&code, buf, sizeof(buf), &len), STOP_FORMAT);
    assert_int_equal(stop_notice_encode(&other, buf, sizeof(buf), &len), STOP_FORMAT);
}

static void test_no_random_numbers(void **state)
{
    struct stop_code code = {.slot = 7};

    (void)state;
    random_mode = RANDOM_FAILS;
    assert_int_equal(stop_make(3, &code), STOP_CRYPTO);
    random_mode = RANDOM_REAL;
    assert_int_equal(code.slot, 7);
}

/* hashlib.scrypt((789012345).to_bytes(4, "big"), salt=bytes([1, 2, 3]) + bytes(13), n=1 << 14, r=8,
 * p=1, dklen=32) */
static void test_hash(void **state)
{
    const struct stop_code code = {.slot = 123456, .secret = 789012345};
    const struct stop_code other = {.slot = 123456, .secret = 789012346};
    uint8_t expected[STOP_HASH_LEN], hash[STOP_HASH_LEN], id[STOP_ID_LEN];

    (void)state;
    unit_hex("5fa352ef009fb10d81d3f02133ad0a27fe93d4b7f03e2d8f73cb669117e743eb", expected,
             sizeof(expected));
    assert_int_equal(stop_hash(&code, credential, hash), STOP_OK);
    assert_memory_equal(hash, expected, sizeof(hash));
    assert_int_equal(stop_verify(&code, credential, hash), STOP_OK);
    assert_int_equal(stop_verify(&other, credential, hash), STOP_OTHER);
    memcpy(id, credential, sizeof(id));
    id[15] ^= 1;
    assert_int_equal(stop_verify(&code, id, hash), STOP_OTHER);
    hash[31] ^= 1;
    assert_int_equal(stop_verify(&code, credential, hash), STOP_OTHER);
}

static void decode_and_encode(const uint8_t *buf, size_t len)
{
    uint8_t again[STOP_NOTICE_MAX];
    struct stop_code code;
    size_t againlen = 0;

    if (stop_notice_decode(buf, len, &code) != STOP_OK)
        return;
    assert_int_equal(stop_notice_encode(&code, again, sizeof(again), &againlen), STOP_OK);
    assert_int_equal(againlen, len);
    assert_memory_equal(again, buf, len);
}

static void test_notice(void **state)
{
    const struct stop_code code = {.slot = STOP_SLOTS - 1, .secret = STOP_SECRETS - 1};
    struct stop_code found;
    uint8_t buf[STOP_NOTICE_MAX];
    size_t len = 0;

    (void)state;
    assert_int_equal(stop_notice_encode(&code, buf, sizeof(buf), &len), STOP_OK);
    assert_int_equal(stop_notice_decode(buf, len, &found), STOP_OK);
    assert_int_equal(found.slot, code.slot);
    assert_int_equal(found.secret, code.secret);
    unit_sweep(buf, len, decode_and_encode);
    assert_int_equal(stop_notice_encode(&code, buf, len - 1, &len), STOP_FORMAT);
    assert_int_equal(stop_notice_decode(buf, len - 1, &found), STOP_FORMAT);
}

static void test_errors_have_words(void **state)
{
    (void)state;
    for (int err = STOP_CRYPTO; err <= STOP_OK; err++)
        assert_string_not_equal(stop_strerror(err), "unknown error");
    assert_string_equal(stop_strerror(STOP_CRYPTO - 1), "unknown error");
    assert_string_equal(stop_strerror(1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_known_code),
        cmocka_unit_test(test_every_wrong_digit),
        cmocka_unit_test(test_every_exchange_of_neighbours),
        cmocka_unit_test(test_as_people_type),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_out_of_range),
        cmocka_unit_test(test_no_random_numbers),
        cmocka_unit_test(test_hash),
        cmocka_unit_test(test_notice),
        cmocka_unit_test(test_errors_have_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
