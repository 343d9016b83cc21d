/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue as C tables, for programs that may not call gettext (a PAM module may not touch the
 * locale of its host) or that have none. Whoever shows a message to a person may call this; it
 * needs core/wire/args.h and libc and keeps no state.
 */
#ifndef TOYAMA_PO_RENDER_H
#define TOYAMA_PO_RENDER_H

#include "core/wire/args.h"

enum messages_language { MESSAGES_EN = 0, MESSAGES_JA = 1 };

/* Room for any message of the login with arguments of usual length; also PAM_MAX_MSG_SIZE. */
#define MESSAGES_TEXT_MAX 512

/* Writes the message with its arguments as a C string; false where the catalogue has no such id.
 * `args` may be NULL. English is printable ASCII: an argument that is not has nothing to show. What
 * has nothing to show takes the parentheses around it or the separator before it along. Text that
 * does not fit into `cap` octets is cut between characters. */
bool messages_render(const char *id, enum messages_language lang, const struct args *args,
                     char *buf, size_t cap);

#endif
