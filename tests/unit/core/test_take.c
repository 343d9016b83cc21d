/* SPDX-License-Identifier: Apache-2.0
 *
 * What a payload makes of a reader's roster.
 */
#include "core/roster/take.h"

#include "tests/unit/core/takerig.h"
#include "tests/unit/core/unit.h"

static void test_first_roster(void **state)
{
    struct roster_take out;

    (void)state;
    take_plan_full();
    assert_int_equal(take(&out), ROSTER_OK);
    assert_int_equal(out.from, 0);
    assert_int_equal(out.trust.issue.number, 1);
    assert_int_equal(out.entries, 4);
    assert_int_equal(out.rows, 4);
    assert_int_equal(out.count[ROSTER_TAKEN_ADDED], 4);
    assert_int_equal(out.seals, 8);
    for (size_t n = 0; n < out.seals; n++)
        assert_true(out.seal[n].write && out.seal[n].sealed != NULL);
    take_install(&out);
    take_refused(ROSTER_SAME);
}

/* A terminal that joined when the issue was there already: its hash vouches for it. */
static void test_issue_of_the_anchor(void **state)
{
    struct roster_take out;

    (void)state;
    take_issue();
    trust = newest;
    memset(trust.issue.root, 0, sizeof(trust.issue.root));
    trust.issue.count = 0;
    take_plan_full();
    assert_int_equal(take(&out), ROSTER_OK);
    assert_int_equal(out.trust.issue.number, 2);
    assert_int_equal(out.trust.issue.count, 4);
    roster_take_free(&out);
    trust.hash[0] ^= 1;
    take_refused(ROSTER_CHAIN);
    trust.hash[0] ^= 1;
    plan.last = 1;
    take_refused(ROSTER_OLD);
}

static void change_everything(void)
{
    people[0].record.hosts = 1;
    memcpy(people[0].record.host[0], "@x", 3);
    take_encode(&people[0]);
    people[1].record.credential[0].state = ROSTER_STOPPED;
    take_encode(&people[1]);
    people[2].there = false;
    take_engage(6);
}

static void test_changes(void **state)
{
    struct roster_take out;

    (void)state;
    take_install_full();
    change_everything();
    take_issue();
    take_plan_changes(1);
    assert_int_equal(take(&out), ROSTER_OK);
    assert_int_equal(out.from, 1);
    assert_int_equal(out.entries, 4);
    assert_int_equal(out.rows, 4);
    for (enum roster_taken kind = 0; kind < ROSTER_TAKEN_KINDS; kind++)
        assert_int_equal(out.count[kind], 1);
    assert_int_equal(out.row[0].kind, ROSTER_TAKEN_CHANGED);
    assert_int_equal(out.row[1].kind, ROSTER_TAKEN_STOPPED);
    assert_int_equal(out.row[2].kind, ROSTER_TAKEN_REMOVED);
    assert_int_equal(out.row[3].kind, ROSTER_TAKEN_ADDED);
    assert_int_equal(out.seals, 6);
    for (size_t n = 0; n < out.seals; n++)
        assert_int_equal(out.seal[n].write, out.seal[n].person[0] == 0x16);
    roster_take_free(&out);
    /* The same from a payload of all records. */
    take_plan_full();
    assert_int_equal(take(&out), ROSTER_OK);
    assert_int_equal(out.rows, 4);
    for (enum roster_taken kind = 0; kind < ROSTER_TAKEN_KINDS; kind++)
        assert_int_equal(out.count[kind], 1);
    take_install(&out);
}

/* What changed since an earlier issue than the installed one. */
static void test_older_base(void **state)
{
    struct roster_take out;

    (void)state;
    take_install_full();
    people[3].there = false;
    take_issue();
    take_plan_changes(1);
    assert_int_equal(take(&out), ROSTER_OK);
    take_install(&out);
    change_everything();
    take_issue();
    take_plan_changes(1);
    plan.removed[3] = true; /* gone already */
    assert_int_equal(take(&out), ROSTER_OK);
    assert_int_equal(out.from, 2);
    assert_int_equal(out.trust.issue.number, 3);
    take_install(&out);
}

static void test_gaps(void **state)
{
    (void)state;
    take_plan_changes(1);
    take_refused(ROSTER_GAP); /* nothing is there that could be changed */
    take_install_full();
    take_issue();
    take_issue();
    take_plan_changes(1);
    plan.first = 2;
    take_refused(ROSTER_GAP);
    take_plan_changes(2);
    take_refused(ROSTER_GAP);
    take_plan_changes(1);
    plan.first = plan.last = issues;
    take_refused(ROSTER_FORMAT); /* no issue at all */
}

static void test_older_issue(void **state)
{
    (void)state;
    take_issue();
    take_install_full();
    take_plan_full();
    plan.last = 1;
    take_refused(ROSTER_OLD);
}

static void test_other_history(void **state)
{
    struct roster_trust fork;

    (void)state;
    take_install_full();
    fork = newest;
    take_issue();
    newest = fork;
    newest.issue.created += 7;
    newest.hash[0] ^= 1;
    issues--;
    take_issue(); /* number 2 again, behind another number 1 */
    take_plan_changes(1);
    take_refused(ROSTER_CHAIN);
}

static void test_other_zone(void **state)
{
    (void)state;
    take_plan_full();
    plan.zone = "internet";
    take_refused(ROSTER_ZONE);
}

static void test_signer_of_the_file(void **state)
{
    struct roster_take out;
    uint8_t other[CRYPTO_SHA256_LEN] = {1};

    (void)state;
    take_plan_full();
    assert_int_equal(take_as(authority, &out), ROSTER_OK);
    roster_take_free(&out);
    assert_int_equal(take_as(other, &out), ROSTER_UNKNOWN_SIGNER);
}

static void test_other_records(void **state)
{
    (void)state;
    take_plan_full();
    plan.record[1] = plan.print[1] = plan.secret[1] = false;
    take_refused(ROSTER_ROOT);
    take_plan_full();
    people[1].record.section[0] = 'x';
    take_encode(&people[1]);
    take_refused(ROSTER_ROOT);
    take_engage(1);
    take_engage(5);
    take_plan_full();
    take_refused(ROSTER_ROOT);
    people[5].there = false;
    take_plan_full();
    plan.descending = true;
    take_refused(ROSTER_FORMAT);
    take_install_full();
    people[0].record.kana[0] = 'k';
    take_encode(&people[0]);
    take_issue();
    take_plan_changes(1);
    plan.removed[0] = true; /* there and gone */
    take_refused(ROSTER_FORMAT);
}

/* A stopped card cannot come back: the record is the one of the issue before. */
static void test_stopped_card(void **state)
{
    struct roster_take out;

    (void)state;
    people[1].record.credential[0].state = ROSTER_STOPPED;
    take_encode(&people[1]);
    take_issue();
    take_install_full();
    people[0].record.kana[0] = 'k';
    take_encode(&people[0]);
    take_issue();
    people[1].record.credential[0].state = ROSTER_ACTIVE;
    take_encode(&people[1]);
    take_plan_changes(2);
    take_refused(ROSTER_ROOT);
    plan.record[1] = false;
    assert_int_equal(take(&out), ROSTER_OK);
    roster_take_free(&out);
}

static void test_sealed_parts(void **state)
{
    (void)state;
    take_plan_full();
    plan.print[2] = false;
    take_refused(ROSTER_SEALED);
    take_plan_full();
    plan.secret[2] = false;
    take_refused(ROSTER_SEALED);
    take_plan_full();
    plan.print[5] = true; /* of nobody */
    memset(people[5].record.finger[0].id, 0x77, ROSTER_ID_LEN);
    take_refused(ROSTER_SEALED);
    take_plan_full();
    plan.twice = 1;
    take_refused(ROSTER_SEALED);
    take_plan_full();
    plan.other = 1;
    take_refused(ROSTER_SEALED);
    take_install_full();
    change_everything();
    memset(people[0].print, 0x99, sizeof(people[0].print));
    take_encode(&people[0]);
    take_issue();
    take_plan_changes(1);
    take_refused(ROSTER_SEALED); /* the finger was enrolled anew */
    plan.print[0] = true;
    plan.print[6] = false;
    take_refused(ROSTER_SEALED);
}

/* Two people with one template. */
static void test_shared_template(void **state)
{
    (void)state;
    memcpy(people[1].record.finger[0].id, people[0].record.finger[0].id, ROSTER_ID_LEN);
    take_encode(&people[1]);
    take_issue();
    take_plan_full();
    plan.print[1] = false;
    take_refused(ROSTER_SEALED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_first_roster, take_begin),
        cmocka_unit_test_setup(test_issue_of_the_anchor, take_begin),
        cmocka_unit_test_setup(test_changes, take_begin),
        cmocka_unit_test_setup(test_older_base, take_begin),
        cmocka_unit_test_setup(test_gaps, take_begin),
        cmocka_unit_test_setup(test_older_issue, take_begin),
        cmocka_unit_test_setup(test_other_history, take_begin),
        cmocka_unit_test_setup(test_other_zone, take_begin),
        cmocka_unit_test_setup(test_signer_of_the_file, take_begin),
        cmocka_unit_test_setup(test_other_records, take_begin),
        cmocka_unit_test_setup(test_stopped_card, take_begin),
        cmocka_unit_test_setup(test_sealed_parts, take_begin),
        cmocka_unit_test_setup(test_shared_template, take_begin),
    };

    return cmocka_run_group_tests(tests, take_make_keys, NULL);
}
