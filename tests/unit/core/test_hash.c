/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

#include "tests/unit/core/unit.h"

/* FIPS 180-4 examples (NIST, "Cryptographic Standards and Guidelines: Examples with Intermediate
 * Values"). */
#define LONG_448 "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
#define LONG_896                                                                                   \
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"                             \
    "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"

static const struct {
    const char *message, *sha256, *sha384;
} hashes[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
     "38b060a751ac96384cd9327eb1b1e36a21fdb71114be07434c0cc7bf63f6e1da274edebfe76f65fbd51ad2f14898b"
     "95b"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
     "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c82"
     "5a7"},
    {LONG_448, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1", NULL},
    {LONG_896, NULL,
     "09330c33f71147e83d192fc782cd1b4753111b173b3b05d22fa08086e3b0f712fcc7c71a557e2db966c3e9fa91746"
     "039"},
};

static void test_hashes(void **state)
{
    uint8_t expected[CRYPTO_HASH_MAX], got[CRYPTO_HASH_MAX];

    (void)state;
    for (size_t n = 0; n < COUNT(hashes); n++) {
        const char *m = hashes[n].message;
        if (hashes[n].sha256 != NULL) {
            unit_hex(hashes[n].sha256, expected, sizeof(expected));
            assert_int_equal(crypto_sha256(m, strlen(m), got), CRYPTO_OK);
            assert_memory_equal(got, expected, CRYPTO_SHA256_LEN);
        }
        if (hashes[n].sha384 != NULL) {
            unit_hex(hashes[n].sha384, expected, sizeof(expected));
            assert_int_equal(crypto_sha384(m, strlen(m), got), CRYPTO_OK);
            assert_memory_equal(got, expected, CRYPTO_SHA384_LEN);
        }
    }
}

static void test_a_million(void **state)
{
    enum { MILLION = 1000000 };
    char *message = malloc(MILLION);
    uint8_t expected[CRYPTO_SHA256_LEN], got[CRYPTO_SHA256_LEN];

    (void)state;
    assert_non_null(message);
    memset(message, 'a', MILLION);
    unit_hex("cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0", expected,
             sizeof(expected));
    assert_int_equal(crypto_sha256(message, MILLION, got), CRYPTO_OK);
    assert_memory_equal(got, expected, sizeof(got));
    free(message);
}

static void test_two_parts(void **state)
{
    static const char message[] = LONG_448;
    uint8_t whole[CRYPTO_SHA256_LEN], parts[CRYPTO_SHA256_LEN];
    size_t len = strlen(message);

    (void)state;
    assert_int_equal(crypto_sha256(message, len, whole), CRYPTO_OK);
    for (size_t cut = 0; cut <= len; cut++) {
        assert_int_equal(crypto_sha256_two(message, cut, message + cut, len - cut, parts),
                         CRYPTO_OK);
        assert_memory_equal(parts, whole, sizeof(whole));
    }
    assert_int_equal(crypto_sha256_two(NULL, 0, message, len, parts), CRYPTO_OK);
    assert_memory_equal(parts, whole, sizeof(whole));
    assert_int_equal(crypto_sha256_two(message, len, NULL, 0, parts), CRYPTO_OK);
    assert_memory_equal(parts, whole, sizeof(whole));
}

/* RFC 4231; keys shorter than 32 octets are padded with zeros, which HMAC does itself (RFC 2104).
 */
static const struct {
    const char *key, *data, *mac;
} macs[] = {
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
     "ddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
     "d"
     "dddddd",
     "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdc"
     "d"
     "cdcdcd",
     "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
};

static void test_macs(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(macs); n++) {
        uint8_t key[CRYPTO_KEY_LEN] = {0}, data[64], expected[32], got[CRYPTO_SHA256_LEN];
        size_t len = unit_hex(macs[n].data, data, sizeof(data));
        unit_hex(macs[n].key, key, sizeof(key));
        unit_hex(macs[n].mac, expected, sizeof(expected));
        assert_int_equal(crypto_hmac_sha256(key, data, len, got), CRYPTO_OK);
        assert_memory_equal(got, expected, sizeof(got));
    }
}

/* RFC 2104 written out with the plain hash, for the empty message too. */
static void test_mac_by_definition(void **state)
{
    static const uint8_t key[CRYPTO_KEY_LEN] = {1, 2, 3};
    uint8_t inner[64], outer[64], hash[CRYPTO_SHA256_LEN], got[CRYPTO_SHA256_LEN];

    (void)state;
    for (size_t n = 0; n < sizeof(inner); n++) {
        inner[n] = (uint8_t)((n < sizeof(key) ? key[n] : 0) ^ 0x36);
        outer[n] = (uint8_t)((n < sizeof(key) ? key[n] : 0) ^ 0x5C);
    }
    for (size_t len = 0; len < 4; len++) {
        assert_int_equal(crypto_sha256_two(inner, sizeof(inner), "abc", len, hash), CRYPTO_OK);
        assert_int_equal(crypto_sha256_two(outer, sizeof(outer), hash, sizeof(hash), hash),
                         CRYPTO_OK);
        assert_int_equal(crypto_hmac_sha256(key, len > 0 ? "abc" : NULL, len, got), CRYPTO_OK);
        assert_memory_equal(got, hash, sizeof(got));
    }
}

static void test_random(void **state)
{
    uint8_t a[4096] = {0}, b[4096] = {0}, none = 7;
    unsigned ones = 0;

    (void)state;
    assert_int_equal(crypto_random(a, sizeof(a)), CRYPTO_OK);
    assert_int_equal(crypto_random(b, sizeof(b)), CRYPTO_OK);
    assert_memory_not_equal(a, b, sizeof(a));
    assert_memory_not_equal(a + sizeof(a) - 16, b + sizeof(b) - 16, 16);
    for (size_t n = 0; n < sizeof(a); n++)
        ones += (unsigned)__builtin_popcount(a[n]);
    /* 32768 bits: mean 16384, ten standard deviations are 905. */
    assert_in_range(ones, 16384 - 905, 16384 + 905);
    assert_int_equal(crypto_random(&none, 0), CRYPTO_OK);
    assert_int_equal(none, 7);
}

static void test_equal(void **state)
{
    uint8_t a[32] = {0}, b[32] = {0};

    (void)state;
    assert_true(crypto_equal(a, sizeof(a), b, sizeof(b)));
    assert_false(crypto_equal(a, sizeof(a), b, sizeof(b) - 1));
    assert_false(crypto_equal(a, 0, b, 0));
    for (size_t n = 0; n < sizeof(a); n++) {
        b[n] = 0x80;
        assert_false(crypto_equal(a, sizeof(a), b, sizeof(b)));
        b[n] = 0;
    }
}

static void test_strerror(void **state)
{
    (void)state;
    assert_string_equal(crypto_strerror(CRYPTO_OK), "ok");
    assert_string_equal(crypto_strerror(CRYPTO_LENGTH), "bad length");
    for (int err = CRYPTO_IO; err <= CRYPTO_OK; err++)
        assert_string_not_equal(crypto_strerror(err), "unknown error");
    assert_string_equal(crypto_strerror(CRYPTO_IO - 1), "unknown error");
    assert_string_equal(crypto_strerror(2), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_hashes),
        cmocka_unit_test(test_a_million),
        cmocka_unit_test(test_two_parts),
        cmocka_unit_test(test_macs),
        cmocka_unit_test(test_mac_by_definition),
        cmocka_unit_test(test_random),
        cmocka_unit_test(test_equal),
        cmocka_unit_test(test_strerror),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
