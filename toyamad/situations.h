/* SPDX-License-Identifier: Apache-2.0
 *
 * Verbs for what happens to cards and people in the course of a year, by file, and what these files
 * share.
 */
#ifndef TOYAMA_TOYAMAD_SITUATIONS_H
#define TOYAMA_TOYAMAD_SITUATIONS_H

#include "toyamad/task.h"

/* verb_card_life.c */
void card_found(struct task *t);
void card_return(struct task *t);
void card_destroy(struct task *t);
void yubikey_return(struct task *t);
/* verb_retire.c, verb_tidy.c */
void person_retire(struct task *t);
void person_tidy(struct task *t);
/* verb_unused.c */
void card_unused(struct task *t);
/* verb_outside.c */
void support_list(struct task *t);
void contractor_list(struct task *t);
/* verb_deputy.c */
void deputy_prepare(struct task *t);
void deputy_open(struct task *t);
void deputy_list(struct task *t);
/* verb_stock.c */
void stock_add(struct task *t);
void stock_list(struct task *t);
void stock_count(struct task *t);
/* verb_paper.c */
void audit_paper(struct task *t);

/* A row with all that a paper (record of destruction, certificate of deletion) says: the event, its
 * link and the names of the people in it. False: the call was ended. */
bool paper_row(struct task *t, uint64_t sequence);
/* "reason" of the call, where it is given, if `allowed` (bits of roster_reason) has it. False: the
 * call was ended. */
bool situation_reason(struct task *t, unsigned allowed, enum roster_reason *out);
/* Adds label, reason and the form's number, where there are such, to an event about a card. */
void situation_describe(struct task *t, const char *kind, const struct roster_credential *c,
                        struct chain_event *event);
/* Writes t->person, what the cupboard's count says of the card's label, and the event, all or
 * nothing. False: the call was ended. */
bool situation_store(struct task *t, const char *label, unsigned stock, struct chain_event *event);

#endif
