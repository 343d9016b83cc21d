/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

#include <openssl/err.h>

#include "tests/unit/core/keys.h"
#include "tests/unit/core/unit.h"

static const enum crypto_alg algorithms[] = {CRYPTO_RSA2048, CRYPTO_RSA3072, CRYPTO_P256,
                                             CRYPTO_P384};

static struct {
    struct keys_blob spki, signature, other;
    size_t digest_len;
} sample[COUNT(algorithms)];
static uint8_t digest[CRYPTO_HASH_MAX + 1];

/* One key and two signatures an algorithm, made by OpenSSL. */
static int setup(void **state)
{
    (void)state;
    for (size_t n = 0; n < sizeof(digest); n++)
        digest[n] = (uint8_t)(n + 1);
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        EVP_PKEY *key = keys_for(algorithms[n]);
        sample[n].digest_len = algorithms[n] == CRYPTO_P384 ? 48 : 32;
        keys_spki(key, &sample[n].spki);
        keys_sign(key, "SHA256", digest, sample[n].digest_len, &sample[n].signature);
        keys_sign(key, "SHA256", digest + 1, sample[n].digest_len, &sample[n].other);
        EVP_PKEY_free(key);
    }
    return 0;
}

static int verify(size_t n, const struct keys_blob *signature)
{
    uint8_t *spki = unit_copy(sample[n].spki.octets, sample[n].spki.len);
    uint8_t *sig = unit_copy(signature->octets, signature->len);
    int r =
        crypto_verify(spki, sample[n].spki.len, digest, sample[n].digest_len, sig, signature->len);

    free(spki);
    free(sig);
    assert_int_equal(ERR_peek_error(), 0);
    return r;
}

static void test_good(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        enum crypto_alg alg = (enum crypto_alg)0;
        assert_int_equal(crypto_key_alg(sample[n].spki.octets, sample[n].spki.len, &alg),
                         CRYPTO_OK);
        assert_int_equal(alg, algorithms[n]);
        assert_int_equal(crypto_digest_len(alg), sample[n].digest_len);
        assert_int_equal(verify(n, &sample[n].signature), CRYPTO_OK);
        assert_int_equal(verify(n, &sample[n].other), CRYPTO_BAD_SIGNATURE);
    }
}

static void test_every_turned_bit_of_a_signature(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        struct keys_blob altered = sample[n].signature;
        for (size_t bit = 0; bit < 8 * altered.len; bit++) {
            altered.octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(verify(n, &altered), CRYPTO_BAD_SIGNATURE);
            altered.octets[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void test_every_turned_bit_of_a_digest(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        for (size_t bit = 0; bit < 8 * sample[n].digest_len; bit++) {
            digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(verify(n, &sample[n].signature), CRYPTO_BAD_SIGNATURE);
            digest[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

static void test_lengths_of_a_signature(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        struct keys_blob altered = sample[n].signature;
        for (altered.len = 0; altered.len < sample[n].signature.len; altered.len++)
            assert_int_equal(verify(n, &altered), CRYPTO_BAD_SIGNATURE);
        altered.len = sample[n].signature.len + 1;
        altered.octets[altered.len - 1] = 0;
        assert_int_equal(verify(n, &altered), CRYPTO_BAD_SIGNATURE);
        memmove(altered.octets + 1, sample[n].signature.octets, sample[n].signature.len);
        altered.octets[0] = 0;
        assert_int_equal(verify(n, &altered), CRYPTO_BAD_SIGNATURE);
    }
}

static void test_lengths_of_a_digest(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        for (size_t len = 0; len <= sizeof(digest); len++) {
            int r = crypto_verify(sample[n].spki.octets, sample[n].spki.len, digest, len,
                                  sample[n].signature.octets, sample[n].signature.len);
            assert_int_equal(r, len == sample[n].digest_len ? CRYPTO_OK : CRYPTO_LENGTH);
        }
    }
}

static void test_another_key(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        EVP_PKEY *key = keys_for(algorithms[n]);
        struct keys_blob signature;
        keys_sign(key, "SHA256", digest, sample[n].digest_len, &signature);
        assert_int_equal(verify(n, &signature), CRYPTO_BAD_SIGNATURE);
        EVP_PKEY_free(key);
    }
}

/* Signatures over the right octets that name another hash in their padding. */
static void test_rsa_with_another_hash(void **state)
{
    EVP_PKEY *key = keys_rsa(2048, 65537);
    struct keys_blob spki, signature;

    (void)state;
    keys_spki(key, &spki);
    keys_sign(key, "SHA512-256", digest, 32, &signature);
    assert_int_equal(
        crypto_verify(spki.octets, spki.len, digest, 32, signature.octets, signature.len),
        CRYPTO_BAD_SIGNATURE);
    keys_sign(key, "SHA3-256", digest, 32, &signature);
    assert_int_equal(
        crypto_verify(spki.octets, spki.len, digest, 32, signature.octets, signature.len),
        CRYPTO_BAD_SIGNATURE);
    EVP_PKEY_free(key);
}

/* RFC 6979 A.2.5 and A.2.6, message "sample". */
static void check_rfc6979(const char *spki_head, const char *point, const char *hash,
                          const char *signature)
{
    uint8_t spki[160], md[64], sig[160];
    size_t len = unit_hex(spki_head, spki, sizeof(spki)), mdlen = unit_hex(hash, md, sizeof(md));
    size_t siglen = unit_hex(signature, sig, sizeof(sig));

    len += unit_hex(point, spki + len, sizeof(spki) - len);
    assert_int_equal(crypto_verify(spki, len, md, mdlen, sig, siglen), CRYPTO_OK);
    md[0] ^= 1;
    assert_int_equal(crypto_verify(spki, len, md, mdlen, sig, siglen), CRYPTO_BAD_SIGNATURE);
}

#define P256_HEAD "3059301306072A8648CE3D020106082A8648CE3D03010703420004"
#define P384_HEAD "3076301006072A8648CE3D020106052B8104002203620004"
#define P256_X    "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6"
#define P256_Y    "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299"

static void test_rfc6979(void **state)
{
    (void)state;
    check_rfc6979(P256_HEAD, P256_X P256_Y,
                  "AF2BDBE1AA9B6EC1E2ADE1D694F41FC71A831D0268E9891562113D8A62ADD1BF",
                  "3046022100EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
                  "022100F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8");
    check_rfc6979(P384_HEAD,
                  "EC3A4E415B4E19A4568618029F427FA5DA9A8BC4AE92E02E06AAE5286B300C64"
                  "DEF8F0EA9055866064A254515480BC13"
                  "8015D9B72D7D57244EA8EF9AC0C621896708A59367F9DFB9F54CA84B3F1C9DB1"
                  "288B231C3AE0D4FE7344FD2533264720",
                  "9A9083505BC92276AEC4BE312696EF7BF3BF603F4BBD381196A029F340585312"
                  "313BCA4A9B5B890EFEE42C77B1EE25FE",
                  "306602310094EDBB92A5ECB8AAD4736E56C691916B3F88140666CE9FA73D64C4EA95AD133C"
                  "81A648152E44ACF96E36DD1E80FABE46"
                  "02310099EF4AEB15F178CEA1FE40DB2603138F130E740A19624526203B6351D0A3A94FA329"
                  "C145786E679E7B82C71A38628AC8");
}

/* The same two numbers in encodings that DER does not have, and numbers outside of 1..n-1. */
static void test_ecdsa_encodings(void **state)
{
    static const char *const signatures[] = {
        "",
        "3000",
        "3006020100020100",
        "3006020101020100",
        "3006020100020101",
        "30060201FF020101",
        "3003020101",
        "3009020101020101020101",
        "3106020101020101",
        "30080202000102020001",
        "30800201010201010000",
        "308106020101020101",
        "3006030101020101",
    };
    uint8_t spki[160], sig[64];
    size_t len = unit_hex(P256_HEAD P256_X P256_Y, spki, sizeof(spki));

    (void)state;
    for (size_t n = 0; n < COUNT(signatures); n++) {
        size_t siglen = unit_hex(signatures[n], sig, sizeof(sig));
        assert_int_equal(crypto_verify(spki, len, digest, 32, sig, siglen), CRYPTO_BAD_SIGNATURE);
        assert_int_equal(ERR_peek_error(), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_every_turned_bit_of_a_signature),
        cmocka_unit_test(test_every_turned_bit_of_a_digest),
        cmocka_unit_test(test_lengths_of_a_signature),
        cmocka_unit_test(test_lengths_of_a_digest),
        cmocka_unit_test(test_another_key),
        cmocka_unit_test(test_rsa_with_another_hash),
        cmocka_unit_test(test_rfc6979),
        cmocka_unit_test(test_ecdsa_encodings),
    };
    return cmocka_run_group_tests(tests, setup, NULL);
}
