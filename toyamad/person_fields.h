/* SPDX-License-Identifier: Apache-2.0
 *
 * What an operator says about a person: pairs of a call into a record. A pair that is absent leaves
 * things as they are; one that is not understood ends the call, and false is returned.
 */
#ifndef TOYAMA_TOYAMAD_PERSON_FIELDS_H
#define TOYAMA_TOYAMAD_PERSON_FIELDS_H

#include "toyamad/task.h"

bool person_take_text(struct task *t, const char *key, char *out, size_t cap);
/* The comma list "login" instead of the logins of `r`. */
bool person_take_logins(struct task *t, struct roster_record *r);
/* A comma list, or "none". */
bool person_take_zones(struct task *t, uint8_t *zones);
/* The comma list "hosts" of host names and "@" with a place; "all": none. */
bool person_take_hosts(struct task *t, char host[][ROSTER_TEXT_MAX], size_t *hosts);
bool person_take_hours(struct task *t, struct roster_hours *hours);
bool person_take_flag(struct task *t, const char *key, bool *out);
bool person_take_category(struct task *t, enum roster_category *out);
/* A day's first second, or with `end` its last one. */
bool person_take_date(struct task *t, const char *key, bool end, int64_t *out);
/* The pair "until", where "none" is no end. Everybody but regular staff needs one, which lies
 * behind `from`; regular staff has none. */
bool person_take_until(struct task *t, enum roster_category category, int64_t from, int64_t *until);
/* False, and the call ends, where another person has the number or one of the logins, unless they
 * are shared accounts. */
bool person_names_free(struct task *t, const struct roster_record *r);
/* False where contractors and support staff would hold an office. */
bool person_may_hold_roles(struct task *t, const struct roster_record *r);
/* "a,b" of a record's logins or hosts, as much as fits. */
void person_join(const void *texts, size_t size, size_t count, char *out, size_t cap);

#endif
