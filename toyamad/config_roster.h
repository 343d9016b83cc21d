/* SPDX-License-Identifier: Apache-2.0
 *
 * Section [roster] of the config: where this host's people come from, and what follows from that.
 */
#ifndef TOYAMA_TOYAMAD_CONFIG_ROSTER_H
#define TOYAMA_TOYAMAD_CONFIG_ROSTER_H

#include "core/policy/policy.h"

#include <stdio.h>

#define CONFIG_PATH_MAX 104 /* octets of a path with its NUL */

enum register_kind {
    REGISTER_OWN = 0, /* a stand-alone host: its own authority */
    REGISTER_STATION, /* the enrolment station: holds everybody, signs for the zones */
    REGISTER_TAKEN    /* people come from roster files or the zone's database */
};

struct config_roster {
    enum register_kind kind;
    bool approval;                  /* issues need the second signature */
    uint8_t zones;                  /* station: ROSTER_* bits of the zones that it serves */
    uint8_t finger_zones;           /* station: ROSTER_* bits of the zones that get templates */
    uint32_t temporary_until;       /* minutes since midnight, local time */
    uint32_t cards;                 /* live cards a person may have; 0: any number */
    uint32_t support_days;          /* how long support staff may be registered for */
    uint32_t unused_notify;         /* days without a login until a card is listed as unused */
    uint32_t unused_suspend;        /* and until "card unused --suspend" suspends it */
    uint32_t deputy_approvers;      /* who open a sealed deputy card together */
    char inbox[CONFIG_PATH_MAX];    /* taken: folder for roster files; "": none */
    char outbox[CONFIG_PATH_MAX];   /* taken: where amendments and stop codes are left; "": none */
    char sections[CONFIG_PATH_MAX]; /* file of the city's sections, one a line; "": any */
    char holidays[CONFIG_PATH_MAX]; /* file of public holidays; "": none is known */
    unsigned seen;                  /* bit n: row n of the key table was given */
};

void config_roster_init(struct config_roster *r);
/* POLICY_OK, POLICY_KEY (not one of these), POLICY_DUPLICATE, POLICY_VALUE; `why` begins with the
 * key. */
int config_roster_set(struct config_roster *r, const char *key, const char *value, char *why,
                      size_t whycap);
bool config_roster_knows(const char *key);
/* Checks the whole against itself and the policy, and fills in what follows from the kind. Only a
 * host that takes its people from elsewhere asks how old they are: roster_warn and roster_refuse of
 * the policy become 0 on the others. */
int config_roster_finish(struct config_roster *r, struct policy *policy, char *why, size_t whycap);
void config_roster_print(const struct config_roster *r, FILE *out);
const char *config_register_name(enum register_kind kind); /* config value */

#endif
