/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/store.h"

#include "toyamad/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GROWTH_OCTETS (1024 * 1024)
#define BUSY_MS       5000

/* What an enrolment station keeps for its zones. */
#define STATION_TABLES                                                                             \
    "CREATE TABLE zone_issue(zone TEXT NOT NULL, number INTEGER NOT NULL, signed BLOB NOT NULL,"   \
    " PRIMARY KEY(zone, number)) STRICT, WITHOUT ROWID;"                                           \
    "CREATE TABLE zone_record(zone TEXT NOT NULL, id BLOB NOT NULL, record BLOB NOT NULL,"         \
    " changed INTEGER NOT NULL, PRIMARY KEY(zone, id)) STRICT, WITHOUT ROWID;"                     \
    "CREATE TABLE zone_removed(zone TEXT NOT NULL, id BLOB NOT NULL, changed INTEGER NOT NULL,"    \
    " PRIMARY KEY(zone, id)) STRICT, WITHOUT ROWID;"                                               \
    "CREATE TABLE zone_template(zone TEXT NOT NULL, id BLOB NOT NULL, person BLOB NOT NULL,"       \
    " sealed BLOB NOT NULL, changed INTEGER NOT NULL, PRIMARY KEY(zone, id))"                      \
    " STRICT, WITHOUT ROWID;"                                                                      \
    "CREATE INDEX zone_template_person ON zone_template(zone, person);"                            \
    "CREATE TABLE zone_secret(zone TEXT NOT NULL, id BLOB NOT NULL, ref INTEGER NOT NULL,"         \
    " person BLOB NOT NULL, sealed BLOB NOT NULL, changed INTEGER NOT NULL,"                       \
    " PRIMARY KEY(zone, id, ref)) STRICT, WITHOUT ROWID;"                                          \
    "CREATE INDEX zone_secret_person ON zone_secret(zone, person);"                                \
    "CREATE TABLE stage_record(zone TEXT NOT NULL, id BLOB NOT NULL, record BLOB,"                 \
    " PRIMARY KEY(zone, id)) STRICT, WITHOUT ROWID;"                                               \
    "CREATE TABLE stage_template(zone TEXT NOT NULL, id BLOB NOT NULL, person BLOB NOT NULL,"      \
    " sealed BLOB, PRIMARY KEY(zone, id)) STRICT, WITHOUT ROWID;"                                  \
    "CREATE TABLE stage_secret(zone TEXT NOT NULL, id BLOB NOT NULL, ref INTEGER NOT NULL,"        \
    " person BLOB NOT NULL, sealed BLOB, PRIMARY KEY(zone, id, ref)) STRICT, WITHOUT ROWID;"       \
    "CREATE TABLE stop(credential BLOB PRIMARY KEY NOT NULL, slot INTEGER UNIQUE NOT NULL,"        \
    " sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;"

/* Step n takes a store of schema n to n + 1. */
static const char *const migration[REGISTRY_SCHEMA] = {
    "CREATE TABLE person(id BLOB PRIMARY KEY NOT NULL, record BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE login(name TEXT NOT NULL, person BLOB NOT NULL"
    " REFERENCES person(id) ON DELETE CASCADE, PRIMARY KEY(name, person)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX login_person ON login(person);"
    "CREATE TABLE number(number TEXT PRIMARY KEY NOT NULL, person BLOB NOT NULL"
    " REFERENCES person(id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
    "CREATE INDEX number_person ON number(person);"
    "CREATE TABLE hint(hint BLOB PRIMARY KEY NOT NULL, person BLOB NOT NULL"
    " REFERENCES person(id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
    "CREATE INDEX hint_person ON hint(person);"
    "CREATE TABLE key(hash BLOB PRIMARY KEY NOT NULL, person BLOB NOT NULL"
    " REFERENCES person(id) ON DELETE CASCADE) STRICT, WITHOUT ROWID;"
    "CREATE INDEX key_person ON key(person);"
    "CREATE TABLE template(id BLOB PRIMARY KEY NOT NULL, person BLOB NOT NULL,"
    " sealed BLOB NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE counter(person BLOB PRIMARY KEY NOT NULL, failures INTEGER NOT NULL,"
    " until INTEGER NOT NULL, misses INTEGER NOT NULL, last_login INTEGER NOT NULL,"
    " last_place TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE issue(number INTEGER PRIMARY KEY NOT NULL, der BLOB NOT NULL,"
    " signature BLOB NOT NULL) STRICT;"
    "CREATE TABLE event(sequence INTEGER PRIMARY KEY NOT NULL, der BLOB NOT NULL,"
    " link BLOB NOT NULL) STRICT;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;",
    "CREATE TABLE secret(credential BLOB NOT NULL, ref INTEGER NOT NULL, person BLOB NOT NULL,"
    " sealed BLOB NOT NULL, PRIMARY KEY(credential, ref)) STRICT, WITHOUT ROWID;",
    STATION_TABLES};

static int schema_of(struct registry *reg, int *out)
{
    struct store_query q = store_prepare(reg, "PRAGMA user_version");

    if (store_row(&q))
        *out = (int)store_int(&q, 0);
    store_finalize(&q);
    return q.err;
}

static int migrate_step(struct registry *reg, int from)
{
    char version[64];
    int err;

    if ((err = registry_begin(reg)) != REGISTRY_OK)
        return err;
    snprintf(version, sizeof(version), "PRAGMA user_version=%d", from + 1);
    if ((err = store_exec(reg->db, migration[from])) == REGISTRY_OK &&
        (err = store_exec(reg->db, version)) == REGISTRY_OK)
        return registry_commit(reg);
    registry_rollback(reg);
    return err;
}

static int migrate(struct registry *reg)
{
    int schema = -1;
    int err = schema_of(reg, &schema);

    if (err == REGISTRY_OK && (schema < 0 || schema > REGISTRY_SCHEMA))
        err = REGISTRY_VERSION;
    for (int n = schema; err == REGISTRY_OK && n < REGISTRY_SCHEMA; n++)
        err = migrate_step(reg, n);
    return err;
}

/* The file grows in large steps, so that a disk that fills up is noticed while there is still room
 * for events. secure_delete: a deleted template or key must not stay in a free page. */
static int connect_store(struct registry *reg, const char *path, int flags)
{
    int step = GROWTH_OCTETS;

    if (sqlite3_open_v2(path, &reg->db, flags | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK)
        return REGISTRY_STORE;
    sqlite3_file_control(reg->db, "main", SQLITE_FCNTL_CHUNK_SIZE, &step);
    sqlite3_extended_result_codes(reg->db, 1);
    /* A backup may be reading; once we hold the file, nobody else does. */
    sqlite3_busy_timeout(reg->db, BUSY_MS);
    return store_exec(
        reg->db, "PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
                 "PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;"
                 "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
                 "PRAGMA cell_size_check=ON;");
}

static int create_filled(struct registry *reg, int64_t now)
{
    struct registry_change change = {0};
    int err;

    if ((err = migrate(reg)) != REGISTRY_OK || (err = registry_begin(reg)) != REGISTRY_OK)
        return err;
    if ((err = store_issue_next(reg, NULL, 0, now, &change)) == REGISTRY_OK)
        return registry_commit(reg);
    registry_rollback(reg);
    return err;
}

int registry_create(const char *path, const struct keys *keys, const char *zone, int64_t now)
{
    struct registry reg = {.keys = keys};
    char why[256];
    int err;

    if (access(path, F_OK) == 0)
        return REGISTRY_EXISTS;
    snprintf(reg.zone, sizeof(reg.zone), "%s", zone);
    if (!file_create_private(path, "", 0, why, sizeof(why)))
        return REGISTRY_STORE;
    err = connect_store(&reg, path, SQLITE_OPEN_READWRITE);
    if (err == REGISTRY_OK)
        err = create_filled(&reg, now);
    registry_close(&reg);
    if (err != REGISTRY_OK)
        unlink(path);
    return err;
}

static int check_file(const char *path, char *why, size_t whycap)
{
    int fd;

    if (access(path, F_OK) != 0 && errno == ENOENT) {
        snprintf(why, whycap, "%s does not exist: run \"toyama-enroll init\"", path);
        return REGISTRY_MISSING;
    }
    fd = file_open_trusted(path, 077, why, whycap);
    if (fd < 0)
        return REGISTRY_MODE;
    close(fd);
    return REGISTRY_OK;
}

static int connect_and_migrate(struct registry *reg, const char *path, char *why, size_t whycap)
{
    int err = connect_store(reg, path, SQLITE_OPEN_READWRITE);

    if (err != REGISTRY_OK) {
        snprintf(why, whycap, "%s: %s", path,
                 reg->db != NULL ? sqlite3_errmsg(reg->db) : "out of memory");
        return err;
    }
    err = migrate(reg);
    if (err == REGISTRY_VERSION)
        snprintf(why, whycap, "%s was written by a newer toyama (schema above %d)", path,
                 REGISTRY_SCHEMA);
    else if (err != REGISTRY_OK)
        snprintf(why, whycap, "%s: %s", path, sqlite3_errmsg(reg->db));
    return err;
}

int registry_open(struct registry *reg, const char *path, const struct keys *keys, const char *zone,
                  char *why, size_t whycap)
{
    int err;

    *reg = (struct registry){.keys = keys};
    snprintf(reg->zone, sizeof(reg->zone), "%s", zone);
    if ((err = check_file(path, why, whycap)) == REGISTRY_OK &&
        (err = connect_and_migrate(reg, path, why, whycap)) == REGISTRY_OK)
        err = store_issue_verify(reg, why, whycap);
    if (err != REGISTRY_OK)
        registry_close(reg);
    return err;
}

void registry_close(struct registry *reg)
{
    sqlite3_close(reg->db);
    free(reg->entry);
    *reg = (struct registry){0};
}

int registry_begin(struct registry *reg)
{
    reg->by_known = false;
    return store_exec(reg->db, "BEGIN IMMEDIATE");
}

int registry_commit(struct registry *reg)
{
    int err = store_exec(reg->db, "COMMIT");

    if (err != REGISTRY_OK)
        registry_rollback(reg);
    return err;
}

void registry_rollback(struct registry *reg)
{
    if (sqlite3_get_autocommit(reg->db) == 0)
        store_exec(reg->db, "ROLLBACK");
}

void registry_by(struct registry *reg, const uint8_t person[ROSTER_ID_LEN])
{
    memcpy(reg->by, person, ROSTER_ID_LEN);
    reg->by_known = true;
}

const char *registry_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "no such entry",
                                       "the registry was altered",
                                       "the registry could not be read or written",
                                       "the registry is newer than this program",
                                       "the registry's file is not private to root",
                                       "there is no registry",
                                       "exists already",
                                       "too many entries",
                                       "out of memory or cryptography failed",
                                       "several people have this login"};
    int index = -err;

    return index >= 0 && (size_t)index < sizeof(text) / sizeof(text[0]) ? text[index] : "unknown";
}
