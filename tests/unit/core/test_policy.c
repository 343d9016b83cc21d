/* SPDX-License-Identifier: Apache-2.0 */
#include "core/policy/policy.h"

#include <stdio.h>

#include "tests/unit/core/unit.h"

static struct policy p;
static char why[200];

/* Sets pairs "key=value" separated by ';' in their order, then finishes. */
static int configure(const char *pairs)
{
    char text[2048], *save = NULL;
    int r = POLICY_OK;

    policy_init(&p);
    why[0] = '\0';
    assert_true(strlen(pairs) < sizeof(text));
    memcpy(text, pairs, strlen(pairs) + 1);
    for (char *pair = strtok_r(text, ";", &save); pair != NULL; pair = strtok_r(NULL, ";", &save)) {
        char *value = strchr(pair, '=');
        assert_non_null(value);
        *value++ = '\0';
        if ((r = policy_set(&p, pair, value, why, sizeof(why))) != POLICY_OK)
            return r;
    }
    return policy_finish(&p, why, sizeof(why));
}

static void test_presets(void **state)
{
    (void)state;
    assert_int_equal(configure("zone=individual-number;require=card finger"), POLICY_OK);
    assert_int_equal(p.zone, ZONE_INDIVIDUAL_NUMBER);
    assert_int_equal(p.require, FACTOR_CARD | FACTOR_FINGER);
    assert_string_equal(p.host, "");
    assert_string_equal(p.place, "");
    assert_string_equal(p.language, "ja");
    assert_string_equal(p.extension, "");
    assert_int_equal(p.card_wait, 30);
    assert_int_equal(p.pin_wait, 60);
    assert_int_equal(p.finger_wait, 15);
    assert_int_equal(p.total, 85);
    assert_int_equal(p.finger_tries, 3);
    assert_int_equal(p.finger_presses, 1);
    assert_int_equal(p.lock_after, 5);
    assert_int_equal(p.lock_time, 600);
    assert_false(p.lock_admin_only);
    assert_int_equal(p.throttle_after, 5);
    assert_int_equal(p.throttle_delay, 30);
    assert_string_equal(p.remote, "");
    assert_string_equal(p.exempt, "cron atd runuser runuser-l systemd-user");
    assert_string_equal(p.sensors, "uru4000");
    assert_false(p.demo);
    assert_false(p.tap);
    assert_false(p.shared_keys);
}

/* Shared keys: by the zone, whichever line came first, unless the config says. */
static void test_shared_keys(void **state)
{
    (void)state;
    assert_int_equal(configure("require=card;zone=lgwan"), POLICY_OK);
    assert_true(p.shared_keys);
    assert_int_equal(configure("zone=internet;require=token pin"), POLICY_OK);
    assert_true(p.shared_keys);
    assert_int_equal(configure("shared_keys=no;zone=internet;require=card"), POLICY_OK);
    assert_false(p.shared_keys);
    assert_int_equal(configure("shared_keys=yes;zone=individual-number;require=card finger"),
                     POLICY_OK);
    assert_true(p.shared_keys);
}

/* How old a roster may be: by the zone. */
static void test_roster_age(void **state)
{
    (void)state;
    assert_int_equal(configure("zone=individual-number;require=card finger"), POLICY_OK);
    assert_int_equal(p.roster_warn, 7);
    assert_int_equal(p.roster_refuse, 30);
    assert_int_equal(configure("require=card;zone=lgwan;roster_warn=60"), POLICY_OK);
    assert_int_equal(p.roster_warn, 60);
    assert_int_equal(p.roster_refuse, 60);
    assert_true(policy_given(&p, "roster_warn"));
    assert_false(policy_given(&p, "roster_refuse"));
    assert_false(policy_given(&p, "roster_colour"));
    assert_int_equal(configure("require=card;zone=lgwan;roster_refuse=1"), POLICY_OK);
    assert_int_equal(p.roster_warn, 1);
    assert_int_equal(configure("require=card;zone=lgwan;roster_warn=61"), POLICY_VALUE);
    assert_string_equal(why, "roster_warn: above roster_refuse (60 days)");
    assert_int_equal(configure("roster_refuse=0;zone=lgwan;require=card"), POLICY_VALUE);
    assert_int_equal(configure("roster_refuse=367;zone=lgwan;require=card"), POLICY_VALUE);
    assert_string_equal(why, "roster_refuse: must be 1 to 366 days");
}

static void test_every_key(void **state)
{
    (void)state;
    assert_int_equal(
        configure("host=mado-01.example;place=\xE5\xB8\x82\xE6\xB0\x91;language=en;extension=0763-"
                  "33 (123);card_wait=10;"
                  "pin_wait=11;finger_wait=12;total=80;finger_tries=2;finger_presses=2;"
                  "lock_after=9;lock_time=86400;lock_admin_only=yes;throttle_after=7;"
                  "throttle_delay=0;remote=sshd  xrdp-sesman;account_exempt=;"
                  "sensors=\taes2501 virtual_image ;demo=yes;zone=lgwan;require=finger card pin;"
                  "presence=tap;shared_keys=no"),
        POLICY_OK);
    assert_string_equal(p.host, "mado-01.example");
    assert_string_equal(p.place, "\xE5\xB8\x82\xE6\xB0\x91");
    assert_string_equal(p.language, "en");
    assert_string_equal(p.extension, "0763-33 (123)");
    assert_int_equal(p.card_wait, 10);
    assert_int_equal(p.pin_wait, 11);
    assert_int_equal(p.finger_wait, 12);
    assert_int_equal(p.total, 80);
    assert_int_equal(p.finger_tries, 2);
    assert_int_equal(p.finger_presses, 2);
    assert_int_equal(p.lock_after, 9);
    assert_int_equal(p.lock_time, 86400);
    assert_true(p.lock_admin_only);
    assert_int_equal(p.throttle_after, 7);
    assert_int_equal(p.throttle_delay, 0);
    assert_string_equal(p.remote, "sshd xrdp-sesman");
    assert_string_equal(p.exempt, "");
    assert_string_equal(p.sensors, "aes2501 virtual_image");
    assert_true(p.demo);
    assert_int_equal(p.zone, ZONE_LGWAN);
    assert_int_equal(p.require, FACTOR_CARD | FACTOR_PIN | FACTOR_FINGER);
    assert_true(p.tap);
    assert_false(p.shared_keys);
}

static const char *const key_names[] = {
    "zone",           "require",     "host",           "language",        "extension",
    "card_wait",      "pin_wait",    "finger_wait",    "total",           "finger_tries",
    "finger_presses", "lock_after",  "lock_time",      "lock_admin_only", "throttle_after",
    "throttle_delay", "remote",      "account_exempt", "sensors",         "demo",
    "presence",       "shared_keys", "place"};

static void test_known_keys(void **state)
{
    static const char *const others[] = {"",       "zone ", "Zone",  "zon", "zones",
                                         "exempt", "seen",  "state", "tap"};

    (void)state;
    for (size_t n = 0; n < COUNT(key_names); n++)
        assert_true(policy_knows(key_names[n]));
    policy_init(&p);
    for (size_t n = 0; n < COUNT(others); n++) {
        assert_false(policy_knows(others[n]));
        assert_int_equal(policy_set(&p, others[n], "1", why, sizeof(why)), POLICY_KEY);
        assert_non_null(strstr(why, "unknown key"));
    }
    assert_int_equal(p.seen, 0);
}

static const struct {
    const char *pairs;
    int result;
    const char *why;
} outcomes[] = {
    {"", POLICY_MISSING, "zone"},
    {"zone=lgwan", POLICY_MISSING, "require"},
    {"require=card", POLICY_MISSING, "zone"},
    {"zone=lgwan;zone=lgwan", POLICY_DUPLICATE, "zone"},
    {"zone=lgwan;require=card;demo=no;demo=no", POLICY_DUPLICATE, "demo"},
    {"zone=none", POLICY_VALUE, "zone"},
    {"zone=LGWAN", POLICY_VALUE, "zone"},
    {"zone=", POLICY_VALUE, "zone"},
    {"zone=number", POLICY_VALUE, "zone"},
    {"require=", POLICY_VALUE, "require"},
    {"require=card card", POLICY_VALUE, "require"},
    {"require=card,finger", POLICY_VALUE, "require"},
    {"require=password", POLICY_VALUE, "require"},
    {"zone=individual-number;require=card", POLICY_CLAUSE, "8(4)(d)"},
    {"zone=individual-number;require=card pin", POLICY_CLAUSE, "individual-number"},
    {"zone=individual-number;require=finger", POLICY_CLAUSE, "finger"},
    {"zone=individual-number;require=pin finger", POLICY_CLAUSE, "pin finger"},
    {"zone=individual-number;require=finger pin card", POLICY_OK, ""},
    {"zone=lgwan;require=pin", POLICY_CLAUSE, "lgwan"},
    {"zone=lgwan;require=finger", POLICY_CLAUSE, "lgwan"},
    {"zone=internet;require=pin finger", POLICY_CLAUSE, "internet"},
    {"zone=internet;require=card", POLICY_OK, ""},
    {"zone=internet;require=card pin", POLICY_OK, ""},
    {"zone=internet;require=token", POLICY_CLAUSE, "\"token\" is below clause 8(4)(d)"},
    {"zone=lgwan;require=token pin", POLICY_OK, ""},
    {"zone=lgwan;require=finger token", POLICY_OK, ""},
    {"zone=internet;require=token finger pin", POLICY_OK, ""},
    {"zone=lgwan;require=token token", POLICY_VALUE, "require"},
    {"zone=lgwan;require=card token", POLICY_CLAUSE, "card and token: one possession a host"},
    {"zone=internet;require=card token pin finger", POLICY_CLAUSE, "one possession a host"},
    {"zone=individual-number;require=token finger", POLICY_CLAUSE, "individual-number"},
    {"zone=individual-number;require=token pin finger", POLICY_CLAUSE, "individual-number"},
    {"zone=individual-number;require=card token finger", POLICY_CLAUSE, "one possession a host"},
    {"zone=lgwan;require=token pin;shared_keys=no", POLICY_VALUE, "shared_keys"},
    {"shared_keys=yes;zone=individual-number;require=token finger", POLICY_CLAUSE, "token"},
    {"shared_keys=1", POLICY_VALUE, "yes or no"},
    {"presence=tap;zone=lgwan;require=card", POLICY_OK, ""},
    {"presence=tap;zone=internet;require=token pin", POLICY_OK, ""},
    {"presence=required;zone=individual-number;require=card finger", POLICY_OK, ""},
    {"presence=tap;zone=individual-number;require=card finger", POLICY_CLAUSE,
     "presence: tap is below clause 8(4)(d) for zone individual-number"},
    {"presence=", POLICY_VALUE, "required or tap"},
    {"presence=yes", POLICY_VALUE, "required or tap"},
    {"presence=Tap", POLICY_VALUE, "required or tap"},
    {"presence=tap;presence=tap", POLICY_DUPLICATE, "presence"},
    {"language=fr", POLICY_VALUE, "language"},
    {"language=", POLICY_VALUE, "language"},
    {"language=japanese", POLICY_VALUE, "language"},
    {"host=", POLICY_VALUE, "host"},
    {"host=a b", POLICY_VALUE, "host"},
    {"host=mado\xE7\xAA\x93", POLICY_VALUE, "host"},
    {"extension=1\x1B[2J", POLICY_VALUE, "extension"},
    {"extension=\xE5\x86\x85\xE7\xB7\x9A"
     "123;zone=lgwan;require=card",
     POLICY_OK, ""},
    {"extension=\xE5\x86", POLICY_VALUE, "extension"},
    {"demo=true", POLICY_VALUE, "yes or no"},
    {"demo=1", POLICY_VALUE, "yes or no"},
    {"lock_admin_only=Yes", POLICY_VALUE, "yes or no"},
    {"remote=sshd;zone=lgwan;require=card", POLICY_OK, ""},
    {"remote=ss/hd", POLICY_VALUE, "remote"},
    {"remote=sshd,login", POLICY_VALUE, "remote"},
    {"account_exempt=*", POLICY_VALUE, "account_exempt"},
    {"sensors=URU4000", POLICY_VALUE, "sensors"},
    {"sensors=uru4000:aes2501", POLICY_VALUE, "sensors"},
};

static void test_outcomes(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(outcomes); n++) {
        int r = configure(outcomes[n].pairs);
        if (r != outcomes[n].result || strstr(why, outcomes[n].why) == NULL)
            fail_msg("%s: %s (%s)", outcomes[n].pairs, policy_strerror(r), why);
    }
}

static const struct {
    const char *key;
    uint32_t min, max;
} numbers[] = {
    {"card_wait", 1, 90},      {"pin_wait", 1, 90},     {"finger_wait", 1, 90},
    {"total", 1, 85},          {"finger_tries", 1, 5},  {"finger_presses", 1, 2},
    {"lock_after", 1, 10},     {"lock_time", 1, 86400}, {"throttle_after", 1, 100},
    {"throttle_delay", 0, 60},
};

static int set_number(const char *key, long value)
{
    char text[32];

    policy_init(&p);
    snprintf(text, sizeof(text), "%ld", value);
    return policy_set(&p, key, text, why, sizeof(why));
}

static void test_numbers(void **state)
{
    static const char *const wrong[] = {"",
                                        " 5",
                                        "5 ",
                                        "+5",
                                        "-1",
                                        "0x5",
                                        "5s",
                                        "1e1",
                                        "five",
                                        "4294967297",
                                        "18446744073709551621",
                                        "1234567"};

    (void)state;
    for (size_t n = 0; n < COUNT(numbers); n++) {
        const char *key = numbers[n].key;
        assert_int_equal(set_number(key, numbers[n].min), POLICY_OK);
        assert_int_equal(set_number(key, numbers[n].max), POLICY_OK);
        assert_int_equal(set_number(key, (long)numbers[n].min - 1), POLICY_VALUE);
        assert_int_equal(set_number(key, (long)numbers[n].max + 1), POLICY_VALUE);
        assert_non_null(strstr(why, key));
        for (size_t w = 0; w < COUNT(wrong); w++) {
            policy_init(&p);
            assert_int_equal(policy_set(&p, key, wrong[w], why, sizeof(why)), POLICY_VALUE);
            assert_int_equal(p.seen, 0);
        }
    }
}

#define NUMBER  "zone=individual-number;require=card finger;"
#define LGWAN_F "zone=lgwan;require=card finger;"
#define LGWAN_C "zone=lgwan;require=card;"

static const struct {
    const char *pairs;
    int result;
} sensor_rules[] = {
    {NUMBER "sensors=uru4000 aes2501 aes2550 etes603 vcom5s", POLICY_OK},
    {NUMBER "sensors=synaptics goodixmoc elanmoc fpcmoc", POLICY_OK},
    {NUMBER "sensors=", POLICY_VALUE},
    {NUMBER "sensors=uru4000 elan", POLICY_VALUE},
    {NUMBER "sensors=elan;finger_presses=2", POLICY_VALUE},
    {NUMBER "sensors=upektc", POLICY_VALUE},
    {NUMBER "sensors=upeksonly", POLICY_VALUE},
    {NUMBER "sensors=aes3500", POLICY_VALUE},
    {NUMBER "sensors=virtual_image", POLICY_VALUE},
    {NUMBER "sensors=virtual_image;demo=no", POLICY_VALUE},
    {NUMBER "sensors=virtual_image;demo=yes", POLICY_OK},
    {"demo=yes;sensors=virtual_image;require=card finger;zone=individual-number", POLICY_OK},
    {NUMBER "sensors=virtual_device;demo=yes", POLICY_VALUE},
    {NUMBER "sensors=uru40000", POLICY_VALUE},
    {LGWAN_F "sensors=elan", POLICY_VALUE},
    {LGWAN_F "sensors=elan;finger_presses=2", POLICY_OK},
    {"finger_presses=2;sensors=elan vfs5011;" LGWAN_F, POLICY_OK},
    {LGWAN_F "sensors=elan uru4000", POLICY_VALUE},
    {LGWAN_F "sensors=uru4000", POLICY_OK},
    {LGWAN_F "sensors=aes4000;finger_presses=2", POLICY_VALUE},
    {LGWAN_F "sensors=egis0570;finger_presses=2", POLICY_VALUE},
    {LGWAN_F "sensors=virtual_image;finger_presses=2", POLICY_VALUE},
    {LGWAN_F "sensors=", POLICY_VALUE},
    {LGWAN_C "sensors=", POLICY_OK},
    {LGWAN_C "sensors=elan", POLICY_OK},
    {LGWAN_C "sensors=aes3500", POLICY_VALUE},
    {LGWAN_C "sensors=virtual_device", POLICY_VALUE},
    {LGWAN_C "sensors=virtual_device;demo=yes", POLICY_OK},
    {LGWAN_C "sensors=a_driver_with_a_name_of_31_octet", POLICY_VALUE},
};

static void test_sensors(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(sensor_rules); n++) {
        int r = configure(sensor_rules[n].pairs);
        if (r != sensor_rules[n].result)
            fail_msg("%s: %s (%s)", sensor_rules[n].pairs, policy_strerror(r), why);
        if (r != POLICY_OK)
            assert_non_null(strstr(why, "sensors"));
    }
}

static void test_lengths(void **state)
{
    char name[POLICY_NAME_MAX + 1], list[POLICY_LIST_MAX + 1];

    (void)state;
    memset(name, 'n', sizeof(name));
    memset(list, 's', sizeof(list));
    name[POLICY_NAME_MAX] = list[POLICY_LIST_MAX] = '\0';
    policy_init(&p);
    assert_int_equal(policy_set(&p, "host", name, NULL, 0), POLICY_VALUE);
    assert_int_equal(policy_set(&p, "host", name + 1, NULL, 0), POLICY_OK);
    assert_string_equal(p.host, name + 1);
    assert_int_equal(policy_set(&p, "extension", name, NULL, 0), POLICY_VALUE);
    assert_int_equal(policy_set(&p, "remote", list, NULL, 0), POLICY_VALUE);
    list[100] = list[200] = ' ';
    assert_int_equal(policy_set(&p, "remote", list, NULL, 0), POLICY_VALUE);
    assert_int_equal(policy_set(&p, "remote", list + 1, NULL, 0), POLICY_OK);
    assert_string_equal(p.remote, list + 1);
}

/* A short buffer for the reason, or none, changes nothing but the reason. */
static void test_why_may_be_short(void **state)
{
    char tiny[5];

    (void)state;
    policy_init(&p);
    assert_int_equal(policy_set(&p, "nonsense", "1", tiny, sizeof(tiny)), POLICY_KEY);
    assert_string_equal(tiny, "nons");
    assert_int_equal(policy_set(&p, "nonsense", "1", NULL, 100), POLICY_KEY);
    assert_int_equal(policy_set(&p, "total", "0", NULL, 100), POLICY_VALUE);
    assert_int_equal(policy_finish(&p, NULL, 100), POLICY_MISSING);
    assert_int_equal(policy_set(&p, "zone", "lgwan", NULL, 0), POLICY_OK);
    assert_int_equal(policy_set(&p, "zone", "lgwan", NULL, 0), POLICY_DUPLICATE);
    assert_int_equal(policy_set(&p, "require", "pin", NULL, 0), POLICY_OK);
    assert_int_equal(policy_finish(&p, tiny, sizeof(tiny)), POLICY_CLAUSE);
}

static void test_a_refused_value_changes_nothing(void **state)
{
    struct policy before;

    (void)state;
    assert_int_equal(configure(LGWAN_F), POLICY_OK);
    p.seen = 0;
    before = p;
    for (size_t n = 0; n < COUNT(key_names); n++) {
        assert_int_equal(policy_set(&p, key_names[n], "\x01", NULL, 0), POLICY_VALUE);
        assert_memory_equal(&p, &before, sizeof(p));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_presets),
        cmocka_unit_test(test_shared_keys),
        cmocka_unit_test(test_roster_age),
        cmocka_unit_test(test_every_key),
        cmocka_unit_test(test_known_keys),
        cmocka_unit_test(test_outcomes),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_sensors),
        cmocka_unit_test(test_lengths),
        cmocka_unit_test(test_why_may_be_short),
        cmocka_unit_test(test_a_refused_value_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
