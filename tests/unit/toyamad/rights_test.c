/* SPDX-License-Identifier: Apache-2.0
 *
 * Who may log in: zone, host, hours, terms, temporary cards, the age of the roster.
 */
#include "toyamad/age.h"
#include "toyamad/rights.h"
#include "toyamad/station.h"
#include "toyamad/workdays.h"

#include "core/wire/card.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define NOW      INT64_C(1790640000) /* Tuesday 2026-09-29 09:00 in Japan */
#define HOUR     3600
#define DAY      (24 * HOUR)
#define WEEKDAYS 0x3E

static struct policy p;
static struct roster_record r;

static int setup(void **state)
{
    (void)state;
    setenv("TZ", "Asia/Tokyo", 1);
    tzset();
    p = (struct policy){.zone = ZONE_LGWAN, .host = "zeimu-05", .place = "Zeimu-ka"};
    r = (struct roster_record){.category = ROSTER_REGULAR,
                               .state = ROSTER_ACTIVE,
                               .zones = ROSTER_LGWAN,
                               .valid_from = NOW - DAY,
                               .credentials = 2,
                               .credential = {{.family = CARD_PIV, .state = ROSTER_ACTIVE},
                                              {.family = CARD_FELICA, .state = ROSTER_ACTIVE}}};
    return 0;
}

static enum person_state person(void)
{
    return rights_person(&p, &r, NOW);
}

static enum credential_state card(size_t n)
{
    return rights_credential(&p, &r, n, NOW);
}

static void test_states_and_terms(void **state)
{
    (void)state;
    assert_int_equal(person(), PERSON_ACTIVE);
    for (unsigned s = ROSTER_STOPPED; s <= ROSTER_DESTROYED; s++) {
        r.state = (enum roster_state)s;
        assert_int_equal(person(), PERSON_STOPPED);
    }
    r.state = ROSTER_ACTIVE;
    r.valid_from = NOW;
    assert_int_equal(person(), PERSON_ACTIVE);
    r.valid_from = NOW + 1;
    assert_int_equal(person(), PERSON_NOT_YET);
    r.valid_from = NOW - DAY;
    r.valid_until = NOW;
    assert_int_equal(person(), PERSON_ACTIVE);
    r.valid_until = NOW - 1;
    assert_int_equal(person(), PERSON_EXPIRED);
}

static void test_zones(void **state)
{
    static const enum zone zones[] = {ZONE_NONE, ZONE_INDIVIDUAL_NUMBER, ZONE_LGWAN, ZONE_INTERNET};
    static const uint8_t bits[] = {0, ROSTER_INDIVIDUAL_NUMBER, ROSTER_LGWAN, ROSTER_INTERNET};

    (void)state;
    for (size_t z = 0; z < 4; z++) {
        p.zone = zones[z];
        assert_int_equal(rights_zone_bit(p.zone), bits[z]);
        for (unsigned had = 0; had <= ROSTER_ZONES_ALL; had++) {
            r.zones = (uint8_t)had;
            assert_int_equal(person(), (had & bits[z]) != 0 ? PERSON_ACTIVE : PERSON_NOT_HERE);
        }
    }
}

static void test_hosts(void **state)
{
    (void)state;
    r.hosts = 1;
    strcpy(r.host[0], "zeimu-04");
    assert_int_equal(person(), PERSON_NOT_HERE);
    strcpy(r.host[0], "@Shimin-ka");
    assert_int_equal(person(), PERSON_NOT_HERE);
    strcpy(r.host[0], "@zeimu-05");
    assert_int_equal(person(), PERSON_NOT_HERE);
    strcpy(r.host[0], "zeimu-05");
    assert_int_equal(person(), PERSON_ACTIVE);
    strcpy(r.host[0], "@Zeimu-ka");
    assert_int_equal(person(), PERSON_ACTIVE);
    p.place[0] = '\0';
    strcpy(r.host[0], "@");
    assert_int_equal(person(), PERSON_NOT_HERE);
}

static void test_hours(void **state)
{
    (void)state;
    r.hours = (struct roster_hours){.days = WEEKDAYS, .begin = 9 * 60, .end = 17 * 60};
    assert_int_equal(person(), PERSON_ACTIVE);
    assert_int_equal(rights_person(&p, &r, NOW - 1), PERSON_NOT_NOW);
    assert_int_equal(rights_person(&p, &r, NOW + 8 * HOUR - 1), PERSON_ACTIVE);
    assert_int_equal(rights_person(&p, &r, NOW + 8 * HOUR), PERSON_NOT_NOW);
    assert_int_equal(rights_person(&p, &r, NOW + 4 * DAY), PERSON_NOT_NOW);
    r.hours = (struct roster_hours){.days = 1 << 2, .begin = 0, .end = 1440};
    assert_int_equal(rights_person(&p, &r, NOW + 15 * HOUR - 1), PERSON_ACTIVE);
    assert_int_equal(rights_person(&p, &r, NOW + 15 * HOUR), PERSON_NOT_NOW);
}

static void test_when_hours_begin_next(void **state)
{
    struct roster_hours h = {.days = WEEKDAYS, .begin = 9 * 60 + 30, .end = 17 * 60};
    const int64_t today = NOW + HOUR / 2;

    (void)state;
    assert_int_equal(rights_next_hours(&h, NOW), today);
    assert_int_equal(rights_next_hours(&h, today), today + DAY);
    assert_int_equal(rights_next_hours(&h, today + 3 * DAY), today + 6 * DAY);
    h.days = 1 << 2;
    assert_int_equal(rights_next_hours(&h, today), today + 7 * DAY);
    h.days = 0;
    assert_int_equal(rights_next_hours(&h, NOW), 0);
}

static void test_cards(void **state)
{
    (void)state;
    assert_int_equal(card(0), CREDENTIAL_ACTIVE);
    assert_int_equal(card(2), CREDENTIAL_UNKNOWN);
    for (unsigned s = ROSTER_STOPPED; s <= ROSTER_DESTROYED; s++) {
        r.credential[0].state = (enum roster_state)s;
        assert_int_equal(card(0), CREDENTIAL_STOPPED);
    }
    r.credential[0].state = ROSTER_ACTIVE;
    r.credential[0].zones = ROSTER_LGWAN | ROSTER_INTERNET;
    assert_int_equal(card(0), CREDENTIAL_ACTIVE);
    r.credential[0].zones = ROSTER_INTERNET;
    assert_int_equal(card(0), CREDENTIAL_NOT_HERE);
    r.credential[0].zones = 0;
    r.credential[0].from = NOW + 1;
    assert_int_equal(card(0), CREDENTIAL_NOT_YET);
    r.credential[0].from = NOW;
    r.credential[0].until = NOW;
    assert_int_equal(card(0), CREDENTIAL_ACTIVE);
    r.credential[0].from = 0;
    r.credential[0].until = NOW - 1;
    assert_int_equal(card(0), CREDENTIAL_EXPIRED);
    assert_int_equal(card(1), CREDENTIAL_ACTIVE);
}

static void lend(void)
{
    setup(NULL);
    r.credential[1].temporary = true;
    r.credential[1].from = NOW - HOUR;
    r.credential[1].until = NOW + HOUR;
}

/* One live card a person, while it lives, where it counts. */
static void test_a_temporary_card_suspends_the_others(void **state)
{
    (void)state;
    lend();
    r.credentials = 4;
    r.credential[2] = (struct roster_credential){.family = CARD_YUBIKEY, .state = ROSTER_ACTIVE};
    r.credential[3] = (struct roster_credential){.family = CARD_MEMORISED, .state = ROSTER_ACTIVE};
    assert_int_equal(card(0), CREDENTIAL_STOPPED);
    assert_true(rights_suspended(&p, &r, 0, NOW));
    assert_int_equal(card(1), CREDENTIAL_ACTIVE);
    assert_int_equal(card(2), CREDENTIAL_STOPPED);
    assert_int_equal(card(3), CREDENTIAL_ACTIVE);
    r.credential[0].zones = ROSTER_INTERNET;
    assert_int_equal(card(0), CREDENTIAL_NOT_HERE);
    lend();
    assert_int_equal(rights_credential(&p, &r, 0, NOW + HOUR), CREDENTIAL_STOPPED);
    assert_int_equal(rights_credential(&p, &r, 0, NOW + HOUR + 1), CREDENTIAL_ACTIVE);
    assert_int_equal(rights_credential(&p, &r, 1, NOW + HOUR + 1), CREDENTIAL_EXPIRED);
    assert_int_equal(rights_credential(&p, &r, 0, NOW - HOUR - 1), CREDENTIAL_ACTIVE);
    assert_int_equal(rights_credential(&p, &r, 1, NOW - HOUR - 1), CREDENTIAL_NOT_YET);
    r.credential[1].state = ROSTER_RETURNED;
    assert_int_equal(card(0), CREDENTIAL_ACTIVE);
    lend();
    r.credential[1].zones = ROSTER_INTERNET;
    assert_int_equal(card(0), CREDENTIAL_ACTIVE);
    assert_int_equal(card(1), CREDENTIAL_NOT_HERE);
}

static void test_the_end_that_comes_first(void **state)
{
    (void)state;
    assert_int_equal(rights_end(&r, 0), 0);
    r.credential[0].until = NOW + DAY;
    assert_int_equal(rights_end(&r, 0), NOW + DAY);
    assert_int_equal(rights_end(&r, 1), 0);
    r.valid_until = NOW + 2 * DAY;
    assert_int_equal(rights_end(&r, 0), NOW + DAY);
    r.valid_until = NOW + HOUR;
    assert_int_equal(rights_end(&r, 0), NOW + HOUR);
    r.valid_until = NOW + 2 * DAY;
    r.credential[0].temporary = true;
    assert_int_equal(rights_end(&r, 0), NOW + 2 * DAY);
    assert_int_equal(rights_end(&r, 2), NOW + 2 * DAY);
}

static void except(void)
{
    setup(NULL);
    p.require = FACTOR_CARD | FACTOR_FINGER;
    r.exceptions = 1;
    r.exception[0] = (struct roster_exception){.factors = FACTOR_CARD | FACTOR_PIN,
                                               .reason = ROSTER_INJURED,
                                               .from = NOW - HOUR,
                                               .until = NOW + HOUR,
                                               .hosts = 2,
                                               .host = {"zeimu-04", "zeimu-05"}};
}

static void test_exceptions(void **state)
{
    (void)state;
    except();
    assert_ptr_equal(rights_exception(&p, &r, NOW), &r.exception[0]);
    assert_non_null(rights_exception(&p, &r, NOW - HOUR));
    assert_non_null(rights_exception(&p, &r, NOW + HOUR));
    assert_null(rights_exception(&p, &r, NOW - HOUR - 1));
    assert_null(rights_exception(&p, &r, NOW + HOUR + 1));
    p.zone = ZONE_INDIVIDUAL_NUMBER;
    assert_non_null(rights_exception(&p, &r, NOW));
    r.exception[0].hosts = 1;
    assert_null(rights_exception(&p, &r, NOW));
    r.exception[0].hosts = 0;
    assert_null(rights_exception(&p, &r, NOW));
    except();
    strcpy(r.exception[0].host[0], "@Zeimu-ka");
    r.exception[0].hosts = 1;
    assert_non_null(rights_exception(&p, &r, NOW));
    except();
    r.exceptions = 0;
    assert_null(rights_exception(&p, &r, NOW));
}

/* One that leaves nothing out, and those that may not be. */
static void test_exceptions_without_effect(void **state)
{
    static const uint8_t factors[] = {0,
                                      FACTOR_CARD,
                                      FACTOR_PIN,
                                      FACTOR_FINGER,
                                      FACTOR_PIN | FACTOR_FINGER,
                                      FACTOR_TOKEN | FACTOR_PIN,
                                      FACTOR_CARD | FACTOR_FINGER,
                                      FACTOR_CARD | FACTOR_TOKEN | FACTOR_PIN,
                                      0x80 | FACTOR_CARD | FACTOR_PIN};

    (void)state;
    except();
    for (size_t n = 0; n < sizeof(factors); n++) {
        r.exception[0].factors = factors[n];
        assert_null(rights_exception(&p, &r, NOW));
    }
    r.exception[0].factors = FACTOR_CARD | FACTOR_PIN;
    p.require = FACTOR_CARD | FACTOR_PIN;
    assert_null(rights_exception(&p, &r, NOW));
    p.require = FACTOR_TOKEN | FACTOR_FINGER;
    assert_null(rights_exception(&p, &r, NOW));
    p.require = FACTOR_CARD | FACTOR_PIN | FACTOR_FINGER;
    assert_non_null(rights_exception(&p, &r, NOW));
}

static void test_working_days(void **state)
{
    static const struct holidays none = {0}, one = {{20260930}, 1};

    (void)state; /* NOW is a Tuesday, nine in the morning */
    assert_int_equal(workdays_count(&none, NOW, NOW), 1);
    assert_int_equal(workdays_count(&none, NOW, NOW + 15 * HOUR - 1), 1);
    assert_int_equal(workdays_count(&none, NOW, NOW + 15 * HOUR), 2);
    assert_int_equal(workdays_count(&none, NOW, NOW + 3 * DAY), 4);
    assert_int_equal(workdays_count(&none, NOW, NOW + 5 * DAY), 4);
    assert_int_equal(workdays_count(&none, NOW, NOW + 6 * DAY), 5);
    assert_int_equal(workdays_count(&none, NOW, NOW + 7 * DAY), 6);
    assert_int_equal(workdays_count(&none, NOW + 4 * DAY, NOW + 5 * DAY), 0);
    assert_int_equal(workdays_count(&none, NOW, NOW + 364 * DAY), 261 - 4);
    assert_int_equal(workdays_count(&one, NOW, NOW + 7 * DAY), 5);
    assert_int_equal(workdays_count(&one, NOW + 1 * DAY, NOW + 1 * DAY), 0);
    assert_int_equal(workdays_count(&none, NOW, NOW - 1), UINT32_MAX);
    assert_int_equal(workdays_count(&none, NOW, NOW + 367 * DAY), UINT32_MAX);
}

static void test_the_age_of_the_roster(void **state)
{
    struct broker *b = calloc(1, sizeof(*b));
    const int64_t created = (int64_t)time(NULL) - 30 * DAY;

    (void)state;
    assert_non_null(b);
    b->registry_good = true;
    b->registry.issue.created = created;
    assert_false(age_warns(b));
    assert_false(age_refuses(b));
    b->config.policy.roster_warn = 7;
    b->config.policy.roster_refuse = 30;
    assert_int_equal(age_days(b), 30);
    assert_true(age_warns(b));
    assert_true(age_refuses(b));
    b->registry.issue.created = created + HOUR;
    assert_int_equal(age_days(b), 29);
    assert_true(age_warns(b));
    assert_false(age_refuses(b));
    b->registry.issue.created = created + 23 * DAY + HOUR;
    assert_false(age_warns(b));
    b->registry.issue.created = created + 31 * DAY;
    assert_int_equal(age_days(b), 0);
    b->registry_good = false;
    b->registry.issue.created = 0;
    assert_false(age_refuses(b));
    free(b);
}

static void test_officers_at_the_station(void **state)
{
    struct broker *b = calloc(1, sizeof(*b));

    (void)state;
    assert_non_null(b);
    memset(r.id, 7, sizeof(r.id));
    assert_true(station_admits(b, r.id));
    b->config.roster.kind = REGISTER_TAKEN;
    assert_true(station_admits(b, r.id));
    b->config.roster.kind = REGISTER_STATION;
    assert_false(station_admits(b, r.id));
    b->registry.issue.officers = 1;
    memset(b->registry.issue.officer[0].person, 7, ROSTER_ID_LEN);
    assert_true(station_admits(b, r.id));
    r.id[15]++;
    assert_false(station_admits(b, r.id));
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_states_and_terms, setup),
        cmocka_unit_test_setup(test_zones, setup),
        cmocka_unit_test_setup(test_hosts, setup),
        cmocka_unit_test_setup(test_hours, setup),
        cmocka_unit_test_setup(test_when_hours_begin_next, setup),
        cmocka_unit_test_setup(test_cards, setup),
        cmocka_unit_test_setup(test_a_temporary_card_suspends_the_others, setup),
        cmocka_unit_test_setup(test_the_end_that_comes_first, setup),
        cmocka_unit_test_setup(test_exceptions, setup),
        cmocka_unit_test_setup(test_exceptions_without_effect, setup),
        cmocka_unit_test_setup(test_working_days, setup),
        cmocka_unit_test_setup(test_the_age_of_the_roster, setup),
        cmocka_unit_test_setup(test_officers_at_the_station, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
