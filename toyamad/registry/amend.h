/* SPDX-License-Identifier: Apache-2.0
 *
 * Amendments and stop codes that this host has taken (core/roster/amendment.h, core/roster/stop.h).
 * They are verified when they are stored and when the store is opened, and laid over every record
 * that is read, after its hash was checked. The signed head of the log covers the rows: one that
 * was deleted, put back or exchanged denies at start.
 *
 * Rows go when an issue is installed that outlives them (roster_amendment_outlived): one that was
 * made later, by number and by time, takes the place of unlockings, extensions and suspensions
 * without an end; lent cards and suspensions with an end stay until that; a stop, by code or not,
 * stays until the issue itself has the credential stopped, returned, destroyed or not at all.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_AMEND_H
#define TOYAMA_TOYAMAD_REGISTRY_AMEND_H

#include "core/roster/stop.h"
#include "toyamad/registry/registry.h"

/* Part of registry_open, after the issue was verified. */
int registry_amends_open(struct registry *reg, char *why, size_t whycap);
void registry_amends_close(struct registry *reg);
/* SHA-256 over all rows, as the open transaction has them. */
void registry_amends_hash(const struct registry *reg, uint8_t out[CRYPTO_SHA256_LEN]);

/* Inside of a transaction, before the event that tells of it. REGISTRY_EXISTS where it is stored
 * already, REGISTRY_OLD where the issue outlives it, REGISTRY_NONE where it is about nobody here;
 * where its signatures do not hold, REGISTRY_ALTERED and `r`, a roster_err. */
int registry_amend_put(struct registry *reg, const struct roster_amended *a,
                       struct roster_amendment *out, int *r);
/* The credential whose stop code this is, and its person: 50 ms of scrypt for each credential with
 * this slot. REGISTRY_NONE where there is none. */
int registry_stop_find(struct registry *reg, const struct stop_code *code,
                       struct roster_record *person, size_t *credential);
/* Inside of a transaction: stops the credential on a host that may not change its record. */
int registry_stop_put(struct registry *reg, const struct stop_code *code,
                      const uint8_t credential[ROSTER_ID_LEN]);
/* Inside of the transaction that installs `next`, when its records are there: drops what it
 * outlives. */
int registry_amends_prune(struct registry *reg, const struct roster_issue *next);
/* After the commit, when `reg->issue` is the installed one; after a rollback
 * registry_amends_forget. audit_settle and audit_forget call them. */
void registry_amends_settle(struct registry *reg);
void registry_amends_forget(struct registry *reg);

/* Every row as it is stored, until `each` returns false. */
int registry_amends_each(struct registry *reg,
                         bool (*each)(void *ctx, const uint8_t id[ROSTER_ID_LEN],
                                      const uint8_t *der, size_t len),
                         void *ctx);

/* Lays what is stored over a record that was read. */
void registry_amends_apply(const struct registry *reg, struct roster_record *r);
/* Whose lent card this is: by its hint, or by the SHA-256 of a key. REGISTRY_NONE. */
int registry_lent_hint(const struct registry *reg, const void *hint, size_t len,
                       uint8_t person[ROSTER_ID_LEN]);
int registry_lent_key(const struct registry *reg, const uint8_t hash[CRYPTO_SHA256_LEN],
                      uint8_t person[ROSTER_ID_LEN]);
/* Whether an amendment lent the credential. */
bool registry_is_lent(const struct registry *reg, const uint8_t credential[ROSTER_ID_LEN]);
/* Until when the roster counts as new enough (seconds since 1970 UTC); 0: no extension. */
int64_t registry_extended(const struct registry *reg);

#endif
