/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/interrupt.h"

#include <errno.h>
#include <signal.h>
#include <time.h>

static volatile sig_atomic_t caught;

static const int handled[] = {SIGINT, SIGTERM, SIGHUP};

#define HANDLED (sizeof(handled) / sizeof(handled[0]))

static void remember(int number)
{
    caught = number;
}

void interrupt_install(void)
{
    struct sigaction action = {.sa_handler = remember};
    sigset_t set;

    sigemptyset(&set);
    for (size_t n = 0; n < HANDLED; n++) {
        sigaddset(&set, handled[n]);
        sigaction(handled[n], &action, NULL);
    }
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
}

bool interrupt_seen(void)
{
    return caught != 0;
}

int interrupt_hold(void)
{
    int number = caught;

    caught = 0;
    return number;
}

void interrupt_release(int number)
{
    if (number != 0)
        caught = number;
}

static int poll_unblocked(struct pollfd *fds, nfds_t count, int milliseconds)
{
    struct timespec wait = {.tv_sec = milliseconds / 1000,
                            .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    sigset_t none;

    sigprocmask(SIG_SETMASK, NULL, &none);
    for (size_t n = 0; n < HANDLED; n++)
        sigdelset(&none, handled[n]);
    return ppoll(fds, count, milliseconds < 0 ? NULL : &wait, &none);
}

int interrupt_poll(struct pollfd *fds, nfds_t count, int milliseconds)
{
    int r;

    do {
        if (caught != 0)
            return -1;
        r = poll_unblocked(fds, count, milliseconds);
    } while (r < 0 && errno == EINTR);
    return r;
}

void interrupt_finish(void)
{
    sigset_t set;

    if (caught == 0)
        return;
    signal(caught, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, caught);
    raise(caught);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
}
