/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/registry/amend.h"
#include "toyamad/registry/drain.h"
#include "toyamad/registry/store.h"

#include "toyamad/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUSY_MS 5000

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

/* `was` becomes a table of those columns. */
#define MOVED_TO(was, columns, names, kind)                                                        \
    "CREATE TABLE moved(" columns ") STRICT" kind ";"                                              \
    "INSERT INTO moved(" names ") SELECT " names " FROM " was ";"                                  \
    "DROP TABLE " was ";"                                                                          \
    "ALTER TABLE moved RENAME TO " was ";"
#define MOVED(was, columns, names)       MOVED_TO(was, columns, names, "")
#define MOVED_SHORT(was, columns, names) MOVED_TO(was, columns, names, ", WITHOUT ROWID")

/* Records and templates are long. In a tree of keys each of them gets a page besides, for what does
 * not fit, which mostly stays empty; in a table several find room in one page. */
#define LONG_TABLES                                                                                \
    MOVED("person", "id BLOB PRIMARY KEY NOT NULL, record BLOB NOT NULL", "id, record")            \
    MOVED("zone_record",                                                                           \
          "zone TEXT NOT NULL, id BLOB NOT NULL, record BLOB NOT NULL, changed INTEGER NOT NULL,"  \
          " PRIMARY KEY(zone, id)",                                                                \
          "zone, id, record, changed")                                                             \
    MOVED("zone_template",                                                                         \
          "zone TEXT NOT NULL, id BLOB NOT NULL, person BLOB NOT NULL, sealed BLOB NOT NULL,"      \
          " changed INTEGER NOT NULL, PRIMARY KEY(zone, id)",                                      \
          "zone, id, person, sealed, changed")                                                     \
    MOVED("stage_record",                                                                          \
          "zone TEXT NOT NULL, id BLOB NOT NULL, record BLOB, PRIMARY KEY(zone, id)",              \
          "zone, id, record")                                                                      \
    MOVED("stage_template",                                                                        \
          "zone TEXT NOT NULL, id BLOB NOT NULL, person BLOB NOT NULL, sealed BLOB,"               \
          " PRIMARY KEY(zone, id)",                                                                \
          "zone, id, person, sealed")                                                              \
    "CREATE INDEX zone_template_person ON zone_template(zone, person);"

/* The tables of names are looked up by name only. Orders by person cost as much again, and an
 * import a sixth of its time: what a record names is known when it is changed or removed. */
#define NAME_TABLES                                                                                \
    MOVED_SHORT("login", "name TEXT NOT NULL, person BLOB NOT NULL, PRIMARY KEY(name, person)",    \
                "name, person")                                                                    \
    MOVED_SHORT("number", "number TEXT PRIMARY KEY NOT NULL, person BLOB NOT NULL",                \
                "number, person")                                                                  \
    MOVED_SHORT("hint", "hint BLOB PRIMARY KEY NOT NULL, person BLOB NOT NULL", "hint, person")    \
    MOVED_SHORT("key", "hash BLOB PRIMARY KEY NOT NULL, person BLOB NOT NULL", "hash, person")     \
    MOVED_SHORT("slot", "slot INTEGER NOT NULL, person BLOB NOT NULL, PRIMARY KEY(slot, person)",  \
                "slot, person")

/* Nobody outside of the workshop has a store of an earlier one. */
#define FIRST_SCHEMA 3

/* Step 0 makes a store of the first schema, each further one takes it one ahead. */
static const char *const migration[] = {
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
    " sealed BLOB NOT NULL) STRICT;"
    "CREATE INDEX template_person ON template(person);"
    "CREATE TABLE secret(credential BLOB NOT NULL, ref INTEGER NOT NULL, person BLOB NOT NULL,"
    " sealed BLOB NOT NULL, PRIMARY KEY(credential, ref)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX secret_person ON secret(person);"
    "CREATE TABLE counter(person BLOB PRIMARY KEY NOT NULL, failures INTEGER NOT NULL,"
    " until INTEGER NOT NULL, misses INTEGER NOT NULL, last_login INTEGER NOT NULL,"
    " last_place TEXT NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE issue(number INTEGER PRIMARY KEY NOT NULL, signed BLOB NOT NULL) STRICT;"
    "CREATE TABLE event(sequence INTEGER PRIMARY KEY NOT NULL, der BLOB NOT NULL,"
    " link BLOB NOT NULL) STRICT;"
    "CREATE TABLE meta(name TEXT PRIMARY KEY NOT NULL, value INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;",
    STATION_TABLES,
    "CREATE TABLE head(one INTEGER PRIMARY KEY CHECK(one=1), der BLOB NOT NULL,"
    " signature BLOB NOT NULL) STRICT;"
    "CREATE TABLE amendment(id BLOB PRIMARY KEY NOT NULL, der BLOB NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE slot(slot INTEGER NOT NULL, person BLOB NOT NULL"
    " REFERENCES person(id) ON DELETE CASCADE, PRIMARY KEY(slot, person)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX slot_person ON slot(person);",
    ("CREATE TABLE stock(label TEXT PRIMARY KEY NOT NULL, state INTEGER NOT NULL,"
     " since INTEGER NOT NULL) STRICT, WITHOUT ROWID;"),
    LONG_TABLES,
    "CREATE TABLE elsewhere(person BLOB PRIMARY KEY NOT NULL, day INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;",
    NAME_TABLES};
#define STEPS       (sizeof(migration) / sizeof(migration[0]))
#define LAST_SCHEMA (FIRST_SCHEMA + (int)STEPS - 1)

static int schema_of(struct registry *reg, int *out)
{
    struct store_query q = store_prepare(reg, "PRAGMA user_version");

    if (store_row(&q))
        *out = (int)store_int(&q, 0);
    store_finalize(&q);
    return q.err;
}

/* `to`: the schema that the step makes. */
static int migrate_step(struct registry *reg, int to)
{
    char version[64];
    int err;

    if ((err = registry_begin(reg)) != REGISTRY_OK)
        return err;
    snprintf(version, sizeof(version), "PRAGMA user_version=%d", to);
    if ((err = store_exec(reg->db, migration[to - FIRST_SCHEMA])) == REGISTRY_OK &&
        (err = store_exec(reg->db, version)) == REGISTRY_OK)
        return registry_commit(reg);
    registry_rollback(reg);
    return err;
}

static int migrate(struct registry *reg, char *why, size_t whycap)
{
    int schema = -1;
    int err = schema_of(reg, &schema);

    if (err == REGISTRY_OK && schema != 0 && (schema < FIRST_SCHEMA || schema > LAST_SCHEMA)) {
        snprintf(why, whycap, "was written by %s toyama (schema %d, this one knows %d to %d)",
                 schema > LAST_SCHEMA ? "a newer" : "a trial version of", schema, FIRST_SCHEMA,
                 LAST_SCHEMA);
        return REGISTRY_VERSION;
    }
    for (int n = schema == 0 ? FIRST_SCHEMA : schema + 1; err == REGISTRY_OK && n <= LAST_SCHEMA;
         n++)
        err = migrate_step(reg, n);
    if (err != REGISTRY_OK)
        snprintf(why, whycap, "%s", sqlite3_errmsg(reg->db));
    return err;
}

/* page_size, of a new store: a template of 4 kB fills half a page, and an import writes half as
 * many. secure_delete: a deleted template or key must not stay in a free page. */
static int connect_store(struct registry *reg, const char *path, int flags)
{
    if (sqlite3_open_v2(path, &reg->db, flags | SQLITE_OPEN_NOFOLLOW, NULL) != SQLITE_OK)
        return REGISTRY_STORE;
    store_grow_in(reg, STORE_GROWTH);
    sqlite3_extended_result_codes(reg->db, 1);
    /* A backup may be reading; once we hold the file, nobody else does. */
    sqlite3_busy_timeout(reg->db, BUSY_MS);
    return store_exec(
        reg->db, "PRAGMA page_size=8192; PRAGMA locking_mode=EXCLUSIVE; PRAGMA journal_mode=WAL;"
                 "PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF;"
                 "PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
                 "PRAGMA cell_size_check=ON;");
}

static int create_filled(struct registry *reg, int64_t now)
{
    struct registry_change change = {0};
    char why[256];
    int err = migrate(reg, why, sizeof(why));

    if (err != REGISTRY_OK || reg->keys->kind == REGISTER_TAKEN)
        return err;
    if ((err = registry_begin(reg)) != REGISTRY_OK)
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
    char cause[128] = "";

    if (err != REGISTRY_OK)
        snprintf(cause, sizeof(cause), "%s",
                 reg->db != NULL ? sqlite3_errmsg(reg->db) : "out of memory");
    else
        err = migrate(reg, cause, sizeof(cause));
    if (err != REGISTRY_OK)
        snprintf(why, whycap, "%s: %s", path, cause);
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
    if (err == REGISTRY_OK)
        err = registry_amends_open(reg, why, whycap);
    if (err != REGISTRY_OK)
        registry_close(reg);
    return err;
}

void registry_close(struct registry *reg)
{
    sqlite3_close(reg->db);
    drain_close(reg);
    registry_amends_close(reg);
    free(reg->entry);
    *reg = (struct registry){0};
}

int registry_begin(struct registry *reg)
{
    reg->by_known = reg->rotates = false;
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

void registry_rotate(struct registry *reg)
{
    reg->rotates = true;
}

void registry_by_all(struct registry *reg, const uint8_t (*person)[ROSTER_ID_LEN], size_t count)
{
    reg->by_count = count < ROSTER_AUTHORS ? count : ROSTER_AUTHORS;
    if (count > 0)
        memcpy(reg->by, person, reg->by_count * sizeof(reg->by[0]));
    reg->by_known = true;
}

void registry_by(struct registry *reg, const uint8_t person[ROSTER_ID_LEN])
{
    uint8_t one[1][ROSTER_ID_LEN] = {{0}};

    if (person != NULL)
        memcpy(one[0], person, ROSTER_ID_LEN);
    registry_by_all(reg, one, person != NULL ? 1 : 0);
}

const char *registry_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "no such entry",
                                       "the registry was altered",
                                       "the registry could not be read or written",
                                       "the registry is of another version than this program",
                                       "the registry's file is not private to root",
                                       "there is no registry",
                                       "exists already",
                                       "too many entries",
                                       "out of memory or cryptography failed",
                                       "several people have this login",
                                       "this host takes its people from the station",
                                       "something was changed meanwhile",
                                       "this person may not approve it",
                                       "a newer issue has taken its place"};
    int index = -err;

    return index >= 0 && (size_t)index < sizeof(text) / sizeof(text[0]) ? text[index] : "unknown";
}
