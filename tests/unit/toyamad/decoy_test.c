/* SPDX-License-Identifier: Apache-2.0
 *
 * The stand-in for unknown people has the keys that most people have, whatever changes.
 */
#include "core/policy/policy.h"
#include "toyamad/decoy.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define PEOPLE 60

static struct decoy d;

static int begin(void **state)
{
    (void)state;
    assert_true(decoy_begin(&d, FACTOR_CARD));
    return 0;
}

static int end(void **state)
{
    (void)state;
    decoy_end(&d);
    return 0;
}

static struct roster_record person(uint8_t id)
{
    struct roster_record r = {.category = ROSTER_REGULAR, .state = ROSTER_ACTIVE};

    memset(r.id, id, sizeof(r.id));
    r.number[0] = 'n';
    return r;
}

/* alg 0: a shared key. */
static void give(struct roster_record *r, uint8_t family, uint8_t ref, bool pin, unsigned alg)
{
    struct roster_credential *c = &r->credential[r->credentials++];
    struct roster_key *key = &c->key[c->keys++];

    c->family = family;
    key->ref = ref;
    key->pin = pin;
    key->len = CRYPTO_SHA256_LEN;
    if (alg != 0)
        assert_int_equal(
            crypto_unowned_spki((enum crypto_alg)alg, key->spki, sizeof(key->spki), &key->len),
            CRYPTO_OK);
}

static struct roster_record piv(uint8_t id, unsigned alg)
{
    struct roster_record r = person(id);

    give(&r, CARD_PIV, 0x9E, false, alg);
    return r;
}

/* What the decoy is asked first, as family, key and algorithm. */
static uint32_t asked(void)
{
    struct prove_shape shape;

    if (!prove_free_shape(&d.record, d.factor, 0, &shape))
        return 0;
    return (uint32_t)shape.family << 16 | (uint32_t)shape.ref << 8 | shape.alg;
}

#define P256    (CARD_PIV << 16 | 0x9E << 8 | CRYPTO_P256)
#define RSA2048 (CARD_PIV << 16 | 0x9E << 8 | CRYPTO_RSA2048)
#define P384    (CARD_PIV << 16 | 0x9E << 8 | CRYPTO_P384)
#define FELICA  (CARD_FELICA << 16 | 0x87 << 8 | CARD_MAC_A)

static void nobody_is_there(void **state)
{
    (void)state;
    assert_int_equal(asked(), P256);
    assert_int_equal(d.record.credentials, 1);
    assert_string_equal(d.record.number, "");
    assert_int_equal(d.record.logins, 0);
}

static void a_token_where_the_host_asks_for_one(void **state)
{
    struct roster_record r = piv(1, CRYPTO_P384);

    (void)state;
    assert_true(decoy_begin(&d, FACTOR_TOKEN));
    assert_int_equal(asked(), CARD_YUBIKEY << 16 | 2 << 8 | CARD_HMAC_SHA1);
    assert_true(decoy_stands_in(&d, &r));
    decoy_put(&d, &r);
    assert_int_equal(asked(), CARD_YUBIKEY << 16 | 2 << 8 | CARD_HMAC_SHA1);
    give(&r, CARD_YUBIKEY, 1, false, 0);
    assert_false(decoy_stands_in(&d, &r));
    decoy_put(&d, &r);
    assert_int_equal(asked(), CARD_YUBIKEY << 16 | 1 << 8 | CARD_HMAC_SHA1);
}

static void it_looks_like_most(void **state)
{
    struct roster_record r;

    (void)state;
    for (uint8_t id = 1; id <= 3; id++) {
        r = piv(id, CRYPTO_RSA2048);
        decoy_put(&d, &r);
    }
    assert_int_equal(asked(), RSA2048);
    for (uint8_t id = 4; id <= 6; id++) {
        r = piv(id, CRYPTO_P384);
        decoy_put(&d, &r);
        assert_int_equal(asked(), RSA2048); /* also at a draw */
    }
    decoy_remove(&d, r.id);
    decoy_remove(&d, r.id);
    assert_int_equal(asked(), RSA2048);
    r = piv(1, CRYPTO_P384); /* a new card */
    decoy_put(&d, &r);
    assert_int_equal(asked(), P384);
    assert_int_equal(d.people, 5);
}

static void nobody_answers_for_it(void **state)
{
    struct roster_record r = piv(1, CRYPTO_RSA2048);

    (void)state;
    decoy_put(&d, &r);
    assert_int_equal(d.record.credential[0].key[0].len, r.credential[0].key[0].len);
    assert_memory_not_equal(d.record.credential[0].key[0].spki, r.credential[0].key[0].spki,
                            r.credential[0].key[0].len);
}

static void all_that_a_card_is_asked(void **state)
{
    struct roster_record r = person(1);
    struct prove_shape shape;

    (void)state;
    give(&r, CARD_FELICA, 0x87, false, 0);
    give(&r, CARD_PIV, 0x9E, false, CRYPTO_RSA3072);
    give(&r, CARD_PIV, 0x9A, true, CRYPTO_P256); /* a card of its own */
    give(&r, CARD_JPKI, 0x17, true, CRYPTO_RSA2048);
    decoy_put(&d, &r);
    assert_int_equal(asked(), FELICA);
    assert_true(prove_free_shape(&d.record, FACTOR_CARD, 1, &shape));
    assert_int_equal(shape.alg, CRYPTO_RSA3072);
    assert_false(prove_free_shape(&d.record, FACTOR_CARD, 2, &shape));
    assert_int_equal(d.record.credentials, 4);
    assert_int_equal(d.record.credential[2].family, CARD_PIV);
    assert_true(d.record.credential[2].key[0].pin);
    assert_int_equal(d.record.credential[3].family, CARD_JPKI);
    r = person(2);
    give(&r, CARD_JPKI, 0x17, true, CRYPTO_RSA2048);
    decoy_put(&d, &r);
    assert_int_equal(asked(), FELICA);
    r.id[0] = 3;
    decoy_put(&d, &r);
    assert_int_equal(asked(), 0);
    assert_int_equal(d.record.credentials, 1);
}

static void who_has_no_card_does_not_count(void **state)
{
    struct roster_record r = person(1);

    (void)state;
    assert_true(decoy_stands_in(&d, &r));
    give(&r, CARD_MEMORISED, 1, true, 0);
    give(&r, CARD_YUBIKEY, 2, false, 0);
    assert_true(decoy_stands_in(&d, &r));
    decoy_put(&d, &r);
    assert_int_equal(asked(), P256);
    give(&r, CARD_FELICA, 0x87, false, 0);
    assert_false(decoy_stands_in(&d, &r));
    decoy_put(&d, &r);
    assert_int_equal(asked(), FELICA);
}

/* Also of who has no card that this host asks for; those with a PIN change nothing. */
static void exceptions_without_a_pin(void **state)
{
    struct roster_record r = person(1);

    (void)state;
    assert_int_equal(d.pinless_until, 0);
    r.exceptions = 1;
    r.exception[0] = (struct roster_exception){.factors = FACTOR_CARD | FACTOR_PIN, .until = 900};
    decoy_put(&d, &r);
    assert_int_equal(d.pinless_until, 0);
    r.exception[0] =
        (struct roster_exception){.factors = FACTOR_CARD | FACTOR_FINGER, .until = 700};
    decoy_put(&d, &r);
    assert_int_equal(d.pinless_until, 700);
    r.exceptions = 0;
    decoy_put(&d, &r);
    assert_int_equal(d.pinless_until, 700);
}

/* More kinds than there is room for: the rest counts for nobody, and room comes back. */
static void many_kinds(void **state)
{
    struct roster_record r;

    (void)state;
    for (uint8_t id = 1; id <= DECOY_KINDS + 8; id++) {
        r = person(id);
        give(&r, CARD_FELICA, id, false, 0);
        decoy_put(&d, &r);
    }
    for (uint8_t id = 1; id <= DECOY_KINDS + 8; id++) {
        r = person(id);
        decoy_remove(&d, r.id);
    }
    assert_int_equal(d.people, 0);
    for (size_t n = 0; n < DECOY_KINDS; n++)
        assert_int_equal(d.kind[n].people, 0);
    for (uint8_t id = 1; id <= 2; id++) {
        r = piv(id, CRYPTO_P384);
        decoy_put(&d, &r);
    }
    assert_int_equal(asked(), P384);
}

static const struct {
    unsigned alg;
    uint32_t asked;
} choice[] = {{CRYPTO_P256, P256}, {CRYPTO_RSA2048, RSA2048}, {CRYPTO_P384, P384}, {0, FELICA}};

/* Against a plain count after each of many changes. */
static void any_order_of_changes(void **state)
{
    int has[PEOPLE];
    struct roster_record r, cards[4];

    (void)state;
    srandom(20260401);
    memset(has, 0xFF, sizeof(has));
    for (size_t n = 0; n < 3; n++)
        cards[n] = piv(1, choice[n].alg);
    cards[3] = person(1);
    give(&cards[3], CARD_FELICA, 0x87, false, 0);
    for (int round = 0; round < 4000; round++) {
        size_t who = (size_t)random() % PEOPLE, kind = (size_t)random() % 5;
        size_t count[4] = {0}, most = 0, has_decoy = 0;
        has[who] = kind < 4 ? (int)kind : -1;
        r = cards[kind % 4];
        memset(r.id, (int)who, sizeof(r.id));
        if (kind < 4)
            decoy_put(&d, &r);
        else
            decoy_remove(&d, r.id);
        for (size_t n = 0; n < PEOPLE; n++)
            if (has[n] >= 0)
                count[has[n]]++;
        for (size_t n = 0; n < 4; n++) {
            most = count[n] > most ? count[n] : most;
            has_decoy = choice[n].asked == asked() ? count[n] : has_decoy;
        }
        assert_int_equal(has_decoy, most);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(nobody_is_there, begin, end),
        cmocka_unit_test_setup_teardown(a_token_where_the_host_asks_for_one, begin, end),
        cmocka_unit_test_setup_teardown(it_looks_like_most, begin, end),
        cmocka_unit_test_setup_teardown(nobody_answers_for_it, begin, end),
        cmocka_unit_test_setup_teardown(all_that_a_card_is_asked, begin, end),
        cmocka_unit_test_setup_teardown(who_has_no_card_does_not_count, begin, end),
        cmocka_unit_test_setup_teardown(many_kinds, begin, end),
        cmocka_unit_test_setup_teardown(exceptions_without_a_pin, begin, end),
        cmocka_unit_test_setup_teardown(any_order_of_changes, begin, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
