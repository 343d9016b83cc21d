/* SPDX-License-Identifier: Apache-2.0
 *
 * The question before something is taken away.
 */
#ifndef TOYAMA_ENROLL_CONFIRM_H
#define TOYAMA_ENROLL_CONFIRM_H

#include <stdbool.h>

/* Prints what will happen to standard error and reads a line from standard input. True for the
 * word of this run's language: "yes", or "はい". */
bool confirm_ask(const char *what);
/* The same where `what` names the word and asks for it by itself. */
bool confirm_prompt(const char *what);
/* The same for something that can be undone; `after` says how, if not NULL. */
bool confirm_continue(const char *what, const char *after);

#endif
