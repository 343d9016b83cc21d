/* SPDX-License-Identifier: Apache-2.0
 *
 * The store: what was signed is what is read, what fails leaves nothing behind.
 */
#include "toyamad/audit/audit.h"
#include "toyamad/registry/registry.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct host {
    char directory[64];
    char path[80];
    struct keys keys;
    struct registry reg;
    struct audit audit;
};

static int begin(void **state)
{
    struct host *h = calloc(1, sizeof(*h));
    char why[256] = "";

    assert_non_null(h);
    snprintf(h->directory, sizeof(h->directory), "/tmp/toyama-registry-XXXXXX");
    assert_non_null(mkdtemp(h->directory));
    snprintf(h->path, sizeof(h->path), "%s/registry.db", h->directory);
    assert_true(keys_create(h->directory, why, sizeof(why)));
    assert_true(keys_load(&h->keys, REGISTER_OWN, h->directory, why, sizeof(why)));
    assert_int_equal(registry_create(h->path, &h->keys, "lgwan", 1000), REGISTRY_OK);
    assert_int_equal(registry_open(&h->reg, h->path, &h->keys, "lgwan", why, sizeof(why)),
                     REGISTRY_OK);
    assert_true(audit_key_create(h->directory, AUDIT_KEY_FILE, why, sizeof(why)));
    assert_int_equal(audit_open(&h->audit, &h->reg, h->directory, "mado-01", why, sizeof(why)),
                     REGISTRY_OK);
    *state = h;
    return 0;
}

static int end(void **state)
{
    static const char *const name[] = {"registry.db", "registry.db-wal", "seal.key",
                                       "authority.key", "log.key"};
    struct host *h = *state;
    char path[128];

    registry_close(&h->reg);
    for (size_t n = 0; n < sizeof(name) / sizeof(name[0]); n++) {
        snprintf(path, sizeof(path), "%s/%s", h->directory, name[n]);
        unlink(path);
    }
    assert_int_equal(rmdir(h->directory), 0);
    free(h);
    return 0;
}

static int reopen(struct host *h, const char *zone)
{
    char why[256] = "";

    registry_close(&h->reg);
    return registry_open(&h->reg, h->path, &h->keys, zone, why, sizeof(why));
}

static struct roster_record person(uint8_t id, const char *number, const char *login)
{
    struct roster_record r = {.category = ROSTER_REGULAR, .state = ROSTER_ACTIVE, .logins = 1};

    memset(r.id, id, sizeof(r.id));
    snprintf(r.number, sizeof(r.number), "%s", number);
    snprintf(r.name, sizeof(r.name), "Name %s", number);
    snprintf(r.login[0], sizeof(r.login[0]), "%s", login);
    r.valid_from = 1;
    return r;
}

static int put(struct host *h, const struct roster_record *r)
{
    struct registry_change change;
    int err;

    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    err = registry_put(&h->reg, r, 2000, &change);
    if (err == REGISTRY_OK && (err = registry_commit(&h->reg)) == REGISTRY_OK)
        registry_settle(&h->reg, &change);
    registry_rollback(&h->reg);
    registry_drop(&change);
    return err;
}

static void finds_people_by_all_their_names(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako"), b = person(3, "200", "taro"), out;

    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(put(h, &b), REGISTRY_OK);
    assert_int_equal(registry_by_login(&h->reg, "hanako", &out), REGISTRY_OK);
    assert_memory_equal(out.id, a.id, sizeof(a.id));
    assert_int_equal(registry_by_number(&h->reg, "200", &out), REGISTRY_OK);
    assert_string_equal(out.login[0], "taro");
    assert_int_equal(registry_by_login(&h->reg, "nobody", &out), REGISTRY_NONE);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_OK);
    assert_int_equal(h->reg.issue.number, 3);
    assert_int_equal(registry_by_login(&h->reg, "taro", &out), REGISTRY_OK);
}

static void refuses_numbers_of_others_and_keeps_the_old_issue(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako"), b = person(3, "100", "taro"), out;

    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(put(h, &b), REGISTRY_EXISTS);
    assert_int_equal(h->reg.issue.number, 2);
    assert_int_equal(registry_by_login(&h->reg, "taro", &out), REGISTRY_NONE);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_OK);
    assert_int_equal(h->reg.entries, 1);
}

static void says_that_a_login_is_shared(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "root"), b = person(3, "200", "root"), out;

    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(registry_by_login(&h->reg, "root", &out), REGISTRY_OK);
    assert_int_equal(put(h, &b), REGISTRY_OK);
    assert_int_equal(registry_by_login(&h->reg, "root", &out), REGISTRY_SHARED);
}

static void denies_another_zone(void **state)
{
    assert_int_equal(reopen(*state, "internet"), REGISTRY_ALTERED);
}

/* The row is there, and is the one that the record names: whose key it is stands under the seal. */
static void opens_a_secret_for_one_credential_of_one_zone(void **state)
{
    static const char secret[] = "a shared key";
    struct host *h = *state;
    const uint8_t hanako[ROSTER_ID_LEN] = {7}, taro[ROSTER_ID_LEN] = {3};
    struct roster_credential c = {.id = {9}, .family = 3, .keys = 1}, other;
    uint8_t out[64];
    size_t len = 0;

    c.key[0].ref = 0x87;
    assert_int_equal(registry_secret_put(&h->reg, hanako, &c, &c.key[0], secret, sizeof(secret)),
                     REGISTRY_OK);
    assert_int_equal(registry_secret_get(&h->reg, hanako, &c, &c.key[0], out, sizeof(out), &len),
                     REGISTRY_OK);
    assert_int_equal(len, sizeof(secret));
    assert_memory_equal(out, secret, sizeof(secret));
    assert_int_equal(registry_secret_get(&h->reg, taro, &c, &c.key[0], out, sizeof(out), &len),
                     REGISTRY_ALTERED);
    other = c;
    other.family = 4;
    assert_int_equal(
        registry_secret_get(&h->reg, hanako, &other, &other.key[0], out, sizeof(out), &len),
        REGISTRY_ALTERED);
    snprintf(h->reg.zone, sizeof(h->reg.zone), "internet");
    assert_int_equal(registry_secret_get(&h->reg, hanako, &c, &c.key[0], out, sizeof(out), &len),
                     REGISTRY_ALTERED);
    snprintf(h->reg.zone, sizeof(h->reg.zone), "lgwan");
}

static void denies_a_row_that_was_not_signed(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako"), out;

    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(sqlite3_exec(h->reg.db,
                                  "UPDATE person SET record = CAST(record || x'00' AS BLOB)", NULL,
                                  NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(registry_by_login(&h->reg, "hanako", &out), REGISTRY_ALTERED);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_ALTERED);
}

static void denies_a_deleted_row(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako"), b = person(3, "200", "taro"), out;

    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(put(h, &b), REGISTRY_OK);
    assert_int_equal(sqlite3_exec(h->reg.db,
                                  "DELETE FROM person WHERE id = x'"
                                  "03030303030303030303030303030303'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(registry_by_id(&h->reg, b.id, &out), REGISTRY_ALTERED);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_ALTERED);
}

static void denies_an_index_that_points_elsewhere(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako"), b = person(3, "200", "taro"), out;

    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(put(h, &b), REGISTRY_OK);
    assert_int_equal(sqlite3_exec(h->reg.db,
                                  "UPDATE login SET person = x'"
                                  "03030303030303030303030303030303'"
                                  " WHERE name = 'hanako'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    assert_int_equal(registry_by_login(&h->reg, "hanako", &out), REGISTRY_ALTERED);
}

static void opens_a_template_for_its_own_finger_only(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako");
    struct roster_finger f = {.finger = 2, .enrolled = 5, .samples = 1}, other;
    uint8_t out[64];
    size_t len = 0;

    snprintf(f.driver, sizeof(f.driver), "virtual_image");
    snprintf(f.device, sizeof(f.device), "0");
    memset(f.id, 9, sizeof(f.id));
    assert_int_equal(registry_template_put(&h->reg, a.id, &f, "minutiae", 8), REGISTRY_OK);
    assert_int_equal(registry_template_get(&h->reg, a.id, &f, out, sizeof(out), &len), REGISTRY_OK);
    assert_memory_equal(out, "minutiae", 8);
    other = f;
    other.finger = 3;
    assert_int_equal(registry_template_get(&h->reg, a.id, &other, out, sizeof(out), &len),
                     REGISTRY_ALTERED);
    memset(a.id, 8, sizeof(a.id));
    assert_int_equal(registry_template_get(&h->reg, a.id, &f, out, sizeof(out), &len),
                     REGISTRY_ALTERED);
}

static void removes_a_person_with_all_that_is_theirs(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako"), out;
    struct registry_change change;
    struct counter tally = {.failures = 2};

    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(registry_counter_put(&h->reg, a.id, &tally), REGISTRY_OK);
    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    assert_int_equal(registry_remove(&h->reg, a.id, 3000, &change), REGISTRY_OK);
    assert_int_equal(registry_commit(&h->reg), REGISTRY_OK);
    registry_settle(&h->reg, &change);
    assert_int_equal(registry_by_login(&h->reg, "hanako", &out), REGISTRY_NONE);
    assert_int_equal(registry_counter_get(&h->reg, a.id, &tally), REGISTRY_OK);
    assert_int_equal(tally.failures, 0);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_OK);
    assert_int_equal(h->reg.entries, 0);
}

static int verify(struct host *h, uint64_t *events, uint64_t *broken)
{
    char why[256] = "";
    int err = audit_verify(&h->audit, events, broken, why, sizeof(why));

    assert_int_equal(why[0] == '\0', err == REGISTRY_OK);
    return err;
}

static void chains_events_and_sees_a_changed_one(void **state)
{
    struct host *h = *state;
    struct chain_event event = {.kind = "test"};
    uint64_t events = 0, broken = 0;

    for (int n = 0; n < 5; n++)
        assert_int_equal(audit_write(&h->audit, &event, 1000 - n), REGISTRY_OK);
    assert_int_equal(verify(h, &events, &broken), REGISTRY_OK);
    assert_int_equal(events, 5);
    assert_int_equal(h->audit.head.last_time, 1000);
    assert_int_equal(
        sqlite3_exec(h->reg.db, "DELETE FROM event WHERE sequence = 3", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(verify(h, &events, &broken), REGISTRY_ALTERED);
    assert_int_equal(broken, 3);
}

static void forgets_an_event_that_was_rolled_back(void **state)
{
    struct host *h = *state;
    struct chain_event event = {.kind = "test"};
    uint64_t events = 0, broken = 0;

    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    assert_int_equal(audit_append(&h->audit, &event, 1000), REGISTRY_OK);
    registry_rollback(&h->reg);
    audit_forget(&h->audit);
    assert_int_equal(audit_write(&h->audit, &event, 1000), REGISTRY_OK);
    assert_int_equal(verify(h, &events, &broken), REGISTRY_OK);
    assert_int_equal(events, 1);
}

static void execute(struct host *h, const char *sql)
{
    sqlite3 *db = NULL;

    registry_close(&h->reg);
    assert_int_equal(sqlite3_open(h->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static bool add_number(void *ctx, const struct roster_record *r)
{
    strcat(ctx, r->number);
    strcat(ctx, " ");
    return true;
}

static void lists_people_by_their_numbers_and_nobody_less(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako"), b = person(3, "200", "taro"),
                         c = person(9, "050", "jiro");
    char seen[64] = "";

    assert_int_equal(put(h, &b), REGISTRY_OK);
    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(put(h, &c), REGISTRY_OK);
    assert_int_equal(registry_each_by_number(&h->reg, add_number, seen), REGISTRY_OK);
    assert_string_equal(seen, "050 100 200 ");
    assert_int_equal(
        sqlite3_exec(h->reg.db, "DELETE FROM number WHERE number = '100'", NULL, NULL, NULL),
        SQLITE_OK);
    assert_int_equal(registry_each_by_number(&h->reg, add_number, seen), REGISTRY_ALTERED);
}

static void set_schema(struct host *h, int schema)
{
    char sql[64];

    snprintf(sql, sizeof(sql), "PRAGMA user_version = %d", schema);
    execute(h, sql);
}

static void refuses_another_schema_and_an_open_file(void **state)
{
    struct host *h = *state;

    set_schema(h, 99);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_VERSION);
    set_schema(h, 2);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_VERSION);
    assert_int_equal(chmod(h->path, 0644), 0);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_MODE);
}

static int count_of(struct host *h, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    int count;

    assert_int_equal(sqlite3_prepare_v2(h->reg.db, sql, -1, &stmt, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(stmt), SQLITE_ROW);
    count = sqlite3_column_int(stmt, 0);
    sqlite3_finalize(stmt);
    return count;
}

/* Records, templates and names as they lay before schemas 7 and 9. */
static void make_schema_6(struct host *h)
{
    execute(h, "CREATE TABLE was(id BLOB PRIMARY KEY NOT NULL, record BLOB NOT NULL)"
               " STRICT, WITHOUT ROWID; INSERT INTO was SELECT id, record FROM person;"
               "DROP TABLE person; ALTER TABLE was RENAME TO person;"
               "CREATE TABLE was(name TEXT NOT NULL, person BLOB NOT NULL"
               " REFERENCES person(id) ON DELETE CASCADE, PRIMARY KEY(name, person))"
               " STRICT, WITHOUT ROWID; INSERT INTO was SELECT name, person FROM login;"
               "DROP TABLE login; ALTER TABLE was RENAME TO login;"
               "CREATE INDEX login_person ON login(person);"
               "DROP TABLE zone_record;"
               "CREATE TABLE zone_record(zone TEXT NOT NULL, id BLOB NOT NULL, record BLOB"
               " NOT NULL, changed INTEGER NOT NULL, PRIMARY KEY(zone, id)) STRICT, WITHOUT ROWID;"
               "INSERT INTO zone_record VALUES('lgwan', x'07', x'0102', 5);"
               "DROP TABLE zone_template;"
               "CREATE TABLE zone_template(zone TEXT NOT NULL, id BLOB NOT NULL, person BLOB"
               " NOT NULL, sealed BLOB NOT NULL, changed INTEGER NOT NULL, PRIMARY KEY(zone, id))"
               " STRICT, WITHOUT ROWID;"
               "CREATE INDEX zone_template_person ON zone_template(zone, person);"
               "INSERT INTO zone_template VALUES('lgwan', x'08', x'07', x'0304', 6);"
               "DROP TABLE elsewhere;"
               "PRAGMA user_version=6;");
}

static void moves_the_rows_of_an_older_store(void **state)
{
    struct host *h = *state;
    struct roster_record a = person(7, "100", "hanako"), b = person(3, "200", "taro"), out;
    struct registry_change change;

    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(put(h, &b), REGISTRY_OK);
    make_schema_6(h);
    assert_int_equal(reopen(h, "lgwan"), REGISTRY_OK);
    assert_int_equal(count_of(h, "SELECT count(*) FROM sqlite_schema WHERE name IN ('person',"
                                 " 'zone_record', 'zone_template', 'stage_record',"
                                 " 'stage_template') AND sql LIKE '%WITHOUT ROWID%'"),
                     0);
    assert_int_equal(registry_by_login(&h->reg, "hanako", &out), REGISTRY_OK);
    assert_memory_equal(out.id, a.id, sizeof(a.id));
    assert_int_equal(registry_by_number(&h->reg, "200", &out), REGISTRY_OK);
    assert_int_equal(count_of(h, "SELECT count(*) FROM zone_record WHERE zone='lgwan' AND id=x'07'"
                                 " AND record=x'0102' AND changed=5"),
                     1);
    assert_int_equal(count_of(h, "SELECT count(*) FROM zone_template INDEXED BY"
                                 " zone_template_person WHERE zone='lgwan' AND person=x'07' AND"
                                 " id=x'08' AND sealed=x'0304' AND changed=6"),
                     1);
    assert_int_equal(count_of(h, "SELECT count(*) FROM sqlite_schema WHERE name='login_person'"),
                     0);
    /* What names a person goes with him, and nobody else's does. */
    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    assert_int_equal(registry_remove(&h->reg, a.id, 3000, &change), REGISTRY_OK);
    assert_int_equal(registry_commit(&h->reg), REGISTRY_OK);
    registry_settle(&h->reg, &change);
    registry_drop(&change);
    assert_int_equal(count_of(h, "SELECT count(*) FROM login"), 1);
    assert_int_equal(registry_by_login(&h->reg, "taro", &out), REGISTRY_OK);
    /* His names are free again. */
    memset(a.id, 9, sizeof(a.id));
    assert_int_equal(put(h, &a), REGISTRY_OK);
    assert_int_equal(registry_by_login(&h->reg, "hanako", &out), REGISTRY_OK);
    assert_memory_equal(out.id, a.id, sizeof(a.id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(finds_people_by_all_their_names, begin, end),
        cmocka_unit_test_setup_teardown(refuses_numbers_of_others_and_keeps_the_old_issue, begin,
                                        end),
        cmocka_unit_test_setup_teardown(says_that_a_login_is_shared, begin, end),
        cmocka_unit_test_setup_teardown(denies_another_zone, begin, end),
        cmocka_unit_test_setup_teardown(opens_a_secret_for_one_credential_of_one_zone, begin, end),
        cmocka_unit_test_setup_teardown(denies_a_row_that_was_not_signed, begin, end),
        cmocka_unit_test_setup_teardown(denies_a_deleted_row, begin, end),
        cmocka_unit_test_setup_teardown(lists_people_by_their_numbers_and_nobody_less, begin, end),
        cmocka_unit_test_setup_teardown(denies_an_index_that_points_elsewhere, begin, end),
        cmocka_unit_test_setup_teardown(opens_a_template_for_its_own_finger_only, begin, end),
        cmocka_unit_test_setup_teardown(removes_a_person_with_all_that_is_theirs, begin, end),
        cmocka_unit_test_setup_teardown(chains_events_and_sees_a_changed_one, begin, end),
        cmocka_unit_test_setup_teardown(forgets_an_event_that_was_rolled_back, begin, end),
        cmocka_unit_test_setup_teardown(refuses_another_schema_and_an_open_file, begin, end),
        cmocka_unit_test_setup_teardown(moves_the_rows_of_an_older_store, begin, end),
    };

    if (geteuid() != 0)
        return printf("registry_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
