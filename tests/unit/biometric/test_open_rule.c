/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/open_rule.h"

#include "tests/unit/biometric/cmocka_all.h"

#define SECOND G_TIME_SPAN_SECOND

static bool again(GQuark domain, int code, gint64 after)
{
    g_autoptr(GError) error = g_error_new_literal(domain, code, "for the test");

    return open_rule_again(error, 7 * SECOND, 7 * SECOND + after);
}

static void test_what_may_pass_is_tried_for_a_second(void **state)
{
    const GQuark usb = g_quark_from_string("g-usb-device-error-quark");
    const struct {
        GQuark domain;
        int code;
    } passing[] = {
        {FP_DEVICE_ERROR, FP_DEVICE_ERROR_GENERAL},
        {FP_DEVICE_ERROR, FP_DEVICE_ERROR_BUSY},
        {FP_DEVICE_ERROR, FP_DEVICE_ERROR_PROTO},
        {G_IO_ERROR, G_IO_ERROR_FAILED},
        {G_IO_ERROR, G_IO_ERROR_BUSY},
        {G_IO_ERROR, G_IO_ERROR_TIMED_OUT},
        {usb, 0},
        {usb, 1},
        {usb, 10},
    };

    (void)state;
    for (size_t n = 0; n < G_N_ELEMENTS(passing); n++) {
        assert_true(again(passing[n].domain, passing[n].code, 0));
        assert_true(again(passing[n].domain, passing[n].code, SECOND - 1));
        assert_false(again(passing[n].domain, passing[n].code, SECOND));
        assert_false(again(passing[n].domain, passing[n].code, G_MAXINT32 * SECOND));
    }
}

static void test_what_stays_is_not_tried_again(void **state)
{
    const struct {
        GQuark domain;
        int code;
    } lasting[] = {
        {FP_DEVICE_ERROR, FP_DEVICE_ERROR_NOT_SUPPORTED},
        {FP_DEVICE_ERROR, FP_DEVICE_ERROR_REMOVED},
        {FP_DEVICE_ERROR, FP_DEVICE_ERROR_TOO_HOT},
        {FP_DEVICE_ERROR, FP_DEVICE_ERROR_ALREADY_OPEN},
        {FP_DEVICE_RETRY, FP_DEVICE_RETRY_GENERAL},
        {G_IO_ERROR, G_IO_ERROR_CANCELLED},
        {G_IO_ERROR, G_IO_ERROR_NOT_FOUND},
        {G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED},
        {G_FILE_ERROR, G_FILE_ERROR_FAILED},
    };

    (void)state;
    for (size_t n = 0; n < G_N_ELEMENTS(lasting); n++)
        assert_false(again(lasting[n].domain, lasting[n].code, 0));
}

static void test_a_clock_that_went_back_ends_it(void **state)
{
    (void)state;
    assert_false(again(FP_DEVICE_ERROR, FP_DEVICE_ERROR_BUSY, -1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_may_pass_is_tried_for_a_second),
        cmocka_unit_test(test_what_stays_is_not_tried_again),
        cmocka_unit_test(test_a_clock_that_went_back_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
