/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/inbox.h"

#include "toyamad/amend.h"
#include "toyamad/inbox_scan.h"
#include "toyamad/intake.h"
#include "toyamad/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define SECOND        UINT64_C(1000000)
#define EVERY         (300 * SECOND)
#define ARRIVED       (1 * SECOND)  /* after something was put there */
#define AGAIN         (2 * SECOND)  /* after something was still being written */
#define PATIENCE      (60 * SECOND) /* until the child counts as hanging */
#define REFUSALS_HOUR 32            /* files that are refused with an event */
#define HOUR          3600
#define ROSTER_FD     3 /* descriptors of the child */
#define NOTIFY_FD     4
#define HIGH          16

struct inbox {
    struct broker *broker;
    sd_event_source *watch, *timer, *child, *late;
    struct inbox_look *look;                     /* shared with the child */
    uint8_t seen[INBOX_SEEN][CRYPTO_SHA256_LEN]; /* until the roster changes */
    uint8_t told[INBOX_SEEN][CRYPTO_SHA256_LEN]; /* files and causes that were recorded */
    size_t seen_next, told_next;
    int notify;    /* inotify; the child sets the watch, as even that may hang */
    int copy;      /* where the child puts a roster; -1: no child */
    pid_t pid;     /* 0: none */
    bool soon;     /* the next look is near: what arrives does not put it off */
    bool again;    /* something happened while the child was at work */
    bool unheard;  /* the folder could not be read last time: said once */
    int64_t since; /* the hour in which `refused` were recorded */
    uint32_t refused;
};

static void arm(struct inbox *in, uint64_t usec);

static void mark_seen(struct inbox *in, const struct inbox_item *item)
{
    memcpy(in->seen[in->seen_next], item->key, sizeof(item->key));
    in->seen_next = (in->seen_next + 1) % INBOX_SEEN;
}

/* Somebody who fills the folder must not fill the log. */
static bool may_record(struct inbox *in)
{
    int64_t now = broker_now(in->broker);

    if (now - in->since >= HOUR || now < in->since) {
        in->since = now;
        in->refused = 0;
    }
    if (in->refused == REFUSALS_HOUR)
        log_warning("roster_inbox: many bad files: no more are recorded within this hour");
    return in->refused++ < REFUSALS_HOUR;
}

/* Once for each file as it is, and each cause. */
static bool is_news(struct inbox *in, const struct inbox_item *item, int err)
{
    uint8_t hash[CRYPTO_SHA256_LEN];

    if (crypto_sha256_two(item->key, sizeof(item->key), &err, sizeof(err), hash) != CRYPTO_OK)
        return false;
    for (size_t n = 0; n < INBOX_SEEN; n++)
        if (memcmp(in->told[n], hash, sizeof(hash)) == 0)
            return false;
    memcpy(in->told[in->told_next], hash, sizeof(hash));
    in->told_next = (in->told_next + 1) % INBOX_SEEN;
    return may_record(in);
}

static void record(struct inbox *in, const struct intake *intake, int err,
                   const struct inbox_item *item)
{
    const struct intake_origin origin = {.source = "inbox", .name = item->name};
    char value[LOG_VALUE_MAX];

    if (!is_news(in, item, err))
        return;
    log_warning("roster_inbox: %s is refused", log_value(item->name, value));
    if (intake_refused(intake, in->broker, err, &origin) != REGISTRY_OK)
        log_error("that could not be recorded");
}

static void meet_odd(struct inbox *in, const struct inbox_item *item)
{
    struct intake none = {.temp = -1};

    snprintf(none.why, sizeof(none.why), "%s",
             item->error != 0 ? strerror(item->error) : "not a regular file");
    record(in, &none, INTAKE_UNREADABLE, item);
    mark_seen(in, item);
}

static void meet_foreign(struct inbox *in, const struct inbox_item *item)
{
    struct intake none = {.temp = -1, .from_file = true, .head = item->head};

    snprintf(none.why, sizeof(none.why), "another zone");
    record(in, &none, INTAKE_ZONE, item);
    mark_seen(in, item);
}

/* A roster may be good later, when those before it were taken: then it is looked at again. */
static bool meet_roster(struct inbox *in, const struct inbox_item *item)
{
    const struct intake_origin origin = {.source = "inbox", .name = item->name};
    struct broker *b = in->broker;
    struct intake intake;
    int err = intake_open(&intake, b, in->copy);

    if (err == INTAKE_OK)
        err = intake_install(&intake, b, &origin);
    if (err == INTAKE_OK)
        memset(in->seen, 0, sizeof(in->seen));
    else if (err != INTAKE_SAME)
        record(in, &intake, err, item);
    /* What could not be stored is tried again with the next look. */
    if (err != INTAKE_STORE && err != INTAKE_FAILED)
        mark_seen(in, item);
    intake_close(&intake);
    return err == INTAKE_OK;
}

static void meet_notice(struct inbox *in, const struct inbox_item *item)
{
    if (amend_take_octets(in->broker, item->name, item->octets, item->len) != AMEND_LATER)
        mark_seen(in, item);
}

/* First the roster: what is said between rosters is judged by the newest one. */
static void take_all(struct inbox *in)
{
    const struct inbox_look *look = in->look;
    bool rosters = false;

    for (size_t n = 0; n < look->items; n++)
        if (look->item[n].kind == INBOX_ROSTER) {
            rosters = true;
            (void)meet_roster(in, &look->item[n]);
        }
    for (size_t n = 0; n < look->items; n++)
        if (look->item[n].kind == INBOX_NOTICE)
            meet_notice(in, &look->item[n]);
        else if (look->item[n].kind == INBOX_ODD)
            meet_odd(in, &look->item[n]);
        else if (look->item[n].kind == INBOX_FOREIGN)
            meet_foreign(in, &look->item[n]);
    in->again = in->again || rosters || look->more;
}

static void tell_folder(struct inbox *in, int error)
{
    if (error != 0 && !in->unheard)
        log_warning("roster_inbox: %s: %s", in->look->folder, strerror(error));
    if (error == 0 && in->unheard)
        log_notice("roster_inbox: %s can be read again", in->look->folder);
    in->unheard = error != 0;
}

static void end_child(struct inbox *in)
{
    in->child = sd_event_source_disable_unref(in->child);
    in->late = sd_event_source_disable_unref(in->late);
    in->pid = 0;
}

static void close_copy(struct inbox *in)
{
    if (in->copy >= 0)
        close(in->copy);
    in->copy = -1;
}

/* Whoever fills the folder with bad files does not keep this host busy with them. */
static uint64_t delay(const struct inbox *in)
{
    if (in->again && in->refused < REFUSALS_HOUR)
        return ARRIVED;
    return in->look->later ? AGAIN : EVERY;
}

static int on_child(sd_event_source *source, const siginfo_t *info, void *userdata)
{
    struct inbox *in = userdata;
    bool well = info->si_code == CLD_EXITED && info->si_status == 0;

    (void)source;
    end_child(in);
    if (well) {
        tell_folder(in, in->look->error);
        take_all(in);
    }
    /* What was told of meanwhile has its own moment, which must not be put off. */
    if (!in->soon || delay(in) < EVERY)
        arm(in, delay(in));
    in->again = false;
    close_copy(in);
    return 0;
}

/* A child that cannot even be killed waits for a server; it is reaped whenever that answers. */
static int on_late(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct inbox *in = userdata;

    (void)source;
    (void)usec;
    log_warning("roster_inbox: %s does not answer", in->look->folder);
    in->unheard = true;
    kill(in->pid, SIGKILL);
    return 0;
}

static void run_child(struct inbox *in)
{
    struct inbox_look *look = in->look;
    int copy = fcntl(in->copy, F_DUPFD, HIGH), notify = fcntl(in->notify, F_DUPFD, HIGH);

    /* Nothing of the broker's may hang with it. */
    if (copy < 0 || notify < 0 || dup2(copy, ROSTER_FD) < 0 || dup2(notify, NOTIFY_FD) < 0 ||
        close_range(NOTIFY_FD + 1, ~0U, 0) != 0)
        _exit(1);
    look->roster = ROSTER_FD;
    look->notify = NOTIFY_FD;
    inbox_scan(look);
    _exit(0);
}

static bool prepare(struct inbox *in)
{
    struct broker *b = in->broker;
    struct inbox_look *look = in->look;

    close_copy(in);
    in->copy = open(b->config.state, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (in->copy < 0) {
        log_error("roster_inbox: %s: %s", b->config.state, strerror(errno));
        return false;
    }
    look->error = 0;
    look->later = look->more = false;
    look->items = 0;
    look->above = b->registry.installed ? b->registry.issue.number
                                        : b->registry.issue.number - (b->registry.issue.number > 0);
    snprintf(look->folder, sizeof(look->folder), "%s", b->config.roster.inbox);
    snprintf(look->zone, sizeof(look->zone), "%s", b->registry.zone);
    memcpy(look->seen, in->seen, sizeof(look->seen));
    return true;
}

static void start_child(struct inbox *in)
{
    sd_event *event = in->broker->event;

    if (in->pid != 0) {
        in->again = true;
        return;
    }
    if (!prepare(in) || (in->pid = fork()) < 0) {
        in->pid = 0;
        arm(in, EVERY);
        return;
    }
    if (in->pid == 0)
        run_child(in);
    if (sd_event_add_child(event, &in->child, in->pid, WEXITED, on_child, in) < 0 ||
        sd_event_add_time_relative(event, &in->late, CLOCK_MONOTONIC, PATIENCE, 0, on_late, in) < 0)
        log_error("out of memory: the inbox is not looked at any more");
}

/* That something arrived is all that is asked for. */
static int on_notify(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
    struct inbox *in = userdata;
    char buf[4096];

    (void)source;
    (void)revents;
    while (read(fd, buf, sizeof(buf)) > 0)
        ;
    if (!in->soon)
        arm(in, ARRIVED);
    return 0;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct inbox *in = userdata;

    (void)source;
    (void)usec;
    in->soon = false;
    start_child(in);
    return 0;
}

static void arm(struct inbox *in, uint64_t usec)
{
    in->timer = sd_event_source_disable_unref(in->timer);
    in->soon = usec < EVERY;
    if (sd_event_add_time_relative(in->broker->event, &in->timer, CLOCK_MONOTONIC, usec, 0,
                                   on_timer, in) < 0)
        log_error("out of memory: the inbox is not looked at any more");
}

struct inbox *inbox_begin(struct broker *b)
{
    const int flags = MAP_SHARED | MAP_ANONYMOUS;
    struct inbox *in;

    if (b->config.roster.kind != REGISTER_TAKEN || b->config.roster.inbox[0] == '\0' ||
        !b->registry_good || (in = calloc(1, sizeof(*in))) == NULL)
        return NULL;
    in->broker = b;
    in->copy = -1;
    /* cppcheck-suppress invalidFunctionArg ; no file: -1 (mmap(2), MAP_ANONYMOUS) */
    in->look = mmap(NULL, sizeof(*in->look), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (in->look == MAP_FAILED) {
        free(in);
        return NULL;
    }
    in->notify = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
    if (in->notify < 0 ||
        sd_event_add_io(b->event, &in->watch, in->notify, EPOLLIN, on_notify, in) < 0)
        log_warning("roster_inbox: looked at every five minutes only");
    arm(in, 0);
    return in;
}

void inbox_look(struct inbox *in)
{
    if (in == NULL)
        return;
    memset(in->seen, 0, sizeof(in->seen));
    arm(in, ARRIVED);
}

void inbox_end(struct inbox *in)
{
    if (in == NULL)
        return;
    if (in->pid != 0)
        kill(in->pid, SIGKILL);
    end_child(in);
    close_copy(in);
    sd_event_source_disable_unref(in->watch);
    sd_event_source_disable_unref(in->timer);
    if (in->notify >= 0)
        close(in->notify);
    munmap(in->look, sizeof(*in->look));
    free(in);
}
