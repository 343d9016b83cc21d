/* SPDX-License-Identifier: Apache-2.0
 *
 * Which card is reported: the first one in the order of the readers that was not put aside by
 * NEXT. Waits for cards, readers and pcscd itself without giving up; the broker's deadline ends
 * the process.
 */
#ifndef TOYAMA_CARDREADER_CHOICE_H
#define TOYAMA_CARDREADER_CHOICE_H

#include "cardreader/session.h"

struct choice {
    struct pcsc pcsc;
    char only[CARD_READER_MAX]; /* "": any reader */
    struct pcsc_reader readers[CARD_READERS_MAX];
    size_t count;
    struct pcsc_reader aside[CARD_READERS_MAX]; /* cards by reader and event counter */
    size_t aside_next;
    uint64_t opened;               /* when the context was made */
    char blocked[CARD_READER_MAX]; /* reader of the card that is in use or mute */
};

/* Called when there is nothing to report, with the enum pcsc_err that says why. */
typedef void (*choice_report)(void *ctx, int err, const char *reader);

/* PCSC_OK with the session attached, or why there is none. Waits only where the one card left is
 * held by another program's transaction: five seconds at most, then PCSC_BUSY. */
int choice_now(struct choice *c, struct session *s);
/* Comes back with a session attached. */
void choice_wait(struct choice *c, struct session *s, choice_report report, void *ctx);
void choice_put_aside(struct choice *c, const struct pcsc_reader *reader);
/* When the readers were last looked at, another one than this had a card that was not put aside. */
bool choice_has_other(const struct choice *c, const struct pcsc_reader *than);
/* All readers with their states, for LIST. Patient with a pcscd that has only just started. */
int choice_list(struct choice *c);

#endif
