/* SPDX-License-Identifier: Apache-2.0
 *
 * toyama-sync: between this host's broker and the zone's PostgreSQL. Started by a timer, as a user
 * of its own; it holds no key and decides nothing. What it pulls, the broker verifies like a roster
 * file; what it pushes, the broker gave it over admin.sock (verbs sync.*). A server that lies, lags
 * or is gone can keep this host on its present roster, nothing more.
 *
 * One run: connect, look at both sides, pull what is newer, push what is new, leave. libpq reads
 * where the server is, and how to trust it, from a service file (PGSERVICEFILE; service "toyama").
 */
#ifndef TOYAMA_TOYAMAD_SYNC_SYNC_H
#define TOYAMA_TOYAMAD_SYNC_SYNC_H

#include "core/roster/payload.h"

#include <libpq-fe.h>
#include <stdio.h>

enum sync_err {
    SYNC_OK = 0,
    SYNC_SERVER = -1,  /* cannot be reached, or refused a statement */
    SYNC_SCHEMA = -2,  /* not the schema that this program knows */
    SYNC_PLAIN = -3,   /* neither a local socket nor TLS with a verified name */
    SYNC_BROKER = -4,  /* does not answer */
    SYNC_REFUSED = -5, /* the broker refused what the server gave */
    SYNC_FAILED = -6,  /* memory, a temporary file */
    SYNC_CONTENT = -7  /* rows that cannot be right */
};

struct sync {
    PGconn *db;
    const char *socket; /* admin.sock */
    bool publish;       /* this host gives what it imported to the others */
    char zone[ROSTER_TEXT_MAX];
    uint64_t issue;   /* the newest that this host trusts: judges the next one */
    uint64_t base;    /* the issue whose records are here; 0: none yet */
    uint64_t events;  /* newest event here */
    uint64_t newest;  /* issue at the server */
    int64_t schema;   /* of the database: 1 has nothing to do with amendments and last uses */
    uint64_t amended; /* how far the broker has looked at the amendments; 0: not at all */
    bool uses_due;    /* the broker wants what others tell of last uses */
    char why[512];    /* of the last failure, one line */
};

const char *sync_strerror(int err);
/* Fills `why` and passes `err` on. */
int sync_fail(struct sync *s, int err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* database.c: connect and check. */
int sync_connect(struct sync *s, const char *service);
/* The same service anew, with the same demand for its certificate; without it there is none. */
void sync_reconnect(struct sync *s);
/* rows.c: statements, whose rows are read one by one. A server that gives more than was asked for,
 * or has a row that is larger than all of them may be, is left and SYNC_CONTENT comes back; the
 * connection is a new one then. */
#define SYNC_PEOPLE_MAX 262144             /* rows of which a person has one */
#define SYNC_OCTETS_MAX ((size_t)64 << 20) /* of one statement's rows together */

struct sync_statement {
    const char *sql;
    const char *const *values; /* binary parameters */
    const int *lengths;
    int count; /* of them */
    int most;  /* rows */
};

/* `each` gets a result of one row, which is not its own. */
int sync_each(struct sync *s, const struct sync_statement *q,
              int (*each)(void *ctx, const PGresult *row), void *ctx);
/* All rows in one result; `*out` is owned by the caller (PQclear), NULL on failure. */
int sync_query(struct sync *s, const struct sync_statement *q, PGresult **out);
/* No rows. */
int sync_do(struct sync *s, const struct sync_statement *q);
/* Neither parameters nor rows. Also begins a COPY. */
int sync_exec(struct sync *s, const char *sql);
/* Where a transaction is open. Keeps `why`. */
void sync_rollback(struct sync *s);
/* Big-endian integers as PostgreSQL's binary format has them: 8 octets. */
void sync_put_int(uint8_t out[8], int64_t value);
int64_t sync_get_int(const PGresult *r, int row, int column);

int sync_newest(struct sync *s); /* pull.c: fills newest */

/* broker.c: one call with a descriptor (-1: none); `key` NULL: no value. */
int sync_look(struct sync *s); /* fills zone, issue, base and events */
int sync_call(struct sync *s, const char *verb, const char *key, uint64_t value, int fd);
/* The same, and a number of the answer's row; 0 where it has none. */
int sync_give(struct sync *s, const char *verb, const char *key, uint64_t value, int fd,
              const char *column, uint64_t *out);

/* The broker's answer in a file, mapped; an empty one has length 0. sync_unmap. */
struct sync_map {
    void *at;
    size_t len;
};
int sync_ask(struct sync *s, const char *verb, const char *key, uint64_t value,
             struct sync_map *out);

/* What each row gives, in a file for a verb of the broker's. */
struct sync_out {
    struct sync *s;
    FILE *file;
    bool some;
};
/* scratch.c: appends; for the `each` of sync_hand_over, whose ctx is a struct sync_out. */
int sync_put(struct sync_out *out, const void *octets, size_t len);
/* `always`: the verb is called with an empty file, too. */
int sync_hand_over(struct sync *s, const struct sync_statement *q,
                   int (*each)(void *ctx, const PGresult *row), const char *verb, bool always);

/* pull.c, push.c, counters.c, amend.c, uses.c, publish.c: SYNC_OK also where there is nothing to
 * do. */
int sync_pull(struct sync *s);
int sync_push(struct sync *s);
int sync_counters(struct sync *s);   /* both ways */
int sync_amendments(struct sync *s); /* both ways */
int sync_uses(struct sync *s);       /* both ways */
int sync_publish(struct sync *s);

/* scratch.c: an unlinked file for what may be large, and reading it in place. */
int sync_scratch(struct sync *s, FILE **out);
int sync_map(struct sync *s, int fd, struct sync_map *out);
void sync_unmap(struct sync_map *map);

#endif
