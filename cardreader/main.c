/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/log.h"
#include "cardreader/process.h"
#include "cardreader/worker.h"
#include "core/wire/card.h"

#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define LEAVE_STEP_NS 10000000
#define LEAVE_STEPS   100 /* one second in all */

/* The broker has left. The main thread may be blocked in pcscd for ever, but where a card is in use
 * it gets the time to close the transaction: pcscd resets the card of a client that dies in one,
 * and another program that connects in the middle of that reset gets a handle it cannot use. */
static void *leave_with_broker(void *arg)
{
    const atomic_bool *waiting = arg;
    const struct timespec step = {.tv_nsec = LEAVE_STEP_NS};
    struct pollfd p = {.fd = CARD_WORKER_FD, .events = POLLRDHUP};

    while (poll(&p, 1, -1) <= 0)
        continue;
    for (int n = 0; n < LEAVE_STEPS && !atomic_load(waiting); n++)
        nanosleep(&step, NULL);
    _exit(0);
}

int main(void)
{
    static atomic_bool waiting;
    pthread_t thread;

    if (!process_has_channel(CARD_WORKER_FD)) {
        card_log("to be started by toyamad only: no socket on descriptor %d", CARD_WORKER_FD);
        return 2;
    }
    /* libpcsclite takes its socket and its debug switches from the environment. */
    if (clearenv() != 0 || !process_seal(CARD_WORKER_FD) ||
        pthread_create(&thread, NULL, leave_with_broker, &waiting) != 0) {
        card_log("cannot set up the process");
        return 2;
    }
    _exit(worker_run(CARD_WORKER_FD, &waiting));
}
