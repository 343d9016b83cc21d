/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

#include "tests/unit/core/decide_table.h"
#include "tests/unit/core/unit.h"

static const uint32_t zones[] = {0, 1, 2, 3, 4, 0x80000001, UINT32_MAX};
static const uint32_t sets[] = {0,  1,  2,  3,  4,  5,  6,  7,          8,         9,
                                10, 11, 12, 13, 14, 15, 16, 0x80000005, UINT32_MAX};

/* Of persons and credentials. The first two of each are enough where the config alone denies. */
static const uint32_t persons[] = {PERSON_UNKNOWN, PERSON_ACTIVE, UINT32_MAX, 2, 3, 4, 5, 6, 7,
                                   0x80000001};
static const uint32_t credentials[] = {
    CREDENTIAL_UNKNOWN, CREDENTIAL_ACTIVE, UINT32_MAX, 2, 3, 4, 5, 6, 0x80000001};

enum { BOOLEANS = 13, SOME = 2 };

/* Every letter of what is asked stands in what was shown. */
static bool is_shown(const char *asked, const char *shown)
{
    return strspn(asked, shown) == strlen(asked);
}

/* The possession that is asked, as a set of its own. */
static const char *possession(uint32_t require)
{
    return strchr(factor_sets[require], 't') != NULL ? "t" : "c";
}

static bool table_clause(uint32_t zone, uint32_t require)
{
    if (zone >= COUNT(clause_table) || require >= COUNT(factor_sets))
        return false;
    for (size_t n = 0; n < COUNT(clause_table[0]) && clause_table[zone][n] != NULL; n++)
        if (strcmp(clause_table[zone][n], factor_sets[require]) == 0)
            return true;
    return false;
}

static bool table_exception(uint32_t zone, uint32_t require, uint32_t instead)
{
    if (zone == 0 || zone >= COUNT(clause_table) || require >= COUNT(factor_sets) ||
        instead >= COUNT(factor_sets) || strchr(factor_sets[require], 't') != NULL ||
        strchr(factor_sets[require], 'c') == NULL)
        return false;
    for (size_t n = 0; n < COUNT(exception_table); n++)
        if (strcmp(exception_table[n], factor_sets[instead]) == 0)
            return true;
    return false;
}

static void set_booleans(struct policy *p, struct evidence *e, unsigned bits)
{
    e->roster_good = bits & 1;
    e->clock_good = bits >> 1 & 1;
    e->recorded = bits >> 2 & 1;
    e->local = bits >> 3 & 1;
    e->in_time = bits >> 4 & 1;
    e->card_present = bits >> 5 & 1;
    e->same_person = bits >> 6 & 1;
    e->user_matches = bits >> 7 & 1;
    e->locked = bits >> 8 & 1;
    e->shared_key = bits >> 9 & 1;
    p->shared_keys = bits >> 10 & 1;
    p->tap = bits >> 11 & 1;
    e->escorted = bits >> 12 & 1;
}

static bool named(enum column column, uint32_t value)
{
    for (size_t n = 0; n < COUNT(outcomes); n++)
        if (outcomes[n].column == column && outcomes[n].value == value && value != ANY_OTHER)
            return true;
    return false;
}

static bool row_speaks(const struct outcome *row, uint32_t value)
{
    if (row->value == ANY_OTHER)
        return !named(row->column, value);
    return row->value == value;
}

/* The first row in the order of ranks that this column alone would answer with; COUNT: none. */
static size_t row_of(enum column column, uint32_t value)
{
    for (size_t n = 0; n < COUNT(outcomes); n++)
        if (outcomes[n].column == column && outcomes[n].answer != DECISION_GRANT &&
            row_speaks(&outcomes[n], value))
            return n;
    return COUNT(outcomes);
}

static size_t lower(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* What the true-or-false columns say together. */
static size_t row_of_booleans(const struct policy *p, const struct evidence *e)
{
    const struct {
        enum column column;
        uint32_t value;
    } all[] = {
        {COLUMN_LOCAL, e->local},
        {COLUMN_ROSTER, e->roster_good},
        {COLUMN_CLOCK, e->clock_good},
        {COLUMN_TIME, e->in_time},
        {COLUMN_SAME, e->same_person},
        {COLUMN_USER, e->user_matches},
        {COLUMN_PRESENT, p->tap ? 1 : e->card_present},
        {COLUMN_KIND, e->shared_key ? p->shared_keys : 1},
        {COLUMN_LOCKED, e->locked},
        {COLUMN_ESCORTED, e->escorted},
        {COLUMN_RECORDED, e->recorded},
    };
    size_t row = COUNT(outcomes);

    for (size_t n = 0; n < COUNT(all); n++)
        row = lower(row, row_of(all[n].column, all[n].value));
    return row;
}

static size_t boolean_row[1u << BOOLEANS];

static int fill_boolean_rows(void **state)
{
    struct policy p = {0};
    struct evidence e = {0};

    (void)state;
    for (unsigned bits = 0; bits < COUNT(boolean_row); bits++) {
        set_booleans(&p, &e, bits);
        boolean_row[bits] = row_of_booleans(&p, &e);
    }
    for (size_t n = 1; n < COUNT(outcomes); n++)
        assert_true(outcomes[n - 1].rank <= outcomes[n].rank);
    return 0;
}

/* What is asked and the proven factors say; clause and exception are looked up before. */
static size_t row_of_factors(const struct policy *p, const struct evidence *e)
{
    const bool known = e->proven < COUNT(factor_sets);
    const char *shown = known ? factor_sets[e->proven] : "";
    const char *asked = factor_sets[e->instead != 0 ? e->instead : p->require];
    size_t row = row_of(COLUMN_CARD, known && is_shown(possession(p->require), shown));

    return lower(row, row_of(COLUMN_FACTORS, is_shown(asked, shown)));
}

static size_t grants, checked;

static void check_one(const struct policy *p, const struct evidence *e, size_t row)
{
    enum decision expected = row < COUNT(outcomes) ? outcomes[row].answer : DECISION_GRANT;
    enum decision got = decide(p, e);

    if (got != expected)
        fail_msg(
            "zone %u require %u instead %u tap %d proven %u person %u credential %u: %s, not %s",
            p->zone, p->require, e->instead, p->tap, e->proven, e->person, e->credential,
            policy_decision_name(got), policy_decision_name(expected));
    grants += got == DECISION_GRANT;
    checked++;
}

static void check_booleans(struct policy *p, struct evidence *e, bool rules, size_t row)
{
    for (unsigned bits = 0; bits < COUNT(boolean_row); bits++) {
        set_booleans(p, e, bits);
        bool config = rules && !(p->zone == ZONE_INDIVIDUAL_NUMBER && p->tap);
        check_one(p, e, lower(row_of(COLUMN_CLAUSE, config), lower(row, boolean_row[bits])));
    }
}

/* `count` of the people, and as many cards. */
static void check_people(struct policy *p, struct evidence *e, bool rules, size_t count)
{
    const size_t factors = rules ? row_of_factors(p, e) : 0;

    for (size_t n = 0; n < COUNT(persons) && n < count; n++) {
        const size_t person = lower(factors, row_of(COLUMN_PERSON, persons[n]));
        e->person = (enum person_state)persons[n];
        for (size_t c = 0; c < COUNT(credentials) && c < count; c++) {
            e->credential = (enum credential_state)credentials[c];
            check_booleans(p, e, rules, lower(person, row_of(COLUMN_CREDENTIAL, credentials[c])));
        }
    }
}

static size_t policies;

static void check_policy(uint32_t zone, uint32_t require)
{
    const bool clause = table_clause(zone, require);
    struct policy p = {.zone = (enum zone)zone, .require = require};
    struct evidence e = {0};

    policies += clause;
    for (size_t f = 0; f < COUNT(sets); f++) {
        e.proven = sets[f];
        check_people(&p, &e, clause, clause ? SIZE_MAX : SOME);
    }
}

static void test_every_input(void **state)
{
    const size_t all = COUNT(zones) * COUNT(sets);

    (void)state;
    policies = grants = checked = 0;
    for (size_t z = 0; z < COUNT(zones); z++)
        for (size_t f = 0; f < COUNT(sets); f++)
            check_policy(zones[z], sets[f]);
    assert_int_equal(policies, 2 + 2 * 7);
    assert_int_equal(checked, COUNT(sets) * (policies * COUNT(persons) * COUNT(credentials) +
                                             (all - policies) * SOME * SOME)
                                  << BOOLEANS);
    /* Counted by hand. individual-number: {c,f} is met by 4 sets, {c,p,f} by 2. The others: {c} by
     * 8, {c,p}, {c,f}, {p,t}, {f,t} by 4 each, {c,p,f} and {p,f,t} by 2 each. A shared key and the
     * leave for it have 3 good combinations, presence and tap 3 outside of individual-number.
     * Everything else has exactly one value that grants. */
    assert_int_equal(grants, 3 * 6 + 2 * 3 * 3 * 28);
}

/* Under every policy that may be, and some that may not. */
static void check_exception(uint32_t zone, uint32_t require, uint32_t instead)
{
    const bool allowed = table_exception(zone, require, instead);
    struct policy p = {.zone = (enum zone)zone, .require = require};
    struct evidence e = {.instead = instead};

    policies += allowed && table_clause(zone, require);
    for (size_t f = 0; f < COUNT(sets); f++) {
        e.proven = sets[f];
        if (allowed && table_clause(zone, require))
            check_people(&p, &e, true, SOME);
        else if (e.proven == FACTOR_ALL)
            check_people(&p, &e, false, SOME);
    }
}

static void test_every_exception(void **state)
{
    (void)state;
    policies = grants = checked = 0;
    for (size_t z = 0; z < COUNT(zones); z++)
        for (size_t f = 0; f < COUNT(sets); f++)
            for (size_t n = 1; n < COUNT(sets); n++)
                check_exception(zones[z], sets[f], sets[n]);
    /* {c,f} and {c,p,f} in individual-number, four sets with a card in each of the others. */
    assert_int_equal(policies, 3 * (2 + 2 * 4));
    /* {c,p} and {c,f} are met by 4 sets, {c,p,f} by 2, whatever the host asks. */
    assert_int_equal(grants, (4 + 4 + 2) * (3 * 2 + 2 * 3 * 3 * 4));
}

static void test_clause_allows(void **state)
{
    (void)state;
    for (size_t z = 0; z < COUNT(zones); z++)
        for (size_t f = 0; f < COUNT(sets); f++)
            assert_int_equal(policy_clause_allows((enum zone)zones[z], sets[f]),
                             table_clause(zones[z], sets[f]));
}

static void test_exception_allows(void **state)
{
    (void)state;
    for (size_t z = 0; z < COUNT(zones); z++)
        for (size_t f = 0; f < COUNT(sets); f++)
            for (size_t n = 0; n < COUNT(sets); n++)
                assert_int_equal(policy_exception_allows((enum zone)zones[z], sets[f], sets[n]),
                                 table_exception(zones[z], sets[f], sets[n]));
}

static void test_nothing_known_is_a_denial(void **state)
{
    const struct policy p = {.zone = ZONE_LGWAN, .require = FACTOR_CARD};
    const struct evidence e = {0};

    (void)state;
    assert_int_equal(decide(NULL, &e), DECISION_DENY);
    assert_int_equal(decide(&p, NULL), DECISION_DENY);
    assert_int_equal(decide(NULL, NULL), DECISION_DENY);
    assert_int_not_equal(decide(&p, &e), DECISION_GRANT);
}

/* A token is possession where it is asked for, and nothing where a card is. */
static void test_one_possession_is_not_the_other(void **state)
{
    struct policy p = {.zone = ZONE_LGWAN};
    struct evidence e = {.person = PERSON_ACTIVE, .credential = CREDENTIAL_ACTIVE};

    (void)state;
    set_booleans(&p, &e, (1u << BOOLEANS) - 1);
    e.locked = false;
    p.require = FACTOR_CARD | FACTOR_PIN;
    e.proven = FACTOR_TOKEN | FACTOR_PIN;
    assert_int_equal(decide(&p, &e), DECISION_DENY);
    p.require = FACTOR_TOKEN | FACTOR_PIN;
    assert_int_equal(decide(&p, &e), DECISION_GRANT);
    e.proven = FACTOR_CARD | FACTOR_PIN;
    assert_int_equal(decide(&p, &e), DECISION_DENY);
    e.proven = FACTOR_TOKEN;
    assert_int_equal(decide(&p, &e), DECISION_FACTORS);
    p.shared_keys = false;
    assert_int_equal(decide(&p, &e), DECISION_CARD_KIND);
}

/* The same answer twice, and nothing but the inputs matters: the rest of the policy is noise. */
static void test_pure(void **state)
{
    struct policy p, q;
    struct evidence e = {.proven = FACTOR_CARD | FACTOR_FINGER,
                         .person = PERSON_ACTIVE,
                         .credential = CREDENTIAL_ACTIVE};

    (void)state;
    memset(&p, 0, sizeof(p));
    memset(&q, 1, sizeof(q));
    p.zone = q.zone = ZONE_INDIVIDUAL_NUMBER;
    p.require = q.require = FACTOR_CARD | FACTOR_FINGER;
    for (unsigned bits = 0; bits < 1u << BOOLEANS; bits++) {
        set_booleans(&p, &e, bits);
        set_booleans(&q, &e, bits);
        assert_int_equal(decide(&p, &e), decide(&q, &e));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_input),
        cmocka_unit_test(test_every_exception),
        cmocka_unit_test(test_clause_allows),
        cmocka_unit_test(test_exception_allows),
        cmocka_unit_test(test_nothing_known_is_a_denial),
        cmocka_unit_test(test_one_possession_is_not_the_other),
        cmocka_unit_test(test_pure),
    };
    return cmocka_run_group_tests(tests, fill_boolean_rows, NULL);
}
