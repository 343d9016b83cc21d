/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/client.h"

#include "core/wire/wipe.h"
#include "toyamad/attempt.h"
#include "toyamad/log.h"
#include "toyamad/packet.h"
#include "toyamad/task.h"

#include <grp.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define GROUPS_MAX        256
#define CLOSE_STEPS_MAX   1000 /* of the event loop at the end: a worker may talk on and on */
#define FIRST_PACKET_USEC (UINT64_C(10) * 1000000)
#define PATIENCE_USEC     (UINT64_C(3) * 1000000)

static int on_free(sd_event_source *source, void *userdata)
{
    struct client *c = userdata;

    sd_event_source_unref(source);
    for (struct client **at = &c->broker->clients; *at != NULL; at = &(*at)->next)
        if (*at == c) {
            *at = c->next;
            break;
        }
    c->broker->client_count--;
    sd_event_source_disable_unref(c->io);
    sd_event_source_disable_unref(c->idle);
    close(c->fd);
    free(c);
    return 0;
}

void client_close(struct client *c)
{
    sd_event_source *defer = NULL;

    if (c->closing)
        return;
    c->closing = true;
    sd_event_source_set_enabled(c->io, SD_EVENT_OFF);
    if (c->attempt != NULL)
        attempt_abandon(c->attempt);
    if (c->task != NULL)
        task_abandon(c->task);
    c->attempt = NULL;
    c->task = NULL;
    if (sd_event_add_defer(c->broker->event, &defer, on_free, c) < 0)
        log_error("out of memory: a connection stays open");
}

/* Connections, attempts and calls are freed by the event loop. */
void client_close_all(struct broker *b)
{
    b->ending = true;
    for (struct client *c = b->clients; c != NULL; c = c->next)
        client_close(c);
    for (int n = 0; n < CLOSE_STEPS_MAX && sd_event_run(b->event, 0) > 0; n++)
        ;
}

/* A listing is longer than a socket's buffer: the operator's program gets the time to read it, but
 * a connection cannot hold up the others for longer than PATIENCE_USEC in all. */
static bool reads_on(struct client *c)
{
    struct pollfd peer = {.fd = c->fd, .events = POLLOUT};
    uint64_t begun = attempt_clock();
    bool room;

    if (c->kind != CLIENT_ADMIN || c->waited >= PATIENCE_USEC)
        return false;
    room =
        poll(&peer, 1, (int)((PATIENCE_USEC - c->waited) / 1000)) == 1 && peer.revents == POLLOUT;
    c->waited += attempt_clock() - begun;
    return room;
}

/* A peer that does not read is closed from the event loop, when its end of file is seen there: the
 * callers of this function may be deep inside of the attempt. */
bool client_send(struct client *c, const void *buf, size_t len)
{
    int err = c->closing ? PACKET_CLOSED : packet_send(c->fd, buf, len);

    while (err == PACKET_AGAIN && reads_on(c))
        err = packet_send(c->fd, buf, len);
    if (err == PACKET_OK)
        return true;
    shutdown(c->fd, SHUT_RDWR);
    return false;
}

static const char *language_of(const struct client *c)
{
    return c->broker->config_good ? c->broker->config.policy.language : "ja";
}

static struct frame_out begin(const struct client *c, uint8_t *buf, size_t cap, enum auth_type type,
                              const char *msg, const struct args *args)
{
    struct frame_out out = frame_begin(buf, cap, (uint8_t)type);
    uint8_t encoded[FRAME_AUTH_MAX / 2];
    size_t len = 0;

    frame_put(&out, AUTH_F_NONCE, c->nonce, sizeof(c->nonce));
    frame_put_text(&out, AUTH_F_LANG, language_of(c));
    if (msg != NULL)
        frame_put_text(&out, AUTH_F_MSG, msg);
    if (msg != NULL && args != NULL && args->count > 0 &&
        args_encode(args, encoded, sizeof(encoded), &len) == WIRE_OK)
        frame_put(&out, AUTH_F_ARGS, encoded, len);
    return out;
}

static void finish(struct client *c, struct frame_out *out, const uint8_t *buf)
{
    size_t len = 0;

    if (frame_end(out, &len) == WIRE_OK)
        client_send(c, buf, len);
    else
        client_close(c);
}

void client_info(struct client *c, const char *msg, const struct args *args)
{
    uint8_t buf[FRAME_AUTH_MAX];
    struct frame_out out = begin(c, buf, sizeof(buf), AUTH_INFO, msg, args);

    finish(c, &out, buf);
}

void client_prompt(struct client *c, const char *msg, const struct args *args)
{
    uint8_t buf[FRAME_AUTH_MAX];
    struct frame_out out = begin(c, buf, sizeof(buf), AUTH_PROMPT, msg, args);

    finish(c, &out, buf);
}

void client_verdict(struct client *c, const struct verdict *v)
{
    uint8_t buf[FRAME_AUTH_MAX];
    struct frame_out out = begin(c, buf, sizeof(buf), AUTH_VERDICT, v->msg, v->args);

    frame_put_u32(&out, AUTH_F_RESULT, (uint32_t)v->result);
    if (v->user != NULL)
        frame_put_text(&out, AUTH_F_USER, v->user);
    if (v->ticket != NULL)
        frame_put(&out, AUTH_F_TICKET, v->ticket, AUTH_TICKET_LEN);
    finish(c, &out, buf);
}

/* START, ACCOUNT and SESSION begin a connection and fix its nonce; the rest must carry it. */
static bool begins(uint8_t type)
{
    return type == AUTH_START || type == AUTH_ACCOUNT || type == AUTH_SESSION;
}

static bool take_nonce(struct client *c, const struct frame *f)
{
    uint8_t nonce[FRAME_NONCE_LEN];
    uint32_t version = 0;

    if (frame_fixed(f, AUTH_F_NONCE, nonce, sizeof(nonce)) != WIRE_OK)
        return false;
    if (!begins(f->type))
        return c->attempt != NULL && memcmp(nonce, c->nonce, sizeof(nonce)) == 0;
    if (c->attempt != NULL || frame_u32(f, AUTH_F_VERSION, &version) != WIRE_OK ||
        version != AUTH_VERSION)
        return false;
    memcpy(c->nonce, nonce, sizeof(nonce));
    return true;
}

static void dispatch_auth(struct client *c, const struct frame *f)
{
    switch (f->type) {
    case AUTH_START:
        attempt_start(c, f);
        break;
    case AUTH_ANSWER:
        attempt_answer(c->attempt, f);
        break;
    case AUTH_ACCOUNT:
        auth_account(c, f);
        break;
    case AUTH_SESSION:
        auth_session(c, f);
        break;
    default:
        client_close(c);
        break;
    }
}

static void auth_packet(struct client *c, const uint8_t *buf, size_t len)
{
    struct frame f;

    if (len > FRAME_AUTH_MAX ||
        frame_decode(buf, len, auth_to_broker, auth_to_broker_count, &f) != WIRE_OK ||
        !take_nonce(c, &f)) {
        log_warning("auth.sock: pid %d broke the protocol", (int)c->pid);
        client_close(c);
        return;
    }
    c->idle = sd_event_source_disable_unref(c->idle);
    dispatch_auth(c, &f);
}

/* Only an operator's program passes a descriptor; where others do, the kernel closes it. */
static int receive(struct client *c, uint8_t *buf, size_t cap, size_t *len, int *passed)
{
    if (c->kind == CLIENT_AUTH)
        return packet_receive(c->fd, buf, cap, len);
    return packet_receive_passed(c->fd, buf, cap, len, passed);
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
    struct client *c = userdata;
    size_t cap = c->kind == CLIENT_AUTH ? FRAME_AUTH_MAX : FRAME_WORK_MAX, len = 0;
    uint8_t *buf = malloc(cap);
    int passed = -1;

    (void)source;
    (void)fd;
    (void)events;
    if (buf == NULL || receive(c, buf, cap, &len, &passed) != PACKET_OK)
        client_close(c);
    else if (c->kind == CLIENT_AUTH)
        auth_packet(c, buf, len);
    else
        admin_packet(c, buf, len, &passed);
    if (passed >= 0)
        close(passed);
    wire_wipe(buf, len);
    free(buf);
    return 0;
}

static int on_idle(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source;
    (void)usec;
    client_close(userdata);
    return 0;
}

static size_t count_of(const struct broker *b, uid_t uid)
{
    size_t count = 0;

    for (const struct client *c = b->clients; c != NULL; c = c->next)
        count += c->uid == uid;
    return count;
}

static bool in_group(const struct client *c, gid_t own, gid_t wanted)
{
    gid_t groups[GROUPS_MAX];
    socklen_t len = sizeof(groups);

    if (own == wanted)
        return true;
    if (getsockopt(c->fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
        return false;
    for (size_t n = 0; n < len / sizeof(groups[0]); n++)
        if (groups[n] == wanted)
            return true;
    return false;
}

/* Who may be an operator was in the group when he connected, whatever the socket's mode. */
static bool is_known(struct client *c, const struct ucred *peer)
{
    const struct group *g = NULL;
    const struct passwd *sync = NULL;

    if (peer->uid == 0)
        return true;
    if (c->kind == CLIENT_ADMIN) {
        g = getgrnam(c->broker->config.admin_group);
        sync = getpwnam(c->broker->config.sync_user);
    }
    c->sync = sync != NULL && sync->pw_uid == peer->uid;
    if (c->sync)
        return true;
    if (g != NULL && in_group(c, peer->gid, g->gr_gid))
        return true;
    log_warning("uid %u is not admitted", (unsigned)peer->uid);
    return false;
}

/* Some room is left for root. */
static bool has_room(const struct client *c)
{
    if (c->uid == 0)
        return c->broker->client_count < BROKER_CLIENTS_MAX;
    return c->broker->client_count < BROKER_CLIENTS_MAX / 2 &&
           count_of(c->broker, c->uid) < BROKER_OPERATOR_MAX;
}

static bool admitted(struct client *c)
{
    struct ucred peer = {0};
    socklen_t len = sizeof(peer);

    if (getsockopt(c->fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
        return false;
    c->uid = peer.uid;
    c->pid = peer.pid;
    return is_known(c, &peer) && has_room(c) && !c->broker->ending;
}

void client_accept(struct broker *b, int fd, enum client_kind kind)
{
    struct client *c = calloc(1, sizeof(*c));

    if (c == NULL) {
        close(fd);
        return;
    }
    *c = (struct client){.broker = b, .kind = kind, .fd = fd};
    if (!admitted(c) || sd_event_add_io(b->event, &c->io, fd, EPOLLIN, on_io, c) < 0 ||
        sd_event_add_time_relative(b->event, &c->idle, CLOCK_MONOTONIC, FIRST_PACKET_USEC, 0,
                                   on_idle, c) < 0) {
        sd_event_source_disable_unref(c->io);
        close(fd);
        free(c);
        return;
    }
    c->next = b->clients;
    b->clients = c;
    b->client_count++;
}
