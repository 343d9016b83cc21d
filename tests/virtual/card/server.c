/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/server.h"

#include "tests/virtual/card/control.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 8
#define LINE_OCTETS 8192

struct client {
    int fd; /* -1: free */
    char line[LINE_OCTETS];
    size_t len;
};

struct server {
    struct program *program;
    int listener; /* -1: none */
    struct client clients[CLIENTS_MAX];
};

static int listen_at(const char *path)
{
    struct sockaddr_un to = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0077);
    bool good = fd >= 0 && strlen(path) < sizeof(to.sun_path);

    if (good) {
        strcpy(to.sun_path, path);
        unlink(path);
        good = bind(fd, (struct sockaddr *)&to, sizeof(to)) == 0 && listen(fd, CLIENTS_MAX) == 0;
    }
    umask(mask);
    if (!good && fd >= 0)
        close(fd);
    return good ? fd : -1;
}

static void send_all(int fd, const char *text, size_t len)
{
    while (len > 0) {
        ssize_t n = send(fd, text, len, MSG_NOSIGNAL);
        if (n <= 0)
            return;
        text += n;
        len -= (size_t)n;
    }
}

static void run_line(struct server *s, struct client *c)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    if (out == NULL)
        return;
    control_run(s->program, c->line, out);
    fclose(out);
    send_all(c->fd, text, len);
    free(text);
}

static void read_client(struct server *s, struct client *c)
{
    ssize_t n = recv(c->fd, c->line + c->len, sizeof(c->line) - 1 - c->len, 0);
    char *end;

    if (n <= 0) {
        close(c->fd);
        c->fd = -1;
        return;
    }
    c->len += (size_t)n;
    while ((end = memchr(c->line, '\n', c->len)) != NULL) {
        size_t used = (size_t)(end - c->line) + 1;
        *end = '\0';
        run_line(s, c);
        c->len -= used;
        memmove(c->line, c->line + used, c->len);
    }
}

static void accept_client(struct server *s)
{
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC);

    for (size_t n = 0; n < CLIENTS_MAX && fd >= 0; n++) {
        if (s->clients[n].fd < 0) {
            s->clients[n].fd = fd;
            s->clients[n].len = 0;
            return;
        }
    }
    if (fd >= 0)
        close(fd);
}

static void turn(struct server *s)
{
    struct pollfd p[CLIENTS_MAX + 2] = {{.fd = s->program->vpcd.fd, .events = POLLIN},
                                        {.fd = s->listener, .events = POLLIN}};

    for (size_t n = 0; n < CLIENTS_MAX; n++)
        p[n + 2] = (struct pollfd){.fd = s->clients[n].fd, .events = POLLIN};
    if (poll(p, CLIENTS_MAX + 2, program_timeout(s->program)) < 0)
        return;
    for (size_t n = 0; n < CLIENTS_MAX; n++)
        if (p[n + 2].revents != 0)
            read_client(s, &s->clients[n]);
    if (p[1].revents != 0)
        accept_client(s);
    if (p[0].revents != 0 && p[0].fd == s->program->vpcd.fd)
        program_read(s->program);
    program_tick(s->program);
}

bool server_run(struct program *program, const char *path)
{
    static struct server s;

    s.program = program;
    s.listener = path != NULL ? listen_at(path) : -1;
    if (path != NULL && s.listener < 0)
        return false;
    for (size_t n = 0; n < CLIENTS_MAX; n++)
        s.clients[n].fd = -1;
    while (!program->quit)
        turn(&s);
    for (size_t n = 0; n < CLIENTS_MAX; n++)
        if (s.clients[n].fd >= 0)
            close(s.clients[n].fd);
    if (path != NULL) {
        close(s.listener);
        unlink(path);
    }
    return true;
}
