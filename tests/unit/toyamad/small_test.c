/* SPDX-License-Identifier: Apache-2.0
 *
 * Throttle, tickets and words of the broker.
 */
#include "toyamad/names.h"
#include "toyamad/throttle.h"
#include "toyamad/ticket.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#define SECOND UINT64_C(1000000)

static void throttle_doubles_up_to_its_limit(void **state)
{
    struct policy p = {.throttle_after = 3, .throttle_delay = 30};
    struct throttle t = {0};
    uint64_t now = 100 * SECOND, last = 0;

    (void)state;
    for (int n = 0; n < 3; n++) {
        assert_int_equal(throttle_wait(&t, &p, now), 0);
        throttle_refused(&t, now);
    }
    for (int n = 0; n < 40; n++) {
        uint64_t wait = throttle_wait(&t, &p, now);
        assert_true(wait >= last && wait <= 30 * SECOND);
        last = wait;
        throttle_refused(&t, now);
    }
    assert_int_equal(last, 30 * SECOND);
    assert_int_equal(throttle_wait(&t, &p, now + 29 * SECOND), SECOND);
    throttle_proven(&t);
    assert_int_equal(throttle_wait(&t, &p, now), 0);
}

static void base64_is_that_of_rfc_4648(void **state)
{
    static const char *const table[][2] = {{"", ""},
                                           {"f", "Zg=="},
                                           {"fo", "Zm8="},
                                           {"foo", "Zm9v"},
                                           {"foob", "Zm9vYg=="},
                                           {"fooba", "Zm9vYmE="},
                                           {"foobar", "Zm9vYmFy"}};
    char out[16];

    (void)state;
    for (size_t n = 0; n < sizeof(table) / sizeof(table[0]); n++) {
        const size_t need = strlen(table[n][1]) + 1;
        names_base64((const uint8_t *)table[n][0], strlen(table[n][0]), out, need);
        assert_string_equal(out, table[n][1]);
        names_base64((const uint8_t *)table[n][0], strlen(table[n][0]), out,
                     need > 1 ? need - 1 : 1);
        assert_string_equal(out, "");
    }
    names_base64((const uint8_t[]){0xFB, 0xFF, 0xBF}, 3, out, sizeof(out));
    assert_string_equal(out, "+/+/");
}

static void throttle_forgets_after_ten_quiet_minutes(void **state)
{
    struct policy p = {.throttle_after = 1, .throttle_delay = 30};
    struct throttle t = {0};

    (void)state;
    throttle_refused(&t, SECOND);
    assert_true(throttle_wait(&t, &p, SECOND) > 0);
    assert_int_equal(throttle_wait(&t, &p, 700 * SECOND), 0);
    assert_int_equal(t.refusals, 0);
}

static void tickets_are_bound_and_die(void **state)
{
    struct tickets t = {0};
    const uint8_t person[ROSTER_ID_LEN] = {1};
    const struct ticket *ticket = ticket_issue(&t, person, "hanako", "su", SECOND);
    uint8_t id[AUTH_TICKET_LEN];

    (void)state;
    assert_non_null(ticket);
    memcpy(id, ticket->id, sizeof(id));
    assert_ptr_equal(ticket_find(&t, id, "hanako", "su", 2 * SECOND), ticket);
    assert_null(ticket_find(&t, id, "taro", "su", 2 * SECOND));
    assert_null(ticket_find(&t, id, "hanako", "sudo", 2 * SECOND));
    assert_null(ticket_find(&t, id, "hanako", "su", SECOND + TICKET_LIFE));
    assert_null(ticket_find(&t, id, "hanako", "su", 0));
    id[0] ^= 1;
    assert_null(ticket_find(&t, id, "hanako", "su", 2 * SECOND));
}

static void tickets_make_room_for_new_ones(void **state)
{
    struct tickets t = {0};
    const uint8_t person[ROSTER_ID_LEN] = {1};
    uint8_t first[AUTH_TICKET_LEN], last[AUTH_TICKET_LEN];

    (void)state;
    for (uint64_t n = 0; n <= TICKETS_MAX; n++) {
        const struct ticket *ticket = ticket_issue(&t, person, "a", "su", SECOND + n);
        assert_non_null(ticket);
        memcpy(n == 0 ? first : last, ticket->id, sizeof(last));
    }
    assert_null(ticket_find(&t, first, "a", "su", 2 * SECOND));
    assert_non_null(ticket_find(&t, last, "a", "su", 2 * SECOND));
}

static void dates_are_days_of_the_calendar(void **state)
{
    int64_t from = 0, until = 0;

    (void)state;
    setenv("TZ", "Asia/Tokyo", 1);
    assert_true(names_date_parse("2026-04-01", false, &from));
    assert_true(names_date_parse("2026-04-01", true, &until));
    assert_int_equal(until - from, 24 * 3600 - 1);
    assert_false(names_date_parse("2026-02-30", false, &from));
    assert_false(names_date_parse("2026-4-1", false, &from));
    assert_false(names_date_parse("2026-04-01x", false, &from));
    assert_false(names_date_parse("", false, &from));
}

static void fingers_have_one_name_each(void **state)
{
    (void)state;
    for (uint8_t n = 1; n <= 10; n++)
        assert_int_equal(names_finger_parse(names_finger(n)), n);
    assert_int_equal(names_finger_parse("none"), 0);
    assert_int_equal(names_finger_parse("right index"), 0);
    assert_string_equal(names_finger(11), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(throttle_doubles_up_to_its_limit),
        cmocka_unit_test(base64_is_that_of_rfc_4648),
        cmocka_unit_test(throttle_forgets_after_ten_quiet_minutes),
        cmocka_unit_test(tickets_are_bound_and_die),
        cmocka_unit_test(tickets_make_room_for_new_ones),
        cmocka_unit_test(dates_are_days_of_the_calendar),
        cmocka_unit_test(fingers_have_one_name_each),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
