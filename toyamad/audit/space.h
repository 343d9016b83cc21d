/* SPDX-License-Identifier: Apache-2.0
 *
 * Space on the disk that is kept for the log. A full disk refuses logins in the individual-number
 * zone, since they could not be recorded; that somebody was refused, and that an operator stopped a
 * card, must be recorded all the same. A file of some size holds the place and gives it back a
 * slice at a time.
 */
#ifndef TOYAMA_TOYAMAD_AUDIT_SPACE_H
#define TOYAMA_TOYAMAD_AUDIT_SPACE_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDIT_SPACE_FILE  "log.reserve"
#define AUDIT_SPACE       ((size_t)16 * 1024 * 1024) /* octets */
#define AUDIT_SPACE_SLICE ((size_t)1024 * 1024)
#define AUDIT_SPACE_LOW                                                                            \
    ((size_t)2 * 1024 * 1024) /* less free space than this: a slice is given back */

struct audit_space {
    bool kept;     /* this host keeps some */
    int fd;        /* of the file */
    uint64_t held; /* octets */
    int64_t asked; /* when it was last tried to fill it up again; seconds */
};

/* Makes the file in `state` and fills it as far as the disk allows. */
void audit_space_open(struct audit_space *space, const char *state);
void audit_space_close(struct audit_space *space);
/* Before something is written that must be: gives back a slice where the disk is nearly full.
 * `anyway`: a write failed for want of space. False where nothing was given back. */
bool audit_space_free(struct audit_space *space, bool anyway);
/* Fills the file up again once the disk has room for it and more, at most once a minute. */
void audit_space_refill(struct audit_space *space, int64_t now);

#endif
