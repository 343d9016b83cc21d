/* SPDX-License-Identifier: Apache-2.0
 *
 * In which parts two records of a person differ, in words for whoever approves.
 */
#ifndef TOYAMA_TOYAMAD_STATION_CHANGES_H
#define TOYAMA_TOYAMAD_STATION_CHANGES_H

#include "core/roster/record.h"

#define CHANGES_MAX 256 /* octets of all words with the NUL */

/* "section cards": the words are number name kana section category state zones roles escort hours
 * form hosts validity logins cards fingers plans exceptions. */
void changes_words(const struct roster_record *a, const struct roster_record *b,
                   char out[CHANGES_MAX]);

#endif
