/* SPDX-License-Identifier: Apache-2.0
 *
 * One issue after the other, as a terminal judges them.
 */
#include "core/roster/issue.h"

#include "tests/unit/core/keys.h"
#include "tests/unit/core/unit.h"

#define REGISTRAR 0x11
#define FIRST     0x22
#define SECOND    0x33

static uint8_t key[2][256], spki[2][CRYPTO_SPKI_MAX]; /* the authority's, and its successor's */
static size_t key_len[2], spki_len[2];
static EVP_PKEY *card[2];
static struct keys_blob card_spki[2];
static struct roster_trust trust, before;
static struct roster_issue next;
static struct roster_signed s;

static int make_keys(void **state)
{
    (void)state;
    for (size_t n = 0; n < 2; n++) {
        if (crypto_p256_generate(key[n], sizeof(key[n]), &key_len[n], spki[n], sizeof(spki[n]),
                                 &spki_len[n]) != CRYPTO_OK)
            return -1;
        card[n] = keys_for(n == 0 ? CRYPTO_P384 : CRYPTO_RSA2048);
        keys_spki(card[n], &card_spki[n]);
    }
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(card[0]);
    EVP_PKEY_free(card[1]);
    return 0;
}

static void officer(struct roster_issue *i, uint8_t person, uint8_t roles, size_t which)
{
    struct roster_officer *o = &i->officer[i->officers++];

    *o = (struct roster_officer){.roles = roles};
    memset(o->person, person, sizeof(o->person));
    if ((roles & ROSTER_APPROVER) != 0) {
        o->key_len = sizeof(o->key);
        assert_int_equal(crypto_sha256(card_spki[which].octets, card_spki[which].len, o->key),
                         CRYPTO_OK);
    }
}

static void authority(struct roster_issue *i, size_t which)
{
    assert_int_equal(crypto_sha256(spki[which], spki_len[which], i->authority), CRYPTO_OK);
}

static int setup(void **state)
{
    (void)state;
    trust = (struct roster_trust){.approval = true,
                                  .issue = {.zone = "lgwan", .number = 123, .created = 1775000000}};
    memset(trust.hash, 0x44, sizeof(trust.hash));
    authority(&trust.issue, 0);
    officer(&trust.issue, REGISTRAR, ROSTER_REGISTRAR, 0);
    officer(&trust.issue, FIRST, ROSTER_APPROVER, 0);
    officer(&trust.issue, SECOND, ROSTER_APPROVER | ROSTER_AUDITOR, 1);
    next = trust.issue;
    next.number = 124;
    next.count = 9;
    memcpy(next.previous, trust.hash, sizeof(next.previous));
    next.authors = 1;
    memset(next.author[0], REGISTRAR, ROSTER_ID_LEN);
    return 0;
}

static void sign_authority(size_t which)
{
    assert_int_equal(roster_issue_encode(&next, s.der, sizeof(s.der), &s.der_len), ROSTER_OK);
    assert_int_equal(roster_issue_sign(s.der, s.der_len, key[which], key_len[which], s.sig,
                                       sizeof(s.sig), &s.sig_len),
                     ROSTER_OK);
    memcpy(s.key, spki[which], spki_len[which]);
    s.key_len = spki_len[which];
    s.approver_len = s.approval_len = 0;
}

static void sign_approver(size_t which)
{
    uint8_t digest[CRYPTO_HASH_MAX];
    struct keys_blob sig;

    if (which == 0)
        assert_int_equal(crypto_sha384(s.der, s.der_len, digest), CRYPTO_OK);
    else
        assert_int_equal(crypto_sha256(s.der, s.der_len, digest), CRYPTO_OK);
    keys_sign(card[which], which == 0 ? "SHA384" : "SHA256", digest,
              which == 0 ? CRYPTO_SHA384_LEN : CRYPTO_SHA256_LEN, &sig);
    memcpy(s.approver, card_spki[which].octets, card_spki[which].len);
    s.approver_len = card_spki[which].len;
    memcpy(s.approval, sig.octets, sig.len);
    s.approval_len = sig.len;
}

static void sign(size_t who_authority, size_t who_approver)
{
    sign_authority(who_authority);
    sign_approver(who_approver);
}

/* A refusal leaves what was trusted as it was. */
static void refused(int why)
{
    before = trust;
    assert_int_equal(roster_chain_step(&trust, &s), why);
    assert_memory_equal(&trust, &before, sizeof(trust));
}

static void test_a_good_step(void **state)
{
    uint8_t hash[CRYPTO_SHA256_LEN];

    (void)state;
    for (size_t approver = 0; approver < 2; approver++) {
        setup(NULL);
        sign(0, approver);
        assert_int_equal(roster_chain_step(&trust, &s), ROSTER_OK);
        assert_int_equal(trust.issue.number, 124);
        assert_int_equal(trust.issue.count, 9);
        assert_int_equal(crypto_sha256(s.der, s.der_len, hash), CRYPTO_OK);
        assert_memory_equal(trust.hash, hash, sizeof(hash));
        refused(ROSTER_OLD);
    }
}

static void test_order(void **state)
{
    (void)state;
    next.number = 123;
    sign(0, 0);
    refused(ROSTER_OLD);
    next.number = 125;
    sign(0, 0);
    refused(ROSTER_CHAIN);
    next.number = 124;
    next.previous[5] ^= 1;
    sign(0, 0);
    refused(ROSTER_CHAIN);
    next.previous[5] ^= 1;
    next.created = trust.issue.created - 1;
    sign(0, 0);
    refused(ROSTER_CHAIN);
    next.created = trust.issue.created;
    strcpy(next.zone, "internet");
    sign(0, 0);
    refused(ROSTER_ZONE);
}

static void test_authority(void **state)
{
    (void)state;
    sign(1, 0);
    refused(ROSTER_UNKNOWN_SIGNER);
    memcpy(s.key, spki[0], spki_len[0]);
    refused(ROSTER_SIGNATURE);
    sign(0, 0);
    s.der[s.der_len - 1] ^= 1;
    assert_int_not_equal(roster_chain_step(&trust, &s), ROSTER_OK);
}

static void test_approver(void **state)
{
    (void)state;
    sign_authority(0);
    refused(ROSTER_UNAPPROVED);
    sign(0, 0);
    s.approval[s.approval_len - 1] ^= 1;
    refused(ROSTER_SIGNATURE);
    sign_authority(0); /* the authority's signature once more, as the second */
    memcpy(s.approver, s.key, s.key_len);
    s.approver_len = s.key_len;
    memcpy(s.approval, s.sig, s.sig_len);
    s.approval_len = s.sig_len;
    refused(ROSTER_UNKNOWN_SIGNER);
}

static void test_nobody_approves_his_own_change(void **state)
{
    (void)state;
    next.authors = 2;
    memset(next.author[1], SECOND, ROSTER_ID_LEN);
    sign(0, 1);
    refused(ROSTER_OWN_CHANGE);
    sign(0, 0);
    assert_int_equal(roster_chain_step(&trust, &s), ROSTER_OK);
}

/* The offices that count are those of the issue before, not those that an issue gives itself. */
static void test_offices_change_behind_the_issue(void **state)
{
    (void)state;
    trust.issue.officers = 2;
    sign(0, 1);
    refused(ROSTER_UNKNOWN_SIGNER);
    sign(0, 0);
    assert_int_equal(roster_chain_step(&trust, &s), ROSTER_OK);
    next = trust.issue;
    next.number++;
    memcpy(next.previous, trust.hash, sizeof(trust.hash));
    sign(0, 1);
    assert_int_equal(roster_chain_step(&trust, &s), ROSTER_OK);
}

static void test_a_role_less_than_approver(void **state)
{
    (void)state;
    trust.issue.officer[1].roles = ROSTER_ADMINISTRATOR;
    sign(0, 0);
    refused(ROSTER_UNKNOWN_SIGNER);
}

static void test_without_approval(void **state)
{
    (void)state;
    trust.approval = false;
    sign_authority(0);
    assert_int_equal(roster_chain_step(&trust, &s), ROSTER_OK);
    setup(NULL);
    trust.approval = false;
    sign(0, 0);
    s.approval[s.approval_len - 1] ^= 1;
    refused(ROSTER_SIGNATURE);
}

static void test_a_new_authority(void **state)
{
    (void)state;
    authority(&next, 1);
    sign(1, 0);
    refused(ROSTER_UNKNOWN_SIGNER);
    sign(0, 0);
    assert_int_equal(roster_chain_step(&trust, &s), ROSTER_OK);
    next.number++;
    memcpy(next.previous, trust.hash, sizeof(trust.hash));
    sign(0, 0);
    refused(ROSTER_UNKNOWN_SIGNER);
    sign(1, 0);
    assert_int_equal(roster_chain_step(&trust, &s), ROSTER_OK);
}

static size_t taken;

static void step_altered(const uint8_t *octets, size_t len)
{
    static struct roster_signed altered;

    trust = before;
    if (roster_signed_decode(octets, len, &altered) == ROSTER_OK &&
        roster_chain_step(&trust, &altered) == ROSTER_OK)
        taken++;
}

/* No turned bit of an issue, its keys or its signatures is taken. */
static void test_every_turned_bit(void **state)
{
    static uint8_t buf[ROSTER_SIGNED_MAX];
    size_t len = 0;

    (void)state;
    before = trust;
    sign(0, 0);
    assert_int_equal(roster_signed_encode(&s, buf, sizeof(buf), &len), ROSTER_OK);
    taken = 0;
    step_altered(buf, len);
    assert_int_equal(taken, 1);
    for (size_t n = 0; n < len; n++)
        for (unsigned bit = 0; bit < 8; bit += n % 8 == 0 ? 1 : 8) {
            buf[n] ^= (uint8_t)(1U << bit);
            step_altered(buf, len);
            buf[n] ^= (uint8_t)(1U << bit);
        }
    assert_int_equal(taken, 1);
}

static void test_trust_there_and_back(void **state)
{
    static uint8_t buf[ROSTER_SIGNED_MAX];
    struct roster_trust back;
    size_t len = 0;

    (void)state;
    trust.issue.helpdesks = 1;
    memset(trust.issue.helpdesk[0], 0x55, CRYPTO_SHA256_LEN);
    assert_int_equal(roster_trust_encode(&trust, buf, sizeof(buf), &len), ROSTER_OK);
    assert_int_equal(roster_trust_decode(buf, len, &back), ROSTER_OK);
    assert_memory_equal(&back, &trust, sizeof(back));
    for (size_t n = 0; n < len; n++)
        assert_int_equal(roster_trust_decode(buf, n, &back), ROSTER_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_a_good_step, setup),
        cmocka_unit_test_setup(test_order, setup),
        cmocka_unit_test_setup(test_authority, setup),
        cmocka_unit_test_setup(test_approver, setup),
        cmocka_unit_test_setup(test_nobody_approves_his_own_change, setup),
        cmocka_unit_test_setup(test_offices_change_behind_the_issue, setup),
        cmocka_unit_test_setup(test_a_role_less_than_approver, setup),
        cmocka_unit_test_setup(test_without_approval, setup),
        cmocka_unit_test_setup(test_a_new_authority, setup),
        cmocka_unit_test_setup(test_every_turned_bit, setup),
        cmocka_unit_test_setup(test_trust_there_and_back, setup),
    };

    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
