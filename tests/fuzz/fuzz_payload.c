/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/payload.h"
#include "tests/fuzz/fuzz.h"

static void inside(const uint8_t *data, size_t size, const uint8_t *item, size_t len)
{
    fuzz_require(item >= data && len <= size && (size_t)(item - data) <= size - len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct roster_signed s;
    struct roster_payload p;
    uint8_t id[ROSTER_ID_LEN], ref = 0;
    const uint8_t *item = NULL;
    size_t len = 0;

    if (roster_payload_open(data, size, &p) != ROSTER_OK)
        return 0;
    while (roster_payload_signed(&p.part[ROSTER_PART_CHAIN], &s) == 1)
        fuzz_require(s.der_len > 0 && s.key_len > 0);
    while (roster_payload_octets(&p.part[ROSTER_PART_RECORDS], &item, &len) == 1)
        inside(data, size, item, len);
    while (roster_payload_sealed(&p.part[ROSTER_PART_TEMPLATES], id, &item, &len) == 1)
        inside(data, size, item, len);
    while (roster_payload_secret(&p.part[ROSTER_PART_SECRETS], id, &ref, &item, &len) == 1)
        inside(data, size, item, len);
    return 0;
}
