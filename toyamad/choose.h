/* SPDX-License-Identifier: Apache-2.0
 *
 * Which of a person's cards and keys an operator means: by the start of the id, or by the whole of
 * what is printed on it.
 */
#ifndef TOYAMA_TOYAMAD_CHOOSE_H
#define TOYAMA_TOYAMAD_CHOOSE_H

#include "toyamad/task.h"

struct choice {
    bool (*fits)(const struct roster_credential *c); /* what the verb can be done with */
    const char *msg;                                 /* where one is meant that does not fit */
    const char *why;
};

/* "" means every one. */
bool choose_means(const struct roster_credential *c, const char *key);
/* The one card or key of t->person that is meant and fits. NULL: the call was ended, because there
 * is none, none that fits, or more than one. */
struct roster_credential *choose_card(struct task *t, const char *key, const struct choice *choice);

#endif
