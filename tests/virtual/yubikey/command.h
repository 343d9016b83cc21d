/* SPDX-License-Identifier: Apache-2.0
 *
 * What the words of a line of the control socket do. See control.h.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_COMMAND_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_COMMAND_H

#include "tests/virtual/yubikey/bus.h"

/* False: not understood, or not possible. What it has to say stands in `out`, without "ok". */
bool command_run(struct bus *bus, char **words, GString *out);

#endif
