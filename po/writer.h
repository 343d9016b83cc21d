/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside the catalogue: a text that is being written, and the form of one argument.
 */
#ifndef TOYAMA_PO_WRITER_H
#define TOYAMA_PO_WRITER_H

#include "po/render.h"

struct messages_writer {
    char *buf;
    size_t cap; /* with the NUL */
    size_t len;
};

/* Cuts between characters where the room ends, and takes nothing more from then on. */
void messages_put(struct messages_writer *w, const char *text, size_t len);

/* NULL where the catalogue has no such id. */
const char *messages_find(const char *id, enum messages_language lang);

/* The argument in the form `hint` ("" is the usual one). False where it has nothing to show; then
 * nothing was written. */
bool messages_put_value(struct messages_writer *w, const struct arg *arg, const char *hint,
                        enum messages_language lang);

#endif
