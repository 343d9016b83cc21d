/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/log.h"
#include "cardreader/worker.h"
#include "core/wire/card.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define LEAVE_STEP_NS 10000000
#define LEAVE_STEPS   100 /* one second in all */

/* A PIN may stand in our memory: no core file, no ptrace by a process of the same uid. */
static bool harden(void)
{
    struct rlimit none = {0, 0};

    /* libpcsclite takes its socket and its debug switches from the environment. */
    return clearenv() == 0 && setrlimit(RLIMIT_CORE, &none) == 0 &&
           prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == 0 && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0;
}

static bool is_packet_socket(int fd)
{
    int type = 0;
    socklen_t len = sizeof(type);

    return getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) == 0 && type == SOCK_SEQPACKET;
}

/* The libraries get nothing to read, and only standard error to write to. */
static bool arrange_descriptors(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    bool good = null >= 0 && dup2(null, STDIN_FILENO) >= 0 && dup2(null, STDOUT_FILENO) >= 0 &&
                (fcntl(STDERR_FILENO, F_GETFD) >= 0 || dup2(null, STDERR_FILENO) >= 0);

    return good && close_range(CARD_WORKER_FD + 1, ~0U, 0) == 0;
}

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

    if (!is_packet_socket(CARD_WORKER_FD)) {
        card_log("to be started by toyamad only: no socket on descriptor %d", CARD_WORKER_FD);
        return 2;
    }
    if (!harden() || !arrange_descriptors() ||
        pthread_create(&thread, NULL, leave_with_broker, &waiting) != 0) {
        card_log("cannot set up the process");
        return 2;
    }
    _exit(worker_run(CARD_WORKER_FD, &waiting));
}
