/* SPDX-License-Identifier: Apache-2.0
 *
 * The control socket: one line in, lines out of which the last begins with "ok" or is "error".
 *
 *   where                           ok and the testbed's directory
 *   key N [serial=D] [fw=A.B.C] [product=HEX]        a blank key, unplugged
 *   program N SLOT SECRET [touch] [no-lt64] [otp] [hidden] [code=HEX]
 *   plug N, unplug N, touch N
 *   auto-touch N MS|off, touch-timeout N MS
 *   hold N MS                       a foreign program has the interface
 *   fault N KIND [AT]               of the bus: unplug stall eproto hang short busy at transfer AT
 *                                   from now; of the key: bad-crc wrong-hmac truncate cut swallow
 *                                   busy-forever touch-forever deaf, or none
 *   dump                            ok and JSON
 *   quit
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_CONTROL_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_CONTROL_H

#include "tests/virtual/yubikey/bus.h"

/* Listens at `path` on the default main context; NULL where that is not possible. */
struct control *control_new(const char *path, struct bus *bus, GMainLoop *loop);
void control_free(struct control *control);

#endif
