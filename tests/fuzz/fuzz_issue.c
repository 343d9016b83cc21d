/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/issue.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[ROSTER_ISSUE_MAX];
    struct roster_issue issue, next;
    size_t len = 0;

    if (roster_issue_decode(data, size, &issue) != ROSTER_OK)
        return 0;
    fuzz_require(roster_issue_encode(&issue, again, sizeof(again), &len) == ROSTER_OK);
    fuzz_same(again, len, data, size);
    next = issue;
    next.number++;
    fuzz_require(crypto_sha256(data, size, next.previous) == CRYPTO_OK);
    fuzz_require(roster_issue_follows(&next, data, size) ==
                 (issue.number < UINT64_MAX ? ROSTER_OK : ROSTER_CHAIN));
    fuzz_require(roster_issue_follows(&issue, data, size) == ROSTER_CHAIN);
    return 0;
}
