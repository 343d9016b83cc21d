/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/store.h"

#include <string.h>

struct store_query store_prepare(struct registry *reg, const char *sql)
{
    struct store_query q = {NULL, REGISTRY_OK};

    if (sqlite3_prepare_v2(reg->db, sql, -1, &q.stmt, NULL) != SQLITE_OK)
        q.err = REGISTRY_STORE;
    return q;
}

static void check(struct store_query *q, int rc)
{
    if (rc != SQLITE_OK)
        q->err = REGISTRY_STORE;
}

void store_bind_blob(struct store_query *q, int at, const void *p, size_t len)
{
    if (q->err == REGISTRY_OK)
        check(q, sqlite3_bind_blob64(q->stmt, at, p, len, SQLITE_TRANSIENT));
}

void store_bind_kept(struct store_query *q, int at, const void *p, size_t len)
{
    if (q->err == REGISTRY_OK)
        check(q, sqlite3_bind_blob64(q->stmt, at, p, len, SQLITE_STATIC));
}

void store_bind_text(struct store_query *q, int at, const char *text)
{
    if (q->err == REGISTRY_OK)
        check(q, sqlite3_bind_text(q->stmt, at, text, -1, SQLITE_TRANSIENT));
}

void store_bind_int(struct store_query *q, int at, int64_t value)
{
    if (q->err == REGISTRY_OK)
        check(q, sqlite3_bind_int64(q->stmt, at, value));
}

bool store_row(struct store_query *q)
{
    int rc;

    if (q->err != REGISTRY_OK)
        return false;
    rc = sqlite3_step(q->stmt);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE)
        q->err = REGISTRY_STORE;
    return rc == SQLITE_ROW;
}

bool store_blob(struct store_query *q, int column, void *out, size_t cap, size_t *len)
{
    const void *p;
    int n;

    if (sqlite3_column_type(q->stmt, column) != SQLITE_BLOB)
        return false;
    p = sqlite3_column_blob(q->stmt, column);
    n = sqlite3_column_bytes(q->stmt, column);
    if (n < 0 || (size_t)n > cap || (n > 0 && p == NULL))
        return false;
    if (n > 0)
        memcpy(out, p, (size_t)n);
    *len = (size_t)n;
    return true;
}

bool store_blob_exact(struct store_query *q, int column, void *out, size_t len)
{
    size_t got = 0;

    return store_blob(q, column, out, len, &got) && got == len;
}

int64_t store_int(struct store_query *q, int column)
{
    return sqlite3_column_int64(q->stmt, column);
}

int store_done(struct store_query *q)
{
    int err;

    while (store_row(q))
        ;
    err = q->err;
    store_finalize(q);
    return err;
}

int store_reset(struct store_query *q)
{
    int err = q->err;

    if (q->stmt == NULL)
        return err;
    sqlite3_reset(q->stmt);
    q->err = REGISTRY_OK;
    return err;
}

int store_again(struct store_query *q)
{
    while (store_row(q))
        ;
    return store_reset(q);
}

void store_finalize(struct store_query *q)
{
    sqlite3_finalize(q->stmt);
    q->stmt = NULL;
}

int store_exec(sqlite3 *db, const char *sql)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? REGISTRY_OK : REGISTRY_STORE;
}

void store_grow_in(struct registry *reg, int octets)
{
    sqlite3_file_control(reg->db, "main", SQLITE_FCNTL_CHUNK_SIZE, &octets);
}
