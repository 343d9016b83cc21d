/* SPDX-License-Identifier: Apache-2.0
 *
 * The thread that can end what libykpers does not let be interrupted: a wait for a touch. It acts
 * on SIGTERM, on a broker that has left, and on a deadline. A process that dies with a key open
 * leaves the key's keyboard without a driver, so it always tries to let go first, for one second;
 * then the process ends with status GUARD_UNCLEAN.
 */
#ifndef TOYAMA_CARDREADER_YUBIKEY_GUARD_H
#define TOYAMA_CARDREADER_YUBIKEY_GUARD_H

#include "cardreader/yubikey.h"

#define GUARD_UNCLEAN 3 /* exit status: a key may have been left open */

/* Before any other thread exists: blocks SIGTERM in all of them. */
bool guard_start(int channel);
/* Brackets everything that may open a key, for at most `seconds`. Outside of it the process ends at
 * once when it is told to. */
void guard_enter(const struct yubikey_backend *backend, unsigned seconds);
void guard_leave(void);
/* The key that may be interrupted from now on; NULL: none, because it is written or closed. */
void guard_set_key(void *key);
/* True once there is a reason to come to an end. */
bool guard_stopped(void);

#endif
