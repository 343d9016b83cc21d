/* SPDX-License-Identifier: Apache-2.0
 *
 * libFuzzer targets: one parser each. Beside what the sanitizers see, a target ends the process
 * where something decodes that does not encode to what stood there.
 */
#ifndef TOYAMA_TESTS_FUZZ_FUZZ_H
#define TOYAMA_TESTS_FUZZ_FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void fuzz_require(bool holds)
{
    if (!holds)
        abort();
}

static inline void fuzz_same(const void *a, size_t alen, const void *b, size_t blen)
{
    fuzz_require(alen == blen && (alen == 0 || memcmp(a, b, alen) == 0));
}

#endif
