/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs sync.* share; they are for toyama-sync and root alone.
 */
#ifndef TOYAMA_TOYAMAD_VERB_SYNC_H
#define TOYAMA_TOYAMAD_VERB_SYNC_H

#include "toyamad/task.h"

#include <stdio.h>

void sync_add_number(struct admin_pairs *row, const char *key, uint64_t value);
/* False: this host's people are its own; the call was ended. */
bool sync_is_taken(struct task *t);
/* A number that the call must have. False: the call was ended. */
bool sync_get_number(struct task *t, const char *key, uint64_t *out);
/* The caller's file. NULL: the call was ended. */
FILE *sync_open_out(struct task *t);
/* Closes it and ends the call: well, or with `err` of the registry, or as the file is full. */
void sync_close_out(struct task *t, FILE *file, int err);

/* Up to which of the database's amendments everything was judged under the present issue; 0 once a
 * day, so that whatever was missed is met again. */
uint64_t sync_amended(struct broker *b);
/* Whether this host wants to hear of last uses at others: a helpdesk's does once an hour, as a
 * large city's are many and the rule counts days. */
bool sync_uses_due(struct broker *b);

#endif
