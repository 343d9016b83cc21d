/* SPDX-License-Identifier: Apache-2.0
 *
 * Whether the person at the machine can be the one who asks, as far as logind knows. A program of
 * somebody else's session must not get the card of the person who sits there now.
 */
#ifndef TOYAMA_TOYAMAD_ORIGIN_H
#define TOYAMA_TOYAMAD_ORIGIN_H

#include <stdbool.h>

enum origin {
    ORIGIN_UNKNOWN = 0,
    ORIGIN_HERE = 1,    /* the session in front, or no user's session: login, a greeter, sshd */
    ORIGIN_REMOTE = 2,  /* a session from another host */
    ORIGIN_INACTIVE = 3 /* a session that is not in front, or is gone; a job; a dead process */
};

/* Of the peer of a connected socket, now. What a user's own service manager started counts as his
 * display session. `for_user`: the peer says that a user who is not root called it (su, sudo);
 * where logind runs, he has to have a session. Without logind everything is HERE. */
enum origin origin_of_peer(int fd, bool for_user);

#endif
