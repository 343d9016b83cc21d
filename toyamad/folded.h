/* SPDX-License-Identifier: Apache-2.0
 *
 * Events that anybody can cause at will must not fill the disk: a few of a kind are written in a
 * minute one by one, the rest as a number in the next one.
 */
#ifndef TOYAMA_TOYAMAD_FOLDED_H
#define TOYAMA_TOYAMAD_FOLDED_H

#include "core/chain/chain.h"

#include <stdbool.h>
#include <stdint.h>

struct folded {
    uint64_t minute_usec; /* monotonic: when the first of `written` was written */
    uint32_t written;     /* in this minute */
    uint32_t left_out;    /* since the last event that told */
};

/* Counts one more. True: enough of them were written in this minute. */
bool folded_more(struct folded *f);
/* How many were left out, where any were. Once the event is written the owner clears them. */
void folded_tell(const struct folded *f, struct chain_event *event);

#endif
