/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/finger.h"

#include "tests/fuzz/fuzz.h"

/* What a matcher says it found: hits that are taken are written back to the same octets. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct tlv_cur cur = tlv_der(data, size);
    struct finger_hit hit;

    while (cur.left > 0) {
        uint8_t again[64];
        struct tlv_out out = tlv_writer(again, sizeof(again));
        const uint8_t *at = cur.p;
        size_t len = 0;
        if (finger_hit_next(&cur, &hit) != WIRE_OK)
            return 0;
        fuzz_require(hit.presses > 0 && hit.presses <= FINGER_PICTURES_MAX &&
                     hit.pairs >= hit.presses);
        finger_hit_put(&out, &hit);
        fuzz_require(tlv_finish(&out, &len) == WIRE_OK);
        fuzz_same(at, (size_t)(cur.p - at), again, len);
    }
    return 0;
}
