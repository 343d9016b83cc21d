/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/payload.h"

#include "tests/unit/core/unit.h"

static uint8_t buf[65536];
static size_t used, room;

static bool append(void *ctx, const void *p, size_t len)
{
    (void)ctx;
    if (len > room - used)
        return false;
    memcpy(buf + used, p, len);
    used += len;
    return true;
}

static const uint8_t id[ROSTER_ID_LEN] = {1, 2, 3};
static uint8_t big[40000];
static struct roster_signed issue = {
    .der = {1}, .der_len = 1, .key = {2}, .key_len = 1, .sig = {3}, .sig_len = 1};

static struct roster_payload_writer writer(void)
{
    used = 0;
    room = sizeof(buf);
    return (struct roster_payload_writer){.write = append};
}

static int write_all(struct roster_payload_writer *w, uint64_t base, size_t template)
{
    uint8_t der[64];
    size_t len = 0;
    uint64_t octets[ROSTER_PARTS] = {0};

    assert_int_equal(roster_signed_encode(&issue, der, sizeof(der), &len), ROSTER_OK);
    octets[ROSTER_PART_CHAIN] = len;
    octets[ROSTER_PART_RECORDS] = roster_payload_size_octets(5) + roster_payload_size_octets(200);
    octets[ROSTER_PART_REMOVED] = base == 0 ? 0 : roster_payload_size_octets(ROSTER_ID_LEN);
    octets[ROSTER_PART_TEMPLATES] = roster_payload_size_sealed(template);
    octets[ROSTER_PART_SECRETS] = roster_payload_size_secret(0x87, 3);
    if (roster_payload_begin(w, "lgwan", base, octets) != ROSTER_OK ||
        roster_payload_put_encoded(w, der, len) != ROSTER_OK ||
        roster_payload_next(w) != ROSTER_OK ||
        roster_payload_put_octets(w, "12345", 5) != ROSTER_OK ||
        roster_payload_put_octets(w, big, 200) != ROSTER_OK ||
        roster_payload_next(w) != ROSTER_OK ||
        (base != 0 && roster_payload_put_octets(w, id, sizeof(id)) != ROSTER_OK) ||
        roster_payload_next(w) != ROSTER_OK ||
        roster_payload_put_sealed(w, id, big, template) != ROSTER_OK ||
        roster_payload_next(w) != ROSTER_OK ||
        roster_payload_put_secret(w, id, 0x87, "abc", 3) != ROSTER_OK ||
        roster_payload_next(w) != ROSTER_OK)
        return ROSTER_FULL;
    return roster_payload_end(w);
}

static void check_sealed(struct roster_payload *p, size_t template)
{
    uint8_t who[ROSTER_ID_LEN], ref = 0;
    const uint8_t *item = NULL;
    size_t len = 0;

    assert_int_equal(roster_payload_sealed(&p->part[ROSTER_PART_TEMPLATES], who, &item, &len), 1);
    assert_memory_equal(who, id, sizeof(id));
    assert_int_equal(len, template);
    assert_int_equal(roster_payload_sealed(&p->part[ROSTER_PART_TEMPLATES], who, &item, &len), 0);
    assert_int_equal(roster_payload_secret(&p->part[ROSTER_PART_SECRETS], who, &ref, &item, &len),
                     1);
    assert_int_equal(ref, 0x87);
    assert_int_equal(len, 3);
    assert_memory_equal(item, "abc", 3);
    assert_int_equal(roster_payload_secret(&p->part[ROSTER_PART_SECRETS], who, &ref, &item, &len),
                     0);
}

static void check_all(uint64_t base, size_t template)
{
    struct roster_payload p;
    struct roster_signed back;
    const uint8_t *item = NULL;
    size_t len = 0;

    assert_int_equal(roster_payload_open(buf, used, &p), ROSTER_OK);
    assert_string_equal(p.zone, "lgwan");
    assert_int_equal(p.base, base);
    assert_int_equal(roster_payload_signed(&p.part[ROSTER_PART_CHAIN], &back), 1);
    assert_int_equal(back.sig[0], 3);
    assert_int_equal(roster_payload_signed(&p.part[ROSTER_PART_CHAIN], &back), 0);
    assert_int_equal(roster_payload_octets(&p.part[ROSTER_PART_RECORDS], &item, &len), 1);
    assert_memory_equal(item, "12345", 5);
    assert_int_equal(roster_payload_octets(&p.part[ROSTER_PART_RECORDS], &item, &len), 1);
    assert_int_equal(len, 200);
    assert_int_equal(roster_payload_octets(&p.part[ROSTER_PART_RECORDS], &item, &len), 0);
    assert_int_equal(roster_payload_octets(&p.part[ROSTER_PART_REMOVED], &item, &len),
                     base == 0 ? 0 : 1);
    check_sealed(&p, template);
}

static void test_there_and_back(void **state)
{
    static const size_t sizes[] = {1, 100, 127, 128, 255, 256, 5000, sizeof(big)};
    struct roster_payload_writer w;

    (void)state;
    for (size_t n = 0; n < sizeof(sizes) / sizeof(sizes[0]); n++) {
        w = writer();
        assert_int_equal(write_all(&w, n % 2 == 0 ? 0 : 123, sizes[n]), ROSTER_OK);
        check_all(n % 2 == 0 ? 0 : 123, sizes[n]);
    }
}

static void test_a_full_one_removes_nobody(void **state)
{
    uint64_t octets[ROSTER_PARTS] = {[ROSTER_PART_REMOVED] = roster_payload_size_octets(16)};
    struct roster_payload_writer w = writer();
    struct roster_payload p;

    (void)state;
    assert_int_equal(roster_payload_begin(&w, "lgwan", 0, octets), ROSTER_OK);
    assert_int_equal(roster_payload_next(&w), ROSTER_OK);
    assert_int_equal(roster_payload_next(&w), ROSTER_OK);
    assert_int_equal(roster_payload_put_octets(&w, id, sizeof(id)), ROSTER_OK);
    for (int n = 0; n < 3; n++)
        assert_int_equal(roster_payload_next(&w), ROSTER_OK);
    assert_int_equal(roster_payload_end(&w), ROSTER_OK);
    assert_int_equal(roster_payload_open(buf, used, &p), ROSTER_FORMAT);
}

static void test_promises_are_kept(void **state)
{
    uint64_t octets[ROSTER_PARTS] = {[ROSTER_PART_CHAIN] = 4};
    struct roster_payload_writer w = writer();

    (void)state;
    assert_int_equal(roster_payload_begin(&w, "lgwan", 0, octets), ROSTER_OK);
    assert_int_equal(roster_payload_next(&w), ROSTER_FORMAT);
    assert_int_equal(roster_payload_put_octets(&w, "abc", 3), ROSTER_FORMAT);
    w = writer();
    assert_int_equal(roster_payload_begin(&w, "lgwan", 0, octets), ROSTER_OK);
    assert_int_equal(roster_payload_put_octets(&w, "ab", 2), ROSTER_OK);
    assert_int_equal(roster_payload_end(&w), ROSTER_FORMAT);
    octets[ROSTER_PART_RECORDS] = (uint64_t)UINT32_MAX + 1;
    w = writer();
    assert_int_equal(roster_payload_begin(&w, "lgwan", 0, octets), ROSTER_FULL);
    octets[ROSTER_PART_RECORDS] = UINT32_MAX - 1;
    assert_int_equal(roster_payload_begin(&w, "lgwan", 0, octets), ROSTER_FULL);
}

static void test_a_writer_that_gives_up(void **state)
{
    struct roster_payload_writer w = writer();
    size_t need;

    (void)state;
    assert_int_equal(write_all(&w, 0, 300), ROSTER_OK);
    need = used;
    for (size_t n = 0; n < need; n++) {
        w = writer();
        room = n;
        assert_int_equal(write_all(&w, 0, 300), ROSTER_FULL);
    }
}

static void read_through(const uint8_t *octets, size_t len)
{
    struct roster_payload p;
    struct roster_signed s;
    uint8_t who[ROSTER_ID_LEN], ref;
    const uint8_t *item = NULL;
    size_t n = 0;

    if (roster_payload_open(octets, len, &p) != ROSTER_OK)
        return;
    while (roster_payload_signed(&p.part[ROSTER_PART_CHAIN], &s) == 1)
        continue;
    while (roster_payload_octets(&p.part[ROSTER_PART_RECORDS], &item, &n) == 1)
        assert_true(item >= octets && item + n <= octets + len);
    while (roster_payload_sealed(&p.part[ROSTER_PART_TEMPLATES], who, &item, &n) == 1)
        assert_true(item >= octets && item + n <= octets + len);
    while (roster_payload_secret(&p.part[ROSTER_PART_SECRETS], who, &ref, &item, &n) == 1)
        assert_true(item >= octets && item + n <= octets + len);
}

static void test_turned_bits_and_cuts(void **state)
{
    static uint8_t copy[2048];
    struct roster_payload_writer w = writer();
    struct roster_payload p;

    (void)state;
    assert_int_equal(write_all(&w, 7, 300), ROSTER_OK);
    assert_true(used <= sizeof(copy));
    memcpy(copy, buf, used);
    for (size_t n = 0; n < used; n++)
        assert_int_equal(roster_payload_open(copy, n, &p), ROSTER_FORMAT);
    assert_int_equal(roster_payload_open(copy, used + 1, &p), ROSTER_FORMAT);
    unit_sweep(copy, used, read_through);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_a_full_one_removes_nobody),
        cmocka_unit_test(test_promises_are_kept),
        cmocka_unit_test(test_a_writer_that_gives_up),
        cmocka_unit_test(test_turned_bits_and_cuts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
