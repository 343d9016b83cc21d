/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/issue.h"

#include "tests/unit/core/keys.h"
#include "tests/unit/core/unit.h"

/* The linker puts this in front of the C library's: memory that runs out. */
void *__wrap_realloc(void *p, size_t size);
void *__real_realloc(void *p, size_t size);

static bool no_memory;

void *__wrap_realloc(void *p, size_t size)
{
    return no_memory ? NULL : __real_realloc(p, size);
}

static uint8_t key[256], spki[128];
static size_t key_len, spki_len;
static struct roster_issue issue, back;
static uint8_t der[ROSTER_ISSUE_MAX], sig[ROSTER_SIGNATURE_MAX];
static size_t der_len, sig_len;

static int make_key(void **state)
{
    (void)state;
    return crypto_p256_generate(key, sizeof(key), &key_len, spki, sizeof(spki), &spki_len);
}

/* A signed issue number 7 of lgwan. */
static int setup(void **state)
{
    (void)state;
    no_memory = false;
    issue = (struct roster_issue){.zone = "lgwan", .number = 7, .created = 1775000000, .count = 3};
    memset(issue.previous, 0x22, sizeof(issue.previous));
    memset(issue.root, 0x33, sizeof(issue.root));
    memset(&back, 0, sizeof(back));
    if (roster_issue_encode(&issue, der, sizeof(der), &der_len) != ROSTER_OK)
        return -1;
    return roster_issue_sign(der, der_len, key, key_len, sig, sizeof(sig), &sig_len);
}

static int verify(const char *zone, uint64_t least)
{
    return roster_issue_verify(der, der_len, sig, sig_len, spki, spki_len, zone, least, &back);
}

static void test_good(void **state)
{
    (void)state;
    assert_int_equal(verify("lgwan", 7), ROSTER_OK);
    assert_string_equal(back.zone, "lgwan");
    assert_int_equal(back.number, 7);
    assert_int_equal(back.created, 1775000000);
    assert_int_equal(back.count, 3);
    assert_memory_equal(back.previous, issue.previous, sizeof(back.previous));
    assert_memory_equal(back.root, issue.root, sizeof(back.root));
    assert_int_equal(verify("lgwan", 0), ROSTER_OK);
}

static void test_zone_and_number(void **state)
{
    (void)state;
    assert_int_equal(verify("internet", 7), ROSTER_ZONE);
    assert_int_equal(verify("lgwa", 7), ROSTER_ZONE);
    assert_int_equal(verify("", 7), ROSTER_ZONE);
    assert_int_equal(verify("lgwan", 8), ROSTER_CHAIN);
    assert_int_equal(verify("lgwan", UINT64_MAX), ROSTER_CHAIN);
    assert_int_equal(back.number, 0);
}

static void test_every_turned_bit(void **state)
{
    (void)state;
    for (size_t bit = 0; bit < 8 * der_len; bit++) {
        der[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(verify("lgwan", 7), ROSTER_SIGNATURE);
        der[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * sig_len; bit++) {
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(verify("lgwan", 7), ROSTER_SIGNATURE);
        sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(back.number, 0);
}

static void test_every_length(void **state)
{
    const size_t whole_der = der_len, whole_sig = sig_len;

    (void)state;
    for (der_len = 0; der_len < whole_der; der_len++)
        assert_int_equal(verify("lgwan", 7), ROSTER_SIGNATURE);
    for (sig_len = 0; sig_len < whole_sig; sig_len++)
        assert_int_equal(verify("lgwan", 7), ROSTER_SIGNATURE);
}

static void test_another_authority(void **state)
{
    uint8_t other[256], other_spki[128];
    size_t other_len = 0, other_spki_len = 0;

    (void)state;
    assert_int_equal(crypto_p256_generate(other, sizeof(other), &other_len, other_spki,
                                          sizeof(other_spki), &other_spki_len),
                     CRYPTO_OK);
    assert_int_equal(roster_issue_verify(der, der_len, sig, sig_len, other_spki, other_spki_len,
                                         "lgwan", 7, &back),
                     ROSTER_SIGNATURE);
    assert_int_equal(roster_issue_verify(der, der_len, sig, sig_len, other_spki, other_spki_len - 1,
                                         "lgwan", 7, &back),
                     ROSTER_CRYPTO);
    assert_int_equal(
        roster_issue_sign(der, der_len, other, other_len - 1, sig, sizeof(sig), &sig_len),
        ROSTER_CRYPTO);
}

/* A good signature by a key of another kind is no authority's. */
static void test_authority_is_p256(void **state)
{
    EVP_PKEY *rsa = keys_rsa(2048, 65537);
    struct keys_blob rsa_spki, rsa_sig;
    uint8_t digest[CRYPTO_SHA256_LEN];

    (void)state;
    assert_int_equal(crypto_sha256(der, der_len, digest), CRYPTO_OK);
    keys_spki(rsa, &rsa_spki);
    keys_sign(rsa, "SHA256", digest, sizeof(digest), &rsa_sig);
    EVP_PKEY_free(rsa);
    assert_int_equal(roster_issue_verify(der, der_len, rsa_sig.octets, rsa_sig.len, rsa_spki.octets,
                                         rsa_spki.len, "lgwan", 7, &back),
                     ROSTER_CRYPTO);
}

static void test_signed_rubbish(void **state)
{
    uint8_t digest[CRYPTO_SHA256_LEN];

    (void)state;
    der[der_len++] = 0;
    assert_int_equal(roster_issue_sign(der, der_len, key, key_len, sig, sizeof(sig), &sig_len),
                     ROSTER_FORMAT);
    assert_int_equal(crypto_sha256(der, der_len, digest), CRYPTO_OK);
    assert_int_equal(crypto_p256_sign(key, key_len, digest, sig, sizeof(sig), &sig_len), CRYPTO_OK);
    assert_int_equal(verify("lgwan", 7), ROSTER_FORMAT);
}

static void test_capacity(void **state)
{
    size_t len = 99;

    (void)state;
    assert_int_equal(roster_issue_encode(&issue, der, der_len - 1, &len), ROSTER_FULL);
    assert_int_equal(roster_issue_sign(der, der_len, key, key_len, sig, 4, &len), ROSTER_FORMAT);
    assert_int_equal(roster_issue_encode(&issue, der, sizeof(der), &der_len), ROSTER_OK);
    assert_int_equal(roster_issue_sign(der, der_len, key, key_len, sig, 4, &len), ROSTER_FULL);
    assert_int_equal(len, 99);
}

static int encode_with(uint64_t number, int64_t created, uint8_t previous, const char *zone)
{
    size_t len = 0;

    issue.number = number;
    issue.created = created;
    memset(issue.previous, previous, sizeof(issue.previous));
    memset(issue.zone, 0, sizeof(issue.zone));
    memcpy(issue.zone, zone, strlen(zone));
    return roster_issue_encode(&issue, der, sizeof(der), &len);
}

static void test_limits(void **state)
{
    (void)state;
    assert_int_equal(encode_with(1, 0, 0, "lgwan"), ROSTER_OK);
    assert_int_equal(encode_with(1, 0, 1, "lgwan"), ROSTER_FORMAT);
    assert_int_equal(encode_with(0, 0, 0, "lgwan"), ROSTER_FORMAT);
    assert_int_equal(encode_with(2, -1, 1, "lgwan"), ROSTER_FORMAT);
    assert_int_equal(encode_with(2, 1, 1, ""), ROSTER_FORMAT);
    assert_int_equal(encode_with(2, 1, 1, "a\nb"), ROSTER_FORMAT);
    assert_int_equal(encode_with(UINT64_MAX, INT64_MAX, 1, "lgwan"), ROSTER_OK);
}

static void decode_and_compare(const uint8_t *buf, size_t len)
{
    struct roster_issue other;
    uint8_t again[ROSTER_ISSUE_MAX];
    size_t n = 0;

    if (roster_issue_decode(buf, len, &other) != ROSTER_OK)
        return;
    assert_int_equal(roster_issue_encode(&other, again, sizeof(again), &n), ROSTER_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, buf, len);
}

static void test_sweep(void **state)
{
    (void)state;
    unit_sweep(der, der_len, decode_and_compare);
}

/* The next issue, rightly made out of `der`. */
static struct roster_issue successor(void)
{
    struct roster_issue next = issue;

    next.number = 8;
    next.created = issue.created + 60;
    assert_int_equal(crypto_sha256(der, der_len, next.previous), CRYPTO_OK);
    return next;
}

static void test_follows(void **state)
{
    struct roster_issue next = successor();

    (void)state;
    assert_int_equal(roster_issue_follows(&next, der, der_len), ROSTER_OK);
    next.created = issue.created;
    assert_int_equal(roster_issue_follows(&next, der, der_len), ROSTER_OK);
    next.created = issue.created - 1;
    assert_int_equal(roster_issue_follows(&next, der, der_len), ROSTER_CHAIN);
    next = successor();
    next.previous[31] ^= 1;
    assert_int_equal(roster_issue_follows(&next, der, der_len), ROSTER_CHAIN);
    for (next = successor(), next.number = 0; next.number < 12; next.number++)
        assert_int_equal(roster_issue_follows(&next, der, der_len),
                         next.number == 8 ? ROSTER_OK : ROSTER_CHAIN);
    next = successor();
    memcpy(next.zone, "inter", 5);
    assert_int_equal(roster_issue_follows(&next, der, der_len), ROSTER_ZONE);
    next = successor();
    assert_int_equal(roster_issue_follows(&next, der, der_len - 1), ROSTER_FORMAT);
}

static void test_nothing_follows_the_last(void **state)
{
    struct roster_issue next;
    size_t len = 0;

    (void)state;
    issue.number = UINT64_MAX;
    assert_int_equal(roster_issue_encode(&issue, der, sizeof(der), &len), ROSTER_OK);
    next = issue;
    next.number = 0;
    assert_int_equal(crypto_sha256(der, len, next.previous), CRYPTO_OK);
    assert_int_equal(roster_issue_follows(&next, der, len), ROSTER_CHAIN);
}

static void id_of(uint32_t n, uint8_t id[ROSTER_ID_LEN])
{
    memset(id, 0, ROSTER_ID_LEN);
    id[12] = (uint8_t)(n >> 24);
    id[13] = (uint8_t)(n >> 16);
    id[14] = (uint8_t)(n >> 8);
    id[15] = (uint8_t)n;
}

/* The root by its definition: SHA-256 over the hashes one after the other. */
static void test_root(void **state)
{
    enum { PEOPLE = 1000 };
    struct roster_root root;
    uint8_t *all = malloc(PEOPLE * CRYPTO_SHA256_LEN), id[ROSTER_ID_LEN];
    uint8_t expected[CRYPTO_SHA256_LEN], got[CRYPTO_SHA256_LEN];

    (void)state;
    assert_non_null(all);
    roster_root_begin(&root);
    for (uint32_t n = 0; n <= PEOPLE; n++) {
        assert_int_equal(root.count, n);
        assert_int_equal(crypto_sha256(all, n * CRYPTO_SHA256_LEN, expected), CRYPTO_OK);
        assert_int_equal(roster_root_finish(&root, got), ROSTER_OK);
        assert_memory_equal(got, expected, sizeof(got));
        if (n == PEOPLE)
            break;
        assert_int_equal(crypto_sha256(&n, sizeof(n), all + n * CRYPTO_SHA256_LEN), CRYPTO_OK);
        id_of(n * 3, id);
        assert_int_equal(roster_root_add(&root, id, all + n * CRYPTO_SHA256_LEN), ROSTER_OK);
    }
    roster_root_free(&root);
    assert_null(root.hashes);
    roster_root_free(&root);
    free(all);
}

static void test_root_wants_rising_ids(void **state)
{
    struct roster_root root;
    uint8_t id[ROSTER_ID_LEN];

    (void)state;
    roster_root_begin(&root);
    id_of(256, id);
    assert_int_equal(roster_root_add(&root, id, issue.root), ROSTER_OK);
    assert_int_equal(roster_root_add(&root, id, issue.root), ROSTER_CHAIN);
    id_of(255, id);
    assert_int_equal(roster_root_add(&root, id, issue.root), ROSTER_CHAIN);
    assert_int_equal(root.count, 1);
    id_of(257, id);
    assert_int_equal(roster_root_add(&root, id, issue.root), ROSTER_OK);
    assert_int_equal(root.count, 2);
    roster_root_free(&root);
}

static void test_root_without_memory(void **state)
{
    struct roster_root root;
    uint8_t id[ROSTER_ID_LEN], before[CRYPTO_SHA256_LEN], after[CRYPTO_SHA256_LEN];
    uint32_t n = 0;

    (void)state;
    roster_root_begin(&root);
    no_memory = true;
    id_of(0, id);
    assert_int_equal(roster_root_add(&root, id, issue.root), ROSTER_FULL);
    no_memory = false;
    for (; n == 0 || root.used < root.cap; n++) {
        id_of(n, id);
        assert_int_equal(roster_root_add(&root, id, issue.root), ROSTER_OK);
    }
    assert_int_equal(roster_root_finish(&root, before), ROSTER_OK);
    no_memory = true;
    id_of(n, id);
    assert_int_equal(roster_root_add(&root, id, issue.root), ROSTER_FULL);
    assert_int_equal(roster_root_finish(&root, after), ROSTER_OK);
    assert_memory_equal(before, after, sizeof(after));
    assert_int_equal(root.count, n);
    roster_root_free(&root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_good, setup),
        cmocka_unit_test_setup(test_zone_and_number, setup),
        cmocka_unit_test_setup(test_every_turned_bit, setup),
        cmocka_unit_test_setup(test_every_length, setup),
        cmocka_unit_test_setup(test_another_authority, setup),
        cmocka_unit_test_setup(test_authority_is_p256, setup),
        cmocka_unit_test_setup(test_signed_rubbish, setup),
        cmocka_unit_test_setup(test_capacity, setup),
        cmocka_unit_test_setup(test_limits, setup),
        cmocka_unit_test_setup(test_sweep, setup),
        cmocka_unit_test_setup(test_follows, setup),
        cmocka_unit_test_setup(test_nothing_follows_the_last, setup),
        cmocka_unit_test_setup(test_root, setup),
        cmocka_unit_test_setup(test_root_wants_rising_ids, setup),
        cmocka_unit_test_setup(test_root_without_memory, setup),
    };
    return cmocka_run_group_tests(tests, make_key, NULL);
}
