/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that is handed to the broker with a call: opened here, with the rights of whoever runs the
 * program; the broker never opens a path that an operator names.
 */
#ifndef TOYAMA_ENROLL_HANDOVER_H
#define TOYAMA_ENROLL_HANDOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum handover_err {
    HANDOVER_OK = 0,
    HANDOVER_MISSING = -1, /* cannot be opened: errno says why */
    HANDOVER_KIND = -2,    /* not a regular file */
    HANDOVER_EXISTS = -3   /* nothing that is there is overwritten */
};

struct handover {
    int fd; /* -1: no file */
    const char *path;
    bool output;
    dev_t dev;
    ino_t ino;
};

int handover_input(const char *path, struct handover *out);
/* Makes the file, mode 0600; also a symbolic link at `path` counts as a file that is there. */
int handover_output(const char *path, struct handover *out);
/* Closes it. An output that was not kept, or did not reach the disk, is removed, unless something
 * else has taken its place; false where it did not reach the disk. */
bool handover_end(struct handover *h, bool keep);
/* Sends a packet, with `fd` unless it is negative. False: the peer is gone. */
bool handover_send(int sock, const void *buf, size_t len, int fd);

#endif
