/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/feeder.h"

#include <errno.h>
#include <glib-unix.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define DIRECTORY "/tmp/toyama-matcher.XXXXXX"
#define PATH_MAX_ 64

struct feeder {
    char directory[PATH_MAX_]; /* empty once it is removed */
    char socket[PATH_MAX_];
    int fd;
    guint source;
    const struct picture *picture;
    gint32 head[2]; /* width, height */
    size_t sent;
};

static void remove_directory(struct feeder *feeder)
{
    if (feeder->directory[0] == '\0')
        return;
    unlink(feeder->socket);
    rmdir(feeder->directory);
    feeder->directory[0] = '\0';
}

struct feeder *feeder_new(void)
{
    struct feeder *feeder = g_new0(struct feeder, 1);

    feeder->fd = -1;
    memcpy(feeder->directory, DIRECTORY, sizeof(DIRECTORY));
    if (mkdtemp(feeder->directory) == NULL) {
        g_free(feeder);
        return NULL;
    }
    snprintf(feeder->socket, sizeof(feeder->socket), "%.40s/sensor", feeder->directory);
    return feeder;
}

const char *feeder_socket(const struct feeder *feeder)
{
    return feeder->socket;
}

bool feeder_connect(struct feeder *feeder)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    memcpy(address.sun_path, feeder->socket, strlen(feeder->socket) + 1);
    feeder->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (feeder->fd < 0 ||
        connect(feeder->fd, (const struct sockaddr *)&address, sizeof(address)) != 0)
        return false;
    remove_directory(feeder);
    return true;
}

/* Header and pixels are one stream: the next octets of it. */
static const void *next_octets(const struct feeder *feeder, size_t *len)
{
    const struct picture *picture = feeder->picture;

    if (feeder->sent < sizeof(feeder->head)) {
        *len = sizeof(feeder->head) - feeder->sent;
        return (const uint8_t *)feeder->head + feeder->sent;
    }
    *len = sizeof(feeder->head) + picture->len - feeder->sent;
    return picture->pixels + (feeder->sent - sizeof(feeder->head));
}

static gboolean on_writable(gint fd, GIOCondition condition, gpointer user)
{
    struct feeder *feeder = user;
    size_t len = 0;
    const void *octets = next_octets(feeder, &len);
    ssize_t n = send(fd, octets, len, MSG_DONTWAIT | MSG_NOSIGNAL);

    (void)condition;
    if (n > 0)
        feeder->sent += (size_t)n;
    if ((n > 0 && feeder->sent < sizeof(feeder->head) + feeder->picture->len) ||
        (n < 0 && (errno == EAGAIN || errno == EINTR)))
        return G_SOURCE_CONTINUE;
    feeder->source = 0;
    return G_SOURCE_REMOVE;
}

bool feeder_press(struct feeder *feeder, const struct picture *picture)
{
    if (feeder->fd < 0 || feeder->source != 0)
        return false;
    feeder->picture = picture;
    feeder->head[0] = (gint32)picture->width;
    feeder->head[1] = (gint32)picture->height;
    feeder->sent = 0;
    feeder->source = g_unix_fd_add(feeder->fd, G_IO_OUT, on_writable, feeder);
    return true;
}

void feeder_free(struct feeder *feeder)
{
    if (feeder == NULL)
        return;
    if (feeder->source != 0)
        g_source_remove(feeder->source);
    if (feeder->fd >= 0)
        close(feeder->fd);
    remove_directory(feeder);
    g_free(feeder);
}
