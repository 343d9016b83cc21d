/* SPDX-License-Identifier: Apache-2.0 */
#include "core/chain/chain.h"

#include <stdio.h>

#include "tests/unit/core/unit.h"

static struct chain_event event, back;
static uint8_t buf[CHAIN_EVENT_MAX + 64], again[CHAIN_EVENT_MAX + 64];

static void sample(uint64_t sequence, int64_t time)
{
    event = (struct chain_event){.sequence = sequence, .time = time, .kind = "login"};
    assert_true(chain_event_add(&event, "service", "su"));
    assert_true(chain_event_add(&event, "person", "\xE5\xB1\xB1\xE7\x94\xB0"));
    assert_true(chain_event_add(&event, "reason", ""));
}

static size_t encode(void)
{
    size_t len = 0;

    assert_int_equal(chain_event_encode(&event, buf, sizeof(buf), &len), CHAIN_OK);
    return len;
}

static void test_round_trip(void **state)
{
    size_t len;

    (void)state;
    sample(UINT64_MAX, INT64_MAX);
    len = encode();
    assert_int_equal(chain_event_decode(buf, len, &back), CHAIN_OK);
    assert_true(back.sequence == UINT64_MAX);
    assert_true(back.time == INT64_MAX);
    assert_string_equal(back.kind, "login");
    assert_int_equal(back.count, 3);
    assert_string_equal(chain_event_get(&back, "service"), "su");
    assert_string_equal(chain_event_get(&back, "person"), "\xE5\xB1\xB1\xE7\x94\xB0");
    assert_string_equal(chain_event_get(&back, "reason"), "");
    assert_null(chain_event_get(&back, "serv"));
}

static void test_exact_octets(void **state)
{
    static const uint8_t expected[] = {0x30, 0x1B, 0x02, 0x01, 0x01, 0x02, 0x01, 0x02, 0x0C, 0x05,
                                       'l',  'o',  'g',  'i',  'n',  0x30, 0x0C, 0x30, 0x0A, 0x0C,
                                       0x04, 'u',  's',  'e',  'r',  0x0C, 0x02, 'k',  'o'};

    (void)state;
    event = (struct chain_event){.sequence = 1, .time = 2, .kind = "login"};
    assert_true(chain_event_add(&event, "user", "ko"));
    assert_int_equal(encode(), sizeof(expected));
    assert_memory_equal(buf, expected, sizeof(expected));
}

static const struct {
    const char *value, *kept;
} cleaned[] = {
    {"plain", "plain"},      {"a\nb", "a?b"},
    {"\x1B[2J", "?[2J"},     {"\x7F\x01", "??"},
    {"\xC2\x85", "??"},      {"\xFF\xE5\xB1\xB1", "?\xE5\xB1\xB1"},
    {"\xE5\xB1", "??"},      {"\xE5\xB1q", "??q"},
    {"\xED\xA0\x80", "???"}, {"\xF0\x9F\x80\x80", "\xF0\x9F\x80\x80"},
    {"\xC0\x80", "??"},
};

static void test_values_are_cleaned(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(cleaned); n++) {
        size_t len;
        event = (struct chain_event){.sequence = 1, .kind = "x"};
        assert_true(chain_event_add(&event, "k", cleaned[n].value));
        assert_string_equal(chain_event_get(&event, "k"), cleaned[n].kept);
        len = encode();
        assert_int_equal(chain_event_decode(buf, len, &back), CHAIN_OK);
        assert_string_equal(chain_event_get(&back, "k"), cleaned[n].kept);
    }
}

/* For every length around the limit the value ends with a whole character. */
static void test_long_values_are_cut(void **state)
{
    char value[3 * CHAIN_VALUE_MAX];

    (void)state;
    for (size_t lead = 0; lead < 4; lead++) {
        size_t used = lead, len;
        memset(value, 'x', lead);
        while (used + 3 < sizeof(value)) {
            memcpy(value + used, "\xE5\xB1\xB1", 3);
            used += 3;
        }
        value[used] = '\0';
        event = (struct chain_event){.sequence = 1, .kind = "x"};
        assert_true(chain_event_add(&event, "k", value));
        len = strlen(chain_event_get(&event, "k"));
        assert_in_range(len, CHAIN_VALUE_MAX - 3, CHAIN_VALUE_MAX - 1);
        assert_int_equal((len - lead) % 3, 0);
        len = encode();
        assert_int_equal(chain_event_decode(buf, len, &back), CHAIN_OK);
    }
}

static void test_limits_of_add(void **state)
{
    char key[CHAIN_KEY_MAX + 1];

    (void)state;
    memset(key, 'k', sizeof(key));
    key[CHAIN_KEY_MAX] = '\0';
    event = (struct chain_event){.sequence = 1, .kind = "x"};
    assert_false(chain_event_add(&event, key, ""));
    assert_false(chain_event_add(&event, "", ""));
    assert_int_equal(event.count, 0);
    for (size_t n = 0; n < CHAIN_PAIRS_MAX; n++)
        assert_true(chain_event_add(&event, key + 1, ""));
    assert_false(chain_event_add(&event, "k", ""));
    assert_int_equal(event.count, CHAIN_PAIRS_MAX);
    assert_int_equal(chain_event_decode(buf, encode(), &back), CHAIN_OK);
}

static int encode_result(void)
{
    size_t len = 0;

    return chain_event_encode(&event, buf, sizeof(buf), &len);
}

#define BAD(change)                                                                                \
    do {                                                                                           \
        sample(1, 1);                                                                              \
        assert_int_equal(encode_result(), CHAIN_OK);                                               \
        change;                                                                                    \
        assert_int_equal(encode_result(), CHAIN_FORMAT);                                           \
    } while (0)

static void test_limits_of_encode(void **state)
{
    (void)state;
    BAD(event.sequence = 0);
    BAD(event.time = -1);
    BAD(event.kind[0] = '\0');
    BAD(event.kind[1] = '\n');
    BAD(memset(event.kind, 'k', sizeof(event.kind)));
    BAD(event.count = CHAIN_PAIRS_MAX + 1);
    BAD(event.count = SIZE_MAX);
    BAD(event.pair[1].key[0] = '\0');
    BAD(event.pair[1].value[0] = '\x01');
    BAD(memset(event.pair[1].value, 'v', sizeof(event.pair[1].value)));
}

static void test_capacity(void **state)
{
    char value[CHAIN_VALUE_MAX];
    size_t need, len = 77;

    (void)state;
    sample(3, 4);
    need = encode();
    for (size_t cap = 0; cap < need; cap++) {
        uint8_t *tight = malloc(cap > 0 ? cap : 1);
        assert_non_null(tight);
        assert_int_equal(chain_event_encode(&event, tight, cap, &len), CHAIN_FULL);
        free(tight);
    }
    assert_int_equal(len, 77);
    memset(value, 'v', sizeof(value));
    value[sizeof(value) - 1] = '\0';
    event = (struct chain_event){.sequence = 1, .kind = "x"};
    while (chain_event_add(&event, "a-key-of-some-length", value))
        ;
    assert_int_equal(encode_result(), CHAIN_FULL);
}

static void decode_and_compare(const uint8_t *octets, size_t len)
{
    size_t n = 0;

    if (chain_event_decode(octets, len, &back) != CHAIN_OK)
        return;
    assert_int_equal(chain_event_encode(&back, again, sizeof(again), &n), CHAIN_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, octets, len);
}

static void test_sweep(void **state)
{
    size_t len;

    (void)state;
    sample(300, 1775000000);
    len = encode();
    unit_sweep(buf, len, decode_and_compare);
    for (size_t cut = 0; cut < len; cut++)
        assert_int_equal(chain_event_decode(buf, cut, &back), CHAIN_FORMAT);
    buf[len] = 0;
    assert_int_equal(chain_event_decode(buf, len + 1, &back), CHAIN_FORMAT);
    memset(buf, 0, sizeof(buf));
    assert_int_equal(chain_event_decode(buf, CHAIN_EVENT_MAX + 1, &back), CHAIN_FORMAT);
}

/* A log of some events, as the broker writes it. */
enum { EVENTS = 12 };

static struct {
    uint8_t der[256];
    size_t len;
    uint8_t link[CRYPTO_SHA256_LEN];
} stored[EVENTS];

static int write_log(void **state)
{
    uint8_t link[CRYPTO_SHA256_LEN] = {0};

    (void)state;
    for (size_t n = 0; n < EVENTS; n++) {
        sample(n + 1, 1775000000 + (int64_t)(n / 3));
        if (chain_event_encode(&event, stored[n].der, sizeof(stored[n].der), &stored[n].len) !=
                CHAIN_OK ||
            chain_link(link, stored[n].der, stored[n].len, stored[n].link) != CHAIN_OK)
            return -1;
        memcpy(link, stored[n].link, sizeof(link));
    }
    return 0;
}

/* Walks the events of `order`; returns how many steps were good, *result the last step's. */
static size_t walk(const size_t *order, size_t count, int *result)
{
    struct chain_walk w = {0};
    size_t good = 0;

    for (; good < count; good++) {
        const size_t n = order[good];
        const struct chain_walk before = w;
        *result = chain_walk_step(&w, stored[n].der, stored[n].len, stored[n].link, &back);
        if (*result != CHAIN_OK) {
            assert_memory_equal(&w, &before, sizeof(w));
            break;
        }
        assert_int_equal(w.last_sequence, n + 1);
        assert_int_equal(back.sequence, n + 1);
        assert_memory_equal(w.link, stored[n].link, sizeof(w.link));
    }
    return good;
}

static const size_t in_order[EVENTS] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static void test_walk(void **state)
{
    int r = 1;

    (void)state;
    assert_int_equal(walk(in_order, EVENTS, &r), EVENTS);
    assert_int_equal(r, CHAIN_OK);
}

static void test_walk_missing_repeated_swapped(void **state)
{
    static const size_t first_missing[] = {1, 2}, one_missing[] = {0, 1, 3, 4};
    static const size_t repeated[] = {0, 1, 1, 2}, swapped[] = {0, 2, 1, 3}, again_first[] = {0, 0};
    int r = CHAIN_OK;

    (void)state;
    assert_int_equal(walk(first_missing, 2, &r), 0);
    assert_int_equal(r, CHAIN_BROKEN);
    assert_int_equal(walk(one_missing, 4, &r), 2);
    assert_int_equal(r, CHAIN_BROKEN);
    assert_int_equal(walk(repeated, 4, &r), 2);
    assert_int_equal(r, CHAIN_BROKEN);
    assert_int_equal(walk(swapped, 4, &r), 1);
    assert_int_equal(r, CHAIN_BROKEN);
    assert_int_equal(walk(again_first, 2, &r), 1);
    assert_int_equal(r, CHAIN_BROKEN);
}

/* Each bit of each event and of each link: the walk never gets past it. */
static void test_walk_every_turned_bit(void **state)
{
    int r = CHAIN_OK;

    (void)state;
    for (size_t n = 0; n < EVENTS; n++) {
        for (size_t bit = 0; bit < 8 * stored[n].len; bit++) {
            stored[n].der[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(walk(in_order, EVENTS, &r), n);
            assert_true(r == CHAIN_BROKEN || r == CHAIN_FORMAT);
            stored[n].der[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
        for (size_t bit = 0; bit < 8 * sizeof(stored[n].link); bit++) {
            stored[n].link[bit / 8] ^= (uint8_t)(1u << bit % 8);
            assert_int_equal(walk(in_order, EVENTS, &r), n);
            assert_int_equal(r, CHAIN_BROKEN);
            stored[n].link[bit / 8] ^= (uint8_t)(1u << bit % 8);
        }
    }
}

/* Rewriting one event and all links behind it is what only the signed head can show; rewriting it
 * and its own link breaks at the next one. */
static void test_walk_forged_event(void **state)
{
    int r = CHAIN_OK;

    (void)state;
    sample(5, 1775000001);
    assert_true(chain_event_add(&event, "forged", "yes"));
    assert_int_equal(
        chain_event_encode(&event, stored[4].der, sizeof(stored[4].der), &stored[4].len), CHAIN_OK);
    assert_int_equal(chain_link(stored[3].link, stored[4].der, stored[4].len, stored[4].link),
                     CHAIN_OK);
    assert_int_equal(walk(in_order, EVENTS, &r), 5);
    assert_int_equal(r, CHAIN_BROKEN);
}

static void test_walk_time_runs_back(void **state)
{
    int r = CHAIN_OK;

    (void)state;
    sample(5, 1774999999);
    assert_int_equal(
        chain_event_encode(&event, stored[4].der, sizeof(stored[4].der), &stored[4].len), CHAIN_OK);
    assert_int_equal(chain_link(stored[3].link, stored[4].der, stored[4].len, stored[4].link),
                     CHAIN_OK);
    assert_int_equal(walk(in_order, EVENTS, &r), 4);
    assert_int_equal(r, CHAIN_TIME);
}

static void test_link_is_what_the_header_says(void **state)
{
    static const uint8_t previous[CRYPTO_SHA256_LEN] = {7}, der[] = {0x30, 0x00, 0x05};
    uint8_t both[CRYPTO_SHA256_LEN + sizeof(der)], expected[CRYPTO_SHA256_LEN],
        got[CRYPTO_SHA256_LEN];

    (void)state;
    memcpy(both, previous, sizeof(previous));
    memcpy(both + sizeof(previous), der, sizeof(der));
    assert_int_equal(crypto_sha256(both, sizeof(both), expected), CRYPTO_OK);
    assert_int_equal(chain_link(previous, der, sizeof(der), got), CHAIN_OK);
    assert_memory_equal(got, expected, sizeof(got));
}

static void test_strerror(void **state)
{
    (void)state;
    assert_string_equal(chain_strerror(CHAIN_OK), "ok");
    assert_string_equal(chain_strerror(CHAIN_FULL), "buffer too small");
    assert_string_equal(chain_strerror(CHAIN_FULL - 1), "unknown error");
    assert_string_equal(chain_strerror(1), "unknown error");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_exact_octets),
        cmocka_unit_test(test_values_are_cleaned),
        cmocka_unit_test(test_long_values_are_cut),
        cmocka_unit_test(test_limits_of_add),
        cmocka_unit_test(test_limits_of_encode),
        cmocka_unit_test(test_capacity),
        cmocka_unit_test(test_sweep),
        cmocka_unit_test_setup(test_walk, write_log),
        cmocka_unit_test_setup(test_walk_missing_repeated_swapped, write_log),
        cmocka_unit_test_setup(test_walk_every_turned_bit, write_log),
        cmocka_unit_test_setup(test_walk_forged_event, write_log),
        cmocka_unit_test_setup(test_walk_time_runs_back, write_log),
        cmocka_unit_test(test_link_is_what_the_header_says),
        cmocka_unit_test(test_strerror),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
