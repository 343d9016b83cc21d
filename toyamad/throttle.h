/* SPDX-License-Identifier: Apache-2.0
 *
 * Before a card is proven only the terminal slows down, never a person: after some refusals in a
 * row each further attempt waits, twice as long each time, up to the config's limit.
 */
#ifndef TOYAMA_TOYAMAD_THROTTLE_H
#define TOYAMA_TOYAMAD_THROTTLE_H

#include "core/policy/policy.h"

struct throttle {
    uint32_t refusals;  /* unproven ones in a row */
    uint64_t last_usec; /* CLOCK_MONOTONIC of the last refusal */
};

void throttle_refused(struct throttle *t, uint64_t now_usec);
void throttle_proven(struct throttle *t);
/* Microseconds that an attempt beginning now has to wait. Forgets after a quiet ten minutes. */
uint64_t throttle_wait(struct throttle *t, const struct policy *p, uint64_t now_usec);

#endif
