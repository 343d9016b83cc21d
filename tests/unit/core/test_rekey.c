/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys that an issue hands over: they open with the right seal key, in their own issue only.
 */
#include "core/roster/rekey.h"

#include "tests/unit/core/unit.h"

static const uint8_t seal[CRYPTO_KEY_LEN] = {1}, other[CRYPTO_KEY_LEN] = {2};

static struct roster_rekey sample(size_t key, size_t cert)
{
    struct roster_rekey k = {.key_len = key, .cert_len = cert};

    memset(k.key, 0x33, key);
    memset(k.cert, 0x44, cert);
    memset(k.seal, 0x55, sizeof(k.seal));
    return k;
}

static struct roster_issue issue_with(const struct roster_rekey *k)
{
    struct roster_issue issue = {.zone = "lgwan", .number = 7};

    assert_int_equal(roster_rekey_seal(k, seal, &issue), ROSTER_OK);
    return issue;
}

static void test_both_ways(void **state)
{
    struct roster_rekey k = sample(138, 400), out;
    struct roster_issue issue = issue_with(&k), back;
    static uint8_t der[ROSTER_ISSUE_MAX];
    size_t len = 0;

    (void)state;
    assert_int_equal(roster_issue_encode(&issue, der, sizeof(der), &len), ROSTER_OK);
    assert_int_equal(roster_issue_decode(der, len, &back), ROSTER_OK);
    assert_int_equal(roster_rekey_open(&back, seal, &out), ROSTER_OK);
    assert_memory_equal(&out, &k, sizeof(k));
}

static void test_the_largest_fit(void **state)
{
    struct roster_rekey k = sample(ROSTER_REKEY_KEY_MAX, CMS_CERT_MAX), out;
    struct roster_issue issue = issue_with(&k);

    (void)state;
    assert_int_equal(roster_rekey_open(&issue, seal, &out), ROSTER_OK);
    assert_memory_equal(&out, &k, sizeof(k));
}

static void test_nothing_else_opens(void **state)
{
    static const struct roster_rekey zero;
    struct roster_rekey k = sample(138, 400), out = k;
    struct roster_issue issue = issue_with(&k);

    (void)state;
    assert_int_equal(roster_rekey_open(&issue, other, &out), ROSTER_SEALED);
    assert_memory_equal(&out, &zero, sizeof(zero));
    issue.number++;
    assert_int_equal(roster_rekey_open(&issue, seal, &out), ROSTER_SEALED);
    issue.number--;
    issue.zone[0] = 'L';
    assert_int_equal(roster_rekey_open(&issue, seal, &out), ROSTER_SEALED);
    issue.zone[0] = 'l';
    issue.keys[issue.keys_len - 1] ^= 1;
    assert_int_equal(roster_rekey_open(&issue, seal, &out), ROSTER_SEALED);
    issue.keys_len = 0;
    assert_int_equal(roster_rekey_open(&issue, seal, &out), ROSTER_SEALED);
}

/* Sealed under their own seal key they are the only ones. */
static void test_alone(void **state)
{
    struct roster_rekey k = sample(138, 400);
    struct roster_issue issue = issue_with(&k);

    (void)state;
    assert_false(roster_rekey_alone(&issue, seal));
    assert_false(roster_rekey_alone(&issue, k.seal));
    assert_int_equal(roster_rekey_seal(&k, k.seal, &issue), ROSTER_OK);
    assert_true(roster_rekey_alone(&issue, k.seal));
    assert_false(roster_rekey_alone(&issue, seal));
    issue.number++;
    assert_false(roster_rekey_alone(&issue, k.seal));
    issue.keys_len = 0;
    assert_false(roster_rekey_alone(&issue, k.seal));
}

/* What opens and is not what the writer writes. */
static void test_other_content(void **state)
{
    static const char aad[] = "toyama zone keys lgwan 7";
    static const uint8_t content[] = {0x30, 0x03, 0x04, 0x01, 0x00};
    struct roster_issue issue = {.zone = "lgwan", .number = 7};
    struct roster_rekey out;

    (void)state;
    assert_int_equal(crypto_seal(seal, aad, strlen(aad), content, sizeof(content), issue.keys,
                                 sizeof(issue.keys), &issue.keys_len),
                     CRYPTO_OK);
    assert_int_equal(roster_rekey_open(&issue, seal, &out), ROSTER_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),          cmocka_unit_test(test_the_largest_fit),
        cmocka_unit_test(test_nothing_else_opens), cmocka_unit_test(test_alone),
        cmocka_unit_test(test_other_content),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
