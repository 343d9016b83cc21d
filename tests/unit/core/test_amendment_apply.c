/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/amendment.h"
#include "tests/unit/core/people.h"
#include "tests/unit/core/unit.h"

#define NOW 1775000000

/* Two cards, 0x40 and 0x41, of person 0x11. */
static struct roster_record record;
static struct roster_amendment pool[8];
static const struct roster_amendment *list[8];
static size_t count;

static int setup(void **state)
{
    (void)state;
    people_small(&record);
    record.credential[1] = record.credential[0];
    memset(record.credential[1].id, 0x41, ROSTER_ID_LEN);
    record.credentials = 2;
    count = 0;
    return 0;
}

static struct roster_amendment *add(enum roster_amends kind, uint8_t credential)
{
    struct roster_amendment *a = &pool[count];

    *a = (struct roster_amendment){
        .zone = "lgwan", .number = 7, .created = NOW - 100 + (int64_t)count, .kind = kind};
    memset(a->person, 0x11, sizeof(a->person));
    if (kind <= ROSTER_AMEND_RESUME || kind == ROSTER_AMEND_OPEN)
        memset(a->credential, credential, sizeof(a->credential));
    if (kind == ROSTER_AMEND_TEMPORARY) {
        a->cards = 1;
        a->card[0] = record.credential[0];
        memset(a->card[0].id, credential, ROSTER_ID_LEN);
        a->card[0].temporary = true;
        a->until = a->card[0].until = NOW + 10;
    }
    a->reason = ROSTER_LOST;
    list[count++] = a;
    return a;
}

static enum roster_state state_of(uint8_t id)
{
    uint8_t whole[ROSTER_ID_LEN];

    memset(whole, id, sizeof(whole));
    for (size_t n = 0; n < record.credentials; n++)
        if (memcmp(record.credential[n].id, whole, sizeof(whole)) == 0)
            return record.credential[n].state;
    return 0;
}

static void apply(int64_t now)
{
    roster_amendments_apply(list, count, &record, now);
}

/* What is signed, what is said of it, what comes out. */
static const struct {
    enum roster_state signed_state;
    enum roster_amends said[3];
    enum roster_state then;
} table[] = {
    {ROSTER_ACTIVE, {0}, ROSTER_ACTIVE},
    {ROSTER_ACTIVE, {ROSTER_AMEND_STOP}, ROSTER_STOPPED},
    {ROSTER_SUSPENDED, {ROSTER_AMEND_STOP}, ROSTER_STOPPED},
    {ROSTER_RETURNED, {ROSTER_AMEND_STOP}, ROSTER_RETURNED},
    {ROSTER_DESTROYED, {ROSTER_AMEND_STOP}, ROSTER_DESTROYED},
    {ROSTER_ACTIVE, {ROSTER_AMEND_SUSPEND}, ROSTER_SUSPENDED},
    {ROSTER_STOPPED, {ROSTER_AMEND_SUSPEND}, ROSTER_STOPPED},
    {ROSTER_RETURNED, {ROSTER_AMEND_SUSPEND}, ROSTER_RETURNED},
    {ROSTER_ACTIVE, {ROSTER_AMEND_RESUME}, ROSTER_ACTIVE},
    {ROSTER_STOPPED, {ROSTER_AMEND_RESUME}, ROSTER_STOPPED},
    {ROSTER_SUSPENDED, {ROSTER_AMEND_RESUME}, ROSTER_SUSPENDED},
    {ROSTER_ACTIVE, {ROSTER_AMEND_SUSPEND, ROSTER_AMEND_RESUME}, ROSTER_ACTIVE},
    {ROSTER_SUSPENDED, {ROSTER_AMEND_SUSPEND, ROSTER_AMEND_RESUME}, ROSTER_SUSPENDED},
    {ROSTER_STOPPED, {ROSTER_AMEND_SUSPEND, ROSTER_AMEND_RESUME}, ROSTER_STOPPED},
    {ROSTER_ACTIVE, {ROSTER_AMEND_STOP, ROSTER_AMEND_RESUME}, ROSTER_STOPPED},
    {ROSTER_ACTIVE, {ROSTER_AMEND_RESUME, ROSTER_AMEND_STOP}, ROSTER_STOPPED},
    {ROSTER_ACTIVE, {ROSTER_AMEND_RESUME, ROSTER_AMEND_SUSPEND}, ROSTER_SUSPENDED},
    {ROSTER_ACTIVE,
     {ROSTER_AMEND_SUSPEND, ROSTER_AMEND_RESUME, ROSTER_AMEND_SUSPEND},
     ROSTER_SUSPENDED},
    {ROSTER_ACTIVE, {ROSTER_AMEND_SUSPEND, ROSTER_AMEND_STOP, ROSTER_AMEND_RESUME}, ROSTER_STOPPED},
    {ROSTER_ACTIVE, {ROSTER_AMEND_CLEAR}, ROSTER_ACTIVE},
    {ROSTER_STOPPED, {ROSTER_AMEND_CLEAR}, ROSTER_STOPPED},
};

static void test_states(void **state)
{
    for (size_t n = 0; n < COUNT(table); n++) {
        setup(state);
        record.credential[0].state = table[n].signed_state;
        for (size_t s = 0; s < 3 && table[n].said[s] != 0; s++)
            add(table[n].said[s], 0x40);
        apply(NOW);
        assert_int_equal(state_of(0x40), table[n].then);
        assert_int_equal(state_of(0x41), ROSTER_ACTIVE);
        assert_int_equal(record.credentials, 2);
    }
}

static void test_reason_goes_with_the_state(void **state)
{
    (void)state;
    record.credential[0].reason = ROSTER_FOUND;
    add(ROSTER_AMEND_SUSPEND, 0x40);
    apply(NOW);
    assert_int_equal(record.credential[0].reason, ROSTER_LOST);
    setup(state);
    record.credential[0].reason = ROSTER_FOUND;
    add(ROSTER_AMEND_SUSPEND, 0x40);
    add(ROSTER_AMEND_RESUME, 0x40);
    apply(NOW);
    assert_int_equal(record.credential[0].reason, ROSTER_FOUND);
}

static void test_suspension_ends(void **state)
{
    (void)state;
    add(ROSTER_AMEND_SUSPEND, 0x40)->until = NOW;
    apply(NOW);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
    setup(state);
    add(ROSTER_AMEND_SUSPEND, 0x40)->until = NOW;
    apply(NOW + 1);
    assert_int_equal(state_of(0x40), ROSTER_ACTIVE);
}

static void test_other_people(void **state)
{
    (void)state;
    for (size_t n = 0; n < 4; n++)
        memset(add((enum roster_amends)(ROSTER_AMEND_STOP + n), 0x40)->person, 0x12, ROSTER_ID_LEN);
    apply(NOW);
    assert_int_equal(state_of(0x40), ROSTER_ACTIVE);
    assert_int_equal(record.credentials, 2);
}

/* Over or not: rights are judged by `until` of the credential. */
static void test_lent_card(void **state)
{
    for (int64_t now = NOW; now <= NOW + 20; now += 20) {
        setup(state);
        add(ROSTER_AMEND_TEMPORARY, 0x77);
        apply(now);
        assert_int_equal(record.credentials, 3);
        assert_int_equal(state_of(0x77), ROSTER_ACTIVE);
        assert_int_equal(record.credential[2].until, NOW + 10);
    }
}

static struct roster_amendment *add_other_card(uint8_t credential)
{
    struct roster_amendment *a = add(ROSTER_AMEND_TEMPORARY, credential);

    memset(a->card[0].key[0].spki, credential, a->card[0].key[0].len);
    return a;
}

/* The same piece of plastic, lent anew, is one card. */
static void test_lent_again(void **state)
{
    (void)state;
    add_other_card(0x77);
    add(ROSTER_AMEND_STOP, 0x77)->reason = ROSTER_ENDED;
    memset(add_other_card(0x77)->card[0].id, 0x78, ROSTER_ID_LEN);
    add_other_card(0x79);
    apply(NOW);
    assert_int_equal(record.credentials, 4);
    assert_int_equal(state_of(0x77), 0);
    assert_int_equal(state_of(0x78), ROSTER_ACTIVE);
    assert_int_equal(state_of(0x79), ROSTER_ACTIVE);
}

/* A card of the record is never the one that goes, even where its key is lent. */
static void test_lent_key_of_the_record(void **state)
{
    (void)state;
    record.credential[0].state = ROSTER_STOPPED;
    add(ROSTER_AMEND_TEMPORARY, 0x77);
    apply(NOW);
    assert_int_equal(record.credentials, 3);
    assert_int_equal(state_of(0x40), ROSTER_STOPPED);
}

/* A card that the record has keeps the state that was signed. */
static void test_lent_card_is_no_other(void **state)
{
    (void)state;
    record.credential[0].state = ROSTER_STOPPED;
    add(ROSTER_AMEND_TEMPORARY, 0x40);
    apply(NOW);
    assert_int_equal(record.credentials, 2);
    assert_int_equal(state_of(0x40), ROSTER_STOPPED);
}

/* Whatever the clocks of two helpdesks say, and lent twice or resumed. */
static void test_lent_card_stops(void **state)
{
    (void)state;
    add(ROSTER_AMEND_STOP, 0x77);
    add(ROSTER_AMEND_TEMPORARY, 0x77);
    add(ROSTER_AMEND_TEMPORARY, 0x77);
    add(ROSTER_AMEND_RESUME, 0x77);
    apply(NOW);
    assert_int_equal(record.credentials, 3);
    assert_int_equal(state_of(0x77), ROSTER_STOPPED);
    setup(state);
    add(ROSTER_AMEND_TEMPORARY, 0x77);
    add(ROSTER_AMEND_STOP, 0x77)->reason = ROSTER_ENDED;
    apply(NOW);
    assert_int_equal(state_of(0x77), ROSTER_RETURNED);
}

/* No card of the record goes but one that lets nobody in. */
static void test_lent_card_needs_room(void **state)
{
    (void)state;
    for (uint8_t n = 2; n < ROSTER_CREDENTIALS; n++) {
        record.credential[n] = record.credential[0];
        memset(record.credential[n].id, 0x40 + n, ROSTER_ID_LEN);
        record.credential[n].state = ROSTER_SUSPENDED;
    }
    record.credentials = ROSTER_CREDENTIALS;
    add(ROSTER_AMEND_TEMPORARY, 0x77);
    apply(NOW);
    assert_int_equal(record.credentials, ROSTER_CREDENTIALS);
    assert_int_equal(state_of(0x77), 0);
    record.credential[4].temporary = true;
    record.credential[4].until = NOW - 1;
    apply(NOW);
    assert_int_equal(state_of(0x44), 0);
    record.credential[4] = record.credential[3];
    memset(record.credential[4].id, 0x44, ROSTER_ID_LEN);
    record.credential[5].state = ROSTER_RETURNED;
    apply(NOW);
    assert_int_equal(record.credentials, ROSTER_CREDENTIALS);
    assert_int_equal(state_of(0x77), ROSTER_ACTIVE);
    assert_int_equal(state_of(0x45), 0);
}

/* An amendment of issue 7, created at NOW. */
static bool outlived(enum roster_amends kind, uint64_t number, int64_t created,
                     const struct roster_record *r)
{
    const struct roster_issue issue = {.zone = "lgwan", .number = number, .created = created};

    count = 0;
    add(kind, 0x40)->created = NOW;
    return roster_amendment_outlived(&pool[0], &issue, r);
}

/* Seconds from NOW from which a newer issue takes its place. */
static const struct {
    enum roster_amends kind;
    int64_t until, from;
} lives[] = {
    {ROSTER_AMEND_STOP, 0, 0},
    {ROSTER_AMEND_SUSPEND, 0, 0},
    {ROSTER_AMEND_SUSPEND, NOW + 50, 51},
    {ROSTER_AMEND_RESUME, 0, ROSTER_SUSPEND_MAX + 1},
    {ROSTER_AMEND_TEMPORARY, NOW + 10, 11},
    {ROSTER_AMEND_CLEAR, 0, 0},
    {ROSTER_AMEND_EXTEND, NOW + 50, 0},
    {ROSTER_AMEND_OPEN, NOW + 50, 51},
};

static void seal(size_t n, int64_t until)
{
    record.credential[n].state = ROSTER_SUSPENDED;
    record.credential[n].reason = ROSTER_DISASTER;
    record.credential[n].temporary = true;
    record.credential[n].until = until;
}

static void sign_by(uint8_t approver, int64_t until)
{
    struct roster_amendment *a = add(ROSTER_AMEND_OPEN, 0x40);

    a->reason = ROSTER_DISASTER;
    a->until = until;
    memset(a->approver, approver, sizeof(a->approver));
}

static void open_deputy(int64_t now, uint32_t approvers)
{
    seal(0, NOW + 1000);
    roster_amendments_open(list, count, &record, now, approvers);
    apply(now);
}

static void test_several_approvers_open_a_deputy_card(void **state)
{
    (void)state;
    open_deputy(NOW, 2);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
    sign_by(1, NOW + 100);
    sign_by(1, NOW + 100);
    open_deputy(NOW, 2);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
    open_deputy(NOW, 1);
    assert_int_equal(state_of(0x40), ROSTER_ACTIVE);
    sign_by(2, NOW + 50);
    open_deputy(NOW, 0);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
    open_deputy(NOW, 3);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
    open_deputy(NOW, 2);
    assert_int_equal(state_of(0x40), ROSTER_ACTIVE);
    assert_int_equal(record.credential[0].until, NOW + 50);
    open_deputy(NOW + 50, 2);
    assert_int_equal(state_of(0x40), ROSTER_ACTIVE);
    open_deputy(NOW + 51, 2);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
}

static void test_nothing_else_is_opened(void **state)
{
    (void)state;
    sign_by(1, NOW + 100);
    sign_by(2, NOW + 100);
    add(ROSTER_AMEND_RESUME, 0x41);
    seal(1, NOW + 1000);
    open_deputy(NOW, 2);
    assert_int_equal(state_of(0x41), ROSTER_SUSPENDED);
    record.credential[0].state = ROSTER_SUSPENDED;
    record.credential[0].reason = ROSTER_UNUSED;
    roster_amendments_open(list, count, &record, NOW, 2);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
    memcpy(pool[1].approver, record.id, ROSTER_ID_LEN);
    open_deputy(NOW, 2);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
    memset(pool[1].approver, 2, ROSTER_ID_LEN);
    memset(pool[1].person, 0x12, ROSTER_ID_LEN);
    open_deputy(NOW, 2);
    assert_int_equal(state_of(0x40), ROSTER_SUSPENDED);
}

static void test_a_stop_ends_an_open_card(void **state)
{
    (void)state;
    sign_by(1, NOW + 100);
    add(ROSTER_AMEND_STOP, 0x40);
    sign_by(2, NOW + 100);
    open_deputy(NOW, 2);
    assert_int_equal(state_of(0x40), ROSTER_STOPPED);
}

static void test_outlived(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(lives); n++) {
        enum roster_amends kind = lives[n].kind;
        struct roster_issue issue = {.zone = "lgwan", .number = 8, .created = NOW + lives[n].from};
        count = 0;
        add(kind, 0x40)->created = NOW;
        pool[0].until = lives[n].until;
        assert_true(roster_amendment_outlived(&pool[0], &issue, NULL));
        assert_int_equal(roster_amendment_outlived(&pool[0], &issue, &record),
                         kind != ROSTER_AMEND_STOP);
        issue.number = 7;
        assert_false(roster_amendment_outlived(&pool[0], &issue, NULL));
        issue.number = 8;
        issue.created--;
        assert_false(roster_amendment_outlived(&pool[0], &issue, NULL));
    }
}

static void test_stop_stays_until_it_is_signed(void **state)
{
    (void)state;
    for (int s = ROSTER_ACTIVE; s <= ROSTER_DESTROYED; s++) {
        record.credential[0].state = (enum roster_state)s;
        assert_int_equal(outlived(ROSTER_AMEND_STOP, 8, NOW, &record),
                         s != ROSTER_ACTIVE && s != ROSTER_SUSPENDED);
    }
    record.credential[0].id[0] = 0;
    assert_true(outlived(ROSTER_AMEND_STOP, 8, NOW, &record));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_states, setup),
        cmocka_unit_test_setup(test_reason_goes_with_the_state, setup),
        cmocka_unit_test_setup(test_suspension_ends, setup),
        cmocka_unit_test_setup(test_other_people, setup),
        cmocka_unit_test_setup(test_lent_card, setup),
        cmocka_unit_test_setup(test_lent_again, setup),
        cmocka_unit_test_setup(test_lent_key_of_the_record, setup),
        cmocka_unit_test_setup(test_lent_card_is_no_other, setup),
        cmocka_unit_test_setup(test_lent_card_stops, setup),
        cmocka_unit_test_setup(test_lent_card_needs_room, setup),
        cmocka_unit_test_setup(test_several_approvers_open_a_deputy_card, setup),
        cmocka_unit_test_setup(test_nothing_else_is_opened, setup),
        cmocka_unit_test_setup(test_a_stop_ends_an_open_card, setup),
        cmocka_unit_test_setup(test_outlived, setup),
        cmocka_unit_test_setup(test_stop_stays_until_it_is_signed, setup),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
