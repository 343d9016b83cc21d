/* SPDX-License-Identifier: Apache-2.0
 *
 * The person's own counter: it moves only after the card or token was proven, so that nobody can
 * lock out a colleague.
 */
#ifndef TOYAMA_TOYAMAD_MISS_H
#define TOYAMA_TOYAMAD_MISS_H

#include "toyamad/broker.h"

/* One wrong finger or secret more. REGISTRY_OK once the event of this kind and the counter are on
 * disk, which locks the person where the config's limit is reached. */
int miss_count(struct broker *b, const struct roster_record *person, const char *kind,
               const char *service);

#endif
