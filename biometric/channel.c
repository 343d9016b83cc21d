/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/channel.h"

#include "core/wire/wipe.h"

#include <errno.h>
#include <glib-unix.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>

#define SEND_MS 1000

struct channel {
    int fd;
    guint source;
    struct channel_handler handler;
    struct frame_out out;
    uint8_t in_buf[FRAME_WORK_MAX];
    uint8_t out_buf[FRAME_WORK_MAX];
};

static void end_channel(struct channel *channel, const char *why)
{
    guint source = channel->source;

    if (source == 0)
        return;
    channel->source = 0;
    g_source_remove(source);
    channel->handler.closed(channel->handler.user, why);
}

static void take_frame(struct channel *channel, size_t len)
{
    struct frame frame;

    if (frame_decode(channel->in_buf, len, finger_to_worker, finger_to_worker_count, &frame) ==
        WIRE_OK)
        channel->handler.frame(channel->handler.user, &frame);
    else
        end_channel(channel, "malformed frame");
}

static gboolean on_readable(gint fd, GIOCondition condition, gpointer user)
{
    struct channel *channel = user;
    ssize_t n = recv(fd, channel->in_buf, sizeof(channel->in_buf), MSG_DONTWAIT | MSG_TRUNC);

    (void)condition;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return G_SOURCE_CONTINUE;
    if (n <= 0)
        end_channel(channel, n == 0 ? NULL : "cannot read from the broker");
    else if ((size_t)n > sizeof(channel->in_buf))
        end_channel(channel, "frame too long");
    else
        take_frame(channel, (size_t)n);
    wire_wipe(channel->in_buf, sizeof(channel->in_buf));
    return channel->source != 0 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

struct channel *channel_new(int fd, const struct channel_handler *handler)
{
    struct channel *channel;
    int type = 0;
    socklen_t len = sizeof(type);

    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) != 0 || type != SOCK_SEQPACKET)
        return NULL;
    channel = g_new0(struct channel, 1);
    (void)mlock(channel, sizeof(*channel));
    channel->fd = fd;
    channel->handler = *handler;
    channel->source = g_unix_fd_add(fd, G_IO_IN | G_IO_HUP | G_IO_ERR, on_readable, channel);
    return channel;
}

void channel_free(struct channel *channel)
{
    if (channel == NULL)
        return;
    if (channel->source != 0)
        g_source_remove(channel->source);
    wire_wipe(channel, sizeof(*channel));
    g_free(channel);
}

struct frame_out *channel_begin(struct channel *channel, uint8_t type)
{
    channel->out = frame_begin(channel->out_buf, sizeof(channel->out_buf), type);
    return &channel->out;
}

/* Pictures fill the socket. */
static ssize_t send_patiently(struct channel *channel, size_t len)
{
    struct pollfd room = {.fd = channel->fd, .events = POLLOUT};
    ssize_t n = send(channel->fd, channel->out_buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);

    if (n < 0 && errno == EAGAIN && poll(&room, 1, SEND_MS) > 0)
        n = send(channel->fd, channel->out_buf, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    return n;
}

/* The broker reads at once; one that does not is as good as gone. */
void channel_send(struct channel *channel)
{
    size_t len = 0;
    ssize_t n = -1;

    if (frame_end(&channel->out, &len) == WIRE_OK)
        n = send_patiently(channel, len);
    wire_wipe(channel->out_buf, sizeof(channel->out_buf));
    if (n < 0 || (size_t)n != len)
        end_channel(channel, "cannot write to the broker");
}
