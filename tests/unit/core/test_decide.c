/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

#include "tests/unit/core/decide_table.h"
#include "tests/unit/core/unit.h"

static const uint32_t zones[] = {0, 1, 2, 3, 4, 0x80000001, UINT32_MAX};
static const uint32_t factor_sets[] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 15, 0x80000005, UINT32_MAX};
static const uint32_t persons[] = {0, 1, 2, 3, 4, 5, 6, 0x80000001, UINT32_MAX};
static const uint32_t credentials[] = {0, 1, 2, 3, 0x80000001, UINT32_MAX};

enum { BOOLEANS = 9 };

static bool table_clause(uint32_t zone, uint32_t require)
{
    const bool *row = zone < COUNT(clause_table) ? clause_table[zone] : clause_table[ZONE_NONE];

    return require < COUNT(clause_table[0]) && row[require];
}

static void set_booleans(struct evidence *e, unsigned bits)
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
}

static void fill_columns(const struct policy *p, const struct evidence *e, uint32_t out[COLUMNS])
{
    const bool known = e->proven < COUNT(shown_table);

    out[COLUMN_CLAUSE] = table_clause(p->zone, p->require);
    out[COLUMN_LOCAL] = e->local;
    out[COLUMN_ROSTER] = e->roster_good;
    out[COLUMN_CLOCK] = e->clock_good;
    out[COLUMN_TIME] = e->in_time;
    out[COLUMN_CARD] = known && shown_table[FACTOR_CARD][e->proven];
    out[COLUMN_SAME] = e->same_person;
    out[COLUMN_USER] = e->user_matches;
    out[COLUMN_PRESENT] = e->card_present;
    out[COLUMN_CREDENTIAL] = e->credential;
    out[COLUMN_PERSON] = e->person;
    out[COLUMN_LOCKED] = e->locked;
    out[COLUMN_FACTORS] =
        known && p->require < COUNT(shown_table) && shown_table[p->require][e->proven];
    out[COLUMN_RECORDED] = e->recorded;
}

static bool named(enum column column, uint32_t value)
{
    for (size_t n = 0; n < COUNT(outcomes); n++)
        if (outcomes[n].column == column && outcomes[n].value == value && value != ANY_OTHER)
            return true;
    return false;
}

static bool row_speaks(const struct outcome *row, const uint32_t columns[COLUMNS])
{
    const uint32_t value = columns[row->column];

    if (row->value == ANY_OTHER)
        return !named(row->column, value);
    return row->value == value;
}

static enum decision oracle(const uint32_t columns[COLUMNS])
{
    unsigned best = UINT32_MAX;
    enum decision answer = DECISION_GRANT;

    for (size_t n = 0; n < COUNT(outcomes); n++) {
        const struct outcome *row = &outcomes[n];
        if (row->answer != DECISION_GRANT && row->rank < best && row_speaks(row, columns)) {
            best = row->rank;
            answer = row->answer;
        }
    }
    return answer;
}

static size_t grants, checked;

static void check_one(const struct policy *p, const struct evidence *e)
{
    uint32_t columns[COLUMNS];
    enum decision expected, got = decide(p, e);

    fill_columns(p, e, columns);
    expected = oracle(columns);
    if (got != expected)
        fail_msg("zone %u require %u proven %u person %u credential %u: %s, not %s", p->zone,
                 p->require, e->proven, e->person, e->credential, policy_decision_name(got),
                 policy_decision_name(expected));
    grants += got == DECISION_GRANT;
    checked++;
}

static void check_evidence(const struct policy *p, struct evidence *e)
{
    for (unsigned bits = 0; bits < 1u << BOOLEANS; bits++) {
        set_booleans(e, bits);
        check_one(p, e);
    }
}

static void check_policy(const struct policy *p)
{
    struct evidence e = {0};

    for (size_t f = 0; f < COUNT(factor_sets); f++) {
        e.proven = factor_sets[f];
        for (size_t n = 0; n < COUNT(persons); n++) {
            e.person = (enum person_state)persons[n];
            for (size_t c = 0; c < COUNT(credentials); c++) {
                e.credential = (enum credential_state)credentials[c];
                check_evidence(p, &e);
            }
        }
    }
}

static void test_every_input(void **state)
{
    struct policy p = {0};

    (void)state;
    grants = checked = 0;
    for (size_t z = 0; z < COUNT(zones); z++) {
        p.zone = (enum zone)zones[z];
        for (size_t f = 0; f < COUNT(factor_sets); f++) {
            p.require = factor_sets[f];
            check_policy(&p);
        }
    }
    assert_int_equal(
        checked,
        COUNT(zones) * COUNT(factor_sets) * COUNT(factor_sets) * COUNT(persons) * COUNT(credentials)
            << BOOLEANS);
    /* Counted by hand. individual-number: {c,f} is met by 2 sets, {c,p,f} by 1. The others: {c} by
     * 4, {c,p} and {c,f} by 2 each, {c,p,f} by 1. Everything else has exactly one value that
     * grants. */
    assert_int_equal(grants, 3 + 2 * 9);
}

static void test_clause_allows(void **state)
{
    (void)state;
    for (size_t z = 0; z < COUNT(zones); z++)
        for (size_t f = 0; f < COUNT(factor_sets); f++)
            assert_int_equal(policy_clause_allows((enum zone)zones[z], factor_sets[f]),
                             table_clause(zones[z], factor_sets[f]));
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
        set_booleans(&e, bits);
        assert_int_equal(decide(&p, &e), decide(&q, &e));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_input),
        cmocka_unit_test(test_clause_allows),
        cmocka_unit_test(test_nothing_known_is_a_denial),
        cmocka_unit_test(test_pure),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
