/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/watch.h"

#include "cardreader/log.h"

#include <time.h>

#define PIECE_MS      60000 /* what libpcsclite makes of an endless wait, too */
#define JOIN_STEP_NS  20000000
#define NS_PER_SECOND 1000000000

/* Why the same card is no longer known to be there; PCSC_OK where the watch was stopped. */
static int wait_while_present(struct watch *w)
{
    struct pcsc_reader now = w->reader;
    int r = PCSC_OK;

    now.state = SCARD_STATE_UNAWARE;
    while (!atomic_load(&w->stop)) {
        r = pcsc_watch(&w->pcsc, &now, PIECE_MS);
        if (r != PCSC_OK && r != PCSC_TIMEOUT)
            return r;
        if (!pcsc_has_card(&now) || pcsc_counter(&now) != pcsc_counter(&w->reader))
            return PCSC_GONE;
    }
    return PCSC_OK;
}

static void *watch_thread(void *arg)
{
    struct watch *w = arg;
    int r = wait_while_present(w);

    if (r != PCSC_OK && !atomic_load(&w->stop)) {
        atomic_store(&w->removed, true);
        w->report(w->ctx, pcsc_counter(&w->reader), r);
    }
    return NULL;
}

void watch_start(struct watch *w, const struct pcsc_reader *reader, watch_report report, void *ctx)
{
    w->reader = *reader;
    w->report = report;
    w->ctx = ctx;
    atomic_store(&w->stop, false);
    atomic_store(&w->removed, false);
    if (pcsc_open(&w->pcsc) == PCSC_OK && pthread_create(&w->thread, NULL, watch_thread, w) == 0) {
        w->running = true;
        return;
    }
    card_log("cannot watch reader %s", reader->name);
    atomic_store(&w->removed, true);
    report(ctx, pcsc_counter(reader), PCSC_FAILED);
}

static void add_step(struct timespec *t)
{
    clock_gettime(CLOCK_REALTIME, t);
    t->tv_nsec += JOIN_STEP_NS;
    if (t->tv_nsec >= NS_PER_SECOND) {
        t->tv_nsec -= NS_PER_SECOND;
        t->tv_sec++;
    }
}

/* A cancel that comes before the thread waits is lost, so it is repeated until the thread ends. */
void watch_stop(struct watch *w)
{
    struct timespec t = {0};

    atomic_store(&w->stop, true);
    while (w->running) {
        SCardCancel(w->pcsc.context);
        add_step(&t);
        w->running = pthread_timedjoin_np(w->thread, NULL, &t) != 0;
    }
    pcsc_close(&w->pcsc);
}

bool watch_saw_removal(struct watch *w)
{
    return atomic_load(&w->removed);
}
