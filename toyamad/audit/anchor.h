/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the audit room: a copy of the signed head outside of the store, so that an older copy
 * of the whole store is noticed at start. It is written behind the commits that it tells of and
 * seldom, so that it is never ahead of the store and may be behind it. Who deletes the file has the
 * store taken as it is.
 */
#ifndef TOYAMA_TOYAMAD_AUDIT_ANCHOR_H
#define TOYAMA_TOYAMAD_AUDIT_ANCHOR_H

#include "toyamad/audit/audit.h"

/* REGISTRY_ALTERED where the store lacks the event that the file names; `why` says so. A file that
 * is missing, damaged or signed with another key says nothing. */
int anchor_check(struct audit *audit, char *why, size_t whycap);
/* The present head. What cannot be written is logged: the file stays as it was. */
void anchor_write(struct audit *audit, bool sync);

#endif
