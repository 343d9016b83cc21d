/* SPDX-License-Identifier: Apache-2.0
 *
 * Inside of the registry room: prepared statements and the row cursor over SQLite.
 */
#ifndef TOYAMA_TOYAMAD_REGISTRY_STORE_H
#define TOYAMA_TOYAMAD_REGISTRY_STORE_H

#include "toyamad/registry/registry.h"

/* One statement from prepare to finalize; the first failure sticks. */
struct store_query {
    sqlite3_stmt *stmt;
    int err; /* REGISTRY_OK until something failed */
};

struct store_query store_prepare(struct registry *reg, const char *sql);
void store_bind_blob(struct store_query *q, int at, const void *p, size_t len);
/* The same for octets that stay where they are until the statement has run. */
void store_bind_kept(struct store_query *q, int at, const void *p, size_t len);
void store_bind_text(struct store_query *q, int at, const char *text);
void store_bind_int(struct store_query *q, int at, int64_t value);
/* True while there is a row. */
bool store_row(struct store_query *q);
/* Column as octets; false where it is longer than `cap` or of another type. */
bool store_blob(struct store_query *q, int column, void *out, size_t cap, size_t *len);
bool store_blob_exact(struct store_query *q, int column, void *out, size_t len);
int64_t store_int(struct store_query *q, int column);
/* Runs a statement that returns no rows and finalizes it. */
int store_done(struct store_query *q);
/* The same, but it can be bound and run anew. A failure does not stick. */
int store_again(struct store_query *q);
/* Behind the last row: what went wrong so far; the statement can be bound and run anew. */
int store_reset(struct store_query *q);
void store_finalize(struct store_query *q);
int store_exec(sqlite3 *db, const char *sql);
/* The file grows in steps of so many octets, so that a disk that fills up is noticed while there is
 * still room for events. 0: by what is written; SQLite fills a step block by block before it writes
 * there, which an import does not want. */
#define STORE_GROWTH (1024 * 1024)
void store_grow_in(struct registry *reg, int octets);

/* entries.c: the sorted table of record hashes. */
const struct roster_entry *store_entry_find(const struct registry *reg,
                                            const uint8_t id[ROSTER_ID_LEN]);
int store_entries_load(struct registry *reg);
int store_entries_root(const struct roster_entry *entry, size_t count,
                       uint8_t out[CRYPTO_SHA256_LEN]);

/* issue.c: signs and stores the issue that follows the installed one, over these entries.
 * `change->issue` comes with its offices; the rest is filled in here. */
int store_issue_next(struct registry *reg, const struct roster_entry *entry, size_t count,
                     int64_t now, struct registry_change *change);
/* DER SignedIssue as a row. */
int store_issue_put(struct registry *reg, uint64_t number, const void *der, size_t len);
/* Checks the stored issues, and the records against the newest one. */
int store_issue_verify(struct registry *reg, char *why, size_t whycap);

#endif
