/* SPDX-License-Identifier: Apache-2.0 */
#include "core/wire/wipe.h"

#include <string.h>

/* The empty statement claims to read the octets, so that the compiler must keep the memset. A
 * volatile function pointer would do the same, but as writable data in every host of the PAM
 * module. */
void wire_wipe(void *p, size_t len)
{
    if (p == NULL || len == 0)
        return;
    memset(p, 0, len);
    __asm__ __volatile__("" : : "r"(p) : "memory");
}
