/* SPDX-License-Identifier: Apache-2.0
 *
 * Records to test with.
 */
#ifndef TOYAMA_TESTS_UNIT_CORE_PEOPLE_H
#define TOYAMA_TESTS_UNIT_CORE_PEOPLE_H

#include "core/roster/record.h"

/* One card with one key, one finger, one login. */
void people_small(struct roster_record *r);
/* As much of everything as a record holds, texts at their longest; keys of `spkilen` octets. */
void people_full(struct roster_record *r, size_t spkilen);

#endif
