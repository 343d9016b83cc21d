/* SPDX-License-Identifier: Apache-2.0
 *
 * Two people and two keys behind an issue: who may approve, what he was shown, and a key of the
 * authority that takes over from another.
 */
#include "stationrig.h"

#include "toyamad/registry/zones.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define HANAKO 0x33

static void needs_another_person(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_LGWAN);
    struct rig_card stranger;

    rig_put_now(rig, &r, RIG_APPROVER);
    assert_int_equal(rig_approve(rig, false), REGISTRY_REFUSED);
    assert_non_null(strstr(rig->station.why, "made one of the changes"));
    assert_int_equal(rig_number(rig, "lgwan"), 1);
    rig_card_make(&stranger);
    assert_int_equal(rig_sign(rig, &stranger), REGISTRY_REFUSED);
    /* Somebody else does the same once more: the first author stays one. */
    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(rig_approve(rig, false), REGISTRY_REFUSED);
}

static void a_role_counts_from_the_next_issue_on(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_LGWAN), registrar, old;
    struct rig_card first = rig->approver, second;

    r.roles = ROSTER_APPROVER;
    rig_put_now(rig, &r, RIG_REGISTRAR);
    rig_preview(rig, NULL, NULL);
    assert_int_equal(rig->plan->offices, 1);
    assert_int_equal(rig->plan->office[0].after, 0);
    assert_int_equal(rig->plan->office[0].wanted, ROSTER_APPROVER);
    rig_give_key(rig, &r); /* rig->approver is this card now */
    second = rig->approver;
    rig_put_now(rig, &r, RIG_REGISTRAR);
    rig_preview(rig, NULL, NULL);
    assert_int_equal(rig->plan->office[0].after, ROSTER_APPROVER);
    assert_int_equal(rig_approve(rig, false), REGISTRY_REFUSED);
    rig->approver = first;
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    registrar = rig_stored(rig, RIG_REGISTRAR);
    registrar.state = ROSTER_STOPPED;
    rig_put_now(rig, &registrar, 0);
    rig->approver = second;
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(rig->reg.issue.officers, 2);
    old = rig_stored(rig, RIG_APPROVER);
    old.roles = 0;
    rig_put_now(rig, &old, 0);
    rig->approver = first;
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK); /* still one for this issue */
    registrar.state = ROSTER_ACTIVE;
    rig_put_now(rig, &registrar, 0);
    assert_int_equal(rig_approve(rig, false), REGISTRY_REFUSED);
}

static void load_keys(struct rig *rig)
{
    char why[256] = "";

    keys_wipe(&rig->keys);
    assert_true(keys_load(&rig->keys, REGISTER_STATION, rig->directory, why, sizeof(why)));
}

/* Old and new key, each where it counts: the chain of the zones goes through the change. */
static void hands_over_to_the_authoritys_next_key(void **state)
{
    struct rig *rig = *state;
    struct roster_signed s;
    uint8_t old[CRYPTO_SPKI_MAX];
    char why[256] = "";

    memcpy(old, rig->keys.authority_spki, sizeof(old));
    assert_true(keys_begin_rotation(&rig->keys, rig->directory, why, sizeof(why)));
    assert_false(keys_begin_rotation(&rig->keys, rig->directory, why, sizeof(why)));
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(rig_number(rig, "internet"), 2);
    assert_int_equal(zones_issue_last(&rig->reg, "internet", &s), REGISTRY_OK);
    assert_memory_equal(s.key, old, s.key_len);
    assert_true(keys_end_rotation(&rig->keys, rig->directory, why, sizeof(why)));
    load_keys(rig);
    assert_int_equal(rig->keys.next_len, 0);
    assert_memory_not_equal(rig->keys.authority_spki, old, rig->keys.authority_spki_len);
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(rig_approve(rig, false), REGISTRY_NONE);
    assert_int_equal(rig_approve(rig, true), REGISTRY_OK);
    assert_int_equal(zones_issue_last(&rig->reg, "internet", &s), REGISTRY_OK);
    assert_memory_equal(s.key, rig->keys.authority_spki, s.key_len);
}

/* Between the commit and the files the power went. */
static void ends_a_rotation_that_was_interrupted(void **state)
{
    struct rig *rig = *state;
    char why[256] = "";

    assert_true(keys_begin_rotation(&rig->keys, rig->directory, why, sizeof(why)));
    load_keys(rig);
    assert_true(rig->keys.next_len > 0);
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_false(rig->reg.rotated);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    load_keys(rig);
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_true(rig->reg.rotated);
    assert_true(keys_end_rotation(&rig->keys, rig->directory, why, sizeof(why)));
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_false(rig->reg.rotated);
    assert_int_equal(rig_approve(rig, true), REGISTRY_OK);
    assert_int_equal(rig_number(rig, "lgwan"), 3);
}

static void keeps_zone_keys_to_their_host_and_zone(void **state)
{
    struct rig *rig = *state;
    struct station_zone zone;
    char from[128], to[128];

    assert_int_equal(zone_load(&rig->station, "lgwan", &zone), REGISTRY_OK);
    assert_int_equal(zone.bit, ROSTER_LGWAN);
    assert_int_equal(zone_create(&rig->station, &zone), REGISTRY_EXISTS);
    snprintf(zone.helpdesk[0].host, sizeof(zone.helpdesk[0].host), "desk-01");
    zone.helpdesks = 1;
    assert_int_equal(zone_replace(&rig->station, &zone), REGISTRY_OK);
    zone_wipe(&zone);
    assert_int_equal(zone_load(&rig->station, "lgwan", &zone), REGISTRY_OK);
    assert_string_equal(zone.helpdesk[0].host, "desk-01");
    zone_wipe(&zone);
    snprintf(from, sizeof(from), "%s/zones/lgwan.key", rig->directory);
    snprintf(to, sizeof(to), "%s/zones/internet.key", rig->directory);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(zone_load(&rig->station, "internet", &zone), REGISTRY_ALTERED);
    assert_int_equal(zone_load(&rig->station, "lgwan", &zone), REGISTRY_NONE);
}

static void signs_only_what_was_shown(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_LGWAN);
    uint8_t token[CRYPTO_SHA256_LEN];

    rig_put_now(rig, &r, RIG_REGISTRAR);
    rig_preview(rig, NULL, NULL);
    memcpy(token, rig->plan->token, sizeof(token));
    /* Zones that are renewed although nothing differs were not shown. */
    assert_int_equal(plan_stage(&rig->station, true, token, rig->plan), REGISTRY_CHANGED);
    r.zones = ROSTER_ZONES_ALL;
    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(plan_stage(&rig->station, false, token, rig->plan), REGISTRY_CHANGED);
    rig_preview(rig, NULL, NULL);
    memcpy(token, rig->plan->token, sizeof(token));
    assert_int_equal(plan_stage(&rig->station, false, token, rig->plan), REGISTRY_OK);
    r.state = ROSTER_STOPPED;
    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(rig_sign(rig, &rig->approver), REGISTRY_OK);
    assert_int_equal(rig_commit(rig), REGISTRY_CHANGED);
    assert_int_equal(rig_number(rig, "lgwan"), 1);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(rig_number(rig, "lgwan"), 2);
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(needs_another_person, rig_begin_approved, rig_end),
        cmocka_unit_test_setup_teardown(a_role_counts_from_the_next_issue_on, rig_begin_approved,
                                        rig_end),
        cmocka_unit_test_setup_teardown(hands_over_to_the_authoritys_next_key, rig_begin_approved,
                                        rig_end),
        cmocka_unit_test_setup_teardown(ends_a_rotation_that_was_interrupted, rig_begin_approved,
                                        rig_end),
        cmocka_unit_test_setup_teardown(keeps_zone_keys_to_their_host_and_zone, rig_begin_approved,
                                        rig_end),
        cmocka_unit_test_setup_teardown(signs_only_what_was_shown, rig_begin_approved, rig_end),
    };

    if (geteuid() != 0)
        return printf("approval_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
