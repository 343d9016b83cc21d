/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the audit room: the one row of table `head`.
 */
#ifndef TOYAMA_TOYAMAD_AUDIT_HEAD_H
#define TOYAMA_TOYAMAD_AUDIT_HEAD_H

#include "toyamad/audit/audit.h"

/* Inside of a transaction: the head of `pending` with the issue and the amendments as the
 * transaction has them. */
int head_write(struct audit *audit);
/* REGISTRY_NONE where there is no row. */
int head_read(struct registry *reg, struct audit_head *out);
bool head_signed_by(const struct audit_key *key, const struct audit_head *row);
/* REGISTRY_OK where the row is signed with `key` and fits `walk` and the store; else `why` says
 * what does not. */
int head_check(struct registry *reg, const struct audit_key *key, const struct chain_walk *walk,
               char *why, size_t whycap);

#endif
