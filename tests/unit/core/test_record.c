/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/record.h"

#include <stdio.h>

#include "tests/unit/core/people.h"
#include "tests/unit/core/unit.h"

static struct roster_record r, back;
static uint8_t buf[ROSTER_RECORD_MAX + 64], again[ROSTER_RECORD_MAX + 64];

static size_t encode(void)
{
    size_t len = 0;

    assert_int_equal(roster_record_encode(&r, buf, sizeof(buf), &len), ROSTER_OK);
    return len;
}

static int encode_result(void)
{
    size_t len = 0;

    return roster_record_encode(&r, buf, sizeof(buf), &len);
}

static void test_small(void **state)
{
    size_t len;

    (void)state;
    people_small(&r);
    len = encode();
    memset(&back, 0xFF, sizeof(back));
    assert_int_equal(roster_record_decode(buf, len, &back), ROSTER_OK);
    assert_memory_equal(back.id, r.id, sizeof(r.id));
    assert_string_equal(back.number, "012345");
    assert_string_equal(back.name, r.name);
    assert_string_equal(back.kana, "");
    assert_int_equal(back.category, ROSTER_REGULAR);
    assert_int_equal(back.state, ROSTER_ACTIVE);
    assert_int_equal(back.valid_from, 1774969200);
    assert_int_equal(back.valid_until, 0);
    assert_int_equal(back.logins, 1);
    assert_string_equal(back.login[0], "hanako");
    assert_string_equal(back.login[1], "");
    assert_int_equal(back.credentials, 1);
    assert_int_equal(back.credential[0].pin_ref, 0x80);
    assert_int_equal(back.credential[0].key[0].ref, 0x9E);
    assert_false(back.credential[0].key[0].pin);
    assert_int_equal(back.credential[0].key[0].len, 91);
    assert_memory_equal(back.credential[0].key[0].spki, r.credential[0].key[0].spki, 91);
    assert_int_equal(back.fingers, 1);
    assert_string_equal(back.finger[0].driver, "uru4000");
    assert_int_equal(back.finger[0].width, 384);
    assert_memory_equal(back.finger[0].sealed_hash, r.finger[0].sealed_hash, 32);
}

static void check_round_trip(void)
{
    size_t len = encode(), n = 0;

    assert_int_equal(roster_record_decode(buf, len, &back), ROSTER_OK);
    assert_int_equal(roster_record_encode(&back, again, sizeof(again), &n), ROSTER_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, buf, len);
}

/* RSA-3072 takes 422 octets; CRYPTO_SPKI_MAX leaves room for larger ones. */
static void test_full(void **state)
{
    (void)state;
    people_full(&r, 422);
    check_round_trip();
    assert_int_equal(back.credential[7].key[1].ref, 0x9A);
    assert_true(back.credential[7].key[1].pin);
    assert_int_equal(back.finger[9].finger, 10);
    assert_int_equal(back.valid_until, INT64_MAX);
    people_full(&r, CRYPTO_SPKI_MAX);
    check_round_trip();
}

static void test_empty_lists(void **state)
{
    (void)state;
    people_small(&r);
    r.logins = r.credentials = r.fingers = 0;
    check_round_trip();
    assert_int_equal(back.logins, 0);
    assert_false(roster_record_has_login(&back, ""));
    assert_false(roster_record_has_login(&back, "hanako"));
}

/* Each line makes one good record bad. */
#define BAD(...)                                                                                   \
    do {                                                                                           \
        people_full(&r, 91);                                                                       \
        assert_int_equal(encode_result(), ROSTER_OK);                                              \
        __VA_ARGS__;                                                                               \
        assert_int_equal(encode_result(), ROSTER_FORMAT);                                          \
    } while (0)

static void test_limits_of_a_person(void **state)
{
    (void)state;
    BAD(r.number[0] = '\0');
    BAD(r.name[0] = '\0');
    BAD(r.name[127] = 'x');
    BAD(r.name[5] = '\n');
    BAD(r.kana[5] = (char)0x80);
    BAD(r.section[5] = (char)0x7F);
    BAD(r.category = (enum roster_category)0);
    BAD(r.category = (enum roster_category)8);
    BAD(r.category = (enum roster_category)(256 + 1));
    BAD(r.state = (enum roster_state)0);
    BAD(r.state = (enum roster_state)6);
    BAD(r.valid_from = -1);
    BAD(r.valid_until = -1);
    BAD(r.valid_until = 0);
    BAD(r.valid_until = r.valid_from);
    BAD(r.logins = ROSTER_LOGINS + 1);
    BAD(r.logins = SIZE_MAX);
    BAD(r.login[3][0] = '\0');
    BAD(r.login[3][0] = '-');
    BAD(r.login[3][5] = '/');
    BAD(r.login[3][63] = 'x');
    BAD(memcpy(r.login[7], r.login[2], sizeof(r.login[2])));
    BAD(r.reason = (enum roster_reason)(ROSTER_OTHER + 1));
    BAD(r.zones = ROSTER_ZONES_ALL + 1);
    BAD(r.roles = ROSTER_AUDITOR); /* a contractor */
    BAD((r.category = ROSTER_REGULAR, r.roles = ROSTER_ROLES_ALL + 1));
    BAD((r.category = ROSTER_REGULAR, r.roles = ROSTER_REGISTRAR | ROSTER_APPROVER));
    BAD(r.hours = (struct roster_hours){.days = 0x80, .end = 1});
    BAD(r.hours = (struct roster_hours){.days = 1, .begin = 60, .end = 60});
    BAD(r.hours = (struct roster_hours){.begin = 60, .end = 61});
    BAD(r.hours = (struct roster_hours){.days = 1, .begin = 60, .end = 1441});
    BAD(r.hosts = ROSTER_HOSTS + 1);
    BAD(r.hosts = 1); /* an empty name */
    BAD(r.plans = ROSTER_PLANS + 1);
    BAD(r.exceptions = ROSTER_EXCEPTIONS + 1);
    BAD(r.credentials = ROSTER_CREDENTIALS + 1);
    BAD(r.fingers = ROSTER_FINGERS + 1);
}

static void test_limits_of_a_credential(void **state)
{
    (void)state;
    BAD(memcpy(r.credential[7].id, r.credential[0].id, ROSTER_ID_LEN));
    BAD(r.credential[2].family = 0);
    BAD(r.credential[2].family = 2);
    BAD(r.credential[2].state = (enum roster_state)0);
    BAD(r.credential[2].enrolled = -1);
    BAD(r.credential[2].hint_len = 15);
    BAD(r.credential[2].hint_len = 17);
    BAD(r.credential[2].label[0] = '\t');
    BAD(r.credential[2].reason = (enum roster_reason)(ROSTER_OTHER + 1));
    BAD(r.credential[2].zones = ROSTER_ZONES_ALL + 1);
    BAD(r.credential[2].temporary = true);
    BAD((r.credential[2].from = 2, r.credential[2].until = 2));
    BAD(r.credential[2].slot = 1);
    BAD(r.credential[2].stop_len = CRYPTO_SHA256_LEN);
    BAD((r.credential[2].slot = ROSTER_SLOT_MAX + 1, r.credential[2].stop_len = CRYPTO_SHA256_LEN));
    BAD((r.credential[2].slot = 1, r.credential[2].stop_len = CRYPTO_SHA256_LEN - 1));
    BAD(r.credential[2].keys = 0);
    BAD(r.credential[2].keys = ROSTER_KEYS + 1);
    BAD(r.credential[2].key[0].ref = 0x9B);
    BAD(r.credential[2].key[0].ref = 0x9D);
    BAD(r.credential[2].key[0].ref = 0);
    BAD(r.credential[2].key[0].ref = r.credential[2].key[1].ref);
    BAD(r.credential[2].key[1].len = 0);
    BAD(r.credential[2].key[1].len = CRYPTO_SPKI_MAX + 1);
    BAD(r.credential[2].key[1].len = SIZE_MAX);
}

static void test_limits_of_a_finger(void **state)
{
    (void)state;
    BAD(memcpy(r.finger[9].id, r.finger[0].id, ROSTER_ID_LEN));
    BAD(r.finger[9].finger = r.finger[0].finger);
    BAD(r.finger[4].finger = 0);
    BAD(r.finger[4].finger = 11);
    BAD(r.finger[4].enrolled = INT64_MIN);
    BAD(r.finger[4].driver[0] = '\0');
    BAD(r.finger[4].device[0] = '\0');
    BAD(r.finger[4].driver[31] = 'x');
    BAD(r.finger[4].samples = 0);
}

static void test_no_end_only_for_regular_staff(void **state)
{
    (void)state;
    people_small(&r);
    for (unsigned category = ROSTER_REGULAR; category <= ROSTER_CONTRACTOR; category++) {
        r.category = (enum roster_category)category;
        r.valid_until = 0;
        assert_int_equal(encode_result(), category == ROSTER_REGULAR ? ROSTER_OK : ROSTER_FORMAT);
        r.valid_until = r.valid_from + 1;
        assert_int_equal(encode_result(), ROSTER_OK);
    }
}

static void test_capacity(void **state)
{
    size_t need, len = 77;

    (void)state;
    people_small(&r);
    need = encode();
    for (size_t cap = 0; cap < need; cap++) {
        uint8_t *tight = malloc(cap > 0 ? cap : 1);
        assert_non_null(tight);
        assert_int_equal(roster_record_encode(&r, tight, cap, &len), ROSTER_FULL);
        assert_int_equal(len, 77);
        free(tight);
    }
    assert_int_equal(roster_record_encode(&r, buf, need, &len), ROSTER_OK);
    assert_int_equal(roster_record_decode(buf, ROSTER_RECORD_MAX + 1, &back), ROSTER_FORMAT);
}

/* What an altered encoding decodes to is exactly what stands there, or it does not decode. */
static size_t decoded;

static void decode_and_compare(const uint8_t *octets, size_t len)
{
    size_t n = 0;

    memset(&back, 0x55, sizeof(back));
    if (roster_record_decode(octets, len, &back) != ROSTER_OK)
        return;
    decoded++;
    assert_int_equal(roster_record_encode(&back, again, sizeof(again), &n), ROSTER_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, octets, len);
}

static void test_every_turned_bit(void **state)
{
    size_t len;

    (void)state;
    people_small(&r);
    len = encode();
    decoded = 0;
    unit_sweep(buf, len, decode_and_compare);
    assert_in_range(decoded, 8 * 91, 8 * len);
}

static void test_every_octet_of_every_value(void **state)
{
    size_t len;

    (void)state;
    people_small(&r);
    snprintf(r.kana, sizeof(r.kana), "\xE3\x82\x84");
    r.credential[0].key[0].len = 1;
    r.credential[0].hint_len = 16;
    len = encode();
    for (size_t n = 0; n < len; n++) {
        const uint8_t original = buf[n];
        for (unsigned value = 0; value <= UINT8_MAX; value++) {
            buf[n] = (uint8_t)value;
            decode_and_compare(buf, len);
        }
        buf[n] = original;
    }
}

static void test_every_turned_bit_of_a_full_record(void **state)
{
    (void)state;
    people_full(&r, 91);
    unit_sweep(buf, encode(), decode_and_compare);
}

static void test_trailing(void **state)
{
    size_t len;

    (void)state;
    people_small(&r);
    len = encode();
    buf[len] = 0;
    assert_int_equal(roster_record_decode(buf, len + 1, &back), ROSTER_FORMAT);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(roster_record_decode(buf, cut, &back), ROSTER_FORMAT);
}

static void test_a_failed_decode_leaves_the_record(void **state)
{
    struct roster_record before;
    size_t len;

    (void)state;
    people_small(&r);
    len = encode();
    people_full(&back, 91);
    before = back;
    assert_int_equal(roster_record_decode(buf, len - 1, &back), ROSTER_FORMAT);
    assert_memory_equal(&back, &before, sizeof(back));
}

static void test_logins(void **state)
{
    static const char *const good[] = {"a", "hanako", "h.yamada@toyama-01_x", "0", "A-"};
    static const char *const bad[] = {"",    "-",   "-a",           "a b", "a/b",
                                      "a:b", "a\n", "\xE8\x8A\xB1", "a\\b"};
    char name[ROSTER_LOGIN_MAX + 1];

    (void)state;
    for (size_t n = 0; n < COUNT(good); n++)
        assert_true(roster_login_valid(good[n]));
    for (size_t n = 0; n < COUNT(bad); n++)
        assert_false(roster_login_valid(bad[n]));
    memset(name, 'a', sizeof(name));
    name[ROSTER_LOGIN_MAX] = '\0';
    assert_false(roster_login_valid(name));
    assert_true(roster_login_valid(name + 1));
    people_full(&r, 91);
    for (size_t n = 0; n < r.logins; n++)
        assert_true(roster_record_has_login(&r, r.login[n]));
    assert_false(roster_record_has_login(&r, "hanako"));
    assert_false(roster_record_has_login(&r, ""));
}

static void test_names(void **state)
{
    enum roster_category category = (enum roster_category)0;

    (void)state;
    for (unsigned n = ROSTER_REGULAR; n <= ROSTER_CONTRACTOR; n++) {
        assert_true(
            roster_category_parse(roster_category_name((enum roster_category)n), &category));
        assert_int_equal(category, n);
    }
    assert_false(roster_category_parse("unknown", &category));
    assert_false(roster_category_parse("", &category));
    assert_int_equal(category, ROSTER_CONTRACTOR);
    assert_string_equal(roster_category_name((enum roster_category)0), "unknown");
    assert_string_equal(roster_category_name((enum roster_category)8), "unknown");
    assert_string_equal(roster_state_name(ROSTER_ACTIVE), "active");
    assert_string_equal(roster_state_name(ROSTER_DESTROYED), "destroyed");
    assert_string_equal(roster_state_name((enum roster_state)0), "unknown");
    assert_string_equal(roster_state_name((enum roster_state)6), "unknown");
    assert_string_equal(roster_strerror(ROSTER_OK), "ok");
    assert_string_equal(roster_strerror(ROSTER_FULL), "buffer or table too small");
    assert_string_equal(roster_strerror(ROSTER_OFFICES - 1), "unknown error");
    assert_string_equal(roster_strerror(1), "unknown error");
}

static size_t binding(const char *zone, const uint8_t *person, const struct roster_finger *f,
                      uint8_t *out, size_t cap)
{
    size_t len = 0;

    assert_int_equal(roster_template_aad(zone, person, f, out, cap, &len), ROSTER_OK);
    return len;
}

/* Each property of the row that a template stands in changes what its seal is bound to. */
#define BOUND(change)                                                                              \
    do {                                                                                           \
        people_small(&r);                                                                          \
        change;                                                                                    \
        len = binding("lgwan", r.id, &r.finger[0], again, sizeof(again));                          \
        assert_false(len == base && memcmp(again, buf, len) == 0);                                 \
    } while (0)

static void test_template_binding(void **state)
{
    size_t base, len;

    (void)state;
    people_small(&r);
    base = binding("lgwan", r.id, &r.finger[0], buf, sizeof(buf));
    len = binding("lgwan", r.id, &r.finger[0], again, sizeof(again));
    assert_int_equal(len, base);
    assert_memory_equal(again, buf, len);
    BOUND(r.id[0] ^= 1);
    BOUND(r.finger[0].id[15] ^= 1);
    BOUND(r.finger[0].finger = 2);
    BOUND(r.finger[0].driver[0] = 'x');
    BOUND(r.finger[0].device[0] = '1');
    BOUND(r.finger[0].width = 385);
    BOUND(r.finger[0].height = 291);
    BOUND(r.finger[0].enrolled++);
    len = binding("internet", r.id, &r.finger[0], again, sizeof(again));
    assert_false(len == base && memcmp(again, buf, len) == 0);
    for (size_t cap = 0; cap < base; cap++)
        assert_int_equal(roster_template_aad("lgwan", r.id, &r.finger[0], again, cap, &len),
                         ROSTER_FULL);
    r.finger[0].enrolled = -1;
    assert_int_equal(roster_template_aad("lgwan", r.id, &r.finger[0], again, sizeof(again), &len),
                     ROSTER_FORMAT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_small),
        cmocka_unit_test(test_full),
        cmocka_unit_test(test_empty_lists),
        cmocka_unit_test(test_limits_of_a_person),
        cmocka_unit_test(test_limits_of_a_credential),
        cmocka_unit_test(test_limits_of_a_finger),
        cmocka_unit_test(test_no_end_only_for_regular_staff),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_every_turned_bit),
        cmocka_unit_test(test_every_octet_of_every_value),
        cmocka_unit_test(test_every_turned_bit_of_a_full_record),
        cmocka_unit_test(test_trailing),
        cmocka_unit_test(test_a_failed_decode_leaves_the_record),
        cmocka_unit_test(test_logins),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_template_binding),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
