/* SPDX-License-Identifier: Apache-2.0
 *
 * At the operator's desk: the person's card or token is found by what it proves, in any reader, and
 * the holder types a new PIN twice. The verbs that change a PIN say what they want of it as a goal.
 */
#ifndef TOYAMA_TOYAMAD_DESK_H
#define TOYAMA_TOYAMAD_DESK_H

#include "core/wire/admin.h"
#include "toyamad/prove.h"
#include "toyamad/tokenlink.h"

#define DESK_ANSWER_SECONDS 15 /* for a card to answer */

struct task;

struct desk_goal {
    bool tokens;         /* a token will do as well as a card */
    bool by_name;        /* PIV without a free key: its public identifier must do */
    bool by_certificate; /* My Number card: its certificate must do, too */
    bool differs;        /* the new PIN must not be t->pin */
    const char *form;    /* message about a new PIN that is not acceptable */
    /* My Number cards will not do: what is said where one was seen and none that will. NULL: they
     * are not asked for. */
    const char *my_number;
    bool (*acceptable)(const char *pin);
    /* The credential t->index, active, has proven itself, and t->credential is a copy of it. The
     * card's transaction is open. */
    void (*proven)(struct task *t);
    /* What the card says after that; removal ends the call. NULL: it has nothing to say. */
    void (*card)(struct task *t, const struct card_event *e);
    void (*present)(struct task *t, const char *secret); /* answers DESK_PRESENT */
    void (*fresh)(struct task *t);                       /* t->fresh was typed twice */
};

enum desk_question { DESK_NONE = 0, DESK_PRESENT, DESK_NEW, DESK_AGAIN };

struct desk {
    const struct desk_goal *goal;
    size_t among; /* the credential that must prove itself, or PROVE_ANY */
    bool found;
    bool my_number; /* a My Number card was seen */
    unsigned asked; /* what the card was asked last, see desk.c */
    unsigned turn;  /* shapes of keys that it was asked for */
    unsigned others, waits;
    struct prove token; /* while the card is asked, too */
    struct token_key keys[TOKEN_KEYS_MAX];
    size_t key_count;
    unsigned token_turn;
    enum desk_question question;
    unsigned rounds; /* how often a new PIN was begun */
};

/* Takes the devices and asks for the card, the token or both. */
void desk_begin(struct task *t, const struct desk_goal *goal, size_t among);
/* Only typing: no device is needed. */
void desk_begin_typing(struct task *t, const struct desk_goal *goal);
/* The same card once more, by a worker that meets only the one in t->reader. */
void desk_again(struct task *t);
/* t->person as it is now; ends the call where t->credential is no longer an active one of it. */
bool desk_still_valid(struct task *t);
/* Whether some key of the person proves itself without a PIN. */
bool desk_can_prove(const struct task *t, bool tokens);
/* Whether the goal can be reached by any card or token of the person. */
bool desk_can_find(const struct task *t, const struct desk_goal *goal);
void desk_ask(struct task *t, enum desk_question question, const char *msg);
/* The new PIN, and the same again. */
void desk_ask_new(struct task *t);
/* desk.c and desk_token.c: the credential at `index` has proven itself. */
void desk_found(struct task *t, size_t index);
/* One way has come to its end; the call ends unless the other one is still open. */
void desk_gave_up(struct task *t, const char *msg, const char *why);
/* Where a tap is enough, what has proven itself may go. */
bool desk_may_be_gone(const struct task *t);
void desk_on_token(void *ctx, const struct token_event *e);

#endif
