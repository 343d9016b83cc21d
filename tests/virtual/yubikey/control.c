/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/yubikey/control.h"

#include "tests/virtual/yubikey/command.h"

#include <glib-unix.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_LEN 512
#define BACKLOG      8

struct control {
    int fd;
    guint source;
    char *path;
    struct bus *bus;
    GMainLoop *loop;
};

static void obey(struct control *c, char *line, GString *out)
{
    char **words;

    g_strstrip(line);
    words = g_strsplit(line, " ", -1);
    if (words[0] != NULL && strcmp(words[0], "quit") == 0)
        g_main_loop_quit(c->loop);
    else if (!command_run(c->bus, words, out))
        g_string_assign(out, "error");
    if (strcmp(out->str, "error") != 0)
        g_string_prepend(out, out->len > 0 ? "ok " : "ok");
    g_string_append_c(out, '\n');
    g_strfreev(words);
}

/* One line a connection: whoever controls a test writes it whole. */
static void serve(struct control *c, int fd)
{
    const struct timeval patience = {.tv_sec = 2};
    char line[LINE_MAX_LEN] = "";
    GString *out = g_string_new(NULL);
    size_t len = 0;
    ssize_t n = 1;

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    while (n > 0 && len < sizeof(line) - 1 && memchr(line, '\n', len) == NULL) {
        n = recv(fd, line + len, sizeof(line) - 1 - len, 0);
        len += n > 0 ? (size_t)n : 0;
    }
    line[len] = '\0';
    obey(c, line, out);
    if (send(fd, out->str, out->len, MSG_NOSIGNAL) < 0)
        g_printerr("virtual-yubikey: nobody reads the answer\n");
    g_string_free(out, TRUE);
}

static gboolean on_connection(gint fd, GIOCondition condition, gpointer user)
{
    int client = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    (void)condition;
    if (client >= 0) {
        serve(user, client);
        close(client);
    }
    return G_SOURCE_CONTINUE;
}

struct control *control_new(const char *path, struct bus *bus, GMainLoop *loop)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct control *c;
    int fd;

    if (strlen(path) >= sizeof(address.sun_path))
        return NULL;
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (const struct sockaddr *)&address, sizeof(address)) != 0 ||
        listen(fd, BACKLOG) != 0) {
        if (fd >= 0)
            close(fd);
        return NULL;
    }
    c = g_new0(struct control, 1);
    *c = (struct control){.fd = fd, .path = g_strdup(path), .bus = bus, .loop = loop};
    c->source = g_unix_fd_add(fd, G_IO_IN, on_connection, c);
    return c;
}

void control_free(struct control *c)
{
    g_source_remove(c->source);
    close(c->fd);
    unlink(c->path);
    g_free(c->path);
    g_free(c);
}
