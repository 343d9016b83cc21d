/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/ticket.h"

#include <stdio.h>
#include <string.h>

static struct ticket *oldest(struct tickets *t)
{
    struct ticket *found = &t->ticket[0];

    for (size_t n = 1; n < TICKETS_MAX; n++)
        if (t->ticket[n].issued_usec < found->issued_usec)
            found = &t->ticket[n];
    return found;
}

const struct ticket *ticket_issue(struct tickets *t, const uint8_t person[ROSTER_ID_LEN],
                                  const char *login, const char *service, uint64_t now_usec)
{
    struct ticket *ticket = oldest(t);
    struct ticket fresh = {.issued_usec = now_usec > 0 ? now_usec : 1};

    if (crypto_random(fresh.id, sizeof(fresh.id)) != CRYPTO_OK)
        return NULL;
    memcpy(fresh.person, person, ROSTER_ID_LEN);
    snprintf(fresh.login, sizeof(fresh.login), "%s", login);
    snprintf(fresh.service, sizeof(fresh.service), "%s", service);
    *ticket = fresh;
    return ticket;
}

static bool alive(const struct ticket *ticket, uint64_t now_usec)
{
    return ticket->issued_usec != 0 && now_usec >= ticket->issued_usec &&
           now_usec - ticket->issued_usec < TICKET_LIFE;
}

const struct ticket *ticket_find(const struct tickets *t, const uint8_t id[AUTH_TICKET_LEN],
                                 const char *login, const char *service, uint64_t now_usec)
{
    for (size_t n = 0; n < TICKETS_MAX; n++) {
        const struct ticket *ticket = &t->ticket[n];
        if (alive(ticket, now_usec) &&
            crypto_equal(ticket->id, sizeof(ticket->id), id, AUTH_TICKET_LEN) &&
            strcmp(ticket->login, login) == 0 && strcmp(ticket->service, service) == 0)
            return ticket;
    }
    return NULL;
}
