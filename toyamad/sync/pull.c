/* SPDX-License-Identifier: Apache-2.0
 *
 * What is newer at the server, put together as a payload (core/roster/payload.h) in a temporary
 * file and given to the broker, which verifies it. One snapshot: a publisher may be writing
 * meanwhile.
 */
#include "toyamad/sync/sync.h"

#include <stdlib.h>
#include <string.h>

#define BATCH_ROWS 1000
#define BATCH      "FETCH 1000 FROM rows"
#define OCTETS_MAX (UINT64_C(3) << 30) /* of a payload: what the broker takes */

/* One part: the statement gives its items, $1 is the issue that we have. The first column counts
 * towards the part's size as `size` says. */
struct part {
    const char *sql;
    uint64_t (*size)(const PGresult *r, int row);
    int (*put)(struct roster_payload_writer *w, const PGresult *r, int row);
};

static const void *blob(const PGresult *r, int row, int column)
{
    return PQgetvalue(r, row, column);
}

static size_t blob_len(const PGresult *r, int row, int column)
{
    return (size_t)PQgetlength(r, row, column);
}

static uint64_t size_raw(const PGresult *r, int row)
{
    return (uint64_t)sync_get_int(r, row, 0);
}

static uint64_t size_octets(const PGresult *r, int row)
{
    return roster_payload_size_octets((size_t)sync_get_int(r, row, 0));
}

static uint64_t size_sealed(const PGresult *r, int row)
{
    return roster_payload_size_sealed((size_t)sync_get_int(r, row, 0));
}

static uint64_t size_secret(const PGresult *r, int row)
{
    return roster_payload_size_secret((uint8_t)sync_get_int(r, row, 1),
                                      (size_t)sync_get_int(r, row, 0));
}

static int put_raw(struct roster_payload_writer *w, const PGresult *r, int row)
{
    return roster_payload_put_encoded(w, blob(r, row, 0), blob_len(r, row, 0));
}

static int put_octets(struct roster_payload_writer *w, const PGresult *r, int row)
{
    return roster_payload_put_octets(w, blob(r, row, 0), blob_len(r, row, 0));
}

static int put_sealed(struct roster_payload_writer *w, const PGresult *r, int row)
{
    if (blob_len(r, row, 1) != ROSTER_ID_LEN)
        return ROSTER_FORMAT;
    return roster_payload_put_sealed(w, blob(r, row, 1), blob(r, row, 0), blob_len(r, row, 0));
}

static int put_secret(struct roster_payload_writer *w, const PGresult *r, int row)
{
    if (blob_len(r, row, 2) != ROSTER_ID_LEN)
        return ROSTER_FORMAT;
    return roster_payload_put_secret(w, blob(r, row, 2), (uint8_t)sync_get_int(r, row, 1),
                                     blob(r, row, 0), blob_len(r, row, 0));
}

/* The value to be carried stands first; the same statement asks for its length before. $1: the
 * issue that judges our next one; $2: the issue whose records we have. */
static const struct part parts[ROSTER_PARTS] = {
    {"SELECT %s, number FROM toyama.issue, (SELECT $2::bigint) unused(n) WHERE number > $1 ORDER "
     "BY 2",
     size_raw, put_raw},
    {"SELECT %s, id FROM toyama.record, (SELECT $1::bigint) unused(n) WHERE issue > $2"
     " AND record IS NOT NULL ORDER BY 2",
     size_octets, put_octets},
    {"SELECT %s, id FROM toyama.record, (SELECT $1::bigint) unused(n) WHERE issue > $2 AND $2 > 0"
     " AND record IS NULL ORDER BY 2",
     size_octets, put_octets},
    {"SELECT %s, t.id FROM toyama.template t JOIN toyama.record r ON r.id = t.person,"
     " (SELECT $1::bigint) unused(n) WHERE r.issue > $2 ORDER BY 2",
     size_sealed, put_sealed},
    {"SELECT %s, ref::bigint, credential FROM toyama.secret t JOIN toyama.record r"
     " ON r.id = t.person, (SELECT $1::bigint) unused(n) WHERE r.issue > $2 ORDER BY 3, 2",
     size_secret, put_secret},
    {NULL, NULL, NULL},
};
static const char *const value_of[ROSTER_PARTS] = {"signed",   "record",   "id",
                                                   "t.sealed", "t.sealed", NULL};

struct pull {
    struct sync *s;
    struct roster_payload_writer writer;
    uint64_t octets[ROSTER_PARTS];
    uint64_t sum; /* of them all */
};

static int open_cursor(struct sync *s, const struct part *part, const char *column)
{
    char select[512], sql[600];
    uint8_t have[2][8];
    const char *const values[] = {(const char *)have[0], (const char *)have[1]};
    const int lengths[] = {8, 8};
    const struct sync_statement q = {.sql = sql, .values = values, .lengths = lengths, .count = 2};

    /* The statements are the table's above, the column is one of three words. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
    snprintf(select, sizeof(select), part->sql, column);
#pragma GCC diagnostic pop
    snprintf(sql, sizeof(sql), "DECLARE rows BINARY CURSOR FOR %s", select);
    sync_put_int(have[0], (int64_t)s->issue);
    sync_put_int(have[1], (int64_t)s->base);
    return sync_do(s, &q);
}

/* One walk through the rows of a part. */
struct walk {
    struct pull *p;
    unsigned part;
    unsigned rows; /* of the batch */
};

static int add_size(void *ctx, const PGresult *row)
{
    struct walk *w = ctx;
    struct pull *p = w->p;

    w->rows++;
    if (sync_get_int(row, 0, 0) < 1)
        return sync_fail(p->s, SYNC_CONTENT, "a row of the database has no length");
    p->octets[w->part] += parts[w->part].size(row, 0);
    p->sum += (uint64_t)sync_get_int(row, 0, 0);
    return p->sum <= OCTETS_MAX
               ? SYNC_OK
               : sync_fail(p->s, SYNC_CONTENT, "the database has more than a roster can be");
}

static int add_item(void *ctx, const PGresult *row)
{
    struct walk *w = ctx;

    w->rows++;
    return parts[w->part].put(&w->p->writer, row, 0) == ROSTER_OK
               ? SYNC_OK
               : sync_fail(w->p->s, SYNC_CONTENT,
                           "a row of the database has another size than told");
}

static int each_row(struct pull *p, unsigned part, int (*each)(void *ctx, const PGresult *row))
{
    const struct sync_statement q = {.sql = BATCH, .most = BATCH_ROWS};
    struct walk w = {p, part, BATCH_ROWS};
    int err = SYNC_OK;

    while (err == SYNC_OK && w.rows > 0) {
        w.rows = 0;
        err = sync_each(p->s, &q, each, &w);
    }
    return err;
}

static int walk(struct pull *p, unsigned part, bool measure)
{
    char column[64];
    int err;

    if (parts[part].sql == NULL)
        return SYNC_OK;
    snprintf(column, sizeof(column), measure ? "octet_length(%s)::bigint" : "%s", value_of[part]);
    if ((err = open_cursor(p->s, &parts[part], column)) == SYNC_OK &&
        (err = each_row(p, part, measure ? add_size : add_item)) == SYNC_OK)
        err = sync_exec(p->s, "CLOSE rows");
    return err;
}

static bool to_file(void *ctx, const void *data, size_t len)
{
    return fwrite(data, 1, len, ctx) == len;
}

static int write_payload(struct pull *p, const char *zone)
{
    int err = SYNC_OK;

    for (unsigned n = 0; n < ROSTER_PARTS && err == SYNC_OK; n++)
        err = walk(p, n, true);
    if (err != SYNC_OK)
        return err;
    if (roster_payload_begin(&p->writer, zone, p->s->base, p->octets) != ROSTER_OK)
        return sync_fail(p->s, SYNC_FAILED, "temporary file: full");
    for (unsigned n = 0; n < ROSTER_PARTS && err == SYNC_OK; n++) {
        if (n > 0 && roster_payload_next(&p->writer) != ROSTER_OK)
            return sync_fail(p->s, SYNC_CONTENT, "the rows of the database changed meanwhile");
        err = walk(p, n, false);
    }
    if (err == SYNC_OK && roster_payload_end(&p->writer) != ROSTER_OK)
        err = sync_fail(p->s, SYNC_CONTENT, "the rows of the database changed meanwhile");
    return err;
}

static int pull_newer(struct sync *s)
{
    struct pull p = {.s = s};
    FILE *file = NULL;
    int err = sync_scratch(s, &file);

    if (err != SYNC_OK)
        return err;
    p.writer = (struct roster_payload_writer){.write = to_file, .ctx = file};
    err = write_payload(&p, s->zone);
    if (err == SYNC_OK && fflush(file) != 0)
        err = sync_fail(s, SYNC_FAILED, "temporary file: full");
    if (err == SYNC_OK)
        err = sync_call(s, "sync.take", NULL, 0, fileno(file));
    fclose(file);
    return err;
}

int sync_newest(struct sync *s)
{
    PGresult *r = NULL;
    const struct sync_statement q = {
        .sql = "SELECT coalesce(max(number), 0)::bigint FROM toyama.issue", .most = 1};
    int64_t newest;
    int err = sync_query(s, &q, &r);

    if (err != SYNC_OK)
        return err;
    newest = sync_get_int(r, 0, 0);
    PQclear(r);
    if (newest < 0)
        return sync_fail(s, SYNC_CONTENT, "the issues of the database cannot be counted");
    s->newest = (uint64_t)newest;
    return SYNC_OK;
}

int sync_pull(struct sync *s)
{
    int err;

    if (s->newest <= s->issue)
        return SYNC_OK;
    if ((err = sync_exec(s, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")) != SYNC_OK)
        return err;
    err = pull_newer(s);
    sync_rollback(s);
    return err;
}
