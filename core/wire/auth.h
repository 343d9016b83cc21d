/* SPDX-License-Identifier: Apache-2.0
 *
 * auth.sock: the PAM module (client) and toyamad. Every frame carries the client's nonce of this
 * attempt; a frame with another nonce is an error. Message texts travel as ids with typed
 * arguments (core/wire/args.h), never as text.
 */
#ifndef TOYAMA_CORE_WIRE_AUTH_H
#define TOYAMA_CORE_WIRE_AUTH_H

#include "core/wire/frame.h"

#define AUTH_VERSION    1
#define AUTH_NAME_MAX   256 /* octets of a login, service, tty or host name with its NUL */
#define AUTH_SECRET_MAX 64  /* octets of a PIN */
#define AUTH_MSG_MAX    8   /* a message id with its NUL */
#define AUTH_TICKET_LEN 16  /* names a granted attempt in the account and session phases */

enum auth_type {
    /* client to broker */
    AUTH_START = 0x61,
    AUTH_ANSWER = 0x62, /* to a PROMPT; no SECRET: the person gave none */
    AUTH_CANCEL = 0x63,
    AUTH_ACCOUNT = 0x64, /* pam_sm_acct_mgmt; answered by VERDICT */
    AUTH_SESSION = 0x65, /* open or close; answered by VERDICT */
    /* broker to client */
    AUTH_INFO = 0x71,
    AUTH_PROMPT = 0x72, /* ask without echo, answer with ANSWER */
    AUTH_VERDICT = 0x73
};

enum auth_field {
    AUTH_F_NONCE = 0, /* 16 octets */
    AUTH_F_VERSION = 1,
    AUTH_F_SERVICE = 2,
    AUTH_F_USER = 3, /* START: PAM_USER if set; VERDICT: the login that was proven */
    AUTH_F_TTY = 4,
    AUTH_F_RHOST = 5,
    AUTH_F_RUSER = 6,
    AUTH_F_SECRET = 7,
    AUTH_F_TICKET = 8, /* 16 octets */
    AUTH_F_OPEN = 9,   /* SESSION: 1 open, 0 close */
    AUTH_F_LANG = 10,  /* "ja" or "en" */
    AUTH_F_MSG = 11,   /* message id, "M01" */
    AUTH_F_ARGS = 12,  /* core/wire/args.h */
    AUTH_F_RESULT = 13 /* enum auth_result */
};

enum auth_result {
    AUTH_GRANTED = 1,
    AUTH_DENIED = 2,       /* PAM_AUTH_ERR (account phase: PAM_PERM_DENIED) */
    AUTH_LOCKED = 3,       /* PAM_MAXTRIES, only after the card was proven */
    AUTH_UNAVAILABLE = 4,  /* PAM_AUTHINFO_UNAVAIL */
    AUTH_MISCONFIGURED = 5 /* PAM_SERVICE_ERR */
};

extern const struct frame_rule auth_to_broker[];
extern const size_t auth_to_broker_count;
extern const struct frame_rule auth_to_client[];
extern const size_t auth_to_client_count;

#endif
