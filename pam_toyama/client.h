/* SPDX-License-Identifier: Apache-2.0
 *
 * One connection to toyamad. The socket, its directory and the process behind it must be root's.
 * Every wait ends at the deadline; nothing raises a signal in the application.
 */
#ifndef TOYAMA_PAM_CLIENT_H
#define TOYAMA_PAM_CLIENT_H

#include "core/wire/auth.h"

enum client_err {
    CLIENT_OK = 0,
    CLIENT_ABSENT = -1,  /* no socket, or nobody behind it */
    CLIENT_FOREIGN = -2, /* socket, directory or peer are not root's */
    CLIENT_SYSTEM = -3,  /* a system call failed; errno tells */
    CLIENT_LATE = -4,    /* deadline */
    CLIENT_CLOSED = -5,  /* the broker hung up before its verdict */
    CLIENT_FRAME = -6,   /* a frame that breaks the protocol */
    CLIENT_NONCE = -7    /* a frame of another attempt */
};

const char *client_strerror(int err);

struct client {
    int fd; /* -1: closed */
    int64_t deadline;
    uint8_t nonce[FRAME_NONCE_LEN];
    uint8_t buf[FRAME_AUTH_MAX];
};

/* Connects within `connect_ms` and draws the nonce; client_close is needed after errors, too. */
int client_open(struct client *c, const char *path, int connect_ms, int total_ms);
/* Wipes what was sent and received. Closing an attempt cancels it. */
void client_close(struct client *c);
bool client_is_late(const struct client *c);

/* A frame that carries the nonce, to be completed and handed to client_send, which wipes it. A
 * broker that has hung up is no error here: what it said before is still to be read. */
struct frame_out client_begin(struct client *c, uint8_t type);
int client_send(struct client *c, struct frame_out *out);
/* The next frame, checked; its fields point into the client until the next call. */
int client_receive(struct client *c, struct frame *out);

#endif
