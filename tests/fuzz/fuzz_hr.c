/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/hr.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t again[HR_ROW_MAX];
    struct hr_list list;
    struct hr_row row;
    size_t len = 0;

    if (hr_list_open(data, size, &list) != ROSTER_OK)
        return 0;
    while (list.rows.left > 0) {
        const uint8_t *start = list.rows.p;
        if (hr_list_next(&list, &row) != ROSTER_OK)
            return 0;
        fuzz_require(hr_row_encode(&row, again, sizeof(again), &len) == ROSTER_OK);
        fuzz_same(again, len, start, (size_t)(list.rows.p - start));
    }
    fuzz_require(list.count > 0);
    return 0;
}
