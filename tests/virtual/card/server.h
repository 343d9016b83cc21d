/* SPDX-License-Identifier: Apache-2.0
 *
 * The event loop: the reader, the control socket and its clients.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_SERVER_H
#define TOYAMA_TESTS_VIRTUAL_CARD_SERVER_H

#include "tests/virtual/card/program.h"

/* `path` NULL: no control socket. Comes back after "quit"; false where the socket cannot be made.
 */
bool server_run(struct program *p, const char *path);

#endif
