/* SPDX-License-Identifier: Apache-2.0
 *
 * One process of the host uses a key at a time: libykpers lets go of the interface between any two
 * reports, and two processes would damage each other's frames. The lock is flock(2) on a file that
 * root made and that ordinary users cannot open; it goes with the process that held it.
 */
#ifndef TOYAMA_CARDREADER_YUBIKEY_LOCK_H
#define TOYAMA_CARDREADER_YUBIKEY_LOCK_H

#include <stdbool.h>

/* The descriptor, -1 where `path` is no regular file that we may read; errno then says why. */
int yubikey_lock_open(const char *path);
/* Without waiting; true where it is ours. */
bool yubikey_lock_try(int fd);
void yubikey_lock_release(int fd);

#endif
