/* SPDX-License-Identifier: Apache-2.0
 *
 * PC/SC: one context, one connected card. Every call may block for as long as the card, another
 * program's transaction or pcscd likes; the caller's process is what gets killed.
 */
#ifndef TOYAMA_CARDREADER_PCSC_H
#define TOYAMA_CARDREADER_PCSC_H

#include "core/wire/card.h"

#include <winscard.h>

enum pcsc_err {
    PCSC_OK = 0,
    PCSC_NO_SERVICE = -1, /* pcscd is not there or has gone: the context is dead */
    PCSC_NO_READER = -2,  /* no reader, or not the named one */
    PCSC_NO_CARD = -3,
    PCSC_IN_USE = -4, /* held exclusively by another program */
    PCSC_MUTE = -5,
    PCSC_RESET = -6, /* another program reset the card: reconnect and begin again */
    PCSC_GONE = -7,  /* removed, or contact lost */
    PCSC_LONG = -8,  /* an answer longer than the buffer */
    PCSC_TIMEOUT = -9,
    PCSC_CANCELLED = -10,
    PCSC_FAILED = -11,
    PCSC_BUSY = -12 /* another program's transaction on the card goes on */
};

#define PCSC_PROTOCOLS (SCARD_PROTOCOL_T0 | SCARD_PROTOCOL_T1)

struct pcsc_knock; /* a connection that waits */

struct pcsc {
    SCARDCONTEXT context;
    bool up;
    uint64_t micros; /* time spent inside calls, added up; the owner sets it back */
    struct pcsc_knock *knocks[CARD_READERS_MAX];
};

struct pcsc_reader {
    char name[CARD_READER_MAX];
    DWORD state; /* SCARD_STATE_*, event counter in the high 16 bits; 0: not known yet */
    bool in_use; /* some program is connected */
};

struct pcsc_card {
    struct pcsc *pcsc;
    SCARDHANDLE handle;
    bool connected;
    bool t0;
    bool locked; /* our transaction is open */
    bool shared; /* others were connected before: on a `context` of its own, closed with it */
    SCARDCONTEXT context;
    int fault; /* enum pcsc_err of the last transmit */
};

int pcsc_open(struct pcsc *pcsc);
void pcsc_close(struct pcsc *pcsc);

/* Names of at most CARD_READERS_MAX readers. PCSC_NO_READER where there is none. */
int pcsc_list(struct pcsc *pcsc, struct pcsc_reader *readers, size_t *count);
/* Waits until a reader differs from its `state` or the list of readers changes, at most `ms`
 * milliseconds (PCSC_TIMEOUT), and updates the states. A state of 0 is reported at once. */
int pcsc_wait(struct pcsc *pcsc, struct pcsc_reader *readers, size_t count, DWORD ms);
/* The same for one reader, without the list. */
int pcsc_watch(struct pcsc *pcsc, struct pcsc_reader *reader, DWORD ms);
/* The state of one reader, now. */
int pcsc_look(struct pcsc *pcsc, struct pcsc_reader *reader, uint8_t atr[MAX_ATR_SIZE],
              size_t *atr_len);
uint32_t pcsc_counter(const struct pcsc_reader *reader);
bool pcsc_has_card(const struct pcsc_reader *reader);

/* SCARD_SHARE_SHARED, T=0 or T=1. PCSC_BUSY after a tenth of a second where others use the card:
 * the connection waits on, and a later call for that reader has it. */
int pcsc_connect(struct pcsc *pcsc, const struct pcsc_reader *reader, struct pcsc_card *card);
/* Gives up all connections that wait. */
void pcsc_abandon(struct pcsc *pcsc);
/* After PCSC_RESET. The card in the reader may be another one: check the event counter. */
int pcsc_reconnect(struct pcsc_card *card);
/* No reset for a card that others use, too: it would wait for their transactions. */
void pcsc_disconnect(struct pcsc_card *card, bool reset);
int pcsc_lock(struct pcsc_card *card);
/* Where a reset was asked for and did not happen, the connection is closed with one. */
void pcsc_unlock(struct pcsc_card *card, bool reset);
/* An apdu_transmit; `ctx` is a struct pcsc_card. */
int pcsc_transmit(void *ctx, const uint8_t *cmd, size_t cmd_len, uint8_t *ans, size_t cap,
                  size_t *ans_len);

uint64_t pcsc_now(void); /* microseconds, monotonic */
/* Maps a PC/SC return code; logs the ones that have no name of their own. */
int pcsc_error(const char *call, LONG rv);
/* The enum card_reason that the broker is told. */
uint32_t pcsc_reason(int err);

#endif
