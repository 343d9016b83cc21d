/* SPDX-License-Identifier: Apache-2.0
 *
 * A made-up zone of any size: authority, approver, people with three cards and four fingers each,
 * and its issues as payloads. Everything follows from a number, so that two runs measure the same.
 */
#ifndef TOYAMA_TESTS_BENCH_REGISTRY_CITY_H
#define TOYAMA_TESTS_BENCH_REGISTRY_CITY_H

#include "core/roster/payload.h"
#include "toyamad/keys.h"

#include <stdio.h>

#define CITY_CARDS   3
#define CITY_FINGERS 4

struct city {
    uint32_t people;
    uint32_t template_len; /* octets of a sealed template */
    uint32_t today;        /* people whose record differs from the first issue */
    struct keys keys;      /* of a terminal that joined before the first issue */
    uint8_t authority[KEYS_PKCS8_MAX], approver[KEYS_PKCS8_MAX];
    size_t authority_len, approver_len;
    uint8_t authority_spki[CRYPTO_SPKI_MAX], approver_spki[CRYPTO_SPKI_MAX];
    size_t authority_spki_len, approver_spki_len;
    struct roster_trust trust; /* after the newest issue that was written */
};

bool city_begin(struct city *city, uint32_t people, uint32_t template_len);
/* The record of person `n`; those below `today` have moved to another section. */
void city_record(const struct city *city, uint32_t n, struct roster_record *out);
/* Writes the next issue to `file`: all people, or, with `changed`, those that many people that move
 * today. */
bool city_issue(struct city *city, uint32_t changed, FILE *file);

#endif
