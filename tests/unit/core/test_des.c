/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

#include "tests/unit/core/unit.h"

static const uint8_t no_iv[CRYPTO_DES_BLOCK];

/* NIST SP 800-67 appendix B: three keys, block by block. */
static void test_three_keys(void **state)
{
    uint8_t key[CRYPTO_DES3_LEN], plain[24], expected[24], got[8];

    (void)state;
    unit_hex("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123", key, sizeof(key));
    unit_hex("5468652071756663"
             "6B2062726F776E20"
             "666F78206A756D70",
             plain, sizeof(plain));
    unit_hex("A826FD8CE53B855F"
             "CCE21C8112256FE6"
             "68D5C05DD9B6B900",
             expected, sizeof(expected));
    for (size_t at = 0; at < sizeof(plain); at += 8) {
        assert_int_equal(crypto_des_cbc(key, sizeof(key), no_iv, plain + at, 8, got), CRYPTO_OK);
        assert_memory_equal(got, expected + at, 8);
    }
}

/* FIPS 81 table C1: with all parts of the key alike triple DES is DES. */
static void test_cbc(void **state)
{
    uint8_t key[CRYPTO_DES3_LEN], iv[8], expected[24], got[24];
    const uint8_t *plain = (const uint8_t *)"Now is the time for all ";

    (void)state;
    for (size_t part = 0; part < sizeof(key); part += 8)
        unit_hex("0123456789ABCDEF", key + part, 8);
    unit_hex("1234567890ABCDEF", iv, sizeof(iv));
    unit_hex("E5C7CDDE872BF27C"
             "43E934008C389C0F"
             "683788499A7C05F6",
             expected, sizeof(expected));
    for (size_t keylen = CRYPTO_DES2_LEN; keylen <= CRYPTO_DES3_LEN; keylen += 8) {
        assert_int_equal(crypto_des_cbc(key, keylen, iv, plain, sizeof(got), got), CRYPTO_OK);
        assert_memory_equal(got, expected, sizeof(got));
    }
}

/* Two keys are three, the third being the first. */
static void test_two_keys(void **state)
{
    uint8_t key[CRYPTO_DES3_LEN], plain[64], two[64], three[64];

    (void)state;
    for (unsigned round = 0; round < 50; round++) {
        assert_int_equal(crypto_random(key, CRYPTO_DES2_LEN), CRYPTO_OK);
        assert_int_equal(crypto_random(plain, sizeof(plain)), CRYPTO_OK);
        memcpy(key + 16, key, 8);
        assert_int_equal(crypto_des_cbc(key, 16, plain, plain, sizeof(plain), two), CRYPTO_OK);
        assert_int_equal(crypto_des_cbc(key, 24, plain, plain, sizeof(plain), three), CRYPTO_OK);
        assert_memory_equal(two, three, sizeof(two));
    }
}

static void test_lengths(void **state)
{
    static const uint8_t key[CRYPTO_DES3_LEN + 8] = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    uint8_t in[32] = {0}, out[32];

    (void)state;
    memset(out, 0xEE, sizeof(out));
    for (size_t keylen = 0; keylen <= sizeof(key); keylen++)
        if (keylen != CRYPTO_DES2_LEN && keylen != CRYPTO_DES3_LEN)
            assert_int_equal(crypto_des_cbc(key, keylen, no_iv, in, 8, out), CRYPTO_LENGTH);
    for (size_t len = 0; len <= sizeof(in); len++)
        if (len == 0 || len % 8 != 0)
            assert_int_equal(crypto_des_cbc(key, 16, no_iv, in, len, out), CRYPTO_LENGTH);
    assert_int_equal(crypto_des_cbc(key, 16, no_iv, in, SIZE_MAX - 7, out), CRYPTO_LENGTH);
    for (size_t n = 0; n < sizeof(out); n++)
        assert_int_equal(out[n], 0xEE);
}

/* The keys of SP 800-67 3.3.2, as they stand there. */
static const char *const weak[] = {
    "0101010101010101", "FEFEFEFEFEFEFEFE", "E0E0E0E0F1F1F1F1", "1F1F1F1F0E0E0E0E",
    "011F011F010E010E", "1F011F010E010E01", "01E001E001F101F1", "E001E001F101F101",
    "01FE01FE01FE01FE", "FE01FE01FE01FE01", "1FE01FE00EF10EF1", "E01FE01FF10EF10E",
    "1FFE1FFE0EFE0EFE", "FE1FFE1FFE0EFE0E", "E0FEE0FEF1FEF1FE", "FEE0FEE0FEF1FEF1",
};

static void test_weak_parts(void **state)
{
    uint8_t good[CRYPTO_DES3_LEN], key[CRYPTO_DES3_LEN];

    (void)state;
    unit_hex("0123456789ABCDEF23456789ABCDEF01456789ABCDEF0123", good, sizeof(good));
    assert_true(crypto_des_key_good(good, 16));
    assert_true(crypto_des_key_good(good, 24));
    for (size_t n = 0; n < COUNT(weak); n++) {
        for (size_t at = 0; at < sizeof(key); at += 8) {
            memcpy(key, good, sizeof(key));
            unit_hex(weak[n], key + at, 8);
            assert_false(crypto_des_key_good(key, 24));
            assert_int_equal(crypto_des_key_good(key, 16), at == 16);
            key[at + n % 8] ^= 1;
            assert_false(crypto_des_key_good(key, 24));
            key[at + n % 8] ^= 2;
            assert_true(crypto_des_key_good(key, 24));
        }
    }
}

/* Two of the three steps of triple DES undo each other. */
static void test_equal_parts(void **state)
{
    uint8_t key[CRYPTO_DES3_LEN];

    (void)state;
    unit_hex("0123456789ABCDEF0123456789ABCDEF456789ABCDEF0123", key, sizeof(key));
    assert_false(crypto_des_key_good(key, 16));
    assert_false(crypto_des_key_good(key, 24));
    key[8] ^= 1;
    assert_false(crypto_des_key_good(key, 16));
    key[8] ^= 2;
    assert_true(crypto_des_key_good(key, 16));
    memcpy(key + 16, key + 8, 8);
    assert_false(crypto_des_key_good(key, 24));
    memcpy(key + 16, key, 8);
    assert_true(crypto_des_key_good(key, 24));
    for (size_t len = 0; len < 40; len++)
        if (len != 16 && len != 24)
            assert_false(crypto_des_key_good(key, len));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_three_keys), cmocka_unit_test(test_cbc),
        cmocka_unit_test(test_two_keys),   cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_weak_parts), cmocka_unit_test(test_equal_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
