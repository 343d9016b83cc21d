/* SPDX-License-Identifier: Apache-2.0
 *
 * LD_PRELOAD: the wall clock of a program is TOYAMA_TEST_SECONDS ahead; monotonic clocks, time-outs
 * and the times of files stay as they are. A year in a minute.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#define MICRO    1000
#define EXPORTED __attribute__((visibility("default")))

static time_t ahead(void)
{
    const char *text = getenv("TOYAMA_TEST_SECONDS");

    return text != NULL ? (time_t)strtoll(text, NULL, 10) : 0;
}

EXPORTED int clock_gettime(clockid_t clock, struct timespec *t)
{
    long result = syscall(SYS_clock_gettime, clock, t);

    if (result == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        t->tv_sec += ahead();
    return (int)result;
}

EXPORTED time_t time(time_t *t)
{
    struct timespec now = {0};

    clock_gettime(CLOCK_REALTIME, &now);
    if (t != NULL)
        *t = now.tv_sec;
    return now.tv_sec;
}

EXPORTED int gettimeofday(struct timeval *restrict t, void *restrict zone)
{
    struct timespec now = {0};

    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    t->tv_sec = now.tv_sec;
    t->tv_usec = (suseconds_t)(now.tv_nsec / MICRO);
    return 0;
}
