/* SPDX-License-Identifier: Apache-2.0
 *
 * Tickets name a granted attempt in the account and session phases of the same PAM transaction.
 * They live in memory only: after a restart of the broker a login begins anew.
 */
#ifndef TOYAMA_TOYAMAD_TICKET_H
#define TOYAMA_TOYAMAD_TICKET_H

#include "core/roster/record.h"
#include "core/wire/auth.h"

#define TICKETS_MAX 64
#define TICKET_LIFE (UINT64_C(3600) * 1000000) /* microseconds */

struct ticket {
    uint8_t id[AUTH_TICKET_LEN];
    uint8_t person[ROSTER_ID_LEN];
    char login[AUTH_NAME_MAX];
    char service[AUTH_NAME_MAX];
    uint64_t issued_usec; /* 0: free */
};

struct tickets {
    struct ticket ticket[TICKETS_MAX];
};

/* NULL where the random source failed. The oldest one makes room. */
const struct ticket *ticket_issue(struct tickets *t, const uint8_t person[ROSTER_ID_LEN],
                                  const char *login, const char *service, uint64_t now_usec);
/* The ticket, if it is alive and was issued for this login and service. */
const struct ticket *ticket_find(const struct tickets *t, const uint8_t id[AUTH_TICKET_LEN],
                                 const char *login, const char *service, uint64_t now_usec);

#endif
