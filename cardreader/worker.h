/* SPDX-License-Identifier: Apache-2.0
 *
 * cardreader/: the program toyama-card. toyamad starts one for each attempt, with the private
 * socket of core/wire/card.h on descriptor 3 and nothing else to read; it talks to pcscd and
 * reports what a card answers. It decides nothing, and knows no key, person or policy. apdu, piv
 * and family are free of system calls: the credential provider uses them, too.
 */
#ifndef TOYAMA_CARDREADER_WORKER_H
#define TOYAMA_CARDREADER_WORKER_H

#include <stdatomic.h>

/* Serves the conversation until the broker closes it; the process's exit status. `waiting` is true
 * while no card is reported and the process may end at any instruction. */
int worker_run(int fd, atomic_bool *waiting);

#endif
