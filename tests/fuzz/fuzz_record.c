/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/record.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t again[ROSTER_RECORD_MAX];
    static struct roster_record record;
    size_t len = 0;

    if (roster_record_decode(data, size, &record) != ROSTER_OK)
        return 0;
    fuzz_require(roster_record_encode(&record, again, sizeof(again), &len) == ROSTER_OK);
    fuzz_same(again, len, data, size);
    for (size_t n = 0; n < record.logins; n++)
        fuzz_require(roster_record_has_login(&record, record.login[n]));
    for (size_t n = 0; n < record.fingers; n++)
        fuzz_require(roster_template_aad("lgwan", record.id, &record.finger[n], again,
                                         sizeof(again), &len) == ROSTER_OK);
    return 0;
}
