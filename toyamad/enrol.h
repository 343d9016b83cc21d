/* SPDX-License-Identifier: Apache-2.0
 *
 * Enrolling a card, inside of the verbs card.enroll and card.issue: one row a family. What the card
 * says is read, then every key proves itself; only then the record changes.
 */
#ifndef TOYAMA_TOYAMAD_ENROL_H
#define TOYAMA_TOYAMAD_ENROL_H

#include "toyamad/task.h"

#define ENROL_PLACE_SECONDS 60
#define ENROL_FIRST         1 /* step of each family's first question; 0: no card yet */

struct enrol_family {
    uint8_t family;
    uint8_t pin_ref;
    /* Puts the first question, in step ENROL_FIRST; CARD_UNKNOWN in answer means another family. */
    void (*begin)(struct task *t);
    void (*object)(struct task *t, const struct card_event *e);   /* READ was answered */
    void (*answered)(struct task *t, const struct card_event *e); /* SIGN was, or ISSUE */
    /* False: nothing special in this step, enrol_failed tells. */
    bool (*failed)(struct task *t, const struct card_event *e);
    void (*typed)(struct task *t, const char *secret); /* NULL: it asks nothing */
};

extern const struct enrol_family enrol_piv, enrol_jpki, enrol_felica, enrol_felica_issue;

/* verb_card.c: a card from the stock becomes t->person's for today (toyamad/temporary.h). */
void enrol_lend(struct task *t);

/* enrol.c: steps that families share. Each may end the call. */
void enrol_enter(struct task *t, unsigned step);
void enrol_read(struct task *t, unsigned step, enum card_object object);
/* With a PIN the transaction ends after the answer. */
void enrol_sign(struct task *t, unsigned step, const struct prove_shape *shape, const char *pin);
bool enrol_good(struct task *t, const struct card_event *e);
/* The public key of a certificate becomes the credential's next key. */
bool enrol_take_key(struct task *t, uint8_t ref, const struct card_event *e);
struct roster_key *enrol_key(struct task *t, uint8_t ref);
bool enrol_shape(struct task *t, uint8_t ref, struct prove_shape *out);
/* False: the card or a key of it is registered; the call was ended. */
bool enrol_is_new(struct task *t);
void enrol_ask_pin(struct task *t, unsigned step);
/* A PIN that was not taken: asks again in step `ask`, or ends the call. */
void enrol_pin_failed(struct task *t, const struct card_event *e, unsigned ask);
void enrol_failed(struct task *t, const struct card_event *e);
/* Adds the credential, or writes it over the one with its id, before it is good for anything;
 * `shared` is sealed beside it. False: the call was ended. */
bool enrol_store(struct task *t, const char *kind);
/* The card took nothing: what was put on disk for it goes, too. False: the call was ended. */
bool enrol_withdraw(struct task *t);
/* Takes credential number `n` out of the record, its secret with it. */
bool enrol_drop(struct task *t, size_t n, const char *kind);
/* Stores, and ends the call with the row that describes the card. */
void enrol_finish(struct task *t);

#endif
