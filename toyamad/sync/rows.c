/* SPDX-License-Identifier: Apache-2.0
 *
 * Statements and their rows. libpq would gather all rows of an answer before it tells of the first
 * one, so they are taken one by one and counted: a server that ignores what was asked for fills no
 * memory. Only one row stands in memory at a time; its size, 1 GiB at most, is libpq's to read.
 */
#include "toyamad/sync/sync.h"

#include <string.h>

#define BINARY         1
#define PARAMETERS_MAX 8
#define ROW_MAX        ((size_t)1 << 20) /* octets */
#define OTHERS_MAX     2                 /* results without a row: the end, an error */
#define TOO_MUCH       "the database gives more than was asked for"

struct gathered {
    struct sync *s;
    PGresult *rows;
    size_t octets;
};

static int too_much(struct sync *s)
{
    char why[256];
    PGcancel *cancel = PQgetCancel(s->db);

    if (cancel != NULL)
        PQcancel(cancel, why, sizeof(why));
    PQfreeCancel(cancel);
    sync_reconnect(s);
    return sync_fail(s, SYNC_CONTENT, TOO_MUCH);
}

static size_t octets_of(const PGresult *r)
{
    size_t octets = 0;

    for (int n = 0; n < PQnfields(r); n++)
        octets += (size_t)PQgetlength(r, 0, n);
    return octets;
}

static int take(struct sync *s, const PGresult *r, int (*each)(void *ctx, const PGresult *row),
                void *ctx)
{
    switch (PQresultStatus(r)) {
    case PGRES_SINGLE_TUPLE:
        return each(ctx, r);
    case PGRES_TUPLES_OK:
    case PGRES_COMMAND_OK:
    case PGRES_COPY_IN:
        return SYNC_OK;
    case PGRES_EMPTY_QUERY:
    case PGRES_COPY_OUT:
    case PGRES_BAD_RESPONSE:
    case PGRES_NONFATAL_ERROR:
    case PGRES_FATAL_ERROR:
    case PGRES_COPY_BOTH:
    case PGRES_PIPELINE_SYNC:
    case PGRES_PIPELINE_ABORTED:
        break;
    }
    return sync_fail(s, SYNC_SERVER, "%s", PQerrorMessage(s->db));
}

/* To the end of the answer, so that the next statement can be sent, whatever a row is like. */
static int take_all(struct sync *s, int most, int (*each)(void *ctx, const PGresult *row),
                    void *ctx)
{
    int err = SYNC_OK, rows = 0, others = 0;
    bool more = true;

    while (more) {
        PGresult *r = PQgetResult(s->db);
        ExecStatusType status = PQresultStatus(r);
        bool row = status == PGRES_SINGLE_TUPLE;
        more = r != NULL && status != PGRES_COPY_IN;
        rows += row;
        others += more && !row;
        if (rows > most || others > OTHERS_MAX || (row && octets_of(r) > ROW_MAX)) {
            PQclear(r);
            return too_much(s);
        }
        if (r != NULL && err == SYNC_OK)
            err = take(s, r, each, ctx);
        PQclear(r);
    }
    return err;
}

int sync_each(struct sync *s, const struct sync_statement *q,
              int (*each)(void *ctx, const PGresult *row), void *ctx)
{
    int formats[PARAMETERS_MAX];

    for (int n = 0; n < q->count && n < PARAMETERS_MAX; n++)
        formats[n] = BINARY;
    if (PQsendQueryParams(s->db, q->sql, q->count, NULL, q->values, q->lengths,
                          q->count == 0 ? NULL : formats, BINARY) != 1 ||
        PQsetSingleRowMode(s->db) != 1)
        return sync_fail(s, SYNC_SERVER, "%s", PQerrorMessage(s->db));
    return take_all(s, q->most, each, ctx);
}

static int gather(void *ctx, const PGresult *row)
{
    struct gathered *g = ctx;
    int at;

    if (g->rows == NULL)
        g->rows = PQcopyResult(row, PG_COPYRES_ATTRS);
    if (g->rows == NULL)
        return sync_fail(g->s, SYNC_FAILED, "out of memory");
    if ((g->octets += octets_of(row)) > SYNC_OCTETS_MAX)
        return sync_fail(g->s, SYNC_CONTENT, TOO_MUCH);
    at = PQntuples(g->rows);
    for (int n = 0; n < PQnfields(g->rows); n++)
        if (PQsetvalue(g->rows, at, n, PQgetvalue(row, 0, n),
                       PQgetisnull(row, 0, n) ? -1 : PQgetlength(row, 0, n)) == 0)
            return sync_fail(g->s, SYNC_FAILED, "out of memory");
    return SYNC_OK;
}

int sync_query(struct sync *s, const struct sync_statement *q, PGresult **out)
{
    struct gathered g = {.s = s};
    int err = sync_each(s, q, gather, &g);

    if (err == SYNC_OK && g.rows == NULL &&
        (g.rows = PQmakeEmptyPGresult(s->db, PGRES_TUPLES_OK)) == NULL)
        err = sync_fail(s, SYNC_FAILED, "out of memory");
    if (err != SYNC_OK) {
        PQclear(g.rows);
        g.rows = NULL;
    }
    *out = g.rows;
    return err;
}

static int refuse(void *ctx, const PGresult *row)
{
    (void)row;
    return sync_fail(ctx, SYNC_CONTENT, TOO_MUCH);
}

int sync_do(struct sync *s, const struct sync_statement *q)
{
    return sync_each(s, q, refuse, s);
}

int sync_exec(struct sync *s, const char *sql)
{
    if (PQsendQuery(s->db, sql) != 1 || PQsetSingleRowMode(s->db) != 1)
        return sync_fail(s, SYNC_SERVER, "%s", PQerrorMessage(s->db));
    return take_all(s, 0, refuse, s);
}

/* PQexec also leaves a COPY that was begun. */
void sync_rollback(struct sync *s)
{
    if (PQtransactionStatus(s->db) != PQTRANS_IDLE)
        PQclear(PQexec(s->db, "ROLLBACK"));
}
