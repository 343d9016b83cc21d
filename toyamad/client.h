/* SPDX-License-Identifier: Apache-2.0
 *
 * Connections of auth.sock and admin.sock: who is there (SO_PEERCRED at accept), one packet in, one
 * packet out. A packet that breaks the protocol, or a peer that does not read, ends the connection
 * and with it what it had begun.
 */
#ifndef TOYAMA_TOYAMAD_CLIENT_H
#define TOYAMA_TOYAMAD_CLIENT_H

#include "core/wire/args.h"
#include "core/wire/auth.h"
#include "toyamad/broker.h"

struct attempt;
struct task;

enum client_kind { CLIENT_AUTH = 1, CLIENT_ADMIN = 2 };

struct client {
    struct client *next;
    struct broker *broker;
    sd_event_source *io, *idle;
    enum client_kind kind;
    int fd;
    uid_t uid;
    pid_t pid; /* for the log only */
    bool sync; /* toyama-sync's user: verbs sync.* and nothing else */
    bool closing;
    uint64_t waited; /* microseconds spent in waiting for an operator's program to read */
    uint8_t nonce[FRAME_NONCE_LEN];
    struct attempt *attempt; /* CLIENT_AUTH, after START */
    struct task *task;       /* CLIENT_ADMIN, after a CALL that takes time */
};

/* Takes over `fd`; closes it where the peer is not admitted. */
void client_accept(struct broker *b, int fd, enum client_kind kind);
/* Marks it as done; it is freed from the event loop. */
void client_close(struct client *c);
void client_close_all(struct broker *b);

bool client_send(struct client *c, const void *buf, size_t len);
void client_info(struct client *c, const char *msg, const struct args *args);
void client_prompt(struct client *c, const char *msg, const struct args *args);

struct verdict {
    enum auth_result result;
    const char *msg;         /* NULL: none */
    const struct args *args; /* may be NULL */
    const char *user;        /* NULL: none */
    const uint8_t *ticket;   /* NULL: none */
};
void client_verdict(struct client *c, const struct verdict *v);

/* auth_phase.c: the phases without devices. */
void auth_account(struct client *c, const struct frame *f);
void auth_session(struct client *c, const struct frame *f);

/* admin.c. `passed`: the descriptor that came along, or -1; set to -1 where it is taken over. */
void admin_packet(struct client *c, const uint8_t *buf, size_t len, int *passed);

#endif
