/* SPDX-License-Identifier: Apache-2.0
 *
 * All that there is to know about the keys, as one line of JSON.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_DUMP_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_DUMP_H

#include "tests/virtual/yubikey/bus.h"

void dump_bus(struct bus *bus, GString *out);

#endif
