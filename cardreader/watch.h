/* SPDX-License-Identifier: Apache-2.0
 *
 * Removal of the reported card, seen by a thread with a PC/SC context of its own, because the
 * worker's may be blocked in a command. Whatever hinders the watch counts as removal; `err` (enum
 * pcsc_err) says whether it was one.
 */
#ifndef TOYAMA_CARDREADER_WATCH_H
#define TOYAMA_CARDREADER_WATCH_H

#include "cardreader/pcsc.h"

#include <pthread.h>
#include <stdatomic.h>

/* Called once, from the watching thread. */
typedef void (*watch_report)(void *ctx, uint32_t counter, int err);

struct watch {
    pthread_t thread;
    bool running;
    atomic_bool stop;
    atomic_bool removed;
    struct pcsc pcsc;
    struct pcsc_reader reader;
    watch_report report;
    void *ctx;
};

/* Watches the card that `reader` held at its event counter. One watch at a time. */
void watch_start(struct watch *w, const struct pcsc_reader *reader, watch_report report, void *ctx);
/* Comes back when the thread has ended; no report afterwards. */
void watch_stop(struct watch *w);
bool watch_saw_removal(struct watch *w);

#endif
