/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/hmac.h"

#include "tests/unit/core/random.h"
#include "tests/unit/core/unit.h"

int __wrap_crypto_hmac_sha1(const void *key, size_t keylen, const void *data, size_t len,
                            uint8_t out[CRYPTO_SHA1_LEN]);
int __real_crypto_hmac_sha1(const void *key, size_t keylen, const void *data, size_t len,
                            uint8_t out[CRYPTO_SHA1_LEN]);

static bool mac_fails;

int __wrap_crypto_hmac_sha1(const void *key, size_t keylen, const void *data, size_t len,
                            uint8_t out[CRYPTO_SHA1_LEN])
{
    if (mac_fails)
        return CRYPTO_FAILED;
    return __real_crypto_hmac_sha1(key, keylen, data, len, out);
}

static struct proof_hmac_key enrolled;
static struct proof_hmac proof;
static uint8_t answer[2 * PROOF_HMAC_ANSWER];

static void answer_of(const struct proof_hmac_key *key)
{
    memset(answer, 0, sizeof(answer));
    assert_int_equal(crypto_hmac_sha1(key->key, 20, proof.challenge, 32, answer), CRYPTO_OK);
}

/* The key of FIPS 198 sample 2: 30 31 32 ... 43; the right answer to a fresh challenge. */
static int setup(void **state)
{
    (void)state;
    random_mode = RANDOM_REAL;
    mac_fails = false;
    for (size_t n = 0; n < sizeof(enrolled.key); n++)
        enrolled.key[n] = (uint8_t)(0x30 + n);
    assert_int_equal(proof_hmac_begin(&proof), PROOF_OK);
    answer_of(&enrolled);
    return 0;
}

static int check(const void *octets, size_t len)
{
    return proof_hmac_check(&proof, octets, len, &enrolled, 1, NULL);
}

/* RFC 2202, and the example of ykchalresp(1), which is sample 2 of FIPS 198. */
static const struct {
    const char *key, *data, *mac;
} vectors[] = {
    {"303132333435363738393a3b3c3d3e3f40414243", "53616d706c65202332",
     "0922d3405faa3d194f82a45830737d5cc6c75d24"},
    {"0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b0b", "4869205468657265",
     "b617318655057264e28bc0b6fb378c8ef146be00"},
    {"4a656665", "7768617420646f2079612077616e7420666f72206e6f7468696e673f",
     "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"},
    {"0102030405060708090a0b0c0d0e0f10111213141516171819",
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"
     "cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd",
     "4c9007f4026250c6bc8414f9bf50c86c2d7235da"},
};

static void test_vectors(void **state)
{
    uint8_t key[64], data[64], expected[20], got[20];

    (void)state;
    for (size_t n = 0; n < COUNT(vectors); n++) {
        size_t keylen = unit_hex(vectors[n].key, key, sizeof(key));
        size_t len = unit_hex(vectors[n].data, data, sizeof(data));
        unit_hex(vectors[n].mac, expected, sizeof(expected));
        assert_int_equal(crypto_hmac_sha1(key, keylen, data, len, got), CRYPTO_OK);
        assert_memory_equal(got, expected, sizeof(got));
    }
    assert_int_equal(crypto_hmac_sha1(key, 0, data, 1, got), CRYPTO_LENGTH);
    assert_int_equal(crypto_hmac_sha1(key, 65, data, 1, got), CRYPTO_LENGTH);
    assert_memory_equal(got, expected, sizeof(got));
}

static void test_challenge(void **state)
{
    static const uint8_t zeros[PROOF_HMAC_CHALLENGE];
    struct proof_hmac other;

    (void)state;
    for (unsigned n = 0; n < 300; n++) {
        assert_int_equal(proof_hmac_begin(&other), PROOF_OK);
        assert_int_equal(other.challenge[31] & 1, 1);
        assert_memory_not_equal(other.challenge, proof.challenge, 31);
    }
    random_mode = RANDOM_FIXED;
    random_octets = zeros;
    assert_int_equal(proof_hmac_begin(&other), PROOF_OK);
    assert_memory_equal(other.challenge, zeros, 31);
    assert_int_equal(other.challenge[31], 1);
    random_mode = RANDOM_FAILS;
    assert_int_equal(proof_hmac_begin(&other), PROOF_FAILED);
    assert_false(other.armed);
}

static void test_good_answer_once(void **state)
{
    size_t index = 99;

    (void)state;
    assert_int_equal(proof_hmac_check(&proof, answer, 20, &enrolled, 1, &index), PROOF_OK);
    assert_int_equal(index, 0);
    assert_int_equal(check(answer, 20), PROOF_STATE);
}

/* T-31: nothing is compared over a length that the answer chose. */
static void test_lengths(void **state)
{
    (void)state;
    for (size_t len = 0; len <= sizeof(answer); len++) {
        uint8_t *copy;
        setup(NULL);
        copy = unit_copy(answer, len);
        assert_int_equal(check(copy, len), len == 20 ? PROOF_OK : PROOF_REFUSED);
        assert_int_equal(check(answer, 20), PROOF_STATE);
        free(copy);
    }
    setup(NULL);
    assert_int_equal(check(NULL, 0), PROOF_REFUSED);
    setup(NULL);
    assert_int_equal(check(answer, SIZE_MAX), PROOF_REFUSED);
}

static void test_wrong_answers(void **state)
{
    struct proof_hmac_key other = enrolled;

    (void)state;
    for (size_t bit = 0; bit < 160; bit++) {
        setup(NULL);
        answer[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(check(answer, 20), PROOF_REFUSED);
    }
    setup(NULL);
    memset(answer, 0, sizeof(answer));
    assert_int_equal(check(answer, 20), PROOF_REFUSED);
    setup(NULL);
    other.key[19] ^= 1;
    answer_of(&other);
    assert_int_equal(check(answer, 20), PROOF_REFUSED);
}

static void test_old_challenge(void **state)
{
    struct proof_hmac second;

    (void)state;
    assert_int_equal(proof_hmac_begin(&second), PROOF_OK);
    assert_int_equal(proof_hmac_check(&second, answer, 20, &enrolled, 1, NULL), PROOF_REFUSED);
    assert_int_equal(check(answer, 20), PROOF_OK);
}

static void test_no_begin(void **state)
{
    struct proof_hmac none = proof;

    (void)state;
    none.armed = false;
    assert_int_equal(proof_hmac_check(&none, answer, 20, &enrolled, 1, NULL), PROOF_STATE);
}

static void test_several_keys(void **state)
{
    enum { KEYS = 3 };
    struct proof_hmac_key list[KEYS] = {enrolled, enrolled, enrolled};
    size_t index = 99;

    (void)state;
    for (size_t n = 0; n < KEYS; n++)
        list[n].key[0] = (uint8_t)n;
    for (size_t place = 0; place < KEYS; place++) {
        setup(NULL);
        answer_of(&list[place]);
        assert_int_equal(proof_hmac_check(&proof, answer, 20, list, KEYS, &index), PROOF_OK);
        assert_int_equal(index, place);
    }
    index = 99;
    setup(NULL);
    assert_int_equal(proof_hmac_check(&proof, answer, 20, list, KEYS, &index), PROOF_REFUSED);
    setup(NULL);
    assert_int_equal(proof_hmac_check(&proof, answer, 20, NULL, 0, &index), PROOF_REFUSED);
    assert_int_equal(index, 99);
}

static void test_library_failure(void **state)
{
    (void)state;
    mac_fails = true;
    assert_int_equal(check(answer, 20), PROOF_FAILED);
    mac_fails = false;
    assert_int_equal(check(answer, 20), PROOF_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_vectors, setup),
        cmocka_unit_test_setup(test_challenge, setup),
        cmocka_unit_test_setup(test_good_answer_once, setup),
        cmocka_unit_test_setup(test_lengths, setup),
        cmocka_unit_test_setup(test_wrong_answers, setup),
        cmocka_unit_test_setup(test_old_challenge, setup),
        cmocka_unit_test_setup(test_no_begin, setup),
        cmocka_unit_test_setup(test_several_keys, setup),
        cmocka_unit_test_setup(test_library_failure, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
