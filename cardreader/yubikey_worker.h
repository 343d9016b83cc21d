/* SPDX-License-Identifier: Apache-2.0
 *
 * The program toyama-yubikey. toyamad starts one for each attempt, with the private socket of
 * core/wire/token.h on descriptor 3 and nothing else to read; it reports what a key answers. It
 * decides nothing, and but for PROGRAM at the operator's desk it meets no secret.
 */
#ifndef TOYAMA_CARDREADER_YUBIKEY_WORKER_H
#define TOYAMA_CARDREADER_YUBIKEY_WORKER_H

#include "cardreader/yubikey.h"

/* Serves the conversation until the broker closes it; the process's exit status. */
int yubikey_worker_run(int fd, const struct yubikey_backend *backend);

#endif
