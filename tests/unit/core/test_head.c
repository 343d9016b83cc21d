/* SPDX-License-Identifier: Apache-2.0 */
#include "core/chain/head.h"

#include "tests/unit/core/unit.h"

static struct chain_head head, back;
static uint8_t buf[CHAIN_HEAD_MAX + 8];

static int setup(void **state)
{
    (void)state;
    head = (struct chain_head){.host = "mado-01", .sequence = 300, .time = 1775000000, .issue = 7};
    memset(head.link, 0x21, sizeof(head.link));
    memset(head.amendments, 0x22, sizeof(head.amendments));
    memset(&back, 0, sizeof(back));
    return 0;
}

static int encode(size_t *len)
{
    return chain_head_encode(&head, buf, sizeof(buf), len);
}

static void test_round_trip(void **state)
{
    size_t len = 0;

    (void)state;
    assert_int_equal(encode(&len), CHAIN_OK);
    assert_int_equal(chain_head_decode(buf, len, &back), CHAIN_OK);
    assert_memory_equal(&back, &head, sizeof(head));
    assert_int_equal(chain_head_decode(buf, len + 1, &back), CHAIN_FORMAT);
}

static void test_exact_octets(void **state)
{
    static const uint8_t begin[] = {0x30, 0x6E, 0x02, 0x01, 0x01, 0x0C, 0x0F, 't',  'o',
                                    'y',  'a',  'm',  'a',  ' ',  'l',  'o',  'g',  ' ',
                                    'h',  'e',  'a',  'd',  0x0C, 0x07, 'm',  'a',  'd',
                                    'o',  '-',  '0',  '1',  0x02, 0x02, 0x01, 0x2C, 0x04};
    size_t len = 0;

    (void)state;
    assert_int_equal(encode(&len), CHAIN_OK);
    assert_int_equal(len, 0x6E + 2);
    assert_memory_equal(buf, begin, sizeof(begin));
}

static void test_limits(void **state)
{
    size_t len = 0;

    (void)state;
    head.sequence = 0;
    assert_int_equal(encode(&len), CHAIN_FORMAT);
    head.sequence = UINT64_MAX;
    head.issue = UINT64_MAX;
    head.time = INT64_MAX;
    memset(head.host, 'h', sizeof(head.host) - 1);
    assert_int_equal(encode(&len), CHAIN_OK);
    assert_int_equal(chain_head_decode(buf, len, &back), CHAIN_OK);
    assert_memory_equal(&back, &head, sizeof(head));
    assert_int_equal(chain_head_encode(&head, buf, len - 1, &len), CHAIN_FULL);
    memset(head.host, 'h', sizeof(head.host));
    assert_int_equal(encode(&len), CHAIN_FORMAT);
    memset(head.host, 0, sizeof(head.host));
    assert_int_equal(encode(&len), CHAIN_FORMAT);
    setup(NULL);
    head.host[0] = '\n';
    assert_int_equal(encode(&len), CHAIN_FORMAT);
    setup(NULL);
    head.time = -1;
    assert_int_equal(encode(&len), CHAIN_FORMAT);
}

static void parse(const uint8_t *in, size_t len)
{
    uint8_t again[CHAIN_HEAD_MAX];
    size_t n = 0;

    if (chain_head_decode(in, len, &back) != CHAIN_OK)
        return;
    assert_int_equal(chain_head_encode(&back, again, sizeof(again), &n), CHAIN_OK);
    assert_int_equal(n, len);
    assert_memory_equal(again, in, len);
}

static void test_sweep(void **state)
{
    size_t len = 0;

    (void)state;
    assert_int_equal(encode(&len), CHAIN_OK);
    unit_sweep(buf, len, parse);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_round_trip, setup),
        cmocka_unit_test_setup(test_exact_octets, setup),
        cmocka_unit_test_setup(test_limits, setup),
        cmocka_unit_test_setup(test_sweep, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
