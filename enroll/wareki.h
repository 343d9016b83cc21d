/* SPDX-License-Identifier: Apache-2.0
 *
 * Times on papers, of this host's time zone: 令和9年3月31日 17時05分 in Japanese.
 */
#ifndef TOYAMA_ENROLL_WAREKI_H
#define TOYAMA_ENROLL_WAREKI_H

#include <stddef.h>

/* From YYYY-MM-DDThh:mm:ssZ; what is no such time stays as it is. */
void wareki_time(const char *value, char *out, size_t cap);

#endif
