/* SPDX-License-Identifier: Apache-2.0
 *
 * The connection to the zone's database.
 */
#include "toyamad/sync/sync.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_OLDEST   1
#define SCHEMA_NEWEST   2
#define CONNECT_SECONDS "10"

const char *sync_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "the database cannot be used",
                                       "the database has another schema than this program",
                                       "the connection to the database is not protected",
                                       "the broker does not answer",
                                       "the broker refused what the database gave",
                                       "out of memory or of room for a temporary file",
                                       "the database holds rows that cannot be right"};
    int index = -err;

    return index >= 0 && (size_t)index < sizeof(text) / sizeof(text[0]) ? text[index] : "unknown";
}

int sync_fail(struct sync *s, int err, const char *format, ...)
{
    va_list ap;

    va_start(ap, format);
    vsnprintf(s->why, sizeof(s->why), format, ap);
    va_end(ap);
    for (char *p = s->why; *p != '\0'; p++)
        if (*p == '\n')
            *p = ' ';
    return err;
}

/* A server across the network must show a certificate for its name: without that, whoever sits
 * between reads templates' metadata and events, though he can let nobody in. */
static bool is_protected(const struct sync *s)
{
    const char *host = PQhost(s->db);
    PQconninfoOption *all = PQconninfo(s->db);
    bool good = host != NULL && host[0] == '/';

    for (const PQconninfoOption *o = all; o != NULL && o->keyword != NULL; o++)
        if (strcmp(o->keyword, "sslmode") == 0 && o->val != NULL &&
            strcmp(o->val, "verify-full") == 0 && PQsslInUse(s->db))
            good = true;
    PQconninfoFree(all);
    return good;
}

static int check_schema(struct sync *s)
{
    PGresult *r = NULL;
    const struct sync_statement q = {.sql = "SELECT max(number)::bigint FROM toyama.version",
                                     .most = 1};
    int err = sync_query(s, &q, &r);

    if (err == SYNC_OK)
        s->schema = PQntuples(r) == 1 ? sync_get_int(r, 0, 0) : -1;
    if (err == SYNC_OK && (s->schema < SCHEMA_OLDEST || s->schema > SCHEMA_NEWEST))
        err = sync_fail(s, SYNC_SCHEMA, "the database's schema is none of %d to %d", SCHEMA_OLDEST,
                        SCHEMA_NEWEST);
    if (err == SYNC_OK && s->schema < SCHEMA_NEWEST)
        fprintf(stderr,
                "toyama-sync: the database's schema is %d: amendments and last uses wait"
                " for 002-amendments.sql\n",
                (int)s->schema);
    PQclear(r);
    return err;
}

int sync_connect(struct sync *s, const char *service)
{
    const char *const keys[] = {"service", "connect_timeout", "application_name", NULL};
    const char *const values[] = {service, CONNECT_SECONDS, "toyama-sync", NULL};

    s->db = PQconnectdbParams(keys, values, 0);
    if (s->db == NULL)
        return sync_fail(s, SYNC_FAILED, "out of memory");
    if (PQstatus(s->db) != CONNECTION_OK)
        return sync_fail(s, SYNC_SERVER, "%s", PQerrorMessage(s->db));
    if (!is_protected(s))
        return sync_fail(s, SYNC_PLAIN, "the service \"%s\" needs sslmode=verify-full", service);
    return check_schema(s);
}

void sync_reconnect(struct sync *s)
{
    PQreset(s->db);
    if (PQstatus(s->db) == CONNECTION_OK && is_protected(s))
        return;
    PQfinish(s->db);
    s->db = NULL;
}

void sync_put_int(uint8_t out[8], int64_t value)
{
    for (int n = 0; n < 8; n++)
        out[n] = (uint8_t)((uint64_t)value >> (56 - 8 * n));
}

int64_t sync_get_int(const PGresult *r, int row, int column)
{
    const uint8_t *p = (const uint8_t *)PQgetvalue(r, row, column);
    uint64_t value = 0;

    if (PQgetisnull(r, row, column) || PQgetlength(r, row, column) != 8)
        return -1;
    for (int n = 0; n < 8; n++)
        value = value << 8 | p[n];
    return (int64_t)value;
}
