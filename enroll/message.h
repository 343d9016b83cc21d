/* SPDX-License-Identifier: Apache-2.0
 *
 * The catalogue's messages in the language of this run.
 */
#ifndef TOYAMA_ENROLL_MESSAGE_H
#define TOYAMA_ENROLL_MESSAGE_H

#include "core/wire/args.h"

#define MESSAGE_MAX 1024 /* octets of a rendered message with its NUL */

/* One line: line breaks of the catalogue become blanks (nothing in Japanese). The id itself where
 * the catalogue has no such message. */
void message_render(const char *id, const struct args *args, char out[MESSAGE_MAX]);

#endif
