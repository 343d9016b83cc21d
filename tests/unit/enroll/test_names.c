/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/names.h"

#include "enroll/lang.h"
#include "enroll/width.h"
#include "tests/unit/enroll/unit.h"

#include <time.h>

static void test_values(void **state)
{
    static const struct {
        const char *key, *value, *out;
    } row[] = {
        {"zone", "individual-number", "My Number zone"},
        {"require", "card finger", "IC card + fingerprint"},
        {"require", "card", "IC card"},
        {"finger", "left-ring", "left ring finger"},
        {"family", "felica", "FeliCa Lite-S"},
        {"family", "unknown-family", "unknown-family"},
        {"strength", "shared-key", "shared key, one zone only"},
        {"pin", "no", "no"},
        {"label", "piv", "piv"},
        {"name", "yes", "yes"},
        {"name", "", "-"},
        {"until", "operator", "an operator unlocks"},
        {"until", "2026-03-31T14:59:59Z", "2026-03-31"},
        {"from", "2026-03-31T15:00:00Z", "2026-04-01"},
        {"time", "2026-03-31T15:00:01Z", "2026-04-01 00:00:01"},
        {"time", "2026-03-31T23:30:00", "2026-03-31T23:30:00"},
        {"zone", "elsewhere", "elsewhere"},
        {"zones", "individual-number lgwan", "My Number zone, LGWAN zone"},
        {"zones", "", "-"},
        {"factors", "card pin", "IC card + PIN"},
        {"reason", "injured", "injured hand or finger"},
        {"reason", "ended", "term ended"},
        {"standing", "over", "over"},
        {"escort", "yes", "yes"},
        {"hosts", "zeimu-05,@税務課", "zeimu-05,@税務課"},
    };
    char out[128];

    (void)state;
    for (size_t n = 0; n < COUNT(row); n++) {
        names_value(row[n].key, row[n].value, out, sizeof(out));
        assert_string_equal(out, row[n].out);
    }
}

static void test_width(void **state)
{
    (void)state;
    assert_int_equal(width_of("abc"), 3);
    assert_int_equal(width_of("砺波"), 4);
    assert_int_equal(width_of("ｶﾅ"), 2);
    assert_int_equal(width_of("\xFF"), 1);
    assert_int_equal(width_fit("砺波太郎", 5), strlen("砺波"));
    assert_int_equal(width_fit("ab", 5), 2);
    assert_int_equal(width_fit("砺", 1), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_width),
    };

    lang_choose(LANG_EN, "/nonexistent");
    setenv("TZ", "JST-9", 1);
    tzset();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
