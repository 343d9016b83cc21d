/* SPDX-License-Identifier: Apache-2.0
 *
 * What the broker's parts share: one event loop, one thread, one store. The only place that
 * decides, counts and records.
 */
#ifndef TOYAMA_TOYAMAD_BROKER_H
#define TOYAMA_TOYAMAD_BROKER_H

#include "toyamad/audit/audit.h"
#include "toyamad/config.h"
#include "toyamad/folded.h"
#include "toyamad/keys.h"
#include "toyamad/operator.h"
#include "toyamad/registry/registry.h"
#include "toyamad/throttle.h"
#include "toyamad/ticket.h"

#include <systemd/sd-event.h>

#define BROKER_CLIENTS_MAX  32 /* connections of all sockets together */
#define BROKER_OPERATOR_MAX 4  /* of them, for one user of admin.sock who is not root */
#define BROKER_ATTEMPTS_MAX 5  /* one under way and four that wait for the reader */
#define BROKER_PER_USER_MAX 2  /* of them, for one user who is not root: su, sudo */

struct client;
struct decoy;
struct inbox;
struct judged;

#define BROKER_REFUSED_MAX 32

/* Files of the inbox that were refused: recorded once, not at every look. */
struct refused {
    uint8_t hash[BROKER_REFUSED_MAX][CRYPTO_SHA256_LEN];
    size_t next;
    int64_t since;  /* the hour in which all of these were */
    uint32_t stops; /* wrong stop codes that were tried */
    uint32_t told;  /* refusals that were recorded */
};

struct broker {
    sd_event *event;
    const char *config_path;
    struct config config;
    bool config_good;
    struct keys keys;
    struct registry registry;
    bool registry_good;
    char registry_why[256];
    struct audit audit;
    struct throttle throttle;
    struct operators operators;
    struct tickets tickets;
    struct client *clients;
    size_t client_count;
    struct decoy *decoy;          /* goes through the motions where nobody was found */
    bool auth_bound, admin_bound; /* made here, removed at the end */
    bool ending;                  /* nobody is admitted any more */
    struct refused refused;
    struct inbox *inbox;    /* NULL: this host has none */
    struct judged *judged;  /* of the database's amendments; NULL: nothing yet */
    int64_t fetched;        /* when toyama-sync last fetched ours; 0: never */
    struct folded folded;   /* events of attempts that came to nothing */
    struct folded openings; /* the same of operator open */
    void *device_owner;     /* the attempt or task that has reader and sensor; NULL: free */
};

/* Loads config, keys and registry. Faults leave the broker running and denying; they are logged. */
void broker_load(struct broker *b, const char *config_path);
void broker_unload(struct broker *b);

/* Seconds since 1970: the later of the clock, the last event and the issue; once an operator has
 * accepted an earlier clock, the later of the clock and what it said then. */
int64_t broker_now(struct broker *b);
/* False while the clock stands more than ten minutes behind what was recorded, until an operator
 * accepts it. */
bool broker_clock_good(struct broker *b);
int broker_clock_accept(struct broker *b);
/* Local time as typed arguments carry it: "YYYY-MM-DD" (len 11) or "YYYY-MM-DDThh:mm" (len 17). */
void broker_local_time(int64_t when, char *out, size_t cap);

#endif
