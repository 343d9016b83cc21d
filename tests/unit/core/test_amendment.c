/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/amendment.h"

#include "tests/unit/core/keys.h"
#include "tests/unit/core/people.h"
#include "tests/unit/core/unit.h"

#define NOW 1775000000

static struct roster_issue issue;
static struct roster_amendment a, back;
static struct roster_amended amended;
static struct keys_blob desk_spki, approver_spki;
static EVP_PKEY *desk, *approver;
static uint8_t buf[ROSTER_AMENDED_MAX + 64];

static int make_keys(void **state)
{
    (void)state;
    desk = keys_for(CRYPTO_P256);
    approver = keys_for(CRYPTO_P384);
    keys_spki(desk, &desk_spki);
    keys_spki(approver, &approver_spki);
    return 0;
}

static int free_keys(void **state)
{
    (void)state;
    EVP_PKEY_free(desk);
    EVP_PKEY_free(approver);
    return 0;
}

static void hash_of(const struct keys_blob *spki, uint8_t hash[CRYPTO_SHA256_LEN])
{
    assert_int_equal(crypto_sha256(spki->octets, spki->len, hash), CRYPTO_OK);
}

/* Issue 7 of lgwan with one helpdesk and one approver, 0xAA. */
static int setup(void **state)
{
    (void)state;
    issue =
        (struct roster_issue){.zone = "lgwan", .number = 7, .created = NOW - 60, .helpdesks = 1};
    hash_of(&desk_spki, issue.helpdesk[0]);
    issue.officers = 1;
    issue.officer[0] = (struct roster_officer){.roles = ROSTER_APPROVER, .key_len = 32};
    memset(issue.officer[0].person, 0xAA, ROSTER_ID_LEN);
    hash_of(&approver_spki, issue.officer[0].key);
    memset(&back, 0, sizeof(back));
    return 0;
}

static void lent_card(struct roster_credential *c, int64_t until)
{
    static struct roster_record r;

    people_small(&r);
    *c = r.credential[0];
    memset(c->id, 0x77, sizeof(c->id));
    c->temporary = true;
    c->until = until;
}

static void sample(enum roster_amends kind)
{
    a = (struct roster_amendment){
        .zone = "lgwan", .number = 7, .created = NOW, .kind = kind, .reason = ROSTER_LOST};
    memset(a.id, 0x01, sizeof(a.id));
    memset(a.operator, 0x0B, sizeof(a.operator));
    if (kind != ROSTER_AMEND_EXTEND)
        memset(a.person, 0x11, sizeof(a.person));
    if (kind <= ROSTER_AMEND_RESUME || kind == ROSTER_AMEND_OPEN)
        memset(a.credential, 0x40, sizeof(a.credential));
    if (kind == ROSTER_AMEND_TEMPORARY || kind == ROSTER_AMEND_EXTEND || kind == ROSTER_AMEND_OPEN)
        a.until = NOW + 3600;
    if (kind == ROSTER_AMEND_TEMPORARY) {
        a.cards = 1;
        lent_card(&a.card[0], a.until);
    }
}

static void put_signature(EVP_PKEY *key, bool p384, uint8_t *out, size_t cap, size_t *len)
{
    uint8_t digest[CRYPTO_HASH_MAX];
    struct keys_blob sig;

    if (p384)
        assert_int_equal(crypto_sha384(amended.der, amended.der_len, digest), CRYPTO_OK);
    else
        assert_int_equal(crypto_sha256(amended.der, amended.der_len, digest), CRYPTO_OK);
    keys_sign(key, p384 ? "SHA384" : "SHA256", digest, p384 ? 48 : 32, &sig);
    assert_true(sig.len <= cap);
    memcpy(out, sig.octets, sig.len);
    *len = sig.len;
}

static void sign(void)
{
    amended = (struct roster_amended){0};
    assert_int_equal(
        roster_amendment_encode(&a, amended.der, sizeof(amended.der), &amended.der_len), ROSTER_OK);
    memcpy(amended.key, desk_spki.octets, desk_spki.len);
    amended.key_len = desk_spki.len;
    put_signature(desk, false, amended.sig, sizeof(amended.sig), &amended.sig_len);
}

static void approve(void)
{
    memcpy(amended.approver, approver_spki.octets, approver_spki.len);
    amended.approver_len = approver_spki.len;
    put_signature(approver, true, amended.approval, sizeof(amended.approval),
                  &amended.approval_len);
}

static int verify(void)
{
    return roster_amended_verify(&amended, &issue, &back);
}

static const enum roster_amends every[] = {
    ROSTER_AMEND_STOP,  ROSTER_AMEND_SUSPEND, ROSTER_AMEND_RESUME, ROSTER_AMEND_TEMPORARY,
    ROSTER_AMEND_CLEAR, ROSTER_AMEND_EXTEND,  ROSTER_AMEND_OPEN};

static bool wants_approver(enum roster_amends kind)
{
    return kind == ROSTER_AMEND_RESUME || kind == ROSTER_AMEND_TEMPORARY ||
           kind == ROSTER_AMEND_EXTEND || kind == ROSTER_AMEND_OPEN;
}

static void test_who_must_sign(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(every); n++) {
        sample(every[n]);
        sign();
        assert_int_equal(roster_amends_approved(every[n]), wants_approver(every[n]));
        assert_int_equal(verify(), wants_approver(every[n]) ? ROSTER_UNAPPROVED : ROSTER_OK);
        approve();
        assert_int_equal(verify(), ROSTER_OK);
        memset(a.approver, 0xAA, sizeof(a.approver));
        assert_memory_equal(&back, &a, sizeof(a));
    }
}

static void test_approver_is_not_the_operator(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(every); n++) {
        sample(every[n]);
        memset(a.operator, 0xAA, sizeof(a.operator));
        sign();
        approve();
        assert_int_equal(verify(), ROSTER_OWN_CHANGE);
    }
}

static void test_strangers(void **state)
{
    (void)state;
    sample(ROSTER_AMEND_RESUME);
    sign();
    approve();
    issue.helpdesk[0][0] ^= 1;
    assert_int_equal(verify(), ROSTER_UNKNOWN_SIGNER);
    issue.helpdesks = 0;
    assert_int_equal(verify(), ROSTER_UNKNOWN_SIGNER);
    setup(NULL);
    issue.officer[0].roles = ROSTER_REGISTRAR | ROSTER_ADMINISTRATOR | ROSTER_AUDITOR;
    assert_int_equal(verify(), ROSTER_UNKNOWN_SIGNER);
    setup(NULL);
    issue.officer[0].key[31] ^= 1;
    assert_int_equal(verify(), ROSTER_UNKNOWN_SIGNER);
    setup(NULL);
    assert_int_equal(verify(), ROSTER_OK);
}

/* The helpdesk's key is no approver's, even where a list says so of its person. */
static void test_signatures_are_not_exchanged(void **state)
{
    struct roster_amended whole;

    (void)state;
    sample(ROSTER_AMEND_RESUME);
    sign();
    approve();
    whole = amended;
    memcpy(amended.approver, whole.key, sizeof(whole.key));
    amended.approver_len = whole.key_len;
    memcpy(amended.approval, whole.sig, whole.sig_len);
    amended.approval_len = whole.sig_len;
    assert_int_equal(verify(), ROSTER_UNKNOWN_SIGNER);
    amended = whole;
    memcpy(amended.approval, whole.sig, whole.sig_len);
    amended.approval_len = whole.sig_len;
    assert_int_equal(verify(), ROSTER_SIGNATURE);
    amended = whole;
    memcpy(amended.sig, whole.approval, sizeof(amended.sig));
    assert_int_equal(verify(), ROSTER_SIGNATURE);
}

static void test_place(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(every); n++) {
        bool restricts = every[n] == ROSTER_AMEND_STOP || every[n] == ROSTER_AMEND_SUSPEND;
        sample(every[n]);
        sign();
        approve();
        issue.number = 8;
        assert_int_equal(verify(), ROSTER_OK);
        issue.number = 6;
        assert_int_equal(verify(), restricts ? ROSTER_OK : ROSTER_CHAIN);
        issue.number = 7;
        memcpy(issue.zone, "lgwam", 5);
        assert_int_equal(verify(), ROSTER_ZONE);
        memcpy(issue.zone, "lgwan", 5);
    }
}

static void test_every_turned_bit(void **state)
{
    (void)state;
    sample(ROSTER_AMEND_STOP);
    sign();
    for (size_t bit = 0; bit < 8 * amended.der_len; bit++) {
        amended.der[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_not_equal(verify(), ROSTER_OK);
        amended.der[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    for (size_t bit = 0; bit < 8 * amended.sig_len; bit++) {
        amended.sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
        assert_int_equal(verify(), ROSTER_SIGNATURE);
        amended.sig[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    assert_int_equal(back.number, 0);
    assert_int_equal(verify(), ROSTER_OK);
}

static int encode(void)
{
    size_t len = 0;

    return roster_amendment_encode(&a, buf, sizeof(buf), &len);
}

#define BAD(kind, change)                                                                          \
    do {                                                                                           \
        sample(kind);                                                                              \
        assert_int_equal(encode(), ROSTER_OK);                                                     \
        change;                                                                                    \
        assert_int_equal(encode(), ROSTER_FORMAT);                                                 \
    } while (0)

static void test_limits(void **state)
{
    (void)state;
    BAD(ROSTER_AMEND_STOP, a.kind = 0);
    BAD(ROSTER_AMEND_STOP, a.kind = 7);
    BAD(ROSTER_AMEND_STOP, a.number = 0);
    BAD(ROSTER_AMEND_STOP, a.created = -1);
    BAD(ROSTER_AMEND_STOP, a.zone[0] = '\0');
    BAD(ROSTER_AMEND_STOP, a.reason = ROSTER_OTHER + 1);
    BAD(ROSTER_AMEND_STOP, a.form[0] = '\n');
    BAD(ROSTER_AMEND_STOP, a.until = NOW + 1);
    BAD(ROSTER_AMEND_RESUME, a.until = NOW + 1);
    BAD(ROSTER_AMEND_CLEAR, a.until = NOW + 1);
    BAD(ROSTER_AMEND_SUSPEND, a.until = NOW);
    BAD(ROSTER_AMEND_SUSPEND, a.until = NOW + ROSTER_SUSPEND_MAX + 1);
    BAD(ROSTER_AMEND_TEMPORARY, a.until = a.card[0].until = 0);
    BAD(ROSTER_AMEND_TEMPORARY, a.until = a.card[0].until = NOW + ROSTER_TEMPORARY_MAX + 1);
    BAD(ROSTER_AMEND_TEMPORARY, a.until++);
    BAD(ROSTER_AMEND_TEMPORARY, a.cards = 0);
    BAD(ROSTER_AMEND_TEMPORARY, a.cards = 2);
    BAD(ROSTER_AMEND_TEMPORARY, a.card[0].temporary = false);
    BAD(ROSTER_AMEND_TEMPORARY, a.card[0].state = ROSTER_SUSPENDED);
    BAD(ROSTER_AMEND_TEMPORARY, a.card[0].slot = 1);
    BAD(ROSTER_AMEND_TEMPORARY, a.card[0].key[0].ref = 0x55);
    BAD(ROSTER_AMEND_TEMPORARY, memset(a.card[0].id, 0, ROSTER_ID_LEN));
    BAD(ROSTER_AMEND_TEMPORARY, memset(a.credential, 1, ROSTER_ID_LEN));
    BAD(ROSTER_AMEND_EXTEND, a.until = NOW);
    BAD(ROSTER_AMEND_EXTEND, a.until = NOW + ROSTER_EXTEND_MAX + 1);
    BAD(ROSTER_AMEND_OPEN, a.until = 0);
    BAD(ROSTER_AMEND_OPEN, a.until = NOW + ROSTER_OPEN_MAX + 1);
    BAD(ROSTER_AMEND_OPEN, memset(a.person, 0, ROSTER_ID_LEN));
    BAD(ROSTER_AMEND_OPEN, memset(a.credential, 0, ROSTER_ID_LEN));
    BAD(ROSTER_AMEND_EXTEND, memset(a.person, 1, ROSTER_ID_LEN));
    for (size_t n = 0; n < 5; n++)
        BAD(every[n], memset(a.person, 0, ROSTER_ID_LEN));
    for (size_t n = 0; n < 3; n++)
        BAD(every[n], memset(a.credential, 0, ROSTER_ID_LEN));
    BAD(ROSTER_AMEND_CLEAR, memset(a.credential, 1, ROSTER_ID_LEN));
    sample(ROSTER_AMEND_SUSPEND);
    a.until = NOW + ROSTER_SUSPEND_MAX;
    assert_int_equal(encode(), ROSTER_OK);
}

static void parse(const uint8_t *in, size_t len)
{
    static uint8_t again[ROSTER_AMENDMENT_MAX];
    struct roster_amendment other;
    size_t n = 0;

    if (roster_amendment_decode(in, len, &other) != ROSTER_OK)
        return;
    assert_int_equal(roster_amendment_encode(&other, again, sizeof(again), &n), ROSTER_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, in, len);
}

static void parse_amended(const uint8_t *in, size_t len)
{
    static uint8_t again[ROSTER_AMENDED_MAX];
    struct roster_amended other;
    size_t n = 0;

    if (roster_amended_decode(in, len, &other) != ROSTER_OK)
        return;
    assert_int_equal(roster_amended_encode(&other, again, sizeof(again), &n), ROSTER_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, in, len);
}

static void test_sweep(void **state)
{
    size_t len = 0;

    (void)state;
    for (size_t n = 0; n < COUNT(every); n++) {
        sample(every[n]);
        sign();
        approve();
        unit_sweep(amended.der, amended.der_len, parse);
        assert_int_equal(roster_amended_encode(&amended, buf, ROSTER_AMENDED_MAX, &len), ROSTER_OK);
        unit_sweep(buf, len, parse_amended);
        buf[len] = 0;
        assert_int_equal(roster_amended_decode(buf, len + 1, &amended), ROSTER_FORMAT);
    }
}

/* The largest of each part together. */
static void test_largest_fits(void **state)
{
    size_t len = 0;

    (void)state;
    sample(ROSTER_AMEND_TEMPORARY);
    memset(a.zone, 'z', sizeof(a.zone) - 1);
    memset(a.form, 'f', sizeof(a.form) - 1);
    memset(a.card[0].label, 'l', sizeof(a.card[0].label) - 1);
    a.number = UINT64_MAX;
    a.card[0].keys = ROSTER_KEYS;
    for (size_t n = 0; n < ROSTER_KEYS; n++) {
        a.card[0].key[n].ref = (const uint8_t[]){0x9E, 0x9A, 0x9C}[n];
        a.card[0].key[n].len = CRYPTO_SPKI_MAX;
    }
    sign();
    amended.key_len = amended.approver_len = CRYPTO_SPKI_MAX;
    amended.sig_len = ROSTER_SIGNATURE_MAX;
    amended.approval_len = ROSTER_APPROVAL_MAX;
    assert_int_equal(roster_amended_encode(&amended, buf, ROSTER_AMENDED_MAX, &len), ROSTER_OK);
    amended.approval_len = 0;
    assert_int_equal(roster_amended_encode(&amended, buf, ROSTER_AMENDED_MAX, &len), ROSTER_FORMAT);
}

static void test_names(void **state)
{
    static const char *const names[] = {"stop",  "suspend", "resume", "temporary",
                                        "clear", "extend",  "open"};

    (void)state;
    for (size_t n = 0; n < COUNT(every); n++)
        assert_string_equal(roster_amends_name(every[n]), names[n]);
    assert_string_equal(roster_amends_name(0), "unknown");
    assert_string_equal(roster_amends_name(8), "unknown");
    assert_false(roster_amends_approved(8));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_who_must_sign, setup),
        cmocka_unit_test_setup(test_approver_is_not_the_operator, setup),
        cmocka_unit_test_setup(test_strangers, setup),
        cmocka_unit_test_setup(test_signatures_are_not_exchanged, setup),
        cmocka_unit_test_setup(test_place, setup),
        cmocka_unit_test_setup(test_every_turned_bit, setup),
        cmocka_unit_test(test_limits),
        cmocka_unit_test_setup(test_sweep, setup),
        cmocka_unit_test(test_largest_fits),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, make_keys, free_keys);
}
