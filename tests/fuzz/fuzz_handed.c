/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/handed.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[HANDED_ITEM_MAX];
    struct tlv_cur cur = tlv_der(data, size);
    struct handed_counter c;
    struct handed_event e;
    struct handed_use u;
    struct tlv t;
    size_t len = 0;

    for (const uint8_t *begin = data; handed_event_next(&cur, &e) == 1; begin = cur.p) {
        fuzz_require(handed_event_encode(&e, again, sizeof(again), &len) == WIRE_OK);
        fuzz_same(again, len, begin, (size_t)(cur.p - begin));
    }
    cur = tlv_der(data, size);
    for (const uint8_t *begin = data; handed_counter_next(&cur, &c) == 1; begin = cur.p) {
        fuzz_require(handed_counter_encode(&c, again, sizeof(again), &len) == WIRE_OK);
        fuzz_same(again, len, begin, (size_t)(cur.p - begin));
    }
    cur = tlv_der(data, size);
    for (const uint8_t *begin = data; handed_use_next(&cur, &u) == 1; begin = cur.p) {
        fuzz_require(handed_use_encode(&u, again, sizeof(again), &len) == WIRE_OK);
        fuzz_same(again, len, begin, (size_t)(cur.p - begin));
    }
    cur = tlv_der(data, size);
    while (handed_octets_next(&cur, &t) == 1)
        fuzz_require(t.val >= data && t.len > 0 && t.len <= size);
    return 0;
}
