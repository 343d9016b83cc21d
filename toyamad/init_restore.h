/* SPDX-License-Identifier: Apache-2.0
 *
 * The first start of a host from a backup of another one (toyamad/station/backup.h).
 */
#ifndef TOYAMA_TOYAMAD_INIT_RESTORE_H
#define TOYAMA_TOYAMAD_INIT_RESTORE_H

#include "toyamad/config.h"

/* Asks for the recovery code and makes the files of the state. A sysexits.h code; `why` gets an
 * English sentence. */
int init_restore(const struct config *config, const char *path, char *why, size_t whycap);

#endif
