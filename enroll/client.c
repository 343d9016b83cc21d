/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/client.h"

#include "core/wire/wipe.h"
#include "enroll/handover.h"
#include "enroll/interrupt.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SEND_TIMEOUT 2 /* seconds */

struct call {
    int fd;
    uint8_t *buf; /* FRAME_WORK_MAX + 1 octets */
    const struct client_hooks *hooks;
    struct rows *rows;
    struct client_outcome *out;
    bool done;
};

static int check_socket(const char *path)
{
    struct stat st;

    if (lstat(path, &st) != 0)
        return errno == EACCES ? CLIENT_DENIED : CLIENT_MISSING;
    return S_ISSOCK(st.st_mode) && st.st_uid == 0 ? CLIENT_OK : CLIENT_FOREIGN;
}

static int check_peer(int fd)
{
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t len = sizeof(peer);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0 || len != sizeof(peer))
        return CLIENT_FOREIGN;
    return peer.uid == 0 ? CLIENT_OK : CLIENT_FOREIGN;
}

static int connect_error(void)
{
    if (errno == EACCES || errno == EPERM)
        return CLIENT_DENIED;
    return errno == ENOENT ? CLIENT_MISSING : CLIENT_DEAD;
}

static int open_socket(const char *path, int *fd)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    struct timeval wait = {.tv_sec = SEND_TIMEOUT};
    int r;

    if (strlen(path) >= sizeof(addr.sun_path))
        return CLIENT_MISSING;
    if ((r = check_socket(path)) != CLIENT_OK)
        return r;
    memcpy(addr.sun_path, path, strlen(path));
    if ((*fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) < 0)
        return CLIENT_DEAD;
    setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait));
    if (connect(*fd, (const struct sockaddr *)&addr, sizeof(addr)) != 0)
        return connect_error();
    return check_peer(*fd);
}

static int send_call(struct call *c, const struct client_request *request)
{
    const struct admin_pairs *pairs = request->pairs;
    struct frame_out frame = frame_begin(c->buf, FRAME_WORK_MAX, ADMIN_CALL);
    uint8_t *encoded = malloc(FRAME_WORK_MAX);
    size_t len = 0;
    int r = CLIENT_REQUEST;

    if (encoded == NULL || admin_pairs_encode(pairs, encoded, FRAME_WORK_MAX, &len) != WIRE_OK)
        goto out;
    frame_put_u32(&frame, ADMIN_F_VERSION, ADMIN_VERSION);
    frame_put_text(&frame, ADMIN_F_VERB, request->verb);
    if (pairs->count > 0)
        frame_put(&frame, ADMIN_F_PAIRS, encoded, len);
    if (frame_end(&frame, &len) != WIRE_OK)
        goto out;
    r = handover_send(c->fd, c->buf, len, request->fd) ? CLIENT_OK : CLIENT_CLOSED;
out:
    free(encoded);
    return r;
}

static int send_answer(const struct call *c, const struct client_secret *secret)
{
    uint8_t buf[CLIENT_SECRET_MAX + 16];
    struct frame_out frame = frame_begin(buf, sizeof(buf), ADMIN_ANSWER);
    size_t len = 0;
    int r = CLIENT_REQUEST;

    if (secret != NULL)
        frame_put(&frame, ADMIN_F_SECRET, secret->octets, secret->len);
    if (frame_end(&frame, &len) == WIRE_OK)
        r = handover_send(c->fd, buf, len, -1) ? CLIENT_OK : CLIENT_CLOSED;
    wire_wipe(buf, sizeof(buf));
    return r;
}

/* The id and arguments of EVENT, ASK and DONE. */
static int take_message(const struct frame *f, char *msg, struct args *args)
{
    const struct tlv *t = &f->field[ADMIN_F_ARGS];

    *args = (struct args){0};
    if (frame_text(f, ADMIN_F_MSG, msg, CLIENT_MSG_MAX) != WIRE_OK)
        return CLIENT_PROTOCOL;
    if (frame_has(f, ADMIN_F_ARGS) && args_decode(t->val, t->len, args) != WIRE_OK)
        return CLIENT_PROTOCOL;
    return CLIENT_OK;
}

static int take_event(struct call *c, const struct frame *f)
{
    char msg[CLIENT_MSG_MAX];
    struct args args;
    int r = take_message(f, msg, &args);

    if (r == CLIENT_OK && c->hooks != NULL)
        c->hooks->event(c->hooks->context, msg, &args);
    return r;
}

static int take_ask(struct call *c, const struct frame *f)
{
    struct client_secret secret = {0};
    char msg[CLIENT_MSG_MAX];
    struct args args;
    bool given = false;
    int r = take_message(f, msg, &args);

    if (r != CLIENT_OK)
        return r;
    if (c->hooks != NULL)
        given = c->hooks->ask(c->hooks->context, msg, &args, &secret);
    r = interrupt_seen() ? CLIENT_INTERRUPTED : send_answer(c, given ? &secret : NULL);
    wire_wipe(&secret, sizeof(secret));
    /* The card may have been removed while the person typed: what the broker said of it is there
     * to be read. */
    return r == CLIENT_CLOSED ? CLIENT_OK : r;
}

static int take_row(struct call *c, const struct frame *f)
{
    const struct tlv *t = &f->field[ADMIN_F_PAIRS];

    return rows_add(c->rows, t->val, t->len) ? CLIENT_OK : CLIENT_PROTOCOL;
}

static int take_done(struct call *c, const struct frame *f)
{
    struct client_outcome *out = c->out;
    uint32_t result = 0;

    if (frame_u32(f, ADMIN_F_RESULT, &result) != WIRE_OK || result < ADMIN_OK ||
        result > ADMIN_MISCONFIGURED)
        return CLIENT_PROTOCOL;
    if (frame_has(f, ADMIN_F_MSG) && take_message(f, out->msg, &out->args) != CLIENT_OK)
        return CLIENT_PROTOCOL;
    if (frame_has(f, ADMIN_F_DETAIL) &&
        frame_text(f, ADMIN_F_DETAIL, out->detail, sizeof(out->detail)) != WIRE_OK)
        return CLIENT_PROTOCOL;
    out->result = (enum admin_result)result;
    c->done = true;
    return CLIENT_OK;
}

static int take_frame(struct call *c, size_t len)
{
    struct frame f;

    if (frame_decode(c->buf, len, admin_to_client, admin_to_client_count, &f) != WIRE_OK)
        return CLIENT_PROTOCOL;
    switch (f.type) {
    case ADMIN_EVENT:
        return take_event(c, &f);
    case ADMIN_ASK:
        return take_ask(c, &f);
    case ADMIN_ROW:
        return take_row(c, &f);
    default:
        return take_done(c, &f);
    }
}

static int receive(struct call *c)
{
    struct pollfd fd = {.fd = c->fd, .events = POLLIN};
    int ready = interrupt_poll(&fd, 1, CLIENT_SILENCE * 1000);
    ssize_t n;

    if (ready == 0)
        return CLIENT_SILENT;
    if (ready < 0)
        return CLIENT_INTERRUPTED;
    /* One octet more than a frame may have shows what is too long. */
    n = recv(c->fd, c->buf, FRAME_WORK_MAX + 1, 0);
    if (n <= 0)
        return n < 0 && errno == EINTR ? CLIENT_OK : CLIENT_CLOSED;
    return (size_t)n > FRAME_WORK_MAX ? CLIENT_PROTOCOL : take_frame(c, (size_t)n);
}

int client_call(const char *path, const struct client_request *request,
                const struct client_hooks *hooks, struct rows *rows, struct client_outcome *out)
{
    struct call c = {.fd = -1, .hooks = hooks, .rows = rows, .out = out};
    int r;

    *out = (struct client_outcome){0};
    if ((c.buf = malloc(FRAME_WORK_MAX + 1)) == NULL)
        return CLIENT_REQUEST;
    if ((r = open_socket(path, &c.fd)) == CLIENT_OK)
        r = send_call(&c, request);
    while (r == CLIENT_OK && !c.done)
        r = receive(&c);
    if (c.fd >= 0)
        close(c.fd);
    free(c.buf);
    return r;
}
