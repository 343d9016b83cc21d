/* SPDX-License-Identifier: Apache-2.0
 *
 * One reported card: its connection, its transaction, and the selected applet. Evidence is bound
 * to the event counter with which the card was reported: a card that was swapped is CARD_GONE,
 * whatever the reader holds now.
 */
#ifndef TOYAMA_CARDREADER_SESSION_H
#define TOYAMA_CARDREADER_SESSION_H

#include "cardreader/family.h"
#include "cardreader/pcsc.h"

struct session {
    struct pcsc *pcsc;
    struct pcsc_reader reader; /* as reported */
    uint8_t atr[MAX_ATR_SIZE];
    size_t atr_len;
    struct pcsc_card card;
    struct apdu_link link;
    const struct family *selected; /* in the open transaction */
    bool pin_sent;                 /* the card may hold a verified PIN, or was changed */
};

/* One thing to do: the first of `sign`, `fresh` and `issue` that is given; none: a READ. */
struct session_job {
    const struct family *family;
    uint32_t object;
    uint8_t pin_ref;
    const struct family_sign *sign;
    const struct family_pin *pin;   /* NULL: none */
    const struct family_pin *fresh; /* to take the place of `pin` */
    bool unblock;                   /* `pin` is the PUK */
    const struct family_issue *issue;
    bool more; /* keep the transaction */
};

/* Connects to the card in `reader`; enum pcsc_err. PCSC_NO_CARD where the reader changed
 * meanwhile. */
int session_attach(struct session *s, struct pcsc *pcsc, const struct pcsc_reader *reader);
/* Ends the transaction and the connection. */
void session_detach(struct session *s, bool reset);
/* 0 or an enum card_reason; CARD_ABSENT where the family knows no such thing. After a reset by
 * another program the job is begun again, once. */
int session_run(struct session *s, const struct session_job *job, struct family_result *res);
/* Closes the transaction, with a reset where a PIN was verified or the card was changed. */
void session_end(struct session *s);

#endif
