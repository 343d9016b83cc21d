/* SPDX-License-Identifier: Apache-2.0
 *
 * Who signed: what issues and amendments look at alike. Inside core/roster only.
 */
#ifndef TOYAMA_CORE_ROSTER_SIGNER_H
#define TOYAMA_CORE_ROSTER_SIGNER_H

#include "core/roster/issue.h"

/* A signature over the very octets: ROSTER_OK, ROSTER_SIGNATURE, ROSTER_UNKNOWN_SIGNER where the
 * key is none of an admitted kind, or ROSTER_CRYPTO. */
int signer_check(const void *spki, size_t spkilen, const void *der, size_t len, const void *sig,
                 size_t siglen);
/* The approver among the issue's officers whose 9C key this is; ROSTER_UNKNOWN_SIGNER. */
int signer_approver(const struct roster_issue *issue, const void *spki, size_t len,
                    const struct roster_officer **out);

#endif
