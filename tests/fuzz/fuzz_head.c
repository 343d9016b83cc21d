/* SPDX-License-Identifier: Apache-2.0 */
#include "core/chain/head.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[CHAIN_HEAD_MAX];
    struct chain_head head;
    size_t len = 0;

    if (chain_head_decode(data, size, &head) != CHAIN_OK)
        return 0;
    fuzz_require(chain_head_encode(&head, again, sizeof(again), &len) == CHAIN_OK);
    fuzz_same(again, len, data, size);
    return 0;
}
