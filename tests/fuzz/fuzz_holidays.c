/* SPDX-License-Identifier: Apache-2.0
 *
 * The file of public holidays: whatever is taken is a list of ascending days that are found again.
 */
#include "core/roster/holidays.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct holidays h;
    size_t line = 0;
    int err = holidays_parse(data, size, &h, &line);

    fuzz_require(h.count <= HOLIDAYS_MAX && line <= size + 1);
    fuzz_require(holidays_strerror(err)[0] != '\0');
    if (err != HOLIDAYS_OK)
        return 0;
    fuzz_require(h.count > 0 && h.count <= line);
    for (size_t n = 0; n < h.count; n++) {
        const int year = (int)(h.day[n] / 10000), month = (int)(h.day[n] / 100 % 100);
        fuzz_require(n == 0 || h.day[n] > h.day[n - 1]);
        fuzz_require(holidays_closed(&h, year, month, (int)(h.day[n] % 100)));
        fuzz_require(holidays_know(&h, year));
    }
    return 0;
}
