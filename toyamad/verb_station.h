/* SPDX-License-Identifier: Apache-2.0
 *
 * What the verbs of the enrolment station share: the room toyamad/station in the terms of a call.
 */
#ifndef TOYAMA_TOYAMAD_VERB_STATION_H
#define TOYAMA_TOYAMAD_VERB_STATION_H

#include "toyamad/station/zone.h"
#include "toyamad/task.h"

/* False: the call was ended; this host is of another kind. */
bool verb_station(struct task *t, struct station *out);
/* On any host. */
void verb_station_fill(struct task *t, struct station *out);
/* False: the call was ended; the zone waits since a restore (toyamad/station/resume.h). */
bool verb_station_resumed(struct task *t, const char *zone);
/* Ends the call with what the station said. */
void verb_station_failed(struct task *t, const struct station *st, int err);
/* Files of keys were put beside those in use (toyamad/station/swap.h): the register's next issue
 * names the operator, and the event is written, in one transaction; then they take their places.
 * False: the call was ended. */
bool verb_station_swap(struct task *t, struct chain_event *event);
/* What the operator changes in a zone's file of keys. False: the call was ended (verb_zone.c). */
bool verb_zone_change(struct task *t, struct station *st, struct chain_event *event,
                      const struct station_zone *zone);
/* The authority's next key signs already: puts it in its place (verb_key.c). */
void verb_key_end_rotation(struct broker *b);
void verb_add_number(struct admin_pairs *row, const char *key, uint64_t value);
void verb_add_time(struct admin_pairs *row, const char *key, int64_t when);

#endif
