/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/pack.h"

#include "core/wire/finger.h"
#include "tests/fuzz/fuzz.h"

/* What opens is never longer than a template may be, and packs to something that opens to it. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    GBytes *plain = pack_open(data, size), *packed, *again;

    if (plain == NULL)
        return 0;
    fuzz_require(g_bytes_get_size(plain) <= FINGER_TEMPLATE_MAX);
    if (g_bytes_get_size(plain) > 0 &&
        *(const uint8_t *)g_bytes_get_data(plain, NULL) != DER_OCTETS) {
        packed = pack_close(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain));
        fuzz_require(packed != NULL);
        again = pack_open(g_bytes_get_data(packed, NULL), g_bytes_get_size(packed));
        fuzz_require(again != NULL && g_bytes_equal(plain, again));
        g_bytes_unref(again);
        g_bytes_unref(packed);
    }
    g_bytes_unref(plain);
    return 0;
}
