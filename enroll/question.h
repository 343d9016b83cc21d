/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person is asked before a command takes something away: whom and what it touches, looked up
 * at the broker, and whether it can be undone. The table of commands names the rows.
 */
#ifndef TOYAMA_ENROLL_QUESTION_H
#define TOYAMA_ENROLL_QUESTION_H

#include "enroll/enroll.h"

extern const struct question question_person, question_retire, question_tidy;
extern const struct question question_card, question_return, question_destroy, question_reissue;
extern const struct question question_unused, question_issue, question_deputy;
extern const struct question question_key, question_pin, question_finger, question_clock;

/* Asks what the command's row says, unless these options make it one that takes nothing away.
 * EX_OK, or the exit code of what is reported already: there is nothing to take away, it was not
 * confirmed, or the look-up failed. Where the command would change nothing by itself, nobody is
 * asked and the call becomes one that only looks. */
int question_ask(struct session *s);

#endif
