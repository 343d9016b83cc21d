/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/yubikey_guard.h"

#include "cardreader/log.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#define STEP_MS  10L
#define AGAIN_MS 300  /* an interruption that came before the wait was of no use */
#define LAST_MS  1000 /* from the reason to end until the process ends whatever is open */

static struct {
    pthread_mutex_t lock;
    const struct yubikey_backend *backend;
    void *key;
    bool busy, stopped;
    bool ending;      /* stopped for good */
    uint64_t job;     /* counts the commands: the next one must not be stopped for the last */
    int64_t deadline; /* milliseconds of the monotonic clock, while busy */
    int channel, signals, wake;
} guard = {.lock = PTHREAD_MUTEX_INITIALIZER, .channel = -1, .signals = -1, .wake = -1};

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* How long poll(2) may wait: -1 while there is no deadline. */
static int time_left(void)
{
    int64_t left = -1;

    pthread_mutex_lock(&guard.lock);
    if (guard.busy && !guard.stopped)
        left = guard.deadline - now_ms() > 0 ? guard.deadline - now_ms() : 0;
    pthread_mutex_unlock(&guard.lock);
    return (int)left;
}

static uint64_t job_now(void)
{
    uint64_t job;

    pthread_mutex_lock(&guard.lock);
    job = guard.job;
    pthread_mutex_unlock(&guard.lock);
    return job;
}

/* With the lock held. */
static bool goes_on(uint64_t job)
{
    return guard.busy && (guard.ending || guard.job == job);
}

static bool is_at_work(uint64_t job)
{
    bool busy;

    pthread_mutex_lock(&guard.lock);
    busy = goes_on(job);
    pthread_mutex_unlock(&guard.lock);
    return busy;
}

/* With the lock held the key cannot be closed under the one who interrupts it. */
static void interrupt_key(uint64_t job)
{
    pthread_mutex_lock(&guard.lock);
    if (goes_on(job)) {
        guard.stopped = true;
        if (guard.key != NULL)
            guard.backend->interrupt(guard.key);
    }
    pthread_mutex_unlock(&guard.lock);
}

static void let_go(uint64_t job)
{
    const struct timespec step = {.tv_nsec = STEP_MS * 1000000};
    int64_t end = now_ms() + LAST_MS, again = now_ms();

    for (; is_at_work(job); nanosleep(&step, NULL)) {
        if (now_ms() >= end) {
            card_log("the key does not let go: its keyboard may be dead until it is opened again");
            _exit(GUARD_UNCLEAN);
        }
        if (now_ms() >= again) {
            interrupt_key(job);
            again += AGAIN_MS;
        }
    }
}

static _Noreturn void end_process(void)
{
    pthread_mutex_lock(&guard.lock);
    guard.ending = guard.stopped = true;
    pthread_mutex_unlock(&guard.lock);
    let_go(0);
    _exit(0);
}

static void *watch(void *arg)
{
    struct pollfd p[] = {{.fd = guard.signals, .events = POLLIN},
                         {.fd = guard.channel, .events = POLLRDHUP},
                         {.fd = guard.wake, .events = POLLIN}};
    uint64_t count, job;
    int n;

    (void)arg;
    for (;;) {
        n = poll(p, 3, time_left());
        if (n > 0 && p[2].revents != 0 && read(guard.wake, &count, sizeof(count)) < 0)
            continue;
        if (n > 0 && (p[0].revents != 0 || p[1].revents != 0))
            end_process();
        job = job_now();
        if (n == 0 && time_left() == 0)
            let_go(job);
    }
    return NULL;
}

bool guard_start(int channel)
{
    pthread_t thread;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    guard.channel = channel;
    if (pthread_sigmask(SIG_BLOCK, &set, NULL) != 0)
        return false;
    guard.signals = signalfd(-1, &set, SFD_CLOEXEC);
    guard.wake = eventfd(0, EFD_CLOEXEC);
    return guard.signals >= 0 && guard.wake >= 0 &&
           pthread_create(&thread, NULL, watch, NULL) == 0 && pthread_detach(thread) == 0;
}

void guard_enter(const struct yubikey_backend *backend, unsigned seconds)
{
    const uint64_t one = 1;

    pthread_mutex_lock(&guard.lock);
    guard.backend = backend;
    guard.key = NULL;
    guard.busy = true;
    guard.job++;
    guard.stopped = guard.ending;
    guard.deadline = now_ms() + (int64_t)seconds * 1000;
    pthread_mutex_unlock(&guard.lock);
    if (write(guard.wake, &one, sizeof(one)) < 0)
        card_log("no deadline: the thread that keeps it cannot be woken");
}

void guard_leave(void)
{
    pthread_mutex_lock(&guard.lock);
    guard.busy = false;
    guard.key = NULL;
    if (guard.ending)
        _exit(0);
    pthread_mutex_unlock(&guard.lock);
}

void guard_set_key(void *key)
{
    pthread_mutex_lock(&guard.lock);
    guard.key = key;
    pthread_mutex_unlock(&guard.lock);
}

bool guard_stopped(void)
{
    bool stopped;

    pthread_mutex_lock(&guard.lock);
    stopped = guard.stopped;
    pthread_mutex_unlock(&guard.lock);
    return stopped;
}
