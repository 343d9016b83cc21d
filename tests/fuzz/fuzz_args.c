/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/args.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[4096];
    static struct args args;
    size_t len = 0;

    if (args_decode(data, size, &args) != WIRE_OK)
        return 0;
    fuzz_require(args_encode(&args, again, sizeof(again), &len) == WIRE_OK);
    fuzz_same(again, len, data, size);
    return 0;
}
