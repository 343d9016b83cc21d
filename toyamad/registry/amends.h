/* SPDX-License-Identifier: Apache-2.0
 *
 * What was said between two issues, as the registry keeps it in memory (toyamad/registry/amend.h).
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_AMENDS_H
#define TOYAMA_TOYAMAD_REGISTRY_AMENDS_H

#include "core/roster/amendment.h"

struct registry_amends {
    struct roster_amendment
        *item; /* owned; ordered by `created`; a stop code is a STOP of issue 0 */
    size_t count;
    uint8_t hash[CRYPTO_SHA256_LEN];    /* over the rows as they are committed */
    uint8_t pending[CRYPTO_SHA256_LEN]; /* as the open transaction leaves them */
    bool changed;                       /* by the open transaction */
};

#endif
