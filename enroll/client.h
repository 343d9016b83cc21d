/* SPDX-License-Identifier: Apache-2.0
 *
 * One call over admin.sock (core/wire/admin.h). The socket and the process behind it must be
 * root's. Returning for any reason closes the socket, which makes the broker undo what it had
 * begun.
 */
#ifndef TOYAMA_ENROLL_CLIENT_H
#define TOYAMA_ENROLL_CLIENT_H

#include "core/wire/admin.h"
#include "core/wire/args.h"
#include "enroll/rows.h"

#define CLIENT_MSG_MAX    8   /* a message id with its NUL */
#define CLIENT_SECRET_MAX 64  /* octets of a PIN */
#define CLIENT_SILENCE    180 /* seconds without a frame until the broker counts as dead */

enum client_err {
    CLIENT_OK = 0,
    CLIENT_MISSING = -1,     /* no socket there */
    CLIENT_FOREIGN = -2,     /* not a socket, or not root's */
    CLIENT_DEAD = -3,        /* nobody listens */
    CLIENT_DENIED = -4,      /* we may not connect */
    CLIENT_PROTOCOL = -5,    /* a frame that breaks the protocol */
    CLIENT_CLOSED = -6,      /* the broker closed in mid-call */
    CLIENT_SILENT = -7,      /* CLIENT_SILENCE passed */
    CLIENT_INTERRUPTED = -8, /* a signal */
    CLIENT_REQUEST = -9      /* the request does not fit a frame, or no memory */
};

struct client_secret {
    size_t len;
    char octets[CLIENT_SECRET_MAX];
};

struct client_hooks {
    void *context;
    void (*event)(void *context, const char *msg, const struct args *args);
    /* Fills `out`; false: the person gave none. The caller wipes `out`. */
    bool (*ask)(void *context, const char *msg, const struct args *args, struct client_secret *out);
};

struct client_outcome {
    enum admin_result result; /* valid with CLIENT_OK */
    char msg[CLIENT_MSG_MAX]; /* "" where there is none */
    struct args args;
    char detail[ADMIN_VALUE_MAX];
};

struct client_request {
    const char *verb;
    const struct admin_pairs *pairs;
    int fd; /* goes along with the call (enroll/handover.h), or -1 */
};

/* `hooks` may be NULL for verbs without events. */
int client_call(const char *path, const struct client_request *request,
                const struct client_hooks *hooks, struct rows *rows, struct client_outcome *out);

#endif
