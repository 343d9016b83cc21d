/* SPDX-License-Identifier: Apache-2.0
 *
 * What a credential of each family looks like in a record, one row a family. Inside core/roster
 * only.
 */
#ifndef TOYAMA_CORE_ROSTER_FAMILY_H
#define TOYAMA_CORE_ROSTER_FAMILY_H

#include "core/roster/record.h"

/* Hint length, key references and the length of shared keys' hashes are those of the family. */
bool roster_family_fits(const struct roster_credential *c);

#endif
