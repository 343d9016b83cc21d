/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/run.h"

#include "enroll/interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

struct stream {
    int fd; /* -1: ended */
    char *text;
    size_t len;
};

static void close_both(int fds[2])
{
    for (int n = 0; n < 2; n++)
        if (fds[n] >= 0)
            close(fds[n]);
}

/* What arrives behind the kept part is read and dropped, so that the program does not block. */
static void take(struct stream *s)
{
    char chunk[4096];
    ssize_t n = read(s->fd, chunk, sizeof(chunk));
    size_t room = RUN_TEXT_MAX - 1 - s->len;

    if (n < 0 && errno == EINTR)
        return;
    if (n <= 0) {
        s->fd = -1;
        return;
    }
    if ((size_t)n < room)
        room = (size_t)n;
    memcpy(s->text + s->len, chunk, room);
    s->len += room;
    s->text[s->len] = '\0';
}

static int milliseconds_until(const struct timespec *end)
{
    struct timespec now;
    long long left;

    clock_gettime(CLOCK_MONOTONIC, &now);
    left = (long long)(end->tv_sec - now.tv_sec) * 1000 + (end->tv_nsec - now.tv_nsec) / 1000000;
    return left > 0 ? (int)left : 0;
}

static bool collect(struct stream s[2], const struct timespec *end)
{
    while (s[0].fd >= 0 || s[1].fd >= 0) {
        struct pollfd fds[2] = {{.fd = s[0].fd, .events = POLLIN},
                                {.fd = s[1].fd, .events = POLLIN}};
        if (interrupt_poll(fds, 2, milliseconds_until(end)) <= 0)
            return false;
        for (int n = 0; n < 2; n++)
            if (fds[n].revents != 0)
                take(&s[n]);
    }
    return true;
}

static bool start(const char *const argv[], int in, int out, int error, pid_t *pid)
{
    static const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LANG=C.UTF-8",
                                              NULL};
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, standard;
    int r;

    sigemptyset(&none);
    sigemptyset(&standard);
    sigaddset(&standard, SIGPIPE);
    posix_spawn_file_actions_init(&files);
    posix_spawnattr_init(&attributes);
    if (in >= 0)
        posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
    else
        posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, error, STDERR_FILENO);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &standard);
    r = posix_spawn(pid, argv[0], &files, &attributes, (char *const *)argv,
                    (char *const *)environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return r == 0;
}

/* The streams may end before the program does; a second is enough for an exit. */
static bool reap(pid_t pid, bool kill_it, int *status)
{
    const struct timespec pause = {.tv_nsec = 10000000};
    pid_t done = 0;
    int raw = 0;

    for (int n = 0; n < 100 && !kill_it && done == 0; n++)
        if ((done = waitpid(pid, &raw, WNOHANG)) == 0)
            nanosleep(&pause, NULL);
    if (done == 0) {
        kill(pid, SIGKILL);
        done = waitpid(pid, &raw, 0);
        kill_it = true;
    }
    *status = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
    return done == pid && !kill_it;
}

static bool run(const char *const argv[], int in, int seconds, struct run_result *out)
{
    struct stream s[2] = {{.fd = -1, .text = out->out}, {.fd = -1, .text = out->error}};
    int first[2] = {-1, -1}, second[2] = {-1, -1};
    struct timespec end;
    bool good = false;
    pid_t pid = -1;

    *out = (struct run_result){0};
    clock_gettime(CLOCK_MONOTONIC, &end);
    end.tv_sec += seconds;
    if (pipe2(first, O_CLOEXEC) != 0 || pipe2(second, O_CLOEXEC) != 0)
        goto out;
    if (!start(argv, in, first[1], second[1], &pid))
        goto out;
    close(first[1]);
    close(second[1]);
    first[1] = second[1] = -1;
    s[0].fd = first[0];
    s[1].fd = second[0];
    good = reap(pid, !collect(s, &end), &out->status);
out:
    close_both(first);
    close_both(second);
    return good;
}

/* A pipe that holds the whole input, which fits it; its reading end. */
static int pipe_with(const char *input, size_t len)
{
    int fds[2] = {-1, -1};

    if (len > RUN_INPUT_MAX || pipe2(fds, O_CLOEXEC) != 0)
        return -1;
    if (write(fds[1], input, len) != (ssize_t)len) {
        close_both(fds);
        return -1;
    }
    close(fds[1]);
    return fds[0];
}

bool run_program_with(const char *const argv[], const char *input, size_t len, int seconds,
                      struct run_result *out)
{
    int in = pipe_with(input, len);
    bool good;

    *out = (struct run_result){0};
    if (in < 0)
        return false;
    good = run(argv, in, seconds, out);
    close(in);
    return good;
}

bool run_program(const char *const argv[], int seconds, struct run_result *out)
{
    return run(argv, -1, seconds, out);
}
