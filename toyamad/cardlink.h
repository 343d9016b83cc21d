/* SPDX-License-Identifier: Apache-2.0
 *
 * The broker's side of the channel to toyama-card: frames out, decoded events in. Whatever does not
 * decode, carries another attempt id or comes out of turn ends the link as CARD_LINK_DEAD.
 */
#ifndef TOYAMA_TOYAMAD_CARDLINK_H
#define TOYAMA_TOYAMAD_CARDLINK_H

#include "core/wire/card.h"
#include "toyamad/broker.h"
#include "toyamad/worker.h"

#define CARD_LINK_DEAD 0 /* event type: the worker ended or broke the protocol */

struct card_counts {
    uint32_t apdus, sent, received, micros;
};

/* Pointers are valid during the callback only. */
struct card_event {
    uint8_t type; /* enum card_type or CARD_LINK_DEAD */
    uint32_t reason, sw, tries, counter;
    bool has_tries;
    bool more; /* PRESENT: a card is in another reader, too */
    char reader[CARD_READER_MAX];
    const uint8_t *data; /* signature, object or list */
    size_t len;
    struct card_counts counts;
};

typedef void (*cardlink_fn)(void *ctx, const struct card_event *event);

struct cardlink {
    struct worker *worker;
    uint8_t attempt[FRAME_NONCE_LEN];
    cardlink_fn on_event;
    void *ctx;
};

/* Starts the worker and sends OPEN (`reader` may be NULL) or LIST. False: cause is in the log. */
bool cardlink_open(struct cardlink *link, struct broker *broker,
                   const uint8_t attempt[FRAME_NONCE_LEN], const char *reader, cardlink_fn on_event,
                   void *ctx);
bool cardlink_list(struct cardlink *link, struct broker *broker,
                   const uint8_t attempt[FRAME_NONCE_LEN], cardlink_fn on_event, void *ctx);

struct card_signing {
    uint8_t family;
    uint8_t key;
    uint8_t alg;
    const uint8_t *digest;
    size_t digest_len;
    const char *pin; /* NULL: without */
    uint8_t pin_ref;
    bool more;
};
struct card_change {
    uint8_t family, pin_ref;
    const char *pin, *fresh;
    bool unblock;
};
/* A command that cannot be sent ends the link: the event comes at once. */
void cardlink_sign(struct cardlink *link, const struct card_signing *signing);
void cardlink_read(struct cardlink *link, uint8_t family, enum card_object object, bool more);
/* How many tries are left for the PIN that `pin_ref` names; the transaction ends. */
void cardlink_tries(struct cardlink *link, uint8_t family, uint8_t pin_ref);
/* A new PIN. `unblock`: `pin` is the PUK. Ends the transaction, and the card is reset. */
void cardlink_change(struct cardlink *link, const struct card_change *change);
/* Writes the card key of a FeliCa card: the one command that shows a shared key to a worker. */
void cardlink_issue(struct cardlink *link, const uint8_t secret[CARD_SECRET_LEN], uint16_t version,
                    bool lock);
void cardlink_simple(struct cardlink *link, enum card_type type); /* NEXT, END */
/* Handles what has arrived already: a removal before the verdict counts. */
void cardlink_drain(struct cardlink *link);
void cardlink_close(struct cardlink *link);

#endif
