/* SPDX-License-Identifier: Apache-2.0
 *
 * What the application said about itself (PAM items), read once, and the frames that carry it. All
 * of it is a hint to the broker, which knows the caller by its socket.
 */
#ifndef TOYAMA_PAM_REQUEST_H
#define TOYAMA_PAM_REQUEST_H

#include <security/pam_modules.h>

#include "pam_toyama/client.h"

enum request_err {
    REQUEST_OK = 0,
    REQUEST_ITEM = -1,   /* too long, not UTF-8, or with control characters */
    REQUEST_SYSTEM = -2, /* libpam gives no items */
};

struct request {
    bool has_user; /* PAM_USER is set, be it to nothing */
    char service[AUTH_NAME_MAX];
    char user[AUTH_NAME_MAX];
    char tty[AUTH_NAME_MAX];
    char rhost[AUTH_NAME_MAX];
    char ruser[AUTH_NAME_MAX];
};

/* An item that cannot be sent is an error: a remote host left out would look like none. */
int request_read(pam_handle_t *pamh, struct request *out);
/* The terminal is the kernel's console or a serial line, which draw no Japanese. */
bool request_on_bare_terminal(pam_handle_t *pamh);

int request_send_start(const struct request *r, struct client *c);
/* `ticket` (AUTH_TICKET_LEN octets) may be NULL. */
int request_send_account(const struct request *r, const uint8_t *ticket, struct client *c);
int request_send_session(const struct request *r, const uint8_t *ticket, bool open,
                         struct client *c);

#endif
