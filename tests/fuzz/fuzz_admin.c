/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/admin.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[FRAME_WORK_MAX];
    static struct admin_pairs pairs;
    size_t len = 0;

    if (admin_pairs_decode(data, size, &pairs) != WIRE_OK)
        return 0;
    fuzz_require(admin_pairs_encode(&pairs, again, sizeof(again), &len) == WIRE_OK);
    fuzz_same(again, len, data, size);
    return 0;
}
