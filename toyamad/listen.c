/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/listen.h"

#include "toyamad/client.h"
#include "toyamad/file.h"
#include "toyamad/log.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define BACKLOG 16

static int on_auth(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)source;
    (void)events;
    if (peer >= 0)
        client_accept(userdata, peer, CLIENT_AUTH);
    return 0;
}

static int on_admin(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)source;
    (void)events;
    if (peer >= 0)
        client_accept(userdata, peer, CLIENT_ADMIN);
    return 0;
}

/* A socket that somebody still answers at must not be taken away from him. */
static bool answered(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    bool yes = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;

    if (fd >= 0)
        close(fd);
    return yes;
}

static bool prepare_directory(const char *path)
{
    char directory[CONFIG_SOCKET_MAX], why[256];
    char *slash;

    memcpy(directory, path, sizeof(directory));
    slash = strrchr(directory, '/');
    if (slash == NULL || slash == directory)
        return false;
    *slash = '\0';
    if (mkdir(directory, 0755) == 0)
        return chmod(directory, 0755) == 0;
    if (errno == EEXIST && file_directory_trusted(directory, why, sizeof(why)))
        return true;
    log_error("%s: %s", directory, errno == EEXIST ? why : strerror(errno));
    return false;
}

/* systemd makes its socket with the group that its unit names; here it is the config's. */
static bool let_in(const char *path, const char *group)
{
    const struct group *g = group == NULL ? NULL : getgrnam(group);

    if (g == NULL)
        return chmod(path, 0600) == 0;
    return chown(path, 0, g->gr_gid) == 0 && chmod(path, 0660) == 0;
}

static int bind_socket(const char *path, const char *group)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (!prepare_directory(path))
        return -1;
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (answered(&address)) {
        log_error("%s: another broker is running", path);
        return -1;
    }
    unlink(path);
    fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0 &&
        let_in(path, group) && listen(fd, BACKLOG) == 0)
        return fd;
    log_error("%s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool watch(struct broker *b, int fd, sd_event_io_handler_t handler)
{
    sd_event_source *source = NULL;

    if (fd < 0 || sd_event_add_io(b->event, &source, fd, EPOLLIN, handler, b) < 0)
        return false;
    sd_event_source_set_io_fd_own(source, 1);
    sd_event_source_set_floating(source, 1);
    sd_event_source_unref(source);
    return true;
}

static bool take_inherited(struct broker *b, int count, char **names)
{
    bool auth = false, admin = false;

    for (int n = 0; n < count; n++) {
        int fd = SD_LISTEN_FDS_START + n;
        if (sd_is_socket_unix(fd, SOCK_SEQPACKET, 1, NULL, 0) <= 0)
            continue;
        if (strcmp(names[n], "auth.sock") == 0)
            auth = watch(b, fd, on_auth);
        else if (strcmp(names[n], "admin.sock") == 0)
            admin = watch(b, fd, on_admin);
    }
    if (!auth || !admin)
        log_error("the sockets that systemd passed are not auth.sock and admin.sock");
    return auth && admin;
}

bool listen_begin(struct broker *b)
{
    char **names = NULL;
    int count = sd_listen_fds_with_names(1, &names);
    bool good;

    if (count > 0) {
        good = take_inherited(b, count, names);
        for (int n = 0; n < count; n++)
            free(names[n]);
        free(names);
        return good;
    }
    b->auth_bound = watch(b, bind_socket(b->config.auth_socket, NULL), on_auth);
    b->admin_bound = b->auth_bound &&
                     watch(b, bind_socket(b->config.admin_socket, b->config.admin_group), on_admin);
    return b->auth_bound && b->admin_bound;
}

void listen_end(struct broker *b)
{
    if (b->auth_bound)
        unlink(b->config.auth_socket);
    if (b->admin_bound)
        unlink(b->config.admin_socket);
}
