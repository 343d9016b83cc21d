/* SPDX-License-Identifier: Apache-2.0
 *
 * A file that came along with a call of admin.sock. The peer opened it with its own rights and can
 * still write to it: what is read in more than one step is read from a copy that nobody can change.
 */
#ifndef TOYAMA_TOYAMAD_PASSED_H
#define TOYAMA_TOYAMAD_PASSED_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum passed_err {
    PASSED_OK = 0,
    PASSED_KIND = -1,   /* not a regular file */
    PASSED_ACCESS = -2, /* not opened for what is needed */
    PASSED_FULL = -3,   /* a file that is to be written has octets already */
    PASSED_LENGTH = -4, /* more than the caller takes */
    PASSED_FAILED = -5  /* reading failed, or no memory */
};

/* A regular file or memfd that is open for reading; or for writing, and empty. */
int passed_readable(int fd);
int passed_writable(int fd);

struct passed_map {
    const uint8_t *octets; /* NULL for an empty file */
    size_t len;
};

/* The whole file from its first octet, unchangeable: a memfd that is sealed against writing and
 * shrinking is mapped as it is, anything else is copied into memory of our own. At most `max`
 * octets. `passed_unmap` gives it back; the descriptor may be closed before. */
int passed_map(int fd, size_t max, struct passed_map *out);
void passed_unmap(struct passed_map *map);
const char *passed_strerror(int err);

#endif
