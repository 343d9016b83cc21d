/* SPDX-License-Identifier: Apache-2.0
 *
 * While much is written: the kernel is told to begin with the disk at once, and that nobody will
 * read it soon. So the commit has little left to wait for, the same memory is used again and again,
 * and a terminal with little of it keeps what its programs need. Nothing depends on it: what must
 * be on the disk, and in which order, stays SQLite's affair.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_DRAIN_H
#define TOYAMA_TOYAMAD_REGISTRY_DRAIN_H

#include "toyamad/registry/registry.h"

void drain_begin(struct registry *reg);
/* To be called again and again. REGISTRY_STORE: the disk refused. */
int drain_step(struct registry *reg);
/* Behind sqlite3_close only: to close any descriptor of a file ends all locks that the process has
 * on it. */
void drain_close(struct registry *reg);

#endif
