/* SPDX-License-Identifier: Apache-2.0
 *
 * Calls of the broker at this host: one packet with a descriptor out, rows and the end back. There
 * is nobody here who could be asked or shown anything.
 */
#include "toyamad/sync/sync.h"

#include "core/wire/admin.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#define SILENCE 300 /* seconds: a prefecture's roster is verified and written meanwhile */

struct answer {
    bool done;
    uint32_t result;
    char detail[ADMIN_VALUE_MAX];
    struct admin_pairs row; /* the last one */
};

static bool is_roots(int fd)
{
    struct ucred peer = {.uid = (uid_t)-1};
    socklen_t len = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) == 0 && len == sizeof(peer) &&
           peer.uid == 0;
}

static int open_socket(const char *path)
{
    struct sockaddr_un addr = {.sun_family = AF_UNIX};
    const struct timeval wait = {.tv_sec = SILENCE};
    int fd;

    if (strlen(path) >= sizeof(addr.sun_path) ||
        (fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) < 0)
        return -1;
    memcpy(addr.sun_path, path, strlen(path));
    if (setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof(wait)) == 0 &&
        connect(fd, (const struct sockaddr *)&addr, sizeof(addr)) == 0 && is_roots(fd))
        return fd;
    close(fd);
    return -1;
}

static bool send_packet(int to, void *packet, size_t len, int fd)
{
    union {
        struct cmsghdr header;
        char octets[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec io = {packet, len};
    struct msghdr message = {.msg_iov = &io, .msg_iovlen = 1};

    if (fd >= 0) {
        struct cmsghdr *c = &control.header;
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(c), &fd, sizeof(fd));
        message.msg_control = &control;
        message.msg_controllen = sizeof(control.octets);
    }
    return sendmsg(to, &message, MSG_NOSIGNAL) == (ssize_t)len;
}

static bool send_call(int to, const char *verb, const struct admin_pairs *pairs, int fd)
{
    uint8_t packet[1024], encoded[512];
    struct frame_out frame = frame_begin(packet, sizeof(packet), ADMIN_CALL);
    size_t len = 0;

    frame_put_u32(&frame, ADMIN_F_VERSION, ADMIN_VERSION);
    frame_put_text(&frame, ADMIN_F_VERB, verb);
    if (admin_pairs_encode(pairs, encoded, sizeof(encoded), &len) != WIRE_OK)
        return false;
    if (pairs->count > 0)
        frame_put(&frame, ADMIN_F_PAIRS, encoded, len);
    return frame_end(&frame, &len) == WIRE_OK && send_packet(to, packet, len, fd);
}

static bool take_frame(const uint8_t *buf, size_t len, struct answer *out)
{
    const struct tlv *pairs;
    struct frame f;

    if (frame_decode(buf, len, admin_to_client, admin_to_client_count, &f) != WIRE_OK)
        return false;
    if (f.type == ADMIN_ROW) {
        pairs = &f.field[ADMIN_F_PAIRS];
        return admin_pairs_decode(pairs->val, pairs->len, &out->row) == WIRE_OK;
    }
    if (f.type != ADMIN_DONE)
        return f.type == ADMIN_EVENT;
    out->done = true;
    if (frame_has(&f, ADMIN_F_DETAIL) &&
        frame_text(&f, ADMIN_F_DETAIL, out->detail, sizeof(out->detail)) != WIRE_OK)
        return false;
    return frame_u32(&f, ADMIN_F_RESULT, &out->result) == WIRE_OK;
}

static bool receive(int from, struct answer *out)
{
    uint8_t *buf = malloc(FRAME_WORK_MAX + 1);
    bool good = buf != NULL;

    while (good && !out->done) {
        ssize_t n = recv(from, buf, FRAME_WORK_MAX + 1, 0);
        good = n > 0 && (size_t)n <= FRAME_WORK_MAX && take_frame(buf, (size_t)n, out);
    }
    free(buf);
    return good;
}

static int call(struct sync *s, const char *verb, const struct admin_pairs *pairs, int fd,
                struct answer *out)
{
    int to = open_socket(s->socket);
    bool good;

    *out = (struct answer){0};
    if (to < 0)
        return sync_fail(s, SYNC_BROKER, "%s: no broker of root's at %s", verb, s->socket);
    good = send_call(to, verb, pairs, fd) && receive(to, out);
    close(to);
    if (!good)
        return sync_fail(s, SYNC_BROKER, "%s: no answer at %s", verb, s->socket);
    if (out->result == ADMIN_OK)
        return SYNC_OK;
    return sync_fail(s, out->result == ADMIN_UNAVAILABLE ? SYNC_BROKER : SYNC_REFUSED, "%s: %s",
                     verb, out->detail);
}

static uint64_t number(const struct answer *a, const char *key)
{
    const char *text = admin_pair_get(&a->row, key);

    return text == NULL ? 0 : strtoull(text, NULL, 10);
}

int sync_look(struct sync *s)
{
    const struct admin_pairs none = {0};
    struct answer *a = calloc(1, sizeof(*a));
    const char *zone;
    int err;

    if (a == NULL)
        return sync_fail(s, SYNC_FAILED, "out of memory");
    err = call(s, "sync.look", &none, -1, a);
    zone = admin_pair_get(&a->row, "zone");
    if (err == SYNC_OK && (zone == NULL || strlen(zone) >= sizeof(s->zone)))
        err = sync_fail(s, SYNC_BROKER, "sync.look: no zone");
    if (err == SYNC_OK) {
        memcpy(s->zone, zone, strlen(zone) + 1);
        s->issue = number(a, "issue");
        s->base = number(a, "base");
        s->events = number(a, "events");
        s->amended = number(a, "amended");
        s->uses_due = number(a, "uses_due") == 1;
    }
    free(a);
    return err;
}

int sync_give(struct sync *s, const char *verb, const char *key, uint64_t value, int fd,
              const char *column, uint64_t *out)
{
    struct admin_pairs pairs = {0};
    struct answer *a = calloc(1, sizeof(*a));
    char text[24];
    int err;

    if (a == NULL)
        return sync_fail(s, SYNC_FAILED, "out of memory");
    snprintf(text, sizeof(text), "%" PRIu64, value);
    if (key != NULL)
        admin_pair_add(&pairs, key, text);
    err = call(s, verb, &pairs, fd, a);
    if (column != NULL)
        *out = number(a, column);
    free(a);
    return err;
}

int sync_call(struct sync *s, const char *verb, const char *key, uint64_t value, int fd)
{
    return sync_give(s, verb, key, value, fd, NULL, NULL);
}

int sync_ask(struct sync *s, const char *verb, const char *key, uint64_t value,
             struct sync_map *out)
{
    FILE *file = NULL;
    int err = sync_scratch(s, &file);

    *out = (struct sync_map){0};
    if (err != SYNC_OK)
        return err;
    if ((err = sync_call(s, verb, key, value, fileno(file))) == SYNC_OK)
        err = sync_map(s, fileno(file), out);
    fclose(file);
    return err;
}
