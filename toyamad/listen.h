/* SPDX-License-Identifier: Apache-2.0
 *
 * The two sockets: from systemd (auth.sock, admin.sock by file descriptor name) or bound here.
 */
#ifndef TOYAMA_TOYAMAD_LISTEN_H
#define TOYAMA_TOYAMAD_LISTEN_H

#include "toyamad/broker.h"

/* False with the cause in the log. */
bool listen_begin(struct broker *b);
/* Removes the sockets that were bound here. */
void listen_end(struct broker *b);

#endif
