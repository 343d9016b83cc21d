/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/record.h"

#include "core/wire/card.h"
#include "tests/unit/core/people.h"
#include "tests/unit/core/unit.h"

/* What each family's credential may look like; the rest of the record is good. */
static const struct {
    uint8_t family;
    size_t hint;
    uint8_t ref;
    bool pin;
    size_t len;
    bool shared;
} good[] = {
    {CARD_PIV, 16, 0x9E, false, 91, false},  {CARD_PIV, 16, 0x9A, true, 91, false},
    {CARD_PIV, 0, 0x9A, false, 294, false},  {CARD_PIV, 16, 0x9E, true, 91, false},
    {CARD_JPKI, 0, 0x17, true, 294, false},  {CARD_FELICA, 8, 0x87, false, 32, true},
    {CARD_FELICA, 0, 0x87, false, 32, true}, {CARD_YUBIKEY, 4, 1, false, 32, true},
    {CARD_YUBIKEY, 4, 2, false, 32, true},   {CARD_YUBIKEY, 0, 2, false, 32, true},
    {CARD_MEMORISED, 0, 1, true, 32, true},
};

static struct roster_record r;
static uint8_t buf[ROSTER_RECORD_MAX], again[ROSTER_RECORD_MAX];

static struct roster_credential *make(size_t n)
{
    struct roster_credential *c = &r.credential[0];

    people_small(&r);
    c->family = good[n].family;
    c->hint_len = good[n].hint;
    memset(c->hint, 0x33, c->hint_len);
    c->keys = 1;
    c->key[0] = (struct roster_key){.ref = good[n].ref, .pin = good[n].pin, .len = good[n].len};
    memset(c->key[0].spki, 0x44, good[n].len);
    return c;
}

static bool fits(void)
{
    size_t len = 0;
    struct roster_record back;
    int err = roster_record_encode(&r, buf, sizeof(buf), &len);

    if (err == ROSTER_OK)
        assert_int_equal(roster_record_decode(buf, len, &back), ROSTER_OK);
    else
        assert_int_equal(err, ROSTER_FORMAT);
    return err == ROSTER_OK;
}

static void test_good_ones(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(good); n++) {
        make(n);
        assert_true(fits());
        assert_int_equal(roster_family_shared(good[n].family), good[n].shared);
    }
    assert_false(roster_family_shared(0));
    assert_false(roster_family_shared(CARD_MEMORISED + 1));
}

static bool is_good(uint8_t family, size_t hint, uint8_t ref, bool pin)
{
    if (family == CARD_PIV && ref == 0x9C) /* an approver's */
        ref = 0x9A;
    for (size_t n = 0; n < COUNT(good); n++)
        if (good[n].family == family && (hint == 0 || good[n].hint == hint) && good[n].ref == ref &&
            (good[n].pin == pin || family == CARD_PIV))
            return true;
    return false;
}

static void test_every_reference_and_hint(void **state)
{
    static const size_t hints[] = {0, 1, 3, 4, 5, 7, 8, 9, 15, 16};

    (void)state;
    for (size_t n = 0; n < COUNT(good); n++) {
        for (unsigned ref = 0; ref <= UINT8_MAX; ref++) {
            for (size_t h = 0; h < COUNT(hints); h++) {
                struct roster_credential *c = make(n);
                c->key[0].ref = (uint8_t)ref;
                c->hint_len = hints[h];
                assert_int_equal(fits(),
                                 is_good(good[n].family, hints[h], (uint8_t)ref, good[n].pin));
            }
        }
    }
}

static void test_unknown_families(void **state)
{
    (void)state;
    for (unsigned family = 0; family <= UINT8_MAX; family++) {
        make(0)->family = (uint8_t)family;
        assert_int_equal(fits(), family == CARD_PIV);
    }
}

/* A family that leaves no choice about its PIN has it in its records, too. */
static void test_pin(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(good); n++) {
        struct roster_credential *c = make(n);
        c->key[0].pin = !c->key[0].pin;
        assert_int_equal(fits(), good[n].family == CARD_PIV);
    }
}

static void test_length_of_a_shared_key(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(good); n++) {
        for (size_t len = 1; len <= 64; len++) {
            make(n)->key[0].len = len;
            assert_int_equal(fits(), !good[n].shared || len == CRYPTO_SHA256_LEN);
        }
    }
}

static void test_two_keys(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(good); n++) {
        struct roster_credential *c = make(n);
        c->keys = 2;
        c->key[1] = c->key[0];
        assert_false(fits());
        if (good[n].family != CARD_PIV && good[n].family != CARD_YUBIKEY)
            continue;
        c->key[1].ref = good[n].family == CARD_PIV ? (uint8_t)(0x9A ^ 0x9E ^ good[n].ref)
                                                   : (uint8_t)(3 - good[n].ref);
        assert_true(fits());
        c->key[1].ref = 0x17;
        assert_false(fits());
    }
}

static size_t binding(const char *zone, uint8_t ref, uint8_t *out, size_t cap)
{
    size_t len = 0;

    assert_int_equal(roster_secret_aad(zone, r.id, &r.credential[0], ref, out, cap, &len),
                     ROSTER_OK);
    return len;
}

/* Each property of the row that a secret stands in changes what its seal is bound to. */
#define BOUND(zone, ref, change)                                                                   \
    do {                                                                                           \
        make(5);                                                                                   \
        change;                                                                                    \
        len = binding(zone, ref, again, sizeof(again));                                            \
        assert_false(len == base && memcmp(again, buf, len) == 0);                                 \
    } while (0)

static void test_binding_of_a_secret(void **state)
{
    size_t base, len;

    (void)state;
    make(5);
    base = binding("lgwan", 0x87, buf, sizeof(buf));
    assert_int_equal(binding("lgwan", 0x87, again, sizeof(again)), base);
    assert_memory_equal(again, buf, base);
    BOUND("internet", 0x87, (void)0);
    BOUND("lgwam", 0x87, (void)0);
    BOUND("lgwan", 0x86, (void)0);
    BOUND("lgwan", 0x87, r.id[15] ^= 1);
    BOUND("lgwan", 0x87, r.credential[0].id[0] ^= 1);
    BOUND("lgwan", 0x87, r.credential[0].family = CARD_YUBIKEY);
    make(5);
    for (size_t cap = 0; cap < base; cap++)
        assert_int_equal(roster_secret_aad("lgwan", r.id, &r.credential[0], 0x87, again, cap, &len),
                         ROSTER_FULL);
    /* A secret is never taken for a template. */
    len = 0;
    assert_int_equal(roster_template_aad("lgwan", r.id, &r.finger[0], again, sizeof(again), &len),
                     ROSTER_OK);
    assert_false(len == base && memcmp(again, buf, len) == 0);
}

/* docs/roster.asn1, SecretBinding, octet by octet. */
static void test_binding_as_written_down(void **state)
{
    uint8_t expected[128];
    size_t len = unit_hex("303b"
                          "020101"
                          "0c06736563726574"
                          "0c056c6777616e"
                          "0410"
                          "11111111111111111111111111111111"
                          "0410"
                          "40404040404040404040404040404040"
                          "020103"
                          "02020087",
                          expected, sizeof(expected));

    (void)state;
    make(5);
    expected[1] = (uint8_t)(len - 2);
    assert_int_equal(binding("lgwan", 0x87, buf, sizeof(buf)), len);
    assert_memory_equal(buf, expected, len);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_ones),
        cmocka_unit_test(test_every_reference_and_hint),
        cmocka_unit_test(test_unknown_families),
        cmocka_unit_test(test_pin),
        cmocka_unit_test(test_length_of_a_shared_key),
        cmocka_unit_test(test_two_keys),
        cmocka_unit_test(test_binding_of_a_secret),
        cmocka_unit_test(test_binding_as_written_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
