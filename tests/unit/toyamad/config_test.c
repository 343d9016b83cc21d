/* SPDX-License-Identifier: Apache-2.0
 *
 * The host's config: each fault is named with its line, and nothing faulty passes.
 */
#include "core/roster/record.h"
#include "toyamad/config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GOOD "[host]\nzone = internet\nrequire = card\nhost = t1\n"

struct outcome {
    bool good;
    struct config config;
    char faults[2048];
};

static void load(struct outcome *o, const char *text, mode_t mode)
{
    char path[] = "/tmp/toyama-config-XXXXXX";
    int fd = mkstemp(path);
    FILE *faults = fmemopen(o->faults, sizeof(o->faults), "w");

    assert_true(fd >= 0);
    assert_non_null(faults);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    o->faults[0] = '\0';
    o->good = config_load(&o->config, path, faults);
    fclose(faults);
    unlink(path);
}

static void refuse(const char *text, const char *line, const char *why)
{
    struct outcome o = {0};

    load(&o, text, 0644);
    assert_false(o.good);
    if (strstr(o.faults, line) == NULL || strstr(o.faults, why) == NULL)
        fail_msg("\"%s\" does not say \"%s\" and \"%s\"", o.faults, line, why);
}

static void accepts_a_good_file(void **state)
{
    struct outcome o = {0};

    (void)state;
    load(&o, GOOD "[paths]\nstate = /srv/x\n; comment\n\n[limits]\ncard_wait = 12\n", 0644);
    assert_true(o.good);
    assert_string_equal(o.faults, "");
    assert_string_equal(o.config.state, "/srv/x");
    assert_string_equal(o.config.auth_socket, "/run/toyama/auth.sock");
    assert_int_equal(o.config.policy.card_wait, 12);
    assert_int_equal(o.config.policy.require, FACTOR_CARD);
}

static void names_unknown_keys_and_sections(void **state)
{
    (void)state;
    refuse(GOOD "colour = red\n", ":5:", "unknown key \"colour\"");
    refuse(GOOD "[limits]\nzone = lgwan\n", ":6:", "section [host]");
    refuse(GOOD "[paths]\nstate = relative\n", ":6:", "absolute path");
    refuse(GOOD "[paths]\nstate =\n", ":6:", "needs a value");
}

static void names_repeated_keys(void **state)
{
    (void)state;
    refuse(GOOD "zone = internet\n", ":5:", "zone");
    refuse(GOOD "[paths]\nstate = /a\nstate = /b\n", ":7:", "given twice");
}

static void names_lines_that_cannot_be_read(void **state)
{
    char text[1024] = GOOD "language = ";

    (void)state;
    memset(text + strlen(text), 'x', 300);
    strcat(text, "\n");
    refuse(text, ":5:", "too long");
    refuse(GOOD "  zone = lgwan\n", ":5:", "begins with a blank");
    refuse(GOOD "nonsense\n", ":5:", "neither");
}

static void refuses_what_the_clause_forbids(void **state)
{
    (void)state;
    refuse("[host]\nrequire = card pin\nhost = a\nzone = individual-number\n[limits]\n",
           ":2: require:", "8(4)(d)");
    refuse("[host]\nhost = a\nzone = internet\nrequire = finger\n", ":4: require:", "8(4)(d)");
    refuse("[host]\nhost = a\nzone = moon\nrequire = card\n", ":3:", "zone");
    refuse("[host]\nhost = a\nrequire = card\n", ": zone:", "missing");
    refuse("[host]\nhost = a\nzone = individual-number\nrequire = card finger\npresence = tap\n",
           ":5: presence:", "8(4)(d)");
    refuse("[host]\nshared_keys = no\nhost = a\nzone = lgwan\nrequire = token pin\n",
           ":2: shared_keys:", "token");
}

static void refuses_a_file_that_others_can_write(void **state)
{
    struct outcome o = {0};

    (void)state;
    load(&o, GOOD, 0664);
    assert_false(o.good);
    assert_non_null(strstr(o.faults, "written by others"));
}

static void wants_demo_for_a_virtual_sensor(void **state)
{
    struct outcome o = {0};

    (void)state;
    refuse(GOOD "[paths]\nsensor_socket = /run/x\n[limits]\n", ":6:", "demo");
    refuse(GOOD "[sensor]\nsensors = virtual_image\n", "", "demo");
    load(&o, GOOD "demo = yes\n[sensor]\nsensors = virtual_image\n", 0644);
    assert_true(o.good);
}

static void fills_in_what_follows_from_the_register(void **state)
{
    struct outcome o = {0};

    (void)state;
    load(&o, GOOD, 0644);
    assert_true(o.good);
    assert_int_equal(o.config.roster.kind, REGISTER_OWN);
    assert_false(o.config.roster.approval);
    assert_int_equal(o.config.policy.roster_refuse, 0);
    assert_int_equal(o.config.roster.temporary_until, 18 * 60);
    load(&o, GOOD "[roster]\nregister = station\nzones = lgwan internet\n", 0644);
    assert_true(o.good);
    assert_true(o.config.roster.approval);
    assert_int_equal(o.config.roster.zones, ROSTER_LGWAN | ROSTER_INTERNET);
    assert_int_equal(o.config.roster.finger_zones, 0);
    assert_int_equal(o.config.policy.roster_refuse, 0);
    load(&o,
         GOOD "[roster]\nroster_refuse = 3\nregister = taken\nroster_inbox = /srv/in\n"
              "roster_outbox = /srv/out\n",
         0644);
    assert_true(o.good);
    assert_int_equal(o.config.roster.kind, REGISTER_TAKEN);
    assert_string_equal(o.config.roster.inbox, "/srv/in");
    assert_string_equal(o.config.roster.outbox, "/srv/out");
    assert_int_equal(o.config.policy.roster_refuse, 3);
    assert_int_equal(o.config.policy.roster_warn, 3);
}

static void knows_when_temporary_cards_end(void **state)
{
    struct outcome o = {0};

    (void)state;
    load(&o,
         GOOD "[roster]\ntemporary_until = 17:15\nsections = /etc/toyama/sections\n"
              "holidays = /etc/toyama/syukujitsu.csv\n",
         0644);
    assert_true(o.good);
    assert_int_equal(o.config.roster.temporary_until, 17 * 60 + 15);
    assert_string_equal(o.config.roster.sections, "/etc/toyama/sections");
    assert_string_equal(o.config.roster.holidays, "/etc/toyama/syukujitsu.csv");
    refuse(GOOD "[roster]\ntemporary_until = 24:00\n", ":6:", "HH:MM");
    refuse(GOOD "[roster]\ntemporary_until = 00:00\n", ":6:", "HH:MM");
    refuse(GOOD "[roster]\ntemporary_until = 8:30\n", ":6:", "HH:MM");
    refuse(GOOD "[roster]\ntemporary_until = 18:60\n", ":6:", "HH:MM");
    refuse(GOOD "[roster]\ntemporary_until = 18:00:00\n", ":6:", "HH:MM");
}

static void knows_the_rules_about_cards(void **state)
{
    struct outcome o = {0};

    (void)state;
    load(&o, GOOD, 0644);
    assert_int_equal(o.config.roster.cards, 0);
    assert_int_equal(o.config.roster.support_days, 14);
    assert_int_equal(o.config.roster.unused_notify, 30);
    assert_int_equal(o.config.roster.unused_suspend, 90);
    assert_int_equal(o.config.roster.deputy_approvers, 2);
    load(&o, GOOD "[roster]\nregister = station\nsupport_days = 31\n", 0644);
    assert_int_equal(o.config.roster.cards, 1);
    assert_int_equal(o.config.roster.support_days, 31);
    load(&o, GOOD "[roster]\nregister = station\ncards_per_person = 0\n", 0644);
    assert_int_equal(o.config.roster.cards, 0);
    load(&o, GOOD "[roster]\ncards_per_person = 2\nunused_notify = 7\nunused_suspend = 7\n", 0644);
    assert_true(o.good);
    assert_int_equal(o.config.roster.cards, 2);
    assert_int_equal(o.config.roster.unused_suspend, 7);
    refuse(GOOD "[roster]\ncards_per_person = 9\n", ":6:", "0 (any number) to 8");
    refuse(GOOD "[roster]\ncards_per_person = one\n", ":6:", "number");
    refuse(GOOD "[roster]\nsupport_days = 0\n", ":6:", "1 to 366");
    refuse(GOOD "[roster]\nsupport_days = 1000\n", ":6:", "1 to 366");
    refuse(GOOD "[roster]\nunused_notify = 91\n", ":6: unused_notify:", "above");
    refuse(GOOD "[roster]\ndeputy_approvers = 2\n", ":6: deputy_approvers:", "own");
    refuse(GOOD "[roster]\nregister = station\nunused_notify = 9\n",
           ":7: unused_notify:", "station");
    refuse(GOOD "[roster]\nregister = taken\ncards_per_person = 1\n",
           ":7: cards_per_person:", "taken");
}

static void refuses_a_register_that_contradicts_itself(void **state)
{
    (void)state;
    refuse(GOOD "[roster]\nregister = elsewhere\n", ":6:", "own, station or taken");
    refuse(GOOD "[roster]\napproval = none\nregister = taken\n", ":6: approval:", "required");
    refuse(GOOD "[roster]\napproval = none\nregister = station\n", ":6: approval:", "required");
    refuse(GOOD "[roster]\napproval = required\n", ":6: approval:", "none");
    refuse(GOOD "[roster]\nregister = own\nregister = own\n", ":7:", "given twice");
    refuse(GOOD "[roster]\nzones = lgwan\n", ":6: zones:", "register = own");
    refuse(GOOD "[roster]\nregister = taken\nzones = lgwan\n", ":7: zones:", "taken");
    refuse(GOOD "[roster]\nregister = station\nzones = lgwan lgwan\n", ":7: zones:", "twice");
    refuse(GOOD "[roster]\nregister = station\nzones =\n", ":7: zones:", "zones");
    refuse(GOOD "[roster]\nregister = station\nzones = lgwan\nfinger_zones = internet\n",
           ":8: finger_zones:", "zones");
    refuse(GOOD "[roster]\nroster_inbox = /srv/in\n", ":6: roster_inbox:", "own");
    refuse(GOOD "[roster]\nroster_outbox = /srv/in\n", ":6: roster_outbox:", "own");
    refuse(GOOD "[roster]\nregister = taken\nroster_inbox = in\n", ":7: roster_inbox:", "absolute");
    refuse(GOOD "[roster]\nregister = taken\nsections = /x\n", ":7: sections:", "taken");
    refuse(GOOD "[roster]\nregister = taken\nholidays = /x\n", ":7: holidays:", "taken");
    refuse(GOOD "[roster]\nholidays = x\n", ":6: holidays:", "absolute");
    refuse(GOOD "[roster]\nroster_refuse = 10\n", ":6: roster_refuse:", "taken");
    refuse(GOOD "[roster]\nregister = station\nroster_warn = 10\n", ":7: roster_warn:", "taken");
    refuse(GOOD "[host]\nroster_warn = 10\n", ":6:", "section [roster]");
    refuse(GOOD "[roster]\nregister = taken\nroster_warn = 9\nroster_refuse = 8\n",
           ":7: roster_warn:", "above");
}

static void says_what_is_missing(void **state)
{
    char faults[512] = "";
    FILE *out = fmemopen(faults, sizeof(faults), "w");
    struct config config;

    (void)state;
    assert_false(config_load(&config, "/nonexistent/toyama.conf", out));
    fclose(out);
    assert_non_null(strstr(faults, "/nonexistent/toyama.conf: No such file"));
}

static void keeps_the_words_of_hr_files(void **state)
{
    static char printed[16384];
    struct outcome o = {0};
    FILE *out = fmemopen(printed, sizeof(printed), "w");

    (void)state;
    load(&o, GOOD "[hr]\nnumber = 社員番号\nname = 氏名\ncategory_regular = 一般職 特別職\n", 0644);
    assert_string_equal(o.faults, "");
    assert_true(o.good);
    config_print(&o.config, out);
    fclose(out);
    assert_non_null(strstr(printed, "\nhr.number = 社員番号\n"));
    assert_non_null(strstr(printed, "\nhr.category_regular = 一般職 特別職\n"));
    assert_non_null(strstr(printed, "\nhr.until = 任期満了日\n"));
    refuse(GOOD "[hr]\nnumber = a\nnumber = b\n", ":7:", "given twice");
    refuse(GOOD "[hr]\ncolour = red\n", ":6:", "unknown key \"colour\" in section [hr]");
    refuse(GOOD "[hr]\nzone = internet\n", ":6:", "unknown key");
    refuse(GOOD "[hr]\nnumber =\n", ":6:", "needs a value");
    refuse(GOOD "[hr]\nnumber = \xFF\n", ":6:", "UTF-8");
    refuse(GOOD "until = x\n", ":5:", "section [hr], not [host]");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts_a_good_file),
        cmocka_unit_test(keeps_the_words_of_hr_files),
        cmocka_unit_test(names_unknown_keys_and_sections),
        cmocka_unit_test(names_repeated_keys),
        cmocka_unit_test(names_lines_that_cannot_be_read),
        cmocka_unit_test(refuses_what_the_clause_forbids),
        cmocka_unit_test(refuses_a_file_that_others_can_write),
        cmocka_unit_test(wants_demo_for_a_virtual_sensor),
        cmocka_unit_test(fills_in_what_follows_from_the_register),
        cmocka_unit_test(knows_when_temporary_cards_end),
        cmocka_unit_test(knows_the_rules_about_cards),
        cmocka_unit_test(refuses_a_register_that_contradicts_itself),
        cmocka_unit_test(says_what_is_missing),
    };

    if (geteuid() != 0)
        return printf("config_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
