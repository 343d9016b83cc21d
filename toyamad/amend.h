/* SPDX-License-Identifier: Apache-2.0
 *
 * What is said between two issues on hosts that take their people from elsewhere: the zone's
 * helpdesk host signs an amendment, is the first to follow it and leaves it in the outbox; a stop
 * code is left there by whichever host it was typed at. Every host takes what lies in its inbox.
 */
#ifndef TOYAMA_TOYAMAD_AMEND_H
#define TOYAMA_TOYAMAD_AMEND_H

#include "core/roster/amendment.h"
#include "core/roster/stop.h"
#include "toyamad/broker.h"

/* The records of this host are not its own to change. */
bool amend_taken_host(const struct broker *b);
/* It has a helpdesk's key. */
bool amend_helpdesk(const struct broker *b);

/* Zone, number, time and a fresh id; the rest is the caller's. False: no random numbers. */
bool amend_begin(struct broker *b, enum roster_amends kind, struct roster_amendment *out);
/* By the helpdesk's key. REGISTRY_LIMIT where the amendment is not one that may be written. */
int amend_sign(const struct broker *b, const struct roster_amendment *a,
               struct roster_amended *out);
/* Stores it with its event in one transaction and clears the counter where it says so. A
 * registry_err as registry_amend_put's; `*r` as there. */
int amend_record(struct broker *b, const struct roster_amended *a, struct chain_event *event,
                 struct roster_amendment *out, int *r);
/* A stop code whose credential this is: stored as it came, with its event. */
int amend_record_stop(struct broker *b, const struct stop_code *code,
                      const uint8_t credential[ROSTER_ID_LEN], struct chain_event *event);
/* Leaves everything that is stored in the outbox, where it is not there yet. False: something could
 * not be written, and the log says why. True where the host has no outbox. */
bool amend_publish(struct broker *b);

enum amend_take {
    AMEND_TAKEN,   /* followed from now on */
    AMEND_KNOWN,   /* it was before, or a newer issue has taken its place */
    AMEND_REFUSED, /* not for this host, or not signed by whom it must be: recorded once */
    AMEND_LATER    /* cannot be read, judged or stored now */
};

/* Whether a file of the inbox is one of these: "*.amend", "*.stop", no dot in front. */
bool amend_file_name(const char *name);
/* Takes what the file `name` holds. */
enum amend_take amend_take_octets(struct broker *b, const char *name, const uint8_t *octets,
                                  size_t len);
/* What toyama-sync brought; where another look under the same issue would find nothing else,
 * AMEND_REFUSED instead of AMEND_LATER. */
enum amend_take amend_take_handed(struct broker *b, const uint8_t *octets, size_t len);
/* The file `name` of the folder `dirfd`. */
enum amend_take amend_take_file(struct broker *b, int dirfd, const char *name);

#endif
