/* SPDX-License-Identifier: Apache-2.0
 *
 * The life of a card, and what is due when its holder goes.
 */
#include "core/roster/life.h"

#include "core/wire/card.h"
#include "tests/unit/core/people.h"
#include "tests/unit/core/unit.h"

#define NOW  1774969200
#define DAY  86400
#define ZONE ROSTER_INDIVIDUAL_NUMBER

static struct roster_record r;

static int setup(void **state)
{
    (void)state;
    people_small(&r);
    r.category = ROSTER_REGULAR;
    r.state = ROSTER_ACTIVE;
    r.reason = ROSTER_NO_REASON;
    r.zones = ROSTER_INDIVIDUAL_NUMBER | ROSTER_LGWAN;
    r.valid_from = NOW - 100 * DAY;
    r.valid_until = 0;
    r.credential[0].family = CARD_PIV;
    r.credential[0].state = ROSTER_ACTIVE;
    r.credential[0].reason = ROSTER_NO_REASON;
    r.credential[0].zones = 0;
    return 0;
}

static void test_states(void **state)
{
    static const struct {
        enum roster_state state;
        enum roster_reason reason;
        bool live, lost, can_return, can_destroy, can_renew;
    } row[] = {
        {ROSTER_ACTIVE, ROSTER_NO_REASON, true, false, true, false, false},
        {ROSTER_SUSPENDED, ROSTER_UNUSED, true, false, true, false, false},
        {ROSTER_SUSPENDED, ROSTER_LOST, true, true, true, false, false},
        {ROSTER_STOPPED, ROSTER_LOST, false, true, true, false, false},
        {ROSTER_STOPPED, ROSTER_FOUND, false, false, true, true, true},
        {ROSTER_STOPPED, ROSTER_DAMAGED, false, false, true, true, false},
        {ROSTER_STOPPED, ROSTER_NO_REASON, false, false, true, true, false},
        {ROSTER_RETURNED, ROSTER_LOST, false, false, false, true, true},
        {ROSTER_RETURNED, ROSTER_RETIRED, false, false, false, true, true},
        {ROSTER_DESTROYED, ROSTER_RETIRED, false, false, false, false, false},
    };

    (void)state;
    for (size_t n = 0; n < COUNT(row); n++) {
        const struct roster_credential c = {.state = row[n].state, .reason = row[n].reason};
        assert_int_equal(roster_is_live(&c), row[n].live);
        assert_int_equal(roster_is_lost(&c), row[n].lost);
        assert_int_equal(roster_can_return(&c), row[n].can_return);
        assert_int_equal(roster_can_destroy(&c), row[n].can_destroy);
        assert_int_equal(roster_can_renew(&c), row[n].can_renew);
    }
}

static void test_live_cards_are_counted_by_zone(void **state)
{
    struct roster_credential *c = r.credential;

    (void)state;
    assert_int_equal(roster_cards_live(&r, 0, NULL), 1);
    assert_int_equal(roster_cards_live(&r, ROSTER_INTERNET, NULL), 1);
    assert_int_equal(roster_cards_live(&r, 0, c[0].id), 0);
    c[0].zones = ROSTER_LGWAN;
    assert_int_equal(roster_cards_live(&r, ROSTER_INTERNET, NULL), 0);
    assert_int_equal(roster_cards_live(&r, ROSTER_LGWAN, NULL), 1);
    assert_int_equal(roster_cards_live(&r, 0, NULL), 1);
    r.credentials = 6;
    c[1] = (struct roster_credential){.id = {1}, .family = CARD_FELICA, .state = ROSTER_SUSPENDED};
    c[2] = (struct roster_credential){.id = {2}, .family = CARD_YUBIKEY, .state = ROSTER_ACTIVE};
    c[3] = (struct roster_credential){.id = {3}, .family = CARD_MEMORISED, .state = ROSTER_ACTIVE};
    c[4] = (struct roster_credential){.id = {4}, .family = CARD_PIV, .state = ROSTER_STOPPED};
    c[5] = (struct roster_credential){
        .id = {5}, .family = CARD_PIV, .state = ROSTER_ACTIVE, .temporary = true};
    assert_int_equal(roster_cards_live(&r, 0, NULL), 2);
    assert_int_equal(roster_cards_live(&r, 0, c[1].id), 1);
}

static void due(int64_t now, unsigned wanted, enum roster_reason reason)
{
    enum roster_reason why = ROSTER_OTHER;

    assert_int_equal(roster_due(&r, ZONE, now, &why), wanted);
    assert_int_equal(why, reason);
}

#define BOTH (ROSTER_DUE_CARDS | ROSTER_DUE_FINGERS)

static void test_nothing_is_due_of_who_stays(void **state)
{
    (void)state;
    due(NOW, 0, ROSTER_NO_REASON);
    r.valid_until = NOW;
    due(NOW, 0, ROSTER_NO_REASON);
}

static void test_who_has_gone_keeps_nothing(void **state)
{
    (void)state;
    r.valid_until = NOW;
    due(NOW + 1, BOTH, ROSTER_ENDED);
    r.reason = ROSTER_RETIRED;
    due(NOW + 1, BOTH, ROSTER_RETIRED);
    r.fingers = 0;
    due(NOW + 1, ROSTER_DUE_CARDS, ROSTER_RETIRED);
    r.credential[0].state = ROSTER_RETURNED;
    due(NOW + 1, 0, ROSTER_NO_REASON);
}

static void test_a_stopped_person_has_gone(void **state)
{
    (void)state;
    r.state = ROSTER_STOPPED;
    r.reason = ROSTER_TRANSFERRED;
    due(NOW, BOTH, ROSTER_TRANSFERRED);
}

static void test_without_the_right_only_fingers_go(void **state)
{
    (void)state;
    r.zones = ROSTER_LGWAN;
    due(NOW, ROSTER_DUE_FINGERS, ROSTER_TRANSFERRED);
    r.fingers = 0;
    due(NOW, 0, ROSTER_NO_REASON);
}

static void test_a_plan_that_brings_the_right_back_keeps_it(void **state)
{
    (void)state;
    r.valid_until = NOW;
    r.plans = 1;
    r.plan[0] = (struct roster_plan){.from = NOW + 30 * DAY,
                                     .category = ROSTER_FIXED_TERM,
                                     .valid_until = NOW + 90 * DAY,
                                     .zones = ROSTER_LGWAN};
    due(NOW + 1, ROSTER_DUE_FINGERS, ROSTER_ENDED);
    r.plan[0].zones = ROSTER_LGWAN | ROSTER_INDIVIDUAL_NUMBER;
    due(NOW + 1, 0, ROSTER_NO_REASON);
    r.plan[0].valid_until = NOW;
    due(NOW + 1, BOTH, ROSTER_ENDED);
    r.plan[0].valid_until = NOW + 90 * DAY;
    r.state = ROSTER_STOPPED;
    due(NOW + 1, BOTH, ROSTER_ENDED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_states, setup),
        cmocka_unit_test_setup(test_live_cards_are_counted_by_zone, setup),
        cmocka_unit_test_setup(test_nothing_is_due_of_who_stays, setup),
        cmocka_unit_test_setup(test_who_has_gone_keeps_nothing, setup),
        cmocka_unit_test_setup(test_a_stopped_person_has_gone, setup),
        cmocka_unit_test_setup(test_without_the_right_only_fingers_go, setup),
        cmocka_unit_test_setup(test_a_plan_that_brings_the_right_back_keeps_it, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
