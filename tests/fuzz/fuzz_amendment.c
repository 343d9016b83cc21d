/* SPDX-License-Identifier: Apache-2.0
 *
 * The first octet says which of the two parsers gets the rest.
 */
#include "core/roster/amendment.h"
#include "tests/fuzz/fuzz.h"

static void signatures(const uint8_t *data, size_t size)
{
    static uint8_t again[ROSTER_AMENDED_MAX];
    static struct roster_amended amended;
    static struct roster_issue issue = {.zone = "lgwan", .number = 7};
    static struct roster_amendment body;
    size_t len = 0;

    if (roster_amended_decode(data, size, &amended) != ROSTER_OK)
        return;
    fuzz_require(roster_amended_encode(&amended, again, sizeof(again), &len) == ROSTER_OK);
    fuzz_same(again, len, data, size);
    fuzz_require(roster_amended_verify(&amended, &issue, &body) != ROSTER_OK);
}

static void body(const uint8_t *data, size_t size)
{
    static uint8_t again[ROSTER_RECORD_MAX];
    static struct roster_amendment a;
    static struct roster_record r;
    const struct roster_amendment *const list[] = {&a};
    size_t len = 0;

    if (roster_amendment_decode(data, size, &a) != ROSTER_OK)
        return;
    fuzz_require(roster_amendment_encode(&a, again, sizeof(again), &len) == ROSTER_OK);
    fuzz_same(again, len, data, size);
    r = (struct roster_record){.number = "1", .name = "x", .category = ROSTER_REGULAR};
    r.state = ROSTER_ACTIVE;
    memcpy(r.id, a.person, sizeof(r.id));
    roster_amendments_apply(list, 1, &r, a.created);
    fuzz_require(roster_record_encode(&r, again, sizeof(again), &len) == ROSTER_OK);
    fuzz_require(r.credentials == (a.kind == ROSTER_AMEND_TEMPORARY ? 1 : 0));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    if (data[0] % 2 == 0)
        body(data + 1, size - 1);
    else
        signatures(data + 1, size - 1);
    return 0;
}
