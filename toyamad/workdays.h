/* SPDX-License-Identifier: Apache-2.0
 *
 * Working days of the city, local time. The file of public holidays is read when it is asked, so
 * that another one counts at once and a bad one keeps nobody from logging in.
 */
#ifndef TOYAMA_TOYAMAD_WORKDAYS_H
#define TOYAMA_TOYAMAD_WORKDAYS_H

#include "core/roster/holidays.h"

/* `path` "": no day. False, with a reason that names file and line, where it cannot be used. */
bool workdays_read(const char *path, struct holidays *out, char *why, size_t whycap);
/* From the day of `from` to that of `until`, both counted; UINT32_MAX for more than a year, or
 * where it cannot be told. */
unsigned workdays_count(const struct holidays *h, int64_t from, int64_t until);

#endif
