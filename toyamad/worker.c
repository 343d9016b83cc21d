/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/worker.h"

#include "core/wire/frame.h"
#include "core/wire/wipe.h"
#include "toyamad/log.h"
#include "toyamad/packet.h"
#include "toyamad/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define POLITE_USEC UINT64_C(500000)  /* to let go of the card after the channel closed */
#define GRACE_USEC  UINT64_C(1000000) /* between SIGTERM and SIGKILL */

#define DRAIN_MAX 64 /* packets at once; an honest worker has a few on their way */

/* A packet that the worker could not take yet. */
struct packet {
    struct packet *next;
    size_t len;
    uint8_t octets[];
};

struct worker {
    struct packet *queue, **queue_end;
    sd_event_source *io, *child, *grace;
    struct worker_ops ops;
    void *ctx;
    const char *label;
    void (*unclean)(void *owner);
    void *owner;
    int fd;
    pid_t pid;
    bool terminated;     /* SIGTERM was sent */
    bool stopped;        /* nobody listens any more */
    struct worker *next; /* of the list of those not yet reaped */
};

/* Workers outlive the attempt that they served until they are reaped. */
static struct worker *alive;

static void drop_first(struct worker *w)
{
    struct packet *first = w->queue;

    w->queue = first->next;
    if (w->queue == NULL)
        w->queue_end = &w->queue;
    wire_wipe(first->octets, first->len);
    free(first);
}

static void forget(struct worker *w)
{
    while (w->queue != NULL)
        drop_first(w);
    for (struct worker **at = &alive; *at != NULL; at = &(*at)->next)
        if (*at == w) {
            *at = w->next;
            break;
        }
    sd_event_source_disable_unref(w->io);
    sd_event_source_disable_unref(w->child);
    sd_event_source_disable_unref(w->grace);
    if (w->fd >= 0)
        close(w->fd);
    free(w);
}

static void close_channel(struct worker *w)
{
    w->io = sd_event_source_disable_unref(w->io);
    if (w->fd >= 0)
        close(w->fd);
    w->fd = -1;
}

static void report_gone(struct worker *w)
{
    close_channel(w);
    if (!w->stopped) {
        w->stopped = true;
        w->ops.gone(w->ctx);
    }
}

/* One packet; false when there is none or the worker is no longer listened to. */
static bool take_packet(struct worker *w)
{
    uint8_t *buf;
    size_t len = 0;
    int r;

    if (w->stopped || w->fd < 0)
        return false;
    buf = malloc(FRAME_WORK_MAX);
    r = buf == NULL ? PACKET_CLOSED : packet_receive(w->fd, buf, FRAME_WORK_MAX, &len);
    if (r == PACKET_OK)
        w->ops.frame(w->ctx, buf, len);
    else if (r != PACKET_AGAIN) {
        report_gone(w);
        worker_stop(w);
    }
    wire_wipe(buf, len);
    free(buf);
    return r == PACKET_OK;
}

/* Sends what waits; false where the worker does not read any more. */
static bool flush_queue(struct worker *w)
{
    int r = PACKET_OK;

    while (w->queue != NULL && r == PACKET_OK) {
        r = packet_send(w->fd, w->queue->octets, w->queue->len);
        if (r == PACKET_OK)
            drop_first(w);
    }
    sd_event_source_set_io_events(w->io, w->queue != NULL ? EPOLLIN | EPOLLOUT : EPOLLIN);
    return r == PACKET_OK || r == PACKET_AGAIN;
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct worker *w = userdata;

    (void)source;
    (void)fd;
    if ((events & EPOLLOUT) != 0 && !flush_queue(w)) {
        report_gone(w);
        worker_stop(w);
    } else if ((events & ~(uint32_t)EPOLLOUT) != 0) {
        take_packet(w);
    }
    return 0;
}

static void end_of(struct worker *w, bool unclean)
{
    void (*call)(void *) = unclean ? w->unclean : NULL;
    void *owner = w->owner;

    forget(w);
    if (call != NULL)
        call(owner);
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
    struct worker *w = userdata;

    (void)source;
    if (!w->stopped && info->si_code != CLD_EXITED)
        log_warning("%s ended by signal %d", w->label, info->si_status);
    worker_drain(w);
    report_gone(w);
    end_of(w, info->si_code != CLD_EXITED || info->si_status != 0);
    return 0;
}

static int on_grace(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct worker *w = userdata;

    (void)usec;
    if (w->terminated) {
        log_warning("%s did not end in time and was killed", w->label);
        kill(w->pid, SIGKILL);
        return 0;
    }
    w->terminated = true;
    kill(w->pid, SIGTERM);
    if (sd_event_source_set_time_relative(source, GRACE_USEC) < 0 ||
        sd_event_source_set_enabled(source, SD_EVENT_ONESHOT) < 0)
        kill(w->pid, SIGKILL);
    return 0;
}

static _Noreturn void run_child(const struct worker_spec *spec, int channel,
                                const struct sandbox_user *user)
{
    char path[] = "PATH=/usr/bin:/bin", lang[] = "LANG=C.UTF-8";
    char *const environment[] = {path, lang, NULL};
    char *const argv[] = {(char *)spec->label, NULL};

    if (sandbox_enter(channel, user))
        execve(spec->program, argv, environment);
    _exit(127);
}

static bool fork_child(struct worker *w, const struct worker_spec *spec)
{
    struct sandbox_user user = {0};
    int pair[2];

    if (!sandbox_lookup(spec->user, &user)) {
        log_error("%s: user \"%s\" does not exist or is root", spec->label, spec->user);
        return false;
    }
    if (access(spec->program, X_OK) != 0 ||
        socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        log_error("%s: %s: %s", spec->label, spec->program, strerror(errno));
        return false;
    }
    w->pid = fork();
    if (w->pid == 0)
        run_child(spec, pair[1], &user);
    close(pair[1]);
    w->fd = pair[0];
    if (w->pid < 0)
        log_error("%s: fork: %s", spec->label, strerror(errno));
    return w->pid > 0;
}

static bool watch(struct worker *w, sd_event *event)
{
    return sd_event_add_io(event, &w->io, w->fd, EPOLLIN, on_io, w) >= 0 &&
           sd_event_add_child(event, &w->child, w->pid, WEXITED, on_child, w) >= 0;
}

static struct worker *abandon(struct worker *w)
{
    if (w->pid > 0) {
        kill(w->pid, SIGKILL);
        waitpid(w->pid, NULL, 0);
    }
    forget(w);
    return NULL;
}

struct worker *worker_start(sd_event *event, const struct worker_spec *spec,
                            const struct worker_ops *ops, void *ctx)
{
    struct worker *w = calloc(1, sizeof(*w));

    if (w == NULL)
        return NULL;
    *w = (struct worker){.ops = *ops,
                         .ctx = ctx,
                         .label = spec->label,
                         .unclean = spec->unclean,
                         .owner = spec->owner,
                         .fd = -1};
    w->queue_end = &w->queue;
    if (!fork_child(w, spec) || !watch(w, event))
        return abandon(w);
    w->next = alive;
    alive = w;
    return w;
}

static bool enqueue(struct worker *w, const void *buf, size_t len)
{
    struct packet *p = malloc(sizeof(*p) + len);

    if (p == NULL)
        return false;
    p->next = NULL;
    p->len = len;
    memcpy(p->octets, buf, len);
    *w->queue_end = p;
    w->queue_end = &p->next;
    return true;
}

bool worker_send(struct worker *w, const void *buf, size_t len)
{
    if (w->fd < 0 || len > FRAME_WORK_MAX)
        return false;
    return enqueue(w, buf, len) && flush_queue(w);
}

/* The end of a worker that talks faster than we can listen. */
void worker_drain(struct worker *w)
{
    for (int n = 0; n < DRAIN_MAX; n++)
        if (!take_packet(w))
            return;
    log_error("%s talks without end", w->label);
    report_gone(w);
    worker_stop(w);
}

void worker_stop(struct worker *w)
{
    if (w == NULL || w->grace != NULL)
        return;
    w->stopped = true;
    close_channel(w);
    if (sd_event_add_time_relative(sd_event_source_get_event(w->child), &w->grace, CLOCK_MONOTONIC,
                                   POLITE_USEC, 0, on_grace, w) < 0)
        kill(w->pid, SIGKILL);
}

static void reap(int options)
{
    struct worker *next;

    for (struct worker *w = alive; w != NULL; w = next) {
        next = w->next;
        if (waitpid(w->pid, NULL, options) != 0)
            forget(w);
    }
}

static void signal_all(int number)
{
    for (struct worker *w = alive; w != NULL; w = w->next)
        kill(w->pid, number);
}

static void reap_within(uint64_t usec)
{
    const struct timespec step = {.tv_nsec = 5000000};

    for (uint64_t n = 0; n < usec && alive != NULL; n += 5000) {
        reap(WNOHANG);
        if (alive != NULL)
            nanosleep(&step, NULL);
    }
}

void worker_reap_all(void)
{
    for (struct worker *w = alive; w != NULL; w = w->next)
        close_channel(w);
    reap_within(POLITE_USEC);
    signal_all(SIGTERM);
    reap_within(GRACE_USEC);
    signal_all(SIGKILL);
    reap(0);
}
