/* SPDX-License-Identifier: Apache-2.0
 *
 * A registry whose people come from payloads.
 */
#include "toyamad/registry/import.h"

#include "tests/unit/core/takerig.h"
#include "tests/unit/core/unit.h"
#include "toyamad/registry/drain.h"
#include "toyamad/registry/index.h"

#include <dirent.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

struct host {
    char directory[64];
    char path[80];
    struct keys keys;
    struct registry reg;
};

static int reopen(struct host *h)
{
    char why[256] = "";

    registry_close(&h->reg);
    return registry_open(&h->reg, h->path, &h->keys, "lgwan", why, sizeof(why));
}

static int begin(void **state)
{
    struct host *h = calloc(1, sizeof(*h));

    assert_non_null(h);
    assert_int_equal(take_begin(state), 0);
    snprintf(h->directory, sizeof(h->directory), "/tmp/toyama-import-XXXXXX");
    assert_non_null(mkdtemp(h->directory));
    snprintf(h->path, sizeof(h->path), "%s/registry.db", h->directory);
    h->keys.kind = REGISTER_TAKEN;
    h->keys.anchor.trust = trust;
    assert_int_equal(registry_create(h->path, &h->keys, "lgwan", 1000), REGISTRY_OK);
    assert_int_equal(reopen(h), REGISTRY_OK);
    *state = h;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

static int end(void **state)
{
    struct host *h = *state;

    registry_close(&h->reg);
    assert_int_equal(nftw(h->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(h);
    return 0;
}

/* The payload of the plan; REGISTRY_* of the writing. */
static int import(struct host *h)
{
    struct roster_payload payload;
    struct roster_take take;
    int err;

    take_payload(&payload);
    assert_int_equal(registry_import_check(&h->reg, &payload, NULL, &take), ROSTER_OK);
    assert_int_equal(registry_import_begin(&h->reg, &take), REGISTRY_OK);
    if ((err = registry_import_write(&h->reg, &payload, &take)) == REGISTRY_OK &&
        (err = registry_commit(&h->reg)) == REGISTRY_OK)
        registry_import_settle(&h->reg, &take);
    else
        registry_rollback(&h->reg);
    registry_import_end(&h->reg, &take);
    roster_take_free(&take);
    memcpy(before, people, sizeof(before));
    return err;
}

static int count(struct host *h, const char *table)
{
    struct store_query q;
    char sql[128];
    int rows = -1;

    snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", table);
    q = store_prepare(&h->reg, sql);
    if (store_row(&q))
        rows = (int)store_int(&q, 0);
    store_finalize(&q);
    return rows;
}

static void takes_people(void **state)
{
    struct host *h = *state;
    struct roster_record out;

    assert_false(h->reg.installed);
    take_plan_full();
    assert_int_equal(import(h), REGISTRY_OK);
    for (int again = 0; again < 2; again++) {
        assert_true(h->reg.installed);
        assert_int_equal(h->reg.issue.number, 1);
        assert_int_equal(registry_by_number(&h->reg, "102", &out), REGISTRY_OK);
        assert_memory_equal(out.id, people[2].record.id, sizeof(out.id));
        assert_int_equal(count(h, "template"), 4);
        assert_int_equal(count(h, "secret"), 4);
        assert_int_equal(reopen(h), REGISTRY_OK);
    }
    people[2].there = false;
    take_engage(7);
    take_issue();
    take_plan_changes(1);
    assert_int_equal(import(h), REGISTRY_OK);
    assert_int_equal(reopen(h), REGISTRY_OK);
    assert_int_equal(h->reg.issue.number, 2);
    assert_int_equal(registry_by_number(&h->reg, "102", &out), REGISTRY_NONE);
    assert_int_equal(registry_by_number(&h->reg, "107", &out), REGISTRY_OK);
    assert_int_equal(count(h, "template"), 4);
    assert_int_equal(count(h, "secret"), 4);
    assert_int_equal(count(h, "issue"), 2);
}

/* Nobody is changed by hand: not a person, not an office. */
static void changes_nobody(void **state)
{
    struct host *h = *state;
    struct registry_change change;

    take_plan_full();
    assert_int_equal(import(h), REGISTRY_OK);
    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    assert_int_equal(registry_put(&h->reg, &people[0].record, 2000, &change), REGISTRY_TAKEN);
    registry_drop(&change);
    assert_int_equal(registry_remove(&h->reg, people[0].record.id, 2000, &change), REGISTRY_TAKEN);
    registry_drop(&change);
    assert_int_equal(registry_note(&h->reg, NULL, 0, 2000, &change), REGISTRY_TAKEN);
    registry_drop(&change);
    registry_rollback(&h->reg);
    assert_int_equal(reopen(h), REGISTRY_OK);
}

/* Two people with one number: refused by the tables, and nothing stays. */
static void undoes_a_clash(void **state)
{
    struct host *h = *state;
    struct roster_record out;

    take_plan_full();
    assert_int_equal(import(h), REGISTRY_OK);
    take_engage(7);
    memcpy(people[7].record.number, "100", 4);
    take_encode(&people[7]);
    take_issue();
    take_plan_changes(1);
    assert_int_equal(import(h), REGISTRY_EXISTS);
    assert_int_equal(h->reg.issue.number, 1);
    assert_int_equal(count(h, "person"), 4);
    assert_int_equal(reopen(h), REGISTRY_OK);
    assert_int_equal(registry_by_number(&h->reg, "100", &out), REGISTRY_OK);
    assert_memory_equal(out.id, people[0].record.id, sizeof(out.id));
}

/* A template's id that somebody has whom the payload is not about. */
static void overwrites_no_template(void **state)
{
    struct host *h = *state;

    take_plan_full();
    assert_int_equal(import(h), REGISTRY_OK);
    take_engage(7);
    memcpy(people[7].record.finger[0].id, people[1].record.finger[0].id, ROSTER_ID_LEN);
    take_encode(&people[7]);
    take_issue();
    take_plan_changes(1);
    assert_int_equal(import(h), REGISTRY_EXISTS);
    assert_int_equal(count(h, "template"), 4);
}

/* What was judged against another roster is not written. */
static void writes_on_what_was_judged(void **state)
{
    struct host *h = *state;
    struct roster_payload payload;
    struct roster_take take;

    take_plan_full();
    take_payload(&payload);
    assert_int_equal(registry_import_check(&h->reg, &payload, NULL, &take), ROSTER_OK);
    assert_int_equal(import(h), REGISTRY_OK);
    assert_int_equal(registry_import_begin(&h->reg, &take), REGISTRY_OK);
    assert_int_equal(registry_import_write(&h->reg, &payload, &take), REGISTRY_ALTERED);
    registry_rollback(&h->reg);
    registry_import_end(&h->reg, &take);
    roster_take_free(&take);
}

static void sorts_keys(void **state)
{
    static const char *const key[] = {"abcdefghz", "b", "abcdefgh", "ab", "abcdefgha", ""};
    static const char *const wanted[] = {"", "ab", "abcdefgh", "abcdefgha", "abcdefghz", "b"};
    struct sorted s = {0};
    uint8_t person[ROSTER_ID_LEN];

    (void)state;
    for (size_t n = 0; n < sizeof(key) / sizeof(key[0]); n++) {
        memset(person, key[n][0], sizeof(person));
        assert_true(sorted_add(&s, key[n], strlen(key[n]), person));
    }
    sorted_sort(&s);
    assert_int_equal(s.rows, sizeof(wanted) / sizeof(wanted[0]));
    for (size_t n = 0; n < s.rows; n++) {
        assert_int_equal(s.row[n].len, strlen(wanted[n]));
        assert_memory_equal(sorted_key(&s, n), wanted[n], strlen(wanted[n]));
        memset(person, wanted[n][0], sizeof(person));
        assert_memory_equal(sorted_person(&s, n), person, sizeof(person));
    }
    sorted_free(&s);
}

static int put_names(struct index *ix, uint8_t id, const char *number, uint32_t slot)
{
    struct roster_record r = {.credentials = 1, .logins = 1};

    memset(r.id, id, sizeof(r.id));
    snprintf(r.number, sizeof(r.number), "%s", number);
    snprintf(r.login[0], sizeof(r.login[0]), "shared");
    r.credential[0].slot = slot;
    r.credential[0].hint_len = 1;
    r.credential[0].hint[0] = id;
    return index_put(ix, &r);
}

/* What is held is written at the release, and a number that two people have is found then. */
static void holds_names(void **state)
{
    struct host *h = *state;
    struct index ix;

    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    ix = index_begin(&h->reg);
    index_hold(&ix);
    assert_int_equal(put_names(&ix, 9, "100", 70000), REGISTRY_OK);
    assert_int_equal(put_names(&ix, 1, "99", 256), REGISTRY_OK);
    assert_int_equal(put_names(&ix, 5, "99", 3), REGISTRY_OK);
    assert_int_equal(count(h, "number"), 0);
    assert_int_equal(index_release(&ix), REGISTRY_EXISTS);
    index_end(&ix);
    registry_rollback(&h->reg);

    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    ix = index_begin(&h->reg);
    index_hold(&ix);
    assert_int_equal(put_names(&ix, 9, "100", 70000), REGISTRY_OK);
    assert_int_equal(put_names(&ix, 1, "99", 256), REGISTRY_OK);
    assert_int_equal(index_release(&ix), REGISTRY_OK);
    assert_int_equal(
        count(h, "slot WHERE slot=70000 AND person=x'09090909090909090909090909090909'"), 1);
    assert_int_equal(count(h, "slot WHERE slot=256"), 1);
    assert_int_equal(count(h, "login WHERE name='shared'"), 2);
    assert_int_equal(count(h, "number WHERE number='99'"), 1);
    assert_int_equal(count(h, "hint WHERE hint=x'01'"), 1);
    assert_int_equal(put_names(&ix, 2, "99", 1), REGISTRY_EXISTS);
    index_end(&ix);
    registry_rollback(&h->reg);
}

static void leaves_names_that_stay(void **state)
{
    struct host *h = *state;
    struct roster_record next;
    struct index ix;
    int changes;

    take_plan_full();
    assert_int_equal(import(h), REGISTRY_OK);
    next = people[1].record;
    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    ix = index_begin(&h->reg);
    changes = sqlite3_total_changes(h->reg.db);
    assert_int_equal(index_clear(&ix, next.id, &next), REGISTRY_OK);
    assert_int_equal(index_put(&ix, &next), REGISTRY_OK);
    assert_int_equal(sqlite3_total_changes(h->reg.db), changes);
    snprintf(next.number, sizeof(next.number), "777");
    assert_int_equal(index_clear(&ix, next.id, &next), REGISTRY_OK);
    assert_int_equal(count(h, "number WHERE number='101'"), 0);
    assert_int_equal(index_put(&ix, &next), REGISTRY_OK);
    assert_int_equal(count(h, "number WHERE number='777'"), 1);
    assert_int_equal(sqlite3_total_changes(h->reg.db), changes + 2);
    snprintf(next.number, sizeof(next.number), "102");
    assert_int_equal(index_put(&ix, &next), REGISTRY_EXISTS);
    index_end(&ix);
    registry_rollback(&h->reg);
    assert_int_equal(registry_begin(&h->reg), REGISTRY_OK);
    ix = index_begin(&h->reg);
    assert_int_equal(index_clear(&ix, next.id, NULL), REGISTRY_OK);
    assert_int_equal(count(h, "number WHERE number='101'"), 0);
    assert_int_equal(count(h, "number"), 3);
    index_end(&ix);
    registry_rollback(&h->reg);
}

/* A stored record that is damaged, or another one, says nothing: not who its names belong to, and
 * not that the next roster cannot be taken. */
static void replaces_what_is_damaged(void **state)
{
    static const char *const damage[] = {
        "UPDATE person SET record=x'3000' WHERE id=?",
        "UPDATE person SET record=(SELECT record FROM person WHERE id<>?1 LIMIT 1) WHERE id=?1",
        "UPDATE person SET record=?2 WHERE id=?1", /* as it once was */
        "DELETE FROM person WHERE id=?"};
    struct host *h = *state;
    struct roster_record out;
    struct take_person first;
    char number[8];
    int keys;

    take_plan_full();
    assert_int_equal(import(h), REGISTRY_OK);
    keys = count(h, "key");
    first = people[1];
    for (size_t n = 0; n < sizeof(damage) / sizeof(damage[0]); n++) {
        struct store_query q = store_prepare(&h->reg, damage[n]);
        store_bind_blob(&q, 1, people[1].record.id, ROSTER_ID_LEN);
        if (n == 2)
            store_bind_blob(&q, 2, first.der, first.len);
        assert_int_equal(store_done(&q), REGISTRY_OK);
        snprintf(number, sizeof(number), "77%zu", n);
        memcpy(people[1].record.number, number, sizeof("770"));
        take_encode(&people[1]);
        take_issue();
        take_plan_full();
        assert_int_equal(import(h), REGISTRY_OK);
        assert_int_equal(registry_by_number(&h->reg, number, &out), REGISTRY_OK);
        assert_memory_equal(out.id, people[1].record.id, sizeof(out.id));
        assert_int_equal(count(h, "number"), 4);
        assert_int_equal(count(h, "key"), keys);
        assert_int_equal(registry_by_number(&h->reg, "100", &out), REGISTRY_OK);
        assert_int_equal(reopen(h), REGISTRY_OK);
    }
}

/* Who is removed is gone with what was not readable any more. */
static void removes_what_is_damaged(void **state)
{
    struct host *h = *state;

    take_plan_full();
    assert_int_equal(import(h), REGISTRY_OK);
    assert_int_equal(store_exec(h->reg.db,
                                "UPDATE person SET record=x'3000'"
                                " WHERE id=(SELECT person FROM number WHERE number='102')"),
                     REGISTRY_OK);
    people[2].there = false;
    take_issue();
    take_plan_changes(1);
    assert_int_equal(import(h), REGISTRY_OK);
    assert_int_equal(count(h, "number"), 3);
    assert_int_equal(count(h, "key WHERE person NOT IN (SELECT id FROM person)"), 0);
    assert_int_equal(reopen(h), REGISTRY_OK);
}

static int descriptors(void)
{
    DIR *directory = opendir("/proc/self/fd");
    int found = 0;

    assert_non_null(directory);
    while (readdir(directory) != NULL)
        found++;
    closedir(directory);
    return found;
}

/* Octets of the store go to the disk while the transaction is open, and it can still be undone. */
static void drains_what_is_written(void **state)
{
    struct host *h = *state;
    struct roster_take take = {.rows = 100000};
    int open_before = descriptors();
    off_t begun;

    for (int undo = 1; undo >= 0; undo--) {
        assert_int_equal(registry_import_begin(&h->reg, &take), REGISTRY_OK);
        drain_begin(&h->reg);
        begun = h->reg.drain.begun;
        for (int n = 0; n < 250; n++) {
            assert_int_equal(store_exec(h->reg.db, "INSERT INTO template VALUES(randomblob(16),"
                                                   " x'01', randomblob(1000000))"),
                             REGISTRY_OK);
            assert_int_equal(drain_step(&h->reg), REGISTRY_OK);
        }
        assert_true(h->reg.drain.begun > begun + 60000000);
        if (undo)
            registry_rollback(&h->reg);
        else
            assert_int_equal(registry_commit(&h->reg), REGISTRY_OK);
        registry_import_end(&h->reg, &take);
        assert_int_equal(count(h, "template"), undo ? 0 : 250);
    }
    assert_int_equal(count(h, "pragma_integrity_check WHERE integrity_check<>'ok'"), 0);
    assert_int_equal(reopen(h), REGISTRY_OK);
    assert_int_equal(count(h, "template"), 250);
    assert_int_equal(descriptors(), open_before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(takes_people, begin, end),
        cmocka_unit_test_setup_teardown(changes_nobody, begin, end),
        cmocka_unit_test_setup_teardown(undoes_a_clash, begin, end),
        cmocka_unit_test_setup_teardown(overwrites_no_template, begin, end),
        cmocka_unit_test_setup_teardown(writes_on_what_was_judged, begin, end),
        cmocka_unit_test_setup_teardown(replaces_what_is_damaged, begin, end),
        cmocka_unit_test_setup_teardown(removes_what_is_damaged, begin, end),
        cmocka_unit_test_setup_teardown(leaves_names_that_stay, begin, end),
        cmocka_unit_test_setup_teardown(drains_what_is_written, begin, end),
        cmocka_unit_test(sorts_keys),
        cmocka_unit_test_setup_teardown(holds_names, begin, end),
    };

    if (geteuid() != 0)
        return printf("import_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, take_make_keys, NULL);
}
