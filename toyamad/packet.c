/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/packet.h"

#include <errno.h>
#include <sys/socket.h>
#include <sys/types.h>

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

int packet_receive(int fd, void *buf, size_t cap, size_t *len)
{
    ssize_t n;

    do
        n = recv(fd, buf, cap, MSG_DONTWAIT | MSG_TRUNC);
    while (n < 0 && errno == EINTR);
    if (n < 0)
        return errno == EAGAIN ? PACKET_AGAIN : PACKET_CLOSED;
    if (n == 0)
        return PACKET_CLOSED;
    if ((size_t)n > cap)
        return PACKET_LENGTH;
    *len = (size_t)n;
    return PACKET_OK;
}
