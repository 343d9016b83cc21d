/* SPDX-License-Identifier: Apache-2.0
 *
 * The join file of a terminal (core/roster/join.h), opened at its first start. The one-time code is
 * read from standard input, without echo where that is a terminal.
 */
#ifndef TOYAMA_TOYAMAD_INIT_JOIN_H
#define TOYAMA_TOYAMAD_INIT_JOIN_H

#include "core/roster/anchor.h"
#include "toyamad/config.h"

/* EX_OK, or the sysexits.h code and an English reason: EX_NOINPUT (no such file), EX_NOPERM (the
 * code), EX_DATAERR (damaged, expired, for another host or zone). The caller wipes `out`. */
int init_join(const struct config *config, const char *path, struct roster_anchor *out, char *why,
              size_t whycap);

#endif
