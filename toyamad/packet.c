/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/packet.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

/* The kernel closes what does not fit here and says so: MSG_CTRUNC. */
#define PASSED_ROOM 2

int packet_send(int fd, const void *buf, size_t len)
{
    ssize_t n;

    do
        n = send(fd, buf, len, MSG_NOSIGNAL | MSG_DONTWAIT | MSG_EOR);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN ? PACKET_AGAIN : PACKET_CLOSED;
    return (size_t)n == len ? PACKET_OK : PACKET_CLOSED;
}

static int outcome(ssize_t n, size_t cap, size_t *len)
{
    if (n < 0)
        return errno == EAGAIN ? PACKET_AGAIN : PACKET_CLOSED;
    if (n == 0)
        return PACKET_CLOSED;
    if ((size_t)n > cap)
        return PACKET_LENGTH;
    *len = (size_t)n;
    return PACKET_OK;
}

int packet_receive(int fd, void *buf, size_t cap, size_t *len)
{
    ssize_t n;

    do
        n = recv(fd, buf, cap, MSG_DONTWAIT | MSG_TRUNC);
    while (n < 0 && errno == EINTR);
    return outcome(n, cap, len);
}

/* Keeps the first descriptor of a message and closes the others; how many there were. */
static size_t take_descriptors(struct msghdr *msg, int *passed)
{
    size_t seen = 0;

    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t n = 0; n < count; n++, seen++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + n * sizeof(fd), sizeof(fd));
            if (seen == 0)
                *passed = fd;
            else
                close(fd);
        }
    }
    return seen;
}

int packet_receive_passed(int fd, void *buf, size_t cap, size_t *len, int *passed)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(PASSED_ROOM * sizeof(int))];
    struct iovec part = {.iov_base = buf, .iov_len = cap};
    struct msghdr msg = {.msg_iov = &part,
                         .msg_iovlen = 1,
                         .msg_control = control,
                         .msg_controllen = sizeof(control)};
    size_t seen = 0;
    ssize_t n;

    *passed = -1;
    do
        n = recvmsg(fd, &msg, MSG_DONTWAIT | MSG_TRUNC | MSG_CMSG_CLOEXEC);
    while (n < 0 && errno == EINTR);
    if (n >= 0)
        seen = take_descriptors(&msg, passed);
    if (n > 0 && (seen > 1 || (msg.msg_flags & MSG_CTRUNC) != 0))
        return PACKET_PASSED;
    return outcome(n, cap, len);
}
