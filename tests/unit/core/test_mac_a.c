/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/mac_a.h"

#include <openssl/evp.h>

#include "tests/unit/core/random.h"
#include "tests/unit/core/unit.h"

/* Only these go through the linker's wrapper; `des_fails` counts down to the call that fails. */
int __wrap_crypto_des_cbc(const uint8_t *key, size_t keylen, const uint8_t iv[CRYPTO_DES_BLOCK],
                          const uint8_t *data, size_t len, uint8_t *out);
int __real_crypto_des_cbc(const uint8_t *key, size_t keylen, const uint8_t iv[CRYPTO_DES_BLOCK],
                          const uint8_t *data, size_t len, uint8_t *out);

static unsigned des_fails;

int __wrap_crypto_des_cbc(const uint8_t *key, size_t keylen, const uint8_t iv[CRYPTO_DES_BLOCK],
                          const uint8_t *data, size_t len, uint8_t *out)
{
    if (des_fails > 0 && --des_fails == 0)
        return CRYPTO_FAILED;
    return __real_crypto_des_cbc(key, keylen, iv, data, len, out);
}

/* A worked example that two public implementations of MAC_A agree on. */
#define CK   "000102030405060708090A0B0C0D0E0F"
#define RC   "101112131415161718191A1B1C1D1E1F"
#define ID   "012E4C010203040500F1000000000000"
#define CKV  "01000000000000000000000000000000"
#define MACA "0BE50B096D81596A0000000000000000"

static uint8_t ck[16], rc[16], answer[PROOF_MAC_A_ANSWER];
static struct proof_mac_a_key enrolled;

static int setup(void **state)
{
    (void)state;
    random_mode = RANDOM_REAL;
    des_fails = 0;
    unit_hex(CK, ck, sizeof(ck));
    unit_hex(RC, rc, sizeof(rc));
    unit_hex(ID CKV MACA, answer, sizeof(answer));
    enrolled = (struct proof_mac_a_key){.ckv = {1, 0}};
    memcpy(enrolled.ck, ck, sizeof(ck));
    memcpy(enrolled.idd, answer, sizeof(enrolled.idd));
    return 0;
}

static void begin(struct proof_mac_a *proof)
{
    random_mode = RANDOM_FIXED;
    random_octets = rc;
    assert_int_equal(proof_mac_a_begin(proof), PROOF_OK);
    random_mode = RANDOM_REAL;
    assert_memory_equal(proof->rc, rc, sizeof(rc));
    assert_true(proof->armed);
}

static int check(const void *octets, size_t len)
{
    struct proof_mac_a proof;

    begin(&proof);
    return proof_mac_a_check(&proof, octets, len, &enrolled, 1, NULL);
}

/* The answer of a card that has this key, number and version. */
static void answer_of(const struct proof_mac_a_key *key, const uint8_t *challenge, uint8_t *out)
{
    static const uint8_t blocks[] = {0x82, 0x86};

    memset(out, 0, PROOF_MAC_A_ANSWER);
    memcpy(out, key->idd, sizeof(key->idd));
    memcpy(out + 16, key->ckv, sizeof(key->ckv));
    assert_int_equal(proof_mac_a_read(key->ck, challenge, blocks, 2, out, out + 32), PROOF_OK);
}

static void test_worked_example(void **state)
{
    static const uint8_t id[] = {0x82}, id_ckv[] = {0x82, 0x86}, wcnt[] = {1, 0, 0};
    static const uint8_t one[16] = {1};
    uint8_t got[8], expected[8];

    (void)state;
    unit_hex("669F78837E6B781E", expected, sizeof(expected));
    assert_int_equal(proof_mac_a_read(ck, rc, id, 1, answer, got), PROOF_OK);
    assert_memory_equal(got, expected, sizeof(got));
    assert_int_equal(proof_mac_a_read(ck, rc, id_ckv, 2, answer, got), PROOF_OK);
    assert_memory_equal(got, answer + 32, sizeof(got));
    unit_hex("D1AA38DB695AEE2B", expected, sizeof(expected));
    assert_int_equal(proof_mac_a_write(ck, rc, wcnt, 0x92, one, got), PROOF_OK);
    assert_memory_equal(got, expected, sizeof(got));
}

static void test_number_of_blocks(void **state)
{
    static const uint8_t blocks[4] = {0x82, 0x86, 0x90, 0x92};
    uint8_t data[64] = {0}, got[8] = {0x77}, three[8];

    (void)state;
    assert_int_equal(proof_mac_a_read(ck, rc, blocks, 0, data, got), PROOF_STATE);
    assert_int_equal(proof_mac_a_read(ck, rc, blocks, 4, data, got), PROOF_STATE);
    assert_int_equal(proof_mac_a_read(ck, rc, blocks, SIZE_MAX, data, got), PROOF_STATE);
    assert_int_equal(got[0], 0x77);
    assert_int_equal(proof_mac_a_read(ck, rc, blocks, 3, data, three), PROOF_OK);
    assert_int_equal(proof_mac_a_read(ck, rc, blocks, 2, data, got), PROOF_OK);
    assert_memory_not_equal(got, three, 8);
}

static void test_good_answer_once(void **state)
{
    struct proof_mac_a proof;
    size_t index = 99;

    (void)state;
    begin(&proof);
    assert_int_equal(proof_mac_a_check(&proof, answer, sizeof(answer), &enrolled, 1, &index),
                     PROOF_OK);
    assert_int_equal(index, 0);
    assert_int_equal(proof_mac_a_check(&proof, answer, sizeof(answer), &enrolled, 1, NULL),
                     PROOF_STATE);
}

static void test_a_wrong_answer_spends_the_challenge(void **state)
{
    struct proof_mac_a proof;

    (void)state;
    begin(&proof);
    assert_int_equal(proof_mac_a_check(&proof, answer, 47, &enrolled, 1, NULL), PROOF_REFUSED);
    assert_int_equal(proof_mac_a_check(&proof, answer, sizeof(answer), &enrolled, 1, NULL),
                     PROOF_STATE);
}

static void test_no_begin(void **state)
{
    struct proof_mac_a proof = {0};

    (void)state;
    memcpy(proof.rc, rc, sizeof(rc));
    assert_int_equal(proof_mac_a_check(&proof, answer, sizeof(answer), &enrolled, 1, NULL),
                     PROOF_STATE);
    memset(&proof, 0xFF, sizeof(proof));
    random_mode = RANDOM_FAILS;
    assert_int_equal(proof_mac_a_begin(&proof), PROOF_FAILED);
    assert_false(proof.armed);
}

static void test_lengths(void **state)
{
    uint8_t longer[2 * PROOF_MAC_A_ANSWER] = {0};

    (void)state;
    memcpy(longer, answer, sizeof(answer));
    for (size_t len = 0; len <= sizeof(longer); len++) {
        uint8_t *copy = unit_copy(longer, len);
        assert_int_equal(check(copy, len), len == sizeof(answer) ? PROOF_OK : PROOF_REFUSED);
        free(copy);
    }
    assert_int_equal(check(NULL, 0), PROOF_REFUSED);
}

/* Every bit of ID, CKV and MAC counts; the rest of block 91 is no part of the MAC. */
static void test_every_turned_bit(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof(answer); bit++) {
        answer[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(check(answer, sizeof(answer)), bit < 8 * 40 ? PROOF_REFUSED : PROOF_OK);
        answer[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void test_zero_mac(void **state)
{
    (void)state;
    memset(answer + 32, 0, 16);
    assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
    memset(answer, 0, sizeof(answer));
    assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
}

/* The same contents under the MAC of a read of other blocks, another order, or without a list of
 * blocks as in block 81 of FeliCa Lite. */
static void test_mac_over_other_blocks(void **state)
{
    static const uint8_t others[][2] = {{0x82, 0x87}, {0x86, 0x82}, {0x00, 0x01}, {0x83, 0x86}};
    static const uint8_t id[] = {0x82};

    (void)state;
    for (size_t n = 0; n < COUNT(others); n++) {
        assert_int_equal(proof_mac_a_read(ck, rc, others[n], 2, answer, answer + 32), PROOF_OK);
        assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
    }
    assert_int_equal(proof_mac_a_read(ck, rc, id, 1, answer, answer + 32), PROOF_OK);
    assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
    assert_int_equal(proof_mac_a_write(ck, rc, answer, 0x82, answer, answer + 32), PROOF_OK);
    assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
}

static void test_old_challenge(void **state)
{
    struct proof_mac_a first, second;

    (void)state;
    assert_int_equal(proof_mac_a_begin(&first), PROOF_OK);
    assert_int_equal(proof_mac_a_begin(&second), PROOF_OK);
    assert_memory_not_equal(first.rc, second.rc, sizeof(first.rc));
    assert_memory_not_equal(first.rc + 8, second.rc + 8, 8);
    answer_of(&enrolled, first.rc, answer);
    assert_int_equal(proof_mac_a_check(&second, answer, sizeof(answer), &enrolled, 1, NULL),
                     PROOF_REFUSED);
    assert_int_equal(proof_mac_a_check(&first, answer, sizeof(answer), &enrolled, 1, NULL),
                     PROOF_OK);
}

/* A card that proves the key with another number or version is not the one that was enrolled. */
static void test_number_and_version(void **state)
{
    struct proof_mac_a_key other = enrolled;

    (void)state;
    other.idd[7] ^= 1;
    answer_of(&other, rc, answer);
    assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
    other = enrolled;
    other.ckv[1] ^= 1;
    answer_of(&other, rc, answer);
    assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
    other = enrolled;
    other.ck[15] ^= 2;
    answer_of(&other, rc, answer);
    assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
    answer_of(&enrolled, rc, answer);
    assert_int_equal(check(answer, sizeof(answer)), PROOF_OK);
}

static void test_several_keys(void **state)
{
    enum { KEYS = 4 };
    struct proof_mac_a_key list[KEYS];
    struct proof_mac_a proof;
    size_t index = 99;

    (void)state;
    for (size_t n = 0; n < KEYS; n++) {
        list[n] = enrolled;
        list[n].ck[n] ^= 0x10;
    }
    for (size_t place = 0; place < KEYS; place++) {
        begin(&proof);
        answer_of(&list[place], proof.rc, answer);
        assert_int_equal(proof_mac_a_check(&proof, answer, sizeof(answer), list, KEYS, &index),
                         PROOF_OK);
        assert_int_equal(index, place);
    }
    index = 99;
    begin(&proof);
    assert_int_equal(proof_mac_a_check(&proof, answer, sizeof(answer), list, KEYS - 1, &index),
                     PROOF_REFUSED);
    begin(&proof);
    assert_int_equal(proof_mac_a_check(&proof, answer, sizeof(answer), NULL, 0, &index),
                     PROOF_REFUSED);
    assert_int_equal(index, 99);
}

/* The key of a new card is all zeros: everybody knows it, and it is weak. */
static void test_weak_keys(void **state)
{
    struct proof_mac_a_key zero = enrolled;
    uint8_t key[16];

    (void)state;
    memset(zero.ck, 0, sizeof(zero.ck));
    enrolled = zero;
    answer_of(&zero, rc, answer);
    assert_int_equal(check(answer, sizeof(answer)), PROOF_REFUSED);
    assert_true(proof_mac_a_key_good(ck));
    memcpy(key, ck, sizeof(key));
    memcpy(key + 8, key, 8);
    assert_false(proof_mac_a_key_good(key));
    /* DES counts the octets of the card's key from the other end of each half. */
    memcpy(key, ck, sizeof(key));
    unit_hex("F1F1F1F1E0E0E0E0", key, 8);
    assert_false(proof_mac_a_key_good(key));
    unit_hex("E0E0E0E0F1F1F1F1", key, 8);
    assert_true(proof_mac_a_key_good(key));
}

static void test_library_failure(void **state)
{
    static const uint8_t master[24] = {1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1, 9, 9};
    struct proof_mac_a_key two[2] = {enrolled, enrolled};
    struct proof_mac_a proof;
    uint8_t out[16] = {0};
    size_t index = 99;

    (void)state;
    for (unsigned at = 1; at <= 2; at++) {
        des_fails = at;
        assert_int_equal(check(answer, sizeof(answer)), PROOF_FAILED);
        assert_int_equal(des_fails, 0);
    }
    des_fails = 1;
    begin(&proof);
    assert_int_equal(proof_mac_a_check(&proof, answer, sizeof(answer), two, 2, &index), PROOF_OK);
    assert_int_equal(index, 1);
    for (unsigned at = 1; at <= 3; at++) {
        des_fails = at;
        assert_int_equal(proof_mac_a_diversify(master, answer, PROOF_MAC_A_AS_READ, out),
                         PROOF_FAILED);
        assert_int_equal(des_fails, 0);
    }
    for (size_t n = 0; n < sizeof(out); n++)
        assert_int_equal(out[n], 0);
}

/* OpenSSL's own CMAC of the two messages. */
static void cmac(const uint8_t *master, const uint8_t *message, uint8_t *tag)
{
    size_t len = 0;

    assert_non_null(
        EVP_Q_mac(NULL, "CMAC", NULL, "DES-EDE3-CBC", NULL, master, 24, message, 16, tag, 8, &len));
    assert_int_equal(len, 8);
}

static void test_diversified_keys(void **state)
{
    uint8_t master[24], id[16], message[16], expected[16], got[16];

    (void)state;
    for (unsigned round = 0; round < 200; round++) {
        enum proof_mac_a_order order = round % 2 == 0 ? PROOF_MAC_A_AS_READ : PROOF_MAC_A_REVERSED;
        assert_int_equal(crypto_random(master, sizeof(master)), CRYPTO_OK);
        assert_int_equal(crypto_random(id, sizeof(id)), CRYPTO_OK);
        for (size_t n = 0; n < sizeof(id); n++)
            message[n] = order == PROOF_MAC_A_AS_READ ? id[n] : id[n < 8 ? 7 - n : 23 - n];
        cmac(master, message, expected);
        message[0] ^= 0x80;
        cmac(master, message, expected + 8);
        assert_int_equal(proof_mac_a_diversify(master, id, order, got), PROOF_OK);
        assert_memory_equal(got, expected, sizeof(got));
    }
}

static void test_what_is_not_diversified(void **state)
{
    uint8_t master[24] = {1, 2, 3, 4, 5, 6, 7, 8, 8, 7, 6, 5, 4, 3, 2, 1, 9, 9}, got[16] = {0x77};

    (void)state;
    assert_int_equal(proof_mac_a_diversify(master, answer, (enum proof_mac_a_order)0, got),
                     PROOF_STATE);
    assert_int_equal(proof_mac_a_diversify(master, answer, (enum proof_mac_a_order)3, got),
                     PROOF_STATE);
    memcpy(master + 16, master + 8, 8);
    assert_int_equal(proof_mac_a_diversify(master, answer, PROOF_MAC_A_AS_READ, got),
                     PROOF_REFUSED);
    assert_int_equal(got[0], 0x77);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_worked_example, setup),
        cmocka_unit_test_setup(test_number_of_blocks, setup),
        cmocka_unit_test_setup(test_good_answer_once, setup),
        cmocka_unit_test_setup(test_a_wrong_answer_spends_the_challenge, setup),
        cmocka_unit_test_setup(test_no_begin, setup),
        cmocka_unit_test_setup(test_lengths, setup),
        cmocka_unit_test_setup(test_every_turned_bit, setup),
        cmocka_unit_test_setup(test_zero_mac, setup),
        cmocka_unit_test_setup(test_mac_over_other_blocks, setup),
        cmocka_unit_test_setup(test_old_challenge, setup),
        cmocka_unit_test_setup(test_number_and_version, setup),
        cmocka_unit_test_setup(test_several_keys, setup),
        cmocka_unit_test_setup(test_weak_keys, setup),
        cmocka_unit_test_setup(test_library_failure, setup),
        cmocka_unit_test_setup(test_diversified_keys, setup),
        cmocka_unit_test_setup(test_what_is_not_diversified, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
