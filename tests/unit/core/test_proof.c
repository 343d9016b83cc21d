/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/signature.h"

#include "tests/unit/core/keys.h"
#include "tests/unit/core/unit.h"

/* The linker puts these in front of the library's calls: a nonce that is known, and failures. */
int __wrap_crypto_random(void *buf, size_t len);
int __real_crypto_random(void *buf, size_t len);
int __wrap_crypto_verify(const void *spki, size_t spkilen, const void *digest, size_t digestlen,
                         const void *sig, size_t siglen);
int __real_crypto_verify(const void *spki, size_t spkilen, const void *digest, size_t digestlen,
                         const void *sig, size_t siglen);

static enum { NONCE_REAL, NONCE_FIXED, NONCE_FAILS } nonce_mode;
static bool verify_fails;

int __wrap_crypto_random(void *buf, size_t len)
{
    if (nonce_mode == NONCE_REAL)
        return __real_crypto_random(buf, len);
    memset(buf, 0xA5, len);
    return nonce_mode == NONCE_FAILS ? CRYPTO_FAILED : CRYPTO_OK;
}

int __wrap_crypto_verify(const void *spki, size_t spkilen, const void *digest, size_t digestlen,
                         const void *sig, size_t siglen)
{
    if (verify_fails)
        return CRYPTO_FAILED;
    return __real_crypto_verify(spki, spkilen, digest, digestlen, sig, siglen);
}

static const enum crypto_alg algorithms[] = {CRYPTO_RSA2048, CRYPTO_RSA3072, CRYPTO_P256,
                                             CRYPTO_P384};
static EVP_PKEY *keys[COUNT(algorithms)];
static struct keys_blob spkis[COUNT(algorithms)];

static int make_keys(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(keys); n++) {
        keys[n] = keys_for(algorithms[n]);
        keys_spki(keys[n], &spkis[n]);
    }
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(keys); n++)
        EVP_PKEY_free(keys[n]);
    return 0;
}

static int reset(void **state)
{
    (void)state;
    nonce_mode = NONCE_REAL;
    verify_fails = false;
    return 0;
}

static void begin(struct proof_signature *proof, enum crypto_alg alg)
{
    assert_int_equal(proof_signature_begin(proof, PROOF_CARD_9E, "lgwan", "mado-01", 0x9E, alg),
                     PROOF_OK);
    assert_int_equal(proof->digest_len, alg == CRYPTO_P384 ? 48 : 32);
    assert_true(proof->armed);
}

static struct proof_key enrolled(size_t n)
{
    return (struct proof_key){.spki = spkis[n].octets, .len = spkis[n].len};
}

static void answer(size_t n, const struct proof_signature *proof, struct keys_blob *out)
{
    keys_sign(keys[n], "SHA256", proof->digest, proof->digest_len, out);
}

static void test_good_answer_once(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(algorithms); n++) {
        struct proof_signature proof;
        struct proof_key key = enrolled(n);
        struct keys_blob sig;
        begin(&proof, algorithms[n]);
        answer(n, &proof, &sig);
        assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, &key, 1, NULL),
                         PROOF_OK);
        assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, &key, 1, NULL),
                         PROOF_STATE);
    }
}

static void test_a_wrong_answer_spends_the_challenge(void **state)
{
    struct proof_signature proof;
    struct proof_key key = enrolled(2);
    struct keys_blob sig;

    (void)state;
    begin(&proof, CRYPTO_P256);
    answer(2, &proof, &sig);
    assert_int_equal(proof_signature_check(&proof, "x", 1, &key, 1, NULL), PROOF_REFUSED);
    assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, &key, 1, NULL),
                     PROOF_STATE);
}

static void test_no_begin(void **state)
{
    struct proof_signature proof = {.alg = CRYPTO_P256, .digest_len = 32};
    struct proof_key key = enrolled(2);
    struct keys_blob sig;

    (void)state;
    answer(2, &proof, &sig);
    assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, &key, 1, NULL),
                     PROOF_STATE);
}

static void test_replay(void **state)
{
    struct proof_signature first, second;
    struct proof_key key = enrolled(2);
    struct keys_blob sig;

    (void)state;
    begin(&first, CRYPTO_P256);
    begin(&second, CRYPTO_P256);
    assert_memory_not_equal(first.digest, second.digest, 32);
    answer(2, &first, &sig);
    assert_int_equal(proof_signature_check(&second, sig.octets, sig.len, &key, 1, NULL),
                     PROOF_REFUSED);
}

static void test_algorithm_of_begin_counts(void **state)
{
    struct proof_signature proof;
    struct proof_key rsa = enrolled(0);
    struct keys_blob sig;

    (void)state;
    begin(&proof, CRYPTO_P256);
    answer(0, &proof, &sig);
    assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, &rsa, 1, NULL),
                     PROOF_REFUSED);
}

static void test_several_keys(void **state)
{
    static const uint8_t rubbish[] = {0x30, 0x00};

    (void)state;
    for (size_t place = 0; place < 4; place++) {
        struct proof_signature proof;
        struct proof_key list[4] = {
            enrolled(0), enrolled(3), {rubbish, sizeof(rubbish)}, enrolled(1)};
        struct keys_blob sig;
        size_t index = 99;
        list[place] = enrolled(2);
        begin(&proof, CRYPTO_P256);
        answer(2, &proof, &sig);
        assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, list, 4, &index),
                         PROOF_OK);
        assert_int_equal(index, place);
    }
}

static void test_no_key_fits(void **state)
{
    struct proof_signature proof;
    struct proof_key list[] = {enrolled(0), enrolled(1), enrolled(3)};
    struct keys_blob sig;
    size_t index = 99;

    (void)state;
    begin(&proof, CRYPTO_P256);
    answer(2, &proof, &sig);
    assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, list, 3, &index),
                     PROOF_REFUSED);
    begin(&proof, CRYPTO_P256);
    answer(2, &proof, &sig);
    assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, NULL, 0, &index),
                     PROOF_REFUSED);
    assert_int_equal(index, 99);
}

static void test_library_failure(void **state)
{
    struct proof_signature proof;
    struct proof_key key = enrolled(2);
    struct keys_blob sig;

    (void)state;
    begin(&proof, CRYPTO_P256);
    answer(2, &proof, &sig);
    verify_fails = true;
    assert_int_equal(proof_signature_check(&proof, sig.octets, sig.len, &key, 1, NULL),
                     PROOF_FAILED);
    assert_false(proof.armed);
}

static void test_no_nonce_no_challenge(void **state)
{
    struct proof_signature proof;

    (void)state;
    memset(&proof, 0xFF, sizeof(proof));
    nonce_mode = NONCE_FAILS;
    assert_int_equal(
        proof_signature_begin(&proof, PROOF_CARD_9E, "lgwan", "mado-01", 0x9E, CRYPTO_P256),
        PROOF_FAILED);
    assert_false(proof.armed);
}

static void test_begin_refuses_the_unknown(void **state)
{
    struct proof_signature proof;
    char name[600];

    (void)state;
    assert_int_equal(
        proof_signature_begin(&proof, (enum proof_use)0, "lgwan", "h", 0x9E, CRYPTO_P256),
        PROOF_STATE);
    assert_int_equal(
        proof_signature_begin(&proof, (enum proof_use)6, "lgwan", "h", 0x9E, CRYPTO_P256),
        PROOF_STATE);
    assert_int_equal(
        proof_signature_begin(&proof, PROOF_PIN_9A, "lgwan", "h", 0x9A, (enum crypto_alg)0x06),
        PROOF_STATE);
    assert_false(proof.armed);
    memset(name, 'h', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    assert_int_equal(proof_signature_begin(&proof, PROOF_PIN_9A, "lgwan", name, 0x9A, CRYPTO_P256),
                     PROOF_FAILED);
    assert_false(proof.armed);
}

/* The digest, byte for byte, for a nonce of A5. */
static void test_what_is_signed(void **state)
{
    static const char head[] = "\x30\x45"
                               "\x0C\x11toyama login card"
                               "\x0C\x05lgwan"
                               "\x0C\x04host"
                               "\x04\x01\x9E"
                               "\x04\x20";
    uint8_t der[sizeof(head) - 1 + PROOF_NONCE_LEN], expected[CRYPTO_HASH_MAX];
    struct proof_signature proof;

    (void)state;
    nonce_mode = NONCE_FIXED;
    memcpy(der, head, sizeof(head) - 1);
    memset(der + sizeof(head) - 1, 0xA5, PROOF_NONCE_LEN);
    der[1] = (uint8_t)(sizeof(der) - 2);
    assert_int_equal(crypto_sha256(der, sizeof(der), expected), CRYPTO_OK);
    assert_int_equal(
        proof_signature_begin(&proof, PROOF_CARD_9E, "lgwan", "host", 0x9E, CRYPTO_RSA2048),
        PROOF_OK);
    assert_memory_equal(proof.digest, expected, 32);
    assert_int_equal(crypto_sha384(der, sizeof(der), expected), CRYPTO_OK);
    assert_int_equal(
        proof_signature_begin(&proof, PROOF_CARD_9E, "lgwan", "host", 0x9E, CRYPTO_P384), PROOF_OK);
    assert_memory_equal(proof.digest, expected, 48);
}

/* With one nonce for all: another use, zone, host or key reference is another challenge, also where
 * the texts run into each other. */
static void test_bound_to_everything(void **state)
{
    static const struct {
        enum proof_use use;
        const char *zone, *host;
        uint8_t ref;
    } rows[] = {
        {PROOF_CARD_9E, "lgwan", "mado-01", 0x9E},  {PROOF_PIN_9A, "lgwan", "mado-01", 0x9E},
        {PROOF_ENROL_9E, "lgwan", "mado-01", 0x9E}, {PROOF_ENROL_9A, "lgwan", "mado-01", 0x9E},
        {PROOF_ENROL_9C, "lgwan", "mado-01", 0x9E}, {PROOF_CARD_9E, "internet", "mado-01", 0x9E},
        {PROOF_CARD_9E, "lgwan", "mado-02", 0x9E},  {PROOF_CARD_9E, "lgwan", "mado-01", 0x9A},
        {PROOF_CARD_9E, "lgwanm", "ado-01", 0x9E},  {PROOF_CARD_9E, "", "lgwanmado-01", 0x9E},
        {PROOF_CARD_9E, "lgwanmado-01", "", 0x9E},
    };
    struct proof_signature proofs[COUNT(rows)];

    (void)state;
    nonce_mode = NONCE_FIXED;
    for (size_t n = 0; n < COUNT(rows); n++) {
        struct proof_key key = enrolled(2);
        struct keys_blob sig;
        assert_int_equal(proof_signature_begin(&proofs[n], rows[n].use, rows[n].zone, rows[n].host,
                                               rows[n].ref, CRYPTO_P256),
                         PROOF_OK);
        for (size_t m = 0; m < n; m++) {
            struct proof_signature other = proofs[m];
            assert_memory_not_equal(proofs[n].digest, other.digest, 32);
            answer(2, &proofs[n], &sig);
            assert_int_equal(proof_signature_check(&other, sig.octets, sig.len, &key, 1, NULL),
                             PROOF_REFUSED);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good_answer_once, reset),
        cmocka_unit_test_setup(test_a_wrong_answer_spends_the_challenge, reset),
        cmocka_unit_test_setup(test_no_begin, reset),
        cmocka_unit_test_setup(test_replay, reset),
        cmocka_unit_test_setup(test_algorithm_of_begin_counts, reset),
        cmocka_unit_test_setup(test_several_keys, reset),
        cmocka_unit_test_setup(test_no_key_fits, reset),
        cmocka_unit_test_setup(test_library_failure, reset),
        cmocka_unit_test_setup(test_no_nonce_no_challenge, reset),
        cmocka_unit_test_setup(test_begin_refuses_the_unknown, reset),
        cmocka_unit_test_setup(test_what_is_signed, reset),
        cmocka_unit_test_setup(test_bound_to_everything, reset),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
