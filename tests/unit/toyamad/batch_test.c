/* SPDX-License-Identifier: Apache-2.0
 *
 * Many people changed as one: one issue with its author, all or nothing.
 */
#include "stationrig.h"

#include "toyamad/registry/batch.h"

#include <stdio.h>
#include <string.h>

#define PEOPLE 300

static const uint8_t author[ROSTER_ID_LEN] = {7, 7};

/* Ids in no order. */
static struct roster_record person(unsigned n)
{
    struct roster_record r = rig_person((uint8_t)(1 + n * 77 % 251), "", ROSTER_LGWAN);

    r.id[1] = (uint8_t)(n >> 8);
    r.id[2] = (uint8_t)n;
    snprintf(r.number, sizeof(r.number), "%u", 1000 + n);
    snprintf(r.login[0], sizeof(r.login[0]), "u%u", n);
    return r;
}

static void begin(struct rig *rig, struct registry_batch *b, const uint8_t *by)
{
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    if (by != NULL)
        registry_by(&rig->reg, by);
    assert_int_equal(registry_batch_begin(&rig->reg, b), REGISTRY_OK);
}

static void undo(struct rig *rig, struct registry_batch *b)
{
    registry_batch_end(b);
    registry_rollback(&rig->reg);
    registry_drop(&b->change);
    audit_forget(&rig->audit);
}

static void commit(struct rig *rig, struct registry_batch *b)
{
    struct chain_event part = {.kind = "part"}, event = {.kind = "test"};

    assert_int_equal(registry_batch_issue(b, 2000), REGISTRY_OK);
    assert_int_equal(audit_append_part(&rig->audit, &part, 2000), REGISTRY_OK);
    assert_int_equal(audit_append(&rig->audit, &event, 2000), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    registry_settle(&rig->reg, &b->change);
    audit_settle(&rig->audit);
    registry_batch_end(b);
}

static void add_all(struct rig *rig)
{
    struct registry_batch b;

    begin(rig, &b, author);
    for (unsigned n = 0; n < PEOPLE; n++) {
        const struct roster_record r = person(n);
        assert_int_equal(registry_batch_put(&b, &r), REGISTRY_OK);
    }
    commit(rig, &b);
}

static void one_issue_over_all(void **state)
{
    struct rig *rig = *state;
    const uint64_t before = rig->reg.issue.number;
    struct roster_record r, got;
    struct registry_batch b;

    add_all(rig);
    assert_int_equal(rig->reg.issue.number, before + 1);
    assert_int_equal(rig->reg.issue.count, PEOPLE);
    assert_int_equal(rig->reg.issue.authors, 1);
    assert_memory_equal(rig->reg.issue.author[0], author, sizeof(author));
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    for (unsigned n = 0; n < PEOPLE; n++) {
        r = person(n);
        assert_int_equal(registry_by_number(&rig->reg, r.number, &got), REGISTRY_OK);
        assert_memory_equal(got.id, r.id, sizeof(r.id));
    }
    begin(rig, &b, author);
    r = person(5);
    strcpy(r.login[0], "other");
    assert_int_equal(registry_batch_put(&b, &r), REGISTRY_OK);
    r = person(PEOPLE);
    assert_int_equal(registry_batch_put(&b, &r), REGISTRY_OK);
    commit(rig, &b);
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(rig->reg.entries, PEOPLE + 1);
    assert_int_equal(registry_by_login(&rig->reg, "other", &got), REGISTRY_OK);
    assert_int_equal(registry_by_login(&rig->reg, "u5", &got), REGISTRY_NONE);
    assert_int_equal(registry_by_login(&rig->reg, "u300", &got), REGISTRY_OK);
}

static void what_is_taken_back_was_not(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = person(3), got;
    struct registry_batch b;

    add_all(rig);
    begin(rig, &b, author);
    r.zones = ROSTER_INTERNET;
    assert_int_equal(registry_batch_put(&b, &r), REGISTRY_OK);
    /* Who is changed is not to be read before the commit. */
    assert_int_equal(registry_by_id(&rig->reg, r.id, &got), REGISTRY_ALTERED);
    undo(rig, &b);
    assert_int_equal(registry_by_id(&rig->reg, r.id, &got), REGISTRY_OK);
    assert_int_equal(got.zones, ROSTER_LGWAN);
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(rig->reg.entries, PEOPLE);
}

static void what_is_somebody_elses(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = person(PEOPLE);
    struct registry_batch b;
    bool taken = false;

    add_all(rig);
    begin(rig, &b, author);
    assert_int_equal(registry_batch_login(&b, "u1", r.id, &taken), REGISTRY_OK);
    assert_true(taken);
    assert_int_equal(registry_batch_login(&b, "u1", person(1).id, &taken), REGISTRY_OK);
    assert_false(taken);
    assert_int_equal(registry_batch_login(&b, "nobody", r.id, &taken), REGISTRY_OK);
    assert_false(taken);
    strcpy(r.number, "1001");
    assert_int_equal(registry_batch_put(&b, &r), REGISTRY_EXISTS);
    r.number[0] = '\0';
    assert_int_equal(registry_batch_put(&b, &r), REGISTRY_LIMIT);
    undo(rig, &b);
}

static void a_change_is_somebodys(void **state)
{
    struct rig *rig = *state;
    const struct roster_record r = person(1);
    struct registry_batch b;

    begin(rig, &b, NULL);
    assert_int_equal(registry_batch_put(&b, &r), REGISTRY_OK);
    assert_int_equal(registry_batch_issue(&b, 2000), REGISTRY_FAILED);
    undo(rig, &b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_issue_over_all, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(what_is_taken_back_was_not, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(what_is_somebody_elses, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(a_change_is_somebodys, rig_begin, rig_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
