/* SPDX-License-Identifier: Apache-2.0
 *
 * Issues that hand over to other keys of the zone (core/roster/rekey.h), as a terminal follows
 * them. For toyamad/intake.c, and the start of the broker.
 */
#ifndef TOYAMA_TOYAMAD_INTAKE_KEYS_H
#define TOYAMA_TOYAMAD_INTAKE_KEYS_H

#include "toyamad/intake.h"

/* The anchor as the checked payload makes it, the same one where no issue hands over. False: an
 * issue hands over to keys that this host cannot open. The caller wipes. */
bool intake_keys_find(const struct intake *in, struct broker *b, struct roster_anchor *out);
/* Before the registry is written: new keys go into the anchor, beside those of before. INTAKE_OK,
 * INTAKE_KEY, INTAKE_STORE. */
int intake_keys_put(struct intake *in, struct broker *b);
/* Behind it: keys of before go once a file was sealed for the new ones, or as intake_keys_tidy
 * says. */
void intake_keys_settle(const struct intake *in, struct broker *b);
/* Keys of before go where the installed roster's issues say that the zone has none but the present
 * ones. Also at the start, for who died before. */
void intake_keys_tidy(struct broker *b);

#endif
