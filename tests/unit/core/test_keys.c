/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/x509.h>

#include "tests/unit/core/keys.h"
#include "tests/unit/core/unit.h"

static int alg_of(const void *spki, size_t len)
{
    enum crypto_alg alg = (enum crypto_alg)0;
    uint8_t *tight = unit_copy(spki, len);
    int r = crypto_key_alg(tight, len, &alg);

    free(tight);
    assert_int_equal(ERR_peek_error(), 0);
    if (r != CRYPTO_OK)
        assert_int_equal(alg, 0);
    return r == CRYPTO_OK ? (int)alg : r;
}

static int alg_and_free(EVP_PKEY *key)
{
    struct keys_blob spki;

    keys_spki(key, &spki);
    EVP_PKEY_free(key);
    return alg_of(spki.octets, spki.len);
}

static void test_other_algorithms(void **state)
{
    (void)state;
    assert_int_equal(alg_and_free(keys_rsa(1024, 65537)), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(keys_rsa(2047, 65537)), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(keys_rsa(2056, 65537)), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(keys_rsa(2048, 3)), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(keys_rsa(2048, 65539)), CRYPTO_RSA2048);
    assert_int_equal(alg_and_free(keys_ec("P-521")), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(keys_ec("P-224")), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(keys_ec("secp256k1")), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(keys_ec("brainpoolP256r1")), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(EVP_PKEY_Q_keygen(NULL, NULL, "ED25519")), CRYPTO_BAD_KEY);
    assert_int_equal(alg_and_free(EVP_PKEY_Q_keygen(NULL, NULL, "X25519")), CRYPTO_BAD_KEY);
}

/* A stranger's answer is looked at as any other, and never fits. */
static void test_keys_that_nobody_has(void **state)
{
    static const struct {
        enum crypto_alg alg;
        size_t signature;
    } all[] = {{CRYPTO_RSA2048, 256}, {CRYPTO_RSA3072, 384}, {CRYPTO_P256, 0}, {CRYPTO_P384, 0}};
    uint8_t spki[CRYPTO_SPKI_MAX], again[CRYPTO_SPKI_MAX], digest[CRYPTO_SHA256_LEN] = {1};
    uint8_t signature[512] = {1};
    size_t len = 0, len2 = 0;

    (void)state;
    for (size_t n = 0; n < COUNT(all); n++) {
        assert_int_equal(crypto_unowned_spki(all[n].alg, spki, sizeof(spki), &len), CRYPTO_OK);
        assert_int_equal(alg_of(spki, len), all[n].alg);
        assert_int_equal(crypto_unowned_spki(all[n].alg, again, sizeof(again), &len2), CRYPTO_OK);
        assert_true(len != len2 || memcmp(spki, again, len) != 0);
        assert_int_equal(crypto_unowned_spki(all[n].alg, again, len - 1, &len2), CRYPTO_LENGTH);
        if (all[n].signature > 0)
            assert_int_equal(
                crypto_verify(spki, len, digest, sizeof(digest), signature, all[n].signature),
                CRYPTO_BAD_SIGNATURE);
    }
    assert_int_equal(crypto_unowned_spki((enum crypto_alg)0xE0, spki, sizeof(spki), &len),
                     CRYPTO_FAILED);
}

static void spki_with(EVP_PKEY *key, struct keys_blob *out)
{
    keys_spki(key, out);
    EVP_PKEY_free(key);
}

static void test_points(void **state)
{
    struct keys_blob good, bad;
    EVP_PKEY *key = keys_ec("P-256");

    (void)state;
    keys_spki(key, &good);
    assert_int_equal(alg_of(good.octets, good.len), CRYPTO_P256);
    bad = good;
    bad.octets[bad.len - 1] ^= 1; /* no longer on the curve */
    assert_int_equal(alg_of(bad.octets, bad.len), CRYPTO_BAD_KEY);
    bad = good;
    bad.octets[bad.len - 65] = 0x06; /* hybrid */
    assert_int_equal(alg_of(bad.octets, bad.len), CRYPTO_BAD_KEY);
    bad = good;
    memset(bad.octets + bad.len - 64, 0, 64);
    assert_int_equal(alg_of(bad.octets, bad.len), CRYPTO_BAD_KEY);
    memset(bad.octets + bad.len - 64, 0xFF, 64);
    assert_int_equal(alg_of(bad.octets, bad.len), CRYPTO_BAD_KEY);
    assert_int_equal(EVP_PKEY_set_utf8_string_param(key, "point-format", "compressed"), 1);
    spki_with(key, &bad);
    assert_true(bad.len < good.len);
    assert_int_equal(alg_of(bad.octets, bad.len), CRYPTO_BAD_KEY);
}

static void test_curve_by_parameters(void **state)
{
    struct keys_blob bad;
    EVP_PKEY *key = keys_ec("P-256");

    (void)state;
    assert_int_equal(EVP_PKEY_set_utf8_string_param(key, "encoding", "explicit"), 1);
    spki_with(key, &bad);
    assert_true(bad.len > 200);
    assert_int_equal(alg_of(bad.octets, bad.len), CRYPTO_BAD_KEY);
}

static void test_even_numbers(void **state)
{
    struct keys_blob good, bad;

    (void)state;
    spki_with(keys_rsa(2048, 65537), &good);
    assert_int_equal(alg_of(good.octets, good.len), CRYPTO_RSA2048);
    bad = good;
    bad.octets[bad.len - 1] ^= 1; /* exponent 65536 */
    assert_int_equal(alg_of(bad.octets, bad.len), CRYPTO_BAD_KEY);
    bad = good;
    bad.octets[bad.len - 6] ^= 1; /* modulus */
    assert_int_equal(alg_of(bad.octets, bad.len), CRYPTO_BAD_KEY);
}

/* No cut and no turned bit may be read past or give an algorithm other than the key's own. */
static enum crypto_alg expected;

static void parse(const uint8_t *buf, size_t len)
{
    enum crypto_alg alg = expected;

    if (crypto_key_alg(buf, len, &alg) == CRYPTO_OK)
        assert_int_equal(alg, expected);
    assert_int_equal(ERR_peek_error(), 0);
}

static void test_sweep(void **state)
{
    static const enum crypto_alg algorithms[] = {CRYPTO_RSA2048, CRYPTO_P256, CRYPTO_P384};
    struct keys_blob spki;

    (void)state;
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        spki_with(keys_for(algorithms[n]), &spki);
        expected = algorithms[n];
        unit_sweep(spki.octets, spki.len, parse);
        for (size_t cut = 0; cut < spki.len; cut++)
            assert_int_equal(alg_of(spki.octets, cut), CRYPTO_BAD_KEY);
        spki.octets[spki.len] = 0;
        assert_int_equal(alg_of(spki.octets, spki.len + 1), CRYPTO_BAD_KEY);
    }
}

static void test_signing_keys(void **state)
{
    uint8_t key[256], spki[128], again[128], digest[CRYPTO_SHA256_LEN] = {5}, sig[80];
    size_t keylen = 0, spkilen = 0, againlen = 0, siglen = 0;

    (void)state;
    assert_int_equal(crypto_p256_generate(key, sizeof(key), &keylen, spki, sizeof(spki), &spkilen),
                     CRYPTO_OK);
    assert_int_equal(alg_of(spki, spkilen), CRYPTO_P256);
    assert_int_equal(crypto_p256_spki(key, keylen, again, sizeof(again), &againlen), CRYPTO_OK);
    assert_int_equal(againlen, spkilen);
    assert_memory_equal(again, spki, spkilen);
    assert_int_equal(crypto_p256_sign(key, keylen, digest, sig, sizeof(sig), &siglen), CRYPTO_OK);
    assert_int_equal(crypto_verify(spki, spkilen, digest, sizeof(digest), sig, siglen), CRYPTO_OK);
    digest[31] ^= 1;
    assert_int_equal(crypto_verify(spki, spkilen, digest, sizeof(digest), sig, siglen),
                     CRYPTO_BAD_SIGNATURE);
}

static void test_signing_keys_refused(void **state)
{
    struct keys_blob wrong;
    uint8_t key[256], spki[128], digest[CRYPTO_SHA256_LEN] = {5}, sig[80], *at = wrong.octets;
    size_t keylen = 0, spkilen = 0, siglen = 99;
    EVP_PKEY *p384 = keys_ec("P-384");
    PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(p384);

    (void)state;
    wrong.len = (size_t)i2d_PKCS8_PRIV_KEY_INFO(info, &at);
    assert_int_equal(crypto_p256_sign(wrong.octets, wrong.len, digest, sig, sizeof(sig), &siglen),
                     CRYPTO_BAD_KEY);
    PKCS8_PRIV_KEY_INFO_free(info);
    EVP_PKEY_free(p384);
    assert_int_equal(
        crypto_p256_generate(key, sizeof(key) - 1, &keylen, spki, sizeof(spki), &spkilen),
        CRYPTO_OK);
    for (size_t cut = 0; cut < keylen; cut++)
        assert_int_equal(crypto_p256_sign(key, cut, digest, sig, sizeof(sig), &siglen),
                         CRYPTO_BAD_KEY);
    key[keylen] = 0;
    assert_int_equal(crypto_p256_sign(key, keylen + 1, digest, sig, sizeof(sig), &siglen),
                     CRYPTO_BAD_KEY);
    assert_int_equal(crypto_p256_spki(spki, spkilen, sig, sizeof(sig), &siglen), CRYPTO_BAD_KEY);
    assert_int_equal(crypto_p256_sign(key, keylen, digest, sig, 8, &siglen), CRYPTO_LENGTH);
    assert_int_equal(crypto_p256_spki(key, keylen, sig, sizeof(sig), &siglen), CRYPTO_LENGTH);
    assert_int_equal(siglen, 99);
    assert_int_equal(crypto_p256_generate(key, 8, &keylen, spki, sizeof(spki), &spkilen),
                     CRYPTO_LENGTH);
    assert_int_equal(crypto_p256_generate(key, sizeof(key), &keylen, spki, 8, &spkilen),
                     CRYPTO_LENGTH);
    assert_int_equal(ERR_peek_error(), 0);
}

/* A certificate as a card's maker writes it: X.509 v3, signed by itself. */
static void make_certificate(EVP_PKEY *key, long version, struct keys_blob *out)
{
    X509 *cert = X509_new();
    uint8_t *at = out->octets;

    assert_non_null(cert);
    assert_int_equal(X509_set_version(cert, version), 1);
    assert_int_equal(ASN1_INTEGER_set(X509_get_serialNumber(cert), 4711), 1);
    assert_non_null(X509_gmtime_adj(X509_getm_notBefore(cert), 0));
    assert_non_null(X509_gmtime_adj(X509_getm_notAfter(cert), 3600));
    assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(cert), "CN", MBSTRING_ASC,
                                                (const unsigned char *)"card", -1, -1, 0),
                     1);
    assert_int_equal(X509_set_issuer_name(cert, X509_get_subject_name(cert)), 1);
    assert_int_equal(X509_set_pubkey(cert, key), 1);
    assert_true(X509_sign(cert, key, EVP_sha256()) > 0);
    assert_in_range(i2d_X509(cert, NULL), 1, (int)sizeof(out->octets) - 1);
    out->len = (size_t)i2d_X509(cert, &at);
    X509_free(cert);
}

static int spki_of(const struct keys_blob *cert, struct keys_blob *spki, size_t cap)
{
    uint8_t *tight = unit_copy(cert->octets, cert->len);
    int r = crypto_cert_spki(tight, cert->len, spki->octets, cap, &spki->len);

    free(tight);
    return r;
}

static void test_certificates(void **state)
{
    static const enum crypto_alg algorithms[] = {CRYPTO_RSA2048, CRYPTO_P256, CRYPTO_P384};

    (void)state;
    for (size_t n = 0; n < 2 * COUNT(algorithms); n++) {
        EVP_PKEY *key = keys_for(algorithms[n / 2]);
        struct keys_blob cert, expected_spki, spki = {.len = 99};
        make_certificate(key, n % 2 == 0 ? X509_VERSION_3 : X509_VERSION_1, &cert);
        keys_spki(key, &expected_spki);
        assert_int_equal(spki_of(&cert, &spki, expected_spki.len - 1), CRYPTO_LENGTH);
        assert_int_equal(spki.len, 99);
        assert_int_equal(spki_of(&cert, &spki, expected_spki.len), CRYPTO_OK);
        assert_int_equal(spki.len, expected_spki.len);
        assert_memory_equal(spki.octets, expected_spki.octets, spki.len);
        cert.octets[cert.len++] = 0;
        assert_int_equal(spki_of(&cert, &spki, sizeof(spki.octets)), CRYPTO_BAD_KEY);
        EVP_PKEY_free(key);
    }
}

static void parse_certificate(const uint8_t *buf, size_t len)
{
    uint8_t out[CRYPTO_SPKI_MAX];
    size_t n = 0;

    if (crypto_cert_spki(buf, len, out, sizeof(out), &n) == CRYPTO_OK)
        assert_in_range(n, 2, sizeof(out));
}

static void test_certificate_sweep(void **state)
{
    EVP_PKEY *key = keys_for(CRYPTO_P256);
    struct keys_blob cert, spki;

    (void)state;
    make_certificate(key, X509_VERSION_3, &cert);
    EVP_PKEY_free(key);
    unit_sweep(cert.octets, cert.len, parse_certificate);
    while (cert.len-- > 0)
        assert_int_equal(spki_of(&cert, &spki, sizeof(spki.octets)), CRYPTO_BAD_KEY);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_other_algorithms), cmocka_unit_test(test_keys_that_nobody_has),
        cmocka_unit_test(test_points),           cmocka_unit_test(test_curve_by_parameters),
        cmocka_unit_test(test_even_numbers),     cmocka_unit_test(test_sweep),
        cmocka_unit_test(test_signing_keys),     cmocka_unit_test(test_signing_keys_refused),
        cmocka_unit_test(test_certificates),     cmocka_unit_test(test_certificate_sweep),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
