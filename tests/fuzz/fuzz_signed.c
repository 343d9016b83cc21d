/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/issue.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[2 * ROSTER_SIGNED_MAX];
    static struct roster_signed s;
    static struct roster_trust trust;
    size_t len = 0;

    if (roster_signed_decode(data, size, &s) == ROSTER_OK) {
        fuzz_require(roster_signed_encode(&s, again, sizeof(again), &len) == ROSTER_OK);
        fuzz_same(again, len, data, size);
        trust = (struct roster_trust){.approval = true, .issue = {.zone = "lgwan"}};
        fuzz_require(roster_chain_step(&trust, &s) != ROSTER_OK && trust.issue.number == 0);
    }
    if (roster_trust_decode(data, size, &trust) == ROSTER_OK) {
        fuzz_require(roster_trust_encode(&trust, again, sizeof(again), &len) == ROSTER_OK);
        fuzz_same(again, len, data, size);
    }
    return 0;
}
