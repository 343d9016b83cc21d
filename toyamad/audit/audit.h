/* SPDX-License-Identifier: Apache-2.0
 *
 * One event for each attempt, refusal, change and view, chained from the first (core/chain). Events
 * live in the registry's store, so that an event and the counters that it explains are one commit
 * and one sync.
 */
#ifndef TOYAMA_TOYAMAD_AUDIT_AUDIT_H
#define TOYAMA_TOYAMAD_AUDIT_AUDIT_H

#include "core/chain/head.h"
#include "toyamad/audit/key.h"
#include "toyamad/audit/space.h"
#include "toyamad/registry/registry.h"

#define AUDIT_ANCHOR_FILE "log.anchor" /* in the state directory */
#define AUDIT_STATE_MAX   104          /* octets of that directory's path with its NUL */
#define AUDIT_OPEN_EVENTS 10000        /* events that are looked at when the log is opened */

struct audit {
    struct registry *reg;
    struct audit_key key;
    struct audit_space space;
    char host[CHAIN_HOST_MAX];
    char state[AUDIT_STATE_MAX];
    uint64_t anchored;         /* event of the head that was last kept outside of the store */
    struct chain_walk head;    /* the last committed event */
    struct chain_walk pending; /* what the head becomes with the commit */
};

/* The head as it is stored, and its signature (Ecdsa-Sig-Value) over `der`. */
struct audit_head {
    struct chain_head head;
    uint8_t der[CHAIN_HEAD_MAX];
    size_t len;
    uint8_t sig[ROSTER_SIGNATURE_MAX];
    size_t sig_len;
};

/* Loads the log key from `state`, walks the newest events and checks that the signed head fits
 * them, the installed issue and the amendments, and that the store is not behind the head that was
 * kept outside of it. A host that has neither key nor head begins them
 * with an event. `why` gets an English reason on failure. */
int audit_open(struct audit *audit, struct registry *reg, const char *state, const char *host,
               char *why, size_t whycap);
void audit_close(struct audit *audit);
/* Before the store is closed: keeps the head outside of it. */
void audit_keep_head(struct audit *audit);
/* For a host that refuses logins which it cannot record: keeps place on the disk for the events
 * that must not be lost all the same. */
void audit_keep_space(struct audit *audit, const char *state);
/* Before a transaction whose event is such a one: makes room where the disk is full. audit_write
 * and audit_write_counted do it by themselves, but for a login that is granted. */
void audit_ready(struct audit *audit);
/* Inside of a registry transaction: numbers, times (never before the last event; `now` is then told
 * as `clock`) and links, and signs the new head. It covers the issue and the amendments as the
 * transaction has them: they change before the event that tells of them. */
int audit_append(struct audit *audit, struct chain_event *event, int64_t now);
/* The same for the first of many events in one transaction: the signed head names the last one, so
 * that audit_append must follow before the commit. */
int audit_append_part(struct audit *audit, struct chain_event *event, int64_t now);
/* After the commit; after a rollback audit_forget. */
void audit_settle(struct audit *audit);
void audit_forget(struct audit *audit);
/* Transaction, append, commit, settle: for an event that stands alone. */
int audit_write(struct audit *audit, struct chain_event *event, int64_t now);
/* The same with the person's counters, which the event explains: both or neither. */
int audit_write_counted(struct audit *audit, struct chain_event *event, int64_t now,
                        const uint8_t person[ROSTER_ID_LEN], const struct counter *tally);
/* Walks the whole chain and checks its signed head; `broken_at` gets the sequence number of the
 * first fault, `why` what it is. */
int audit_verify(struct audit *audit, uint64_t *events, uint64_t *broken_at, char *why,
                 size_t whycap);
int audit_head(struct audit *audit, struct audit_head *out);
/* One event by its number, as it stands in the store. */
int audit_event_at(struct audit *audit, uint64_t sequence, struct chain_event *out);
/* One event, which must follow the one before it, and its link. REGISTRY_NONE. */
int audit_get(struct audit *audit, uint64_t sequence, struct chain_event *out,
              uint8_t link[CRYPTO_SHA256_LEN]);
/* The newest `last` events, oldest first, until `each` returns false. */
int audit_each(struct audit *audit, uint64_t last,
               bool (*each)(void *ctx, const struct chain_event *e), void *ctx);

#endif
