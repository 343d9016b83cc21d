/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/pam/faults.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <security/pam_modules.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "core/wire/auth.h"

static struct {
    enum fault_call call;
    unsigned left;
    bool happened;
    const char *script;
    char sent[16];
    size_t sent_count;
    bool running;
    pthread_t thread;
    int broker_fd;
    uint8_t nonce[FRAME_NONCE_LEN];
    long ahead; /* seconds */
} faults;

ssize_t __real_getrandom(void *buf, size_t len, unsigned flags);
int __real_socket(int domain, int type, int protocol);
int __real_clock_gettime(clockid_t clock, struct timespec *ts);
int __real_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __real_send(int fd, const void *buf, size_t len, int flags);
ssize_t __real_recvmsg(int fd, struct msghdr *msg, int flags);
void *__real_calloc(size_t count, size_t size);
int __real_pam_get_item(const pam_handle_t *pamh, int item, const void **value);
int __real_pam_set_item(pam_handle_t *pamh, int item, const void *value);
int __real_pam_set_data(pam_handle_t *pamh, const char *name, void *data,
                        void (*cleanup)(pam_handle_t *, void *, int));
int __real_pam_get_data(const pam_handle_t *pamh, const char *name, const void **data);

int __wrap_lstat(const char *path, struct stat *st);
int __wrap_lstat64(const char *path, struct stat *st);
ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len);
int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ts);
int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout);
ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags);
ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags);
void *__wrap_calloc(size_t count, size_t size);
int __wrap_pam_get_item(const pam_handle_t *pamh, int item, const void **value);
int __wrap_pam_set_item(pam_handle_t *pamh, int item, const void *value);
int __wrap_pam_set_data(pam_handle_t *pamh, const char *name, void *data,
                        void (*cleanup)(pam_handle_t *, void *, int));
int __wrap_pam_get_data(const pam_handle_t *pamh, const char *name, const void **data);

void faults_script(const char *script)
{
    faults.script = script;
    faults.sent_count = 0;
    memset(faults.sent, 0, sizeof(faults.sent));
}

void faults_arm(enum fault_call call, unsigned nth)
{
    faults.call = call;
    faults.left = nth;
    faults.happened = false;
    faults.ahead = 0;
}

void faults_advance_clock(long seconds)
{
    faults.ahead += seconds;
}

bool faults_happened(void)
{
    if (faults.running)
        pthread_join(faults.thread, NULL);
    faults.running = false;
    return faults.happened;
}

const char *faults_sent(void)
{
    return faults.sent;
}

int faults_open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int count = 0;

    while (dir != NULL && readdir(dir) != NULL)
        count++;
    if (dir != NULL)
        closedir(dir);
    return count;
}

static bool fails(enum fault_call call)
{
    if (faults.call != call || faults.left == 0 || --faults.left > 0)
        return false;
    faults.happened = true;
    errno = EIO;
    return true;
}

static char letter_of(uint8_t type)
{
    switch (type) {
    case AUTH_START:
        return 'S';
    case AUTH_ANSWER:
        return 'A';
    case AUTH_CANCEL:
        return 'C';
    case AUTH_ACCOUNT:
        return 'Q';
    case AUTH_SESSION:
        return 'O';
    default:
        return '?';
    }
}

static bool broker_reads(void)
{
    uint8_t buf[FRAME_AUTH_MAX];
    struct frame frame;
    ssize_t n = read(faults.broker_fd, buf, sizeof(buf));

    if (n <= 0 || faults.sent_count + 1 >= sizeof(faults.sent))
        return false;
    if (frame_decode(buf, (size_t)n, auth_to_broker, auth_to_broker_count, &frame) != WIRE_OK)
        abort();
    faults.sent[faults.sent_count++] = letter_of(frame.type);
    return frame_fixed(&frame, AUTH_F_NONCE, faults.nonce, sizeof(faults.nonce)) == WIRE_OK;
}

static void put_verdict(struct frame_out *out, char what)
{
    static const uint8_t ticket[AUTH_TICKET_LEN] = "ticket";

    frame_put_u32(out, AUTH_F_RESULT,
                  what == 'D'   ? AUTH_DENIED
                  : what == 'L' ? AUTH_LOCKED
                                : AUTH_GRANTED);
    if (what == 'G' || what == 'W')
        frame_put_text(out, AUTH_F_USER, "taro");
    if (what == 'H')
        frame_put_text(out, AUTH_F_USER, "hanako");
    frame_put(out, AUTH_F_TICKET, ticket, sizeof(ticket));
}

static bool broker_says(char what)
{
    static const uint8_t other[FRAME_NONCE_LEN] = "another attempt";
    uint8_t buf[FRAME_AUTH_MAX];
    uint8_t type = what == 'I' ? AUTH_INFO : what == 'P' ? AUTH_PROMPT : AUTH_VERDICT;
    struct frame_out out = frame_begin(buf, sizeof(buf), type);
    size_t len = 0;

    frame_put(&out, AUTH_F_NONCE, what == 'W' ? other : faults.nonce, FRAME_NONCE_LEN);
    frame_put_text(&out, AUTH_F_LANG, "ja");
    if (type == AUTH_VERDICT)
        put_verdict(&out, what);
    else
        frame_put_text(&out, AUTH_F_MSG, what == 'P' ? "X01" : "M01");
    return frame_end(&out, &len) == WIRE_OK &&
           __real_send(faults.broker_fd, buf, len, MSG_NOSIGNAL) == (ssize_t)len;
}

static void *play(void *data)
{
    const char *s = faults.script;

    (void)data;
    while (*s != '\0' && *s != '.' && (*s == '+' ? broker_reads() : broker_says(*s)))
        s++;
    while (*s == '.' && broker_reads())
        continue;
    close(faults.broker_fd);
    return NULL;
}

/* The module's socket becomes one end of a pair. */
int __wrap_connect(int fd, const struct sockaddr *addr, socklen_t len)
{
    int pair[2];

    (void)addr;
    (void)len;
    if (fails(FAULT_CONNECT))
        return -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair) != 0 ||
        dup3(pair[0], fd, O_CLOEXEC) != fd)
        abort();
    close(pair[0]);
    faults.broker_fd = pair[1];
    if (fcntl(pair[1], F_SETFL, 0) != 0 || pthread_create(&faults.thread, NULL, play, NULL) != 0)
        abort();
    faults.running = true;
    return 0;
}

int __wrap_lstat(const char *path, struct stat *st)
{
    if (fails(FAULT_LSTAT))
        return -1;
    *st =
        (struct stat){.st_mode = strstr(path, ".sock") != NULL ? S_IFSOCK | 0666 : S_IFDIR | 0755};
    return 0;
}

/* The name that the C library has for it where files may be large. */
int __wrap_lstat64(const char *path, struct stat *st)
{
    return __wrap_lstat(path, st);
}

ssize_t __wrap_getrandom(void *buf, size_t len, unsigned flags)
{
    if (fails(FAULT_GETRANDOM))
        return -1;
    if (fails(FAULT_GETRANDOM_SHORT))
        return (ssize_t)len - 1;
    return __real_getrandom(buf, len, flags);
}

int __wrap_socket(int domain, int type, int protocol)
{
    return fails(FAULT_SOCKET) ? -1 : __real_socket(domain, type, protocol);
}

int __wrap_getsockopt(int fd, int level, int name, void *value, socklen_t *len)
{
    struct ucred *peer = value;

    (void)fd;
    if (level != SOL_SOCKET || name != SO_PEERCRED || *len != sizeof(*peer))
        abort();
    if (fails(FAULT_GETSOCKOPT))
        return -1;
    *peer = (struct ucred){.pid = 1, .uid = fails(FAULT_FOREIGN_PEER) ? 1000 : 0};
    return 0;
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *ts)
{
    int r = fails(FAULT_CLOCK) ? -1 : __real_clock_gettime(clock, ts);

    if (r == 0)
        ts->tv_sec += faults.ahead;
    return r;
}

int __wrap_poll(struct pollfd *fds, nfds_t count, int timeout)
{
    return fails(FAULT_POLL) ? -1 : __real_poll(fds, count, timeout);
}

ssize_t __wrap_send(int fd, const void *buf, size_t len, int flags)
{
    return fails(FAULT_SEND) ? -1 : __real_send(fd, buf, len, flags);
}

ssize_t __wrap_recvmsg(int fd, struct msghdr *msg, int flags)
{
    return fails(FAULT_RECVMSG) ? -1 : __real_recvmsg(fd, msg, flags);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return fails(FAULT_CALLOC) ? NULL : __real_calloc(count, size);
}

int __wrap_pam_get_item(const pam_handle_t *pamh, int item, const void **value)
{
    if (item == PAM_CONV && fails(FAULT_CONVERSATION))
        return PAM_SYSTEM_ERR;
    return fails(FAULT_GET_ITEM) ? PAM_SYSTEM_ERR : __real_pam_get_item(pamh, item, value);
}

int __wrap_pam_set_item(pam_handle_t *pamh, int item, const void *value)
{
    return fails(FAULT_SET_ITEM) ? PAM_BUF_ERR : __real_pam_set_item(pamh, item, value);
}

int __wrap_pam_set_data(pam_handle_t *pamh, const char *name, void *data,
                        void (*cleanup)(pam_handle_t *, void *, int))
{
    return fails(FAULT_SET_DATA) ? PAM_BUF_ERR : __real_pam_set_data(pamh, name, data, cleanup);
}

int __wrap_pam_get_data(const pam_handle_t *pamh, const char *name, const void **data)
{
    return fails(FAULT_GET_DATA) ? PAM_SYSTEM_ERR : __real_pam_get_data(pamh, name, data);
}
