/* SPDX-License-Identifier: Apache-2.0
 *
 * What a person is told before something that cannot be undone: whom and what it touches, looked up
 * at the broker. EX_OK, or the exit code of a failure that is reported already.
 */
#ifndef TOYAMA_ENROLL_QUESTION_H
#define TOYAMA_ENROLL_QUESTION_H

#include "enroll/enroll.h"

/* Whether the command, with these options, is one of those that cannot be undone. */
bool question_needed(const struct session *s);
int question_person(const struct session *s, char *out, size_t cap);
int question_card(const struct session *s, char *out, size_t cap);
int question_return(const struct session *s, char *out, size_t cap);
int question_destroy(const struct session *s, char *out, size_t cap);
int question_reissue(const struct session *s, char *out, size_t cap);
int question_retire(const struct session *s, char *out, size_t cap);
int question_tidy(const struct session *s, char *out, size_t cap);
int question_unused(const struct session *s, char *out, size_t cap);
int question_deputy(const struct session *s, char *out, size_t cap);
int question_issue(const struct session *s, char *out, size_t cap);
int question_key(const struct session *s, char *out, size_t cap);
int question_pin(const struct session *s, char *out, size_t cap);
/* Asks for the word by itself (confirm_prompt). */
int question_finger(const struct session *s, char *out, size_t cap);
int question_clock(const struct session *s, char *out, size_t cap);

#endif
