/* SPDX-License-Identifier: Apache-2.0
 *
 * roster_inbox: a folder where somebody puts roster files, amendments and stop codes. Looked at
 * when something arrives, every few minutes and at start; the newest good roster is taken by
 * itself.
 *
 * The folder is believed nothing: others may write there, and it may be on a server that does not
 * answer. So it is read by a child of its own, which hands over copies and can be left alone where
 * it hangs; nothing in the folder is changed or removed. What was refused is recorded once.
 */
#ifndef TOYAMA_TOYAMAD_INBOX_H
#define TOYAMA_TOYAMAD_INBOX_H

#include "toyamad/broker.h"

struct inbox;

/* NULL where this host has no inbox, or no memory. */
struct inbox *inbox_begin(struct broker *b);
/* Looks soon: the roster has changed, and what waited for it may be good now. */
void inbox_look(struct inbox *in);
void inbox_end(struct inbox *in);

#endif
