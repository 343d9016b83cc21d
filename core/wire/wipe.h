/* SPDX-License-Identifier: Apache-2.0
 *
 * Wiping of secrets that the compiler may not remove.
 */
#ifndef TOYAMA_CORE_WIRE_WIPE_H
#define TOYAMA_CORE_WIRE_WIPE_H

#include <stddef.h>

void wire_wipe(void *p, size_t len);

#endif
