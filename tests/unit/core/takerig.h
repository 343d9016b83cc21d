/* SPDX-License-Identifier: Apache-2.0
 *
 * A station with a few people and a terminal, for tests of what a payload makes of a roster.
 */
#ifndef TOYAMA_TESTS_UNIT_CORE_TAKERIG_H
#define TOYAMA_TESTS_UNIT_CORE_TAKERIG_H

#include "core/roster/take.h"

#define TAKE_PEOPLE 8

/* A person, as he is now: where `there`, his record with a card, a memorised secret and a finger.
 */
struct take_person {
    bool there;
    struct roster_record record;
    uint8_t der[ROSTER_RECORD_MAX];
    size_t len;
    uint8_t print[40], secret[20];
};

/* What a payload is made of. */
struct take_plan {
    const char *zone;
    uint64_t base;
    size_t first;             /* issue of the chain, from 0 */
    size_t last;              /* behind the last one; 0: all */
    bool record[TAKE_PEOPLE]; /* comes along */
    bool removed[TAKE_PEOPLE];
    bool print[TAKE_PEOPLE], secret[TAKE_PEOPLE];
    int twice, other; /* whose print comes twice, is another one; -1: nobody's */
    bool descending;
};

/* The station: people, and the issues that were made of them. */
extern struct take_person people[TAKE_PEOPLE];
extern struct roster_trust newest;
extern size_t issues;

/* The terminal: what it trusts, and the people as it has them. */
extern struct roster_trust trust;
extern bool installed;
extern struct take_person before[TAKE_PEOPLE];

extern struct take_plan plan;
extern uint8_t authority[CRYPTO_SHA256_LEN];

int take_make_keys(void **state);
/* Four people, one issue; a terminal that has nothing. */
int take_begin(void **state);
void take_engage(size_t n);
/* After a change of a record. */
void take_encode(struct take_person *p);
/* The next issue over the people as they are. */
void take_issue(void);
/* The plan of a payload of all records, as a station would write it. */
void take_plan_full(void);
/* Those who changed since the terminal's roster; their prints where they are new. */
void take_plan_changes(uint64_t base);
/* The payload of the plan; its octets are overwritten by the next one. */
void take_payload(struct roster_payload *out);
/* The same, taken. */
int take_as(const uint8_t *signer, struct roster_take *out);
int take(struct roster_take *out);
void take_refused(int wanted);
/* The terminal has it now; frees it. */
void take_install(struct roster_take *t);
void take_install_full(void);

#endif
