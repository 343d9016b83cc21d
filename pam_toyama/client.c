/* SPDX-License-Identifier: Apache-2.0 */
#include "pam_toyama/client.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "core/wire/wipe.h"

#define RETRY_MS 10

const char *client_strerror(int err)
{
    switch ((enum client_err)err) {
    case CLIENT_OK:
        return "no error";
    case CLIENT_ABSENT:
        return "toyamad does not listen";
    case CLIENT_FOREIGN:
        return "socket, its directory or the process behind it is not root's";
    case CLIENT_SYSTEM:
        return "system call failed";
    case CLIENT_LATE:
        return "toyamad did not answer in time";
    case CLIENT_CLOSED:
        return "toyamad hung up";
    case CLIENT_FRAME:
        return "toyamad broke the protocol";
    case CLIENT_NONCE:
        return "toyamad answered another request";
    }
    return "unknown error";
}

static int64_t now_ms(void)
{
    struct timespec ts = {0};

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}

bool client_is_late(const struct client *c)
{
    return now_ms() >= c->deadline;
}

static int check_directory(const struct sockaddr_un *addr)
{
    char dir[sizeof(addr->sun_path)];
    struct stat st = {0};

    memcpy(dir, addr->sun_path, sizeof(dir));
    *strrchr(dir, '/') = '\0';
    if (lstat(dir, &st) != 0)
        return CLIENT_ABSENT;
    if (!S_ISDIR(st.st_mode) || st.st_uid != 0 || (st.st_mode & (S_IWGRP | S_IWOTH)) != 0)
        return CLIENT_FOREIGN;
    return CLIENT_OK;
}

static int check_socket(const struct sockaddr_un *addr)
{
    struct stat st = {0};
    int err = check_directory(addr);

    if (err != CLIENT_OK)
        return err;
    if (lstat(addr->sun_path, &st) != 0)
        return CLIENT_ABSENT;
    return S_ISSOCK(st.st_mode) && st.st_uid == 0 ? CLIENT_OK : CLIENT_FOREIGN;
}

static int check_peer(int fd)
{
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t len = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return CLIENT_SYSTEM;
    return len == sizeof(peer) && peer.uid == 0 ? CLIENT_OK : CLIENT_FOREIGN;
}

/* A full backlog gives EAGAIN, which no poll reports: ask again. */
static int connect_until(int fd, const struct sockaddr_un *addr, int64_t until)
{
    while (connect(fd, (const struct sockaddr *)addr, sizeof(*addr)) != 0) {
        if (errno == ECONNREFUSED || errno == ENOENT)
            return CLIENT_ABSENT;
        if (errno != EAGAIN && errno != EINTR)
            return CLIENT_SYSTEM;
        if (now_ms() >= until)
            return CLIENT_LATE;
        poll(NULL, 0, RETRY_MS);
    }
    return CLIENT_OK;
}

int client_open(struct client *c, const char *path, int connect_ms, int total_ms)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    int err;

    *c = (struct client){.fd = -1, .deadline = now_ms() + total_ms};
    if (strlen(path) >= sizeof(addr.sun_path) || strchr(path, '/') == NULL)
        return CLIENT_ABSENT;
    memcpy(addr.sun_path, path, strlen(path) + 1);
    if ((err = check_socket(&addr)) != CLIENT_OK)
        return err;
    if (getrandom(c->nonce, sizeof(c->nonce), GRND_NONBLOCK) != (ssize_t)sizeof(c->nonce))
        return CLIENT_SYSTEM;
    if ((c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)) < 0)
        return CLIENT_SYSTEM;
    if ((err = connect_until(c->fd, &addr, now_ms() + connect_ms)) != CLIENT_OK)
        return err;
    return check_peer(c->fd);
}

void client_close(struct client *c)
{
    if (c->fd >= 0)
        close(c->fd);
    wire_wipe(c, sizeof(*c));
    c->fd = -1;
}

struct frame_out client_begin(struct client *c, uint8_t type)
{
    struct frame_out out = frame_begin(c->buf, sizeof(c->buf), type);

    frame_put(&out, AUTH_F_NONCE, c->nonce, sizeof(c->nonce));
    return out;
}

static int wait_for(const struct client *c, short events)
{
    struct pollfd p = {.fd = c->fd, .events = events};

    for (;;) {
        int64_t left = c->deadline - now_ms();
        int n;
        if (left <= 0)
            return CLIENT_LATE;
        n = poll(&p, 1, (int)left);
        if (n > 0)
            return CLIENT_OK;
        if (n < 0 && errno != EINTR)
            return CLIENT_SYSTEM;
    }
}

static int send_packet(const struct client *c, size_t len)
{
    int err;

    while (send(c->fd, c->buf, len, MSG_NOSIGNAL) < 0) {
        if (errno == EPIPE || errno == ECONNRESET)
            return CLIENT_OK;
        if (errno != EINTR && errno != EAGAIN)
            return CLIENT_SYSTEM;
        if ((err = wait_for(c, POLLOUT)) != CLIENT_OK)
            return err;
    }
    return CLIENT_OK;
}

int client_send(struct client *c, struct frame_out *out)
{
    size_t len = 0;
    int err = CLIENT_FRAME;

    if (frame_end(out, &len) == WIRE_OK)
        err = send_packet(c, len);
    wire_wipe(c->buf, sizeof(c->buf));
    return err;
}

/* ECONNRESET comes once, where the broker hung up with an answer of ours unread; its last frames
 * can still be read after that. */
static int receive_packet(struct client *c, size_t *len)
{
    int err;

    for (;;) {
        struct iovec iov = {.iov_base = c->buf, .iov_len = sizeof(c->buf)};
        struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
        ssize_t n;
        if ((err = wait_for(c, POLLIN)) != CLIENT_OK)
            return err;
        n = recvmsg(c->fd, &msg, 0);
        if (n < 0 && errno != EINTR && errno != EAGAIN && errno != ECONNRESET)
            return CLIENT_SYSTEM;
        if (n == 0)
            return CLIENT_CLOSED;
        if (n > 0) {
            *len = (size_t)n;
            return (msg.msg_flags & MSG_TRUNC) == 0 ? CLIENT_OK : CLIENT_FRAME;
        }
    }
}

int client_receive(struct client *c, struct frame *out)
{
    size_t len = 0;
    int err = receive_packet(c, &len);

    if (err != CLIENT_OK)
        return err;
    if (frame_decode(c->buf, len, auth_to_client, auth_to_client_count, out) != WIRE_OK ||
        out->field[AUTH_F_NONCE].len != sizeof(c->nonce))
        return CLIENT_FRAME;
    if (memcmp(out->field[AUTH_F_NONCE].val, c->nonce, sizeof(c->nonce)) != 0)
        return CLIENT_NONCE;
    return CLIENT_OK;
}
