/* SPDX-License-Identifier: Apache-2.0
 *
 * The question before something that cannot be undone.
 */
#ifndef TOYAMA_ENROLL_CONFIRM_H
#define TOYAMA_ENROLL_CONFIRM_H

#include <stdbool.h>

/* Prints what will happen to standard error and reads a line from standard input. True for the
 * word of this run's language: "yes", or "はい". */
bool confirm_ask(const char *what);
/* The same where `what` names the word and asks for it by itself. */
bool confirm_prompt(const char *what);
/* The same for something that can be undone, if with pains. */
bool confirm_continue(const char *what);

#endif
