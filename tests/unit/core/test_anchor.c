/* SPDX-License-Identifier: Apache-2.0
 *
 * The anchor of a terminal: what was written is read, and nothing else is.
 */
#include "core/roster/anchor.h"

#include "tests/unit/core/unit.h"

static struct roster_anchor sample(void)
{
    struct roster_anchor a = {.key_len = 138, .cert_len = 400, .helpdesk_len = 3};

    memcpy(a.trust.issue.zone, "lgwan", sizeof("lgwan"));
    a.trust.approval = true;
    a.trust.issue.number = 7;
    a.trust.issue.created = 1775000000;
    memset(a.trust.hash, 0x11, sizeof(a.trust.hash));
    memset(a.trust.issue.authority, 0x22, sizeof(a.trust.issue.authority));
    memset(a.key, 0x33, a.key_len);
    memset(a.cert, 0x44, a.cert_len);
    memset(a.seal_key, 0x55, sizeof(a.seal_key));
    memset(a.helpdesk, 0x66, a.helpdesk_len);
    return a;
}

static size_t encoded(const struct roster_anchor *a, uint8_t der[ROSTER_ANCHOR_MAX])
{
    size_t len = 0;

    assert_int_equal(roster_anchor_encode(a, der, ROSTER_ANCHOR_MAX, &len), ROSTER_OK);
    return len;
}

static void test_both_ways(void **state)
{
    struct roster_anchor a = sample(), out = {0};
    uint8_t der[ROSTER_ANCHOR_MAX];

    (void)state;
    for (size_t helpdesk = 0; helpdesk < 2; helpdesk++) {
        a.helpdesk_len = helpdesk * sizeof(a.helpdesk);
        assert_int_equal(roster_anchor_decode(der, encoded(&a, der), &out), ROSTER_OK);
        assert_true(out.trust.approval);
        assert_string_equal(out.trust.issue.zone, "lgwan");
        assert_int_equal(out.trust.issue.number, 7);
        assert_int_equal(out.key_len, a.key_len);
        assert_memory_equal(out.key, a.key, a.key_len);
        assert_int_equal(out.cert_len, a.cert_len);
        assert_memory_equal(out.cert, a.cert, a.cert_len);
        assert_memory_equal(out.seal_key, a.seal_key, sizeof(a.seal_key));
        assert_int_equal(out.helpdesk_len, a.helpdesk_len);
    }
}

static void test_cut_and_longer(void **state)
{
    struct roster_anchor a = sample(), out = {0};
    uint8_t der[ROSTER_ANCHOR_MAX];
    size_t len = encoded(&a, der);

    (void)state;
    for (size_t n = 0; n < len; n++)
        assert_int_equal(roster_anchor_decode(der, n, &out), ROSTER_FORMAT);
    der[len] = 0;
    assert_int_equal(roster_anchor_decode(der, len + 1, &out), ROSTER_FORMAT);
    assert_int_equal(out.key_len, 0);
}

static void test_another_label(void **state)
{
    struct roster_anchor a = sample(), out = {0};
    uint8_t der[ROSTER_ANCHOR_MAX];
    size_t len = encoded(&a, der);

    (void)state;
    assert_memory_equal(der + 6, "toyama anchor", 13);
    der[6 + 7] = 'A';
    assert_int_equal(roster_anchor_decode(der, len, &out), ROSTER_FORMAT);
}

static void test_without_keys(void **state)
{
    struct roster_anchor a = sample();
    uint8_t der[ROSTER_ANCHOR_MAX];
    size_t len = 0;

    (void)state;
    a.key_len = 0;
    assert_int_equal(roster_anchor_encode(&a, der, sizeof(der), &len), ROSTER_FORMAT);
    a = sample();
    a.cert_len = 0;
    assert_int_equal(roster_anchor_encode(&a, der, sizeof(der), &len), ROSTER_FORMAT);
    a = sample();
    assert_int_equal(roster_anchor_encode(&a, der, 100, &len), ROSTER_FULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_both_ways),
        cmocka_unit_test(test_cut_and_longer),
        cmocka_unit_test(test_another_label),
        cmocka_unit_test(test_without_keys),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
