/* SPDX-License-Identifier: Apache-2.0
 *
 * One conversation with toyamad: the connection, the person, and how a failure is told to the log
 * and to the person. Shared by the authentication, account and session phases, whose functions
 * return TALK_GOES_ON or the PAM code that ends the phase.
 */
#ifndef TOYAMA_PAM_TALK_H
#define TOYAMA_PAM_TALK_H

#include "pam_toyama/client.h"
#include "pam_toyama/conversation.h"
#include "pam_toyama/options.h"
#include "pam_toyama/request.h"

#define TALK_GOES_ON (-1) /* no PAM code is negative */

/* What distinguishes the phases: a name for the log, the codes of a refusal and of a lock-out. */
struct phase {
    const char *name;
    int denied;
    int locked;
    int total_ms;
};

struct talk {
    pam_handle_t *pamh;
    struct phase phase;
    struct request request;
    struct client client;
    struct conversation person;
    struct frame frame; /* the last one received */
};

/* Reads the PAM items and connects. talk_end is needed whatever it returns. */
int talk_begin(struct talk *t, pam_handle_t *pamh, const struct options *options, int flags,
               struct phase phase);
int talk_receive(struct talk *t);
void talk_end(struct talk *t);

/* The message of the last frame; an empty id where there is none. False: malformed. */
bool talk_message(const struct talk *t, char id[AUTH_MSG_MAX], struct args *args);

/* One line to the log, one sentence to the person; returns PAM_AUTHINFO_UNAVAIL. */
int talk_unavailable(const struct talk *t, const char *cause);
/* The same for an error of the client; TALK_GOES_ON for CLIENT_OK. */
int talk_check(const struct talk *t, int client_err);

bool talk_is_granted(const struct talk *t);
/* Tells a verdict that does not grant and returns its code. */
int talk_refuse(const struct talk *t);

/* The module's line in the stack is wrong: log, sentence, PAM_SERVICE_ERR. */
int talk_misconfigured(pam_handle_t *pamh, const struct options *options, int flags,
                       const char *argument);

#endif
