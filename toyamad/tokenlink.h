/* SPDX-License-Identifier: Apache-2.0
 *
 * The broker's side of the channel to toyama-yubikey: frames out, decoded events in. Whatever does
 * not decode or carries another attempt id ends the link as TOKEN_LINK_DEAD. A worker that had to
 * be killed, or died, may have left a keyboard without its driver: another one is then started by
 * itself, that opens and closes each key once.
 */
#ifndef TOYAMA_TOYAMAD_TOKENLINK_H
#define TOYAMA_TOYAMAD_TOKENLINK_H

#include "core/wire/token.h"
#include "toyamad/broker.h"
#include "toyamad/worker.h"

#define TOKEN_LINK_DEAD 0 /* event type: the worker ended or broke the protocol */

/* Pointers are valid during the callback only. */
struct token_event {
    uint8_t type;                          /* enum token_type or TOKEN_LINK_DEAD */
    uint32_t reason;                       /* enum token_reason: WAITING, FAILED */
    uint32_t micros;                       /* ANSWER, PROGRAMMED, FAILED */
    struct token_key keys[TOKEN_KEYS_MAX]; /* PRESENT; PROGRAMMED: one */
    size_t count;
    const uint8_t *answer; /* ANSWER: TOKEN_ANSWER_LEN octets */
    size_t len;
};

typedef void (*tokenlink_fn)(void *ctx, const struct token_event *event);

struct tokenlink {
    struct worker *worker;
    uint8_t attempt[FRAME_NONCE_LEN];
    tokenlink_fn on_event;
    void *ctx;
    bool next; /* NEXT was sent, and no keys were reported since */
};

/* Starts the worker and sends OPEN or LIST. False: cause is in the log. */
bool tokenlink_open(struct tokenlink *link, struct broker *broker,
                    const uint8_t attempt[FRAME_NONCE_LEN], tokenlink_fn on_event, void *ctx);
bool tokenlink_list(struct tokenlink *link, struct broker *broker,
                    const uint8_t attempt[FRAME_NONCE_LEN], tokenlink_fn on_event, void *ctx);

struct token_question {
    uint32_t serial; /* as PRESENT gave it */
    uint32_t slot;   /* 1 or 2 */
    const uint8_t *challenge;
    size_t len;
};
struct token_program {
    uint32_t serial;
    uint32_t slot;
    uint8_t secret[TOKEN_SECRET_LEN];
    uint8_t code[TOKEN_CODE_LEN];
    const uint8_t *current; /* TOKEN_CODE_LEN octets; NULL: the slot has no code */
    bool replace, touch;
};
/* A command that cannot be sent ends the link: the event comes at once. */
void tokenlink_challenge(struct tokenlink *link, const struct token_question *question);
/* The caller wipes `program`. */
void tokenlink_program(struct tokenlink *link, const struct token_program *program);
/* Until PRESENT comes, REMOVED does not: it is of the keys that were not meant. */
void tokenlink_next(struct tokenlink *link);
/* Handles what has arrived already: a removal before the verdict counts. */
void tokenlink_drain(struct tokenlink *link);
void tokenlink_close(struct tokenlink *link);

#endif
