/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

#include <openssl/err.h>

#include "tests/unit/core/unit.h"

/* The Galois/Counter Mode of Operation (McGrew, Viega), test cases 13 to 16: AES-256, 96-bit IV. */
static const struct {
    const char *key, *nonce, *aad, *text, *cipher, *tag;
} vectors[] = {
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "", "", "530f8afbc74536b9a963b4f1c4cb738b"},
    {"0000000000000000000000000000000000000000000000000000000000000000", "000000000000000000000000",
     "", "00000000000000000000000000000000", "cea7403d4d606b6e074ec5d3baf39d18",
     "d0d1c8a799996bf0265b98b5d48ab919"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b"
     "525b16aedf5aa0de657ba637b391aafd255",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828"
     "838c5f61e6393ba7a0abcc9f662898015ad",
     "b094dac5d93471bdec1a502270e3cc6c"},
    {"feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     "feedfacedeadbeeffeedfacedeadbeefabaddad2",
     "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a721c3c0c95956809532fcf0e2449a6b"
     "525b16aedf5aa0de657ba637b39",
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828"
     "838c5f61e6393ba7a0abcc9f662",
     "76fc6ece0f4e1768cddf8853bb2d551b"},
};

static void test_vectors(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(vectors); n++) {
        uint8_t key[32], aad[32], text[64], sealed[128], out[64];
        size_t aadlen = unit_hex(vectors[n].aad, aad, sizeof(aad));
        size_t textlen = unit_hex(vectors[n].text, text, sizeof(text)), len = 1, outlen = 99;

        unit_hex(vectors[n].key, key, sizeof(key));
        sealed[0] = 1;
        len += unit_hex(vectors[n].nonce, sealed + len, sizeof(sealed) - len);
        len += unit_hex(vectors[n].cipher, sealed + len, sizeof(sealed) - len);
        len += unit_hex(vectors[n].tag, sealed + len, sizeof(sealed) - len);
        assert_int_equal(crypto_unseal(key, aad, aadlen, sealed, len, out, sizeof(out), &outlen),
                         CRYPTO_OK);
        assert_int_equal(outlen, textlen);
        assert_memory_equal(out, text, textlen);
    }
}

static const uint8_t key[CRYPTO_KEY_LEN] = {9, 8, 7};
static const uint8_t aad[] = "individual-number";

static void test_round_trip(void **state)
{
    uint8_t text[300], sealed[sizeof(text) + CRYPTO_SEAL_EXTRA], out[sizeof(text)];

    (void)state;
    for (size_t n = 0; n < sizeof(text); n++)
        text[n] = (uint8_t)n;
    for (size_t len = 0; len <= sizeof(text); len += 13) {
        size_t sealedlen = 0, outlen = 0;
        assert_int_equal(crypto_seal(key, aad, len % sizeof(aad), text, len, sealed,
                                     len + CRYPTO_SEAL_EXTRA, &sealedlen),
                         CRYPTO_OK);
        assert_int_equal(sealedlen, len + CRYPTO_SEAL_EXTRA);
        assert_int_equal(
            crypto_unseal(key, aad, len % sizeof(aad), sealed, sealedlen, out, len, &outlen),
            CRYPTO_OK);
        assert_int_equal(outlen, len);
        assert_memory_equal(out, text, len);
    }
}

static size_t seal_sample(uint8_t sealed[64])
{
    size_t len = 0;

    assert_int_equal(crypto_seal(key, aad, sizeof(aad), "a template", 10, sealed, 64, &len),
                     CRYPTO_OK);
    return len;
}

static void assert_refused(const uint8_t *k, const uint8_t *a, size_t alen, const uint8_t *sealed,
                           size_t len)
{
    static const uint8_t wiped[32];
    uint8_t out[32], *tight = unit_copy(sealed, len);
    size_t outlen = 99;

    memset(out, 0xEE, sizeof(out));
    assert_int_equal(crypto_unseal(k, a, alen, tight, len, out, sizeof(out), &outlen),
                     CRYPTO_BAD_SEAL);
    assert_int_equal(outlen, 99);
    assert_memory_equal(out, wiped, sizeof(out));
    assert_int_equal(ERR_peek_error(), 0);
    free(tight);
}

static void test_every_turned_bit(void **state)
{
    uint8_t sealed[64], other_key[CRYPTO_KEY_LEN], other_aad[sizeof(aad)];
    size_t len = seal_sample(sealed);

    (void)state;
    for (size_t bit = 0; bit < 8 * len; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_refused(key, aad, sizeof(aad), sealed, len);
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t n = 0; n < sizeof(key); n++) {
        memcpy(other_key, key, sizeof(key));
        other_key[n] ^= 0x10;
        assert_refused(other_key, aad, sizeof(aad), sealed, len);
    }
    for (size_t n = 0; n < sizeof(aad); n++) {
        memcpy(other_aad, aad, sizeof(aad));
        other_aad[n] ^= 0x01;
        assert_refused(key, other_aad, sizeof(aad), sealed, len);
    }
}

static void test_every_length(void **state)
{
    uint8_t sealed[64] = {0};
    size_t len = seal_sample(sealed);

    (void)state;
    for (size_t cut = 0; cut < len; cut++)
        assert_refused(key, aad, sizeof(aad), sealed, cut);
    assert_refused(key, aad, sizeof(aad), sealed, len + 1);
    assert_refused(key, aad, sizeof(aad) - 1, sealed, len);
    assert_refused(key, NULL, 0, sealed, len);
}

static void test_capacity(void **state)
{
    static const uint8_t wiped[9];
    uint8_t sealed[64], out[9];
    size_t len = 99, outlen = 99;

    (void)state;
    assert_int_equal(
        crypto_seal(key, NULL, 0, "a template", 10, sealed, 10 + CRYPTO_SEAL_EXTRA - 1, &len),
        CRYPTO_LENGTH);
    assert_int_equal(crypto_seal(key, NULL, 0, "", SIZE_MAX - 3, sealed, sizeof(sealed), &len),
                     CRYPTO_LENGTH);
    assert_int_equal(crypto_seal(key, "", SIZE_MAX, "", 0, sealed, sizeof(sealed), &len),
                     CRYPTO_LENGTH);
    assert_int_equal(len, 99);
    len = seal_sample(sealed);
    memset(out, 1, sizeof(out));
    assert_int_equal(crypto_unseal(key, aad, sizeof(aad), sealed, len, out, sizeof(out), &outlen),
                     CRYPTO_LENGTH);
    assert_memory_equal(out, wiped, sizeof(out));
    assert_int_equal(outlen, 99);
}

static void test_nonces_differ(void **state)
{
    uint8_t a[64], b[64];

    (void)state;
    (void)seal_sample(a);
    (void)seal_sample(b);
    assert_memory_not_equal(a + 1, b + 1, 12);
    assert_memory_not_equal(a + 13, b + 13, 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_vectors),          cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_turned_bit), cmocka_unit_test(test_every_length),
        cmocka_unit_test(test_capacity),         cmocka_unit_test(test_nonces_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
