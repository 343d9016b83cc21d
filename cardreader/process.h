/* SPDX-License-Identifier: Apache-2.0
 *
 * What the workers of this room have in common: how such a process seals itself off.
 */
#ifndef TOYAMA_CARDREADER_PROCESS_H
#define TOYAMA_CARDREADER_PROCESS_H

#include <stdbool.h>

/* True where `fd` is a SOCK_SEQPACKET socket. */
bool process_has_channel(int fd);
/* No core file, no ptrace by a process of the same uid, no new privileges; the libraries get
 * nothing to read and only standard error to write to; no descriptor above `fd` stays open. */
bool process_seal(int fd);

#endif
