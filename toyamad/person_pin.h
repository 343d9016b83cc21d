/* SPDX-License-Identifier: Apache-2.0
 *
 * The memorised secret of a person: a credential of its own in the record, whose key is the hash of
 * a sealed yescrypt string.
 */
#ifndef TOYAMA_TOYAMAD_PERSON_PIN_H
#define TOYAMA_TOYAMAD_PERSON_PIN_H

#include "toyamad/registry/registry.h"

/* The active one, or NULL. */
const struct roster_credential *person_pin_find(const struct roster_record *r);
/* REGISTRY_OK with `good`; anything else: the store could not tell. */
int person_pin_check(struct registry *reg, const struct roster_record *r, const char *typed,
                     bool *good);
/* In an open transaction: `pin` instead of whatever the person had, or with NULL nothing. The
 * caller stores the record. REGISTRY_LIMIT: no room for one more credential. */
int person_pin_put(struct registry *reg, struct roster_record *r, const char *pin, uint8_t zones,
                   int64_t now);

#endif
