/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/vpcd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define TRICKLE_MS 1000

int64_t vpcd_now(void)
{
    struct timespec t = {0};

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void set_option(int fd, int option)
{
    int on = 1;

    setsockopt(fd, IPPROTO_TCP, option, &on, sizeof(on));
}

bool vpcd_connect(struct vpcd *v)
{
    struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(v->port)};
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof(to)) != 0) {
        close(fd);
        fd = -1;
    }
    if (fd < 0)
        return false;
    set_option(fd, TCP_NODELAY);
    v->fd = fd;
    v->in_len = v->out_len = v->out_at = 0;
    return true;
}

void vpcd_disconnect(struct vpcd *v)
{
    if (v->fd >= 0)
        close(v->fd);
    v->fd = -1;
}

/* The driver sends length and body apart: a delayed acknowledgement would cost 40 ms each time. */
bool vpcd_receive(struct vpcd *v)
{
    ssize_t n;

    set_option(v->fd, TCP_QUICKACK);
    n = recv(v->fd, v->in + v->in_len, sizeof(v->in) - v->in_len, MSG_DONTWAIT);
    if (n > 0)
        v->in_len += (size_t)n;
    return n > 0 || (n < 0 && (errno == EAGAIN || errno == EINTR));
}

static size_t frame_len(const struct vpcd *v)
{
    return v->in_len < 2 ? SIZE_MAX : 2 + ((size_t)v->in[0] << 8 | v->in[1]);
}

const uint8_t *vpcd_frame(const struct vpcd *v, size_t *len)
{
    size_t whole = frame_len(v);

    if (whole > v->in_len)
        return NULL;
    *len = whole - 2;
    return v->in + 2;
}

void vpcd_consume(struct vpcd *v)
{
    size_t whole = frame_len(v);

    v->in_len -= whole;
    memmove(v->in, v->in + whole, v->in_len);
}

void vpcd_answer(struct vpcd *v, const uint8_t *body, size_t len, int64_t delay_ms, bool trickle)
{
    v->out[0] = (uint8_t)(len >> 8);
    v->out[1] = (uint8_t)len;
    if (len > 0)
        memcpy(v->out + 2, body, len);
    v->out_len = len + 2;
    v->out_at = 0;
    v->out_due = vpcd_now() + delay_ms;
    v->out_trickle = trickle;
}

bool vpcd_flush(struct vpcd *v)
{
    while (v->fd >= 0 && v->out_at < v->out_len && vpcd_now() >= v->out_due) {
        size_t left = v->out_trickle ? 1 : v->out_len - v->out_at;
        ssize_t n = send(v->fd, v->out + v->out_at, left, MSG_NOSIGNAL);
        if (n < 0)
            return errno == EINTR;
        v->out_at += (size_t)n;
        if (v->out_trickle)
            v->out_due = vpcd_now() + TRICKLE_MS;
    }
    return true;
}
