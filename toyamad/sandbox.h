/* SPDX-License-Identifier: Apache-2.0
 *
 * What a worker is left with, applied in the forked child before exec.
 */
#ifndef TOYAMA_TOYAMAD_SANDBOX_H
#define TOYAMA_TOYAMAD_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

struct sandbox_user {
    uid_t uid;
    gid_t gid;
};

/* Looks the worker's user up; refuses root. In the parent. */
bool sandbox_lookup(const char *name, struct sandbox_user *out);
/* In the child: descriptors (0 and 1 null, 2 kept, 3 the channel, none above), limits, new session,
 * uid and gid, no new privileges, system-call filter (threads, but no processes). False where
 * anything failed. */
bool sandbox_enter(int channel, const struct sandbox_user *user);

#endif
