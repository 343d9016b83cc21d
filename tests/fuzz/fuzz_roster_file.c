/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/file.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct roster_file file;
    char again[ROSTER_FILE_HEAD_MAX], name[ROSTER_FILE_NAME_MAX];
    size_t used = 0, written = 0;

    if (roster_file_parse(data, size, &file, &used) != ROSTER_OK)
        return 0;
    fuzz_require(used <= size);
    fuzz_require(roster_file_format(&file, again, sizeof(again), &written) == ROSTER_OK);
    fuzz_require(written == used && memcmp(again, data, used) == 0);
    (void)roster_file_name(&file, name);
    return 0;
}
