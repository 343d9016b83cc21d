/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/wipe.h"

#include <string.h>

/* Called through a volatile pointer: portable to compilers without explicit_bzero. */
static void *(*const volatile wipe_memset)(void *, int, size_t) = memset;

void wire_wipe(void *p, size_t len)
{
    if (p != NULL && len > 0)
        wipe_memset(p, 0, len);
}
