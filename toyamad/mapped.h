/* SPDX-License-Identifier: Apache-2.0
 *
 * Somebody's file, read in place. It is copied first: whoever gave it could change or shorten it
 * while it is being judged.
 */
#ifndef TOYAMA_TOYAMAD_MAPPED_H
#define TOYAMA_TOYAMAD_MAPPED_H

#include <stdbool.h>
#include <stddef.h>

#define MAPPED_MAX ((size_t)3 << 30) /* octets */

struct mapped {
    void *at; /* NULL where the file is empty */
    size_t len;
};

/* From the file's beginning. False: it cannot be read, is too large, or there is no memory. */
bool mapped_open(struct mapped *out, int fd);
void mapped_close(struct mapped *m);

#endif
