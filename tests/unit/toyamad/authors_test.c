/* SPDX-License-Identifier: Apache-2.0
 *
 * Who made the changes: the store's own issues say it, and no row that is edited hides anybody.
 */
#include "stationrig.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define AUTHORS 4

struct authors {
    uint8_t id[AUTHORS][ROSTER_ID_LEN];
    size_t count;
};

static int authors_since(struct rig *rig, int64_t since, struct authors *out)
{
    return registry_authors(&rig->reg, since, out->id, AUTHORS, &out->count);
}

static bool named(const struct authors *a, uint8_t who)
{
    for (size_t n = 0; n < a->count; n++)
        if (a->id[n][0] == who)
            return true;
    return false;
}

static void three_changes(struct rig *rig)
{
    struct roster_record r = rig_person(9, "100", ROSTER_LGWAN);

    assert_int_equal(rig_put(rig, &r, 1, 2000), REGISTRY_OK);
    r.zones = ROSTER_ZONES_ALL;
    assert_int_equal(rig_put(rig, &r, 2, 3000), REGISTRY_OK);
    r.zones = ROSTER_INTERNET;
    assert_int_equal(rig_put(rig, &r, 2, 3000), REGISTRY_OK);
    r.zones = 0;
    assert_int_equal(rig_put(rig, &r, 3, 4000), REGISTRY_OK);
}

static void names_everybody_since_a_moment_once(void **state)
{
    struct rig *rig = *state;
    struct authors a;

    three_changes(rig);
    assert_int_equal(authors_since(rig, 3000, &a), REGISTRY_OK);
    assert_int_equal(a.count, 2);
    assert_true(named(&a, 2) && named(&a, 3));
    assert_int_equal(authors_since(rig, 3001, &a), REGISTRY_OK);
    assert_int_equal(a.count, 1);
    assert_int_equal(authors_since(rig, 1, &a), REGISTRY_OK);
    assert_true(named(&a, 0) && named(&a, 1) && named(&a, 2) && named(&a, 3));
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(authors_since(rig, 2000, &a), REGISTRY_OK);
    assert_int_equal(a.count, 3);
}

static void says_when_they_are_too_many(void **state)
{
    struct rig *rig = *state;
    struct authors a;

    three_changes(rig);
    assert_int_equal(registry_authors(&rig->reg, 1, a.id, 3, &a.count), REGISTRY_LIMIT);
}

static void refuses_a_change_that_is_nobodys(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(9, "100", ROSTER_LGWAN);
    struct registry_change change = {0};

    assert_int_equal(rig_put(rig, &r, 1, 2000), REGISTRY_OK);
    /* The author of the transaction before does not count for this one. */
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_put(&rig->reg, &r, 2001, &change), REGISTRY_FAILED);
    registry_rollback(&rig->reg);
    registry_drop(&change);
}

static void notes_a_change_beside_the_records(void **state)
{
    static const struct roster_officer officer = {.person = {9}, .roles = ROSTER_AUDITOR};
    struct rig *rig = *state;
    struct chain_event event = {.kind = "test"};
    struct registry_change change = {0};
    struct authors a;

    three_changes(rig);
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    registry_by(&rig->reg, (const uint8_t[ROSTER_ID_LEN]){7});
    assert_int_equal(registry_note(&rig->reg, &officer, 1, 5000, &change), REGISTRY_OK);
    assert_int_equal(audit_append(&rig->audit, &event, 5000), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    registry_settle(&rig->reg, &change);
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(rig->reg.issue.officers, 1);
    assert_int_equal(rig->reg.entries, 1);
    assert_int_equal(authors_since(rig, 5000, &a), REGISTRY_OK);
    assert_true(a.count == 1 && named(&a, 7));
}

static void sees_an_issue_that_was_taken_out_or_edited(void **state)
{
    static const char *const harm[] = {
        "DELETE FROM issue WHERE number=3",
        "UPDATE issue SET signed=(SELECT signed FROM issue WHERE number=2) WHERE number=3",
        "UPDATE issue SET signed=x'3000' WHERE number=3", "DELETE FROM issue WHERE number<4",
        ("UPDATE issue SET signed=CAST(substr(signed, 1, length(signed)-1)||x'01' AS BLOB)"
         " WHERE number=3")};
    struct rig *rig = *state;
    struct authors a;

    three_changes(rig);
    for (size_t n = 0; n < sizeof(harm) / sizeof(harm[0]); n++) {
        rig_sql(rig, "BEGIN");
        rig_sql(rig, harm[n]);
        assert_int_equal(authors_since(rig, 2000, &a), REGISTRY_ALTERED);
        rig_sql(rig, "ROLLBACK");
    }
    assert_int_equal(authors_since(rig, 2000, &a), REGISTRY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(names_everybody_since_a_moment_once, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(says_when_they_are_too_many, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(refuses_a_change_that_is_nobodys, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(notes_a_change_beside_the_records, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(sees_an_issue_that_was_taken_out_or_edited, rig_begin,
                                        rig_end),
    };

    if (geteuid() != 0)
        return printf("authors_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
