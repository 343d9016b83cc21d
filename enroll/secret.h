/* SPDX-License-Identifier: Apache-2.0
 *
 * A PIN from the operator's terminal without echo, or one line of standard input. Never from argv
 * or the environment.
 */
#ifndef TOYAMA_ENROLL_SECRET_H
#define TOYAMA_ENROLL_SECRET_H

#include "enroll/client.h"

enum secret_err {
    SECRET_OK = 0,
    SECRET_NO_TERMINAL = -1,
    SECRET_NONE = -2,    /* end of input, empty line, time-out or signal */
    SECRET_TOO_LONG = -3 /* more than CLIENT_SECRET_MAX octets */
};

/* Shows `prompt` on the terminal. */
int secret_from_terminal(const char *prompt, struct client_secret *out);
int secret_from_stdin(struct client_secret *out);

#endif
