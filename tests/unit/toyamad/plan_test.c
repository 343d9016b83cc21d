/* SPDX-License-Identifier: Apache-2.0
 *
 * From the register to approved issues: what each zone gets, what two people must stand behind, and
 * that nothing else becomes an issue.
 */
#include "stationrig.h"

#include "core/wire/card.h"
#include "toyamad/registry/zones.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HANAKO 0x33
#define TARO   0x44

static struct zones_row_copy {
    size_t len;
    uint8_t der[ROSTER_RECORD_MAX];
} found;

static int find_row(void *ctx, const struct zones_row *row)
{
    if (row->id[0] == *(const uint8_t *)ctx) {
        found.len = row->len;
        memcpy(found.der, row->der, row->len);
    }
    return REGISTRY_OK;
}

/* The zone's copy of a person's record; false where it has none. */
static bool zone_has(struct rig *rig, const char *zone, uint8_t id, struct roster_record *out)
{
    found.len = 0;
    assert_int_equal(zones_record_each(&rig->reg, zone, find_row, &id), REGISTRY_OK);
    if (found.len == 0)
        return false;
    assert_int_equal(roster_record_decode(found.der, found.len, out), ROSTER_OK);
    return true;
}

static void begins_with_issue_one_of_every_zone(void **state)
{
    struct rig *rig = *state;
    struct roster_record r;

    assert_int_equal(rig_number(rig, "individual-number"), 1);
    assert_int_equal(rig_number(rig, "lgwan"), 1);
    assert_int_equal(rig_number(rig, "internet"), 1);
    assert_true(zone_has(rig, "lgwan", RIG_APPROVER, &r));
    assert_int_equal(r.zones, ROSTER_LGWAN);
    assert_false(zone_has(rig, "internet", RIG_APPROVER, &r));
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(rig->reg.issue.officers, 2);
    assert_int_equal(rig_approve(rig, false), REGISTRY_NONE);
    assert_int_equal(rig_approve(rig, true), REGISTRY_OK);
    assert_int_equal(rig_number(rig, "internet"), 2);
}

static void carries_a_change_to_the_zones_that_it_concerns(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_INDIVIDUAL_NUMBER | ROSTER_LGWAN);

    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(rig_number(rig, "internet"), 1);
    assert_int_equal(rig_number(rig, "lgwan"), 2);
    r.zones = ROSTER_LGWAN;
    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_false(zone_has(rig, "individual-number", HANAKO, &r));
    assert_true(zone_has(rig, "lgwan", HANAKO, &r));
    assert_int_equal(rig_number(rig, "lgwan"), 2);
    assert_int_equal(rig_number(rig, "individual-number"), 3);
}

static void puts_a_plan_into_effect_without_an_author(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_LGWAN), out;
    int64_t april = rig->station.now + 1000;

    r.plans = 1;
    r.plan[0] =
        (struct roster_plan){.from = april, .category = ROSTER_REGULAR, .zones = ROSTER_INTERNET};
    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_true(zone_has(rig, "internet", HANAKO, &out));
    assert_int_equal(out.zones, 0);
    rig->station.now = april;
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_false(zone_has(rig, "lgwan", HANAKO, &out));
    assert_true(zone_has(rig, "internet", HANAKO, &out));
    assert_int_equal(out.zones, ROSTER_INTERNET);
    assert_int_equal(out.plans, 0);
}

/* A finger of a person, stored with the record. */
static void give_finger(struct rig *rig, struct roster_record *r, uint8_t id)
{
    struct roster_finger *f = &r->finger[r->fingers++];
    struct registry_change change;

    *f = (struct roster_finger){.finger = id, .enrolled = 1, .samples = 1};
    memset(f->id, id, sizeof(f->id));
    snprintf(f->driver, sizeof(f->driver), "virtual");
    snprintf(f->device, sizeof(f->device), "0");
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_template_put(&rig->reg, r->id, f, "ridges", 6), REGISTRY_OK);
    registry_by(&rig->reg, (const uint8_t[ROSTER_ID_LEN]){RIG_REGISTRAR});
    assert_int_equal(registry_put(&rig->reg, r, ++rig->station.now, &change), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    registry_settle(&rig->reg, &change);
}

static void seals_templates_for_the_zones_of_fingers_only_and_once(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_ZONES_ALL), number, lgwan;
    uint8_t first[REGISTRY_SEALED_MAX], second[REGISTRY_SEALED_MAX], hash[CRYPTO_SHA256_LEN];
    const uint8_t id[ROSTER_ID_LEN] = {7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7};
    size_t firstlen = 0, secondlen = 0;
    uint64_t changed = 0;

    rig_put_now(rig, &r, RIG_REGISTRAR);
    give_finger(rig, &r, 7);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_true(zone_has(rig, "individual-number", HANAKO, &number));
    assert_true(zone_has(rig, "lgwan", HANAKO, &lgwan));
    assert_int_equal(number.fingers, 1);
    assert_int_equal(lgwan.fingers, 0);
    assert_int_equal(zones_template_get(&rig->reg, "individual-number", id, first, sizeof(first),
                                        &firstlen, &changed),
                     REGISTRY_OK);
    assert_int_equal(changed, 2);
    assert_int_equal(crypto_sha256(first, firstlen, hash), CRYPTO_OK);
    assert_memory_equal(hash, number.finger[0].sealed_hash, sizeof(hash));
    assert_memory_not_equal(hash, r.finger[0].sealed_hash, sizeof(hash));
    assert_int_equal(
        zones_template_get(&rig->reg, "lgwan", id, second, sizeof(second), &secondlen, &changed),
        REGISTRY_NONE);
    give_finger(rig, &r, 2);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(zones_template_get(&rig->reg, "individual-number", id, second, sizeof(second),
                                        &secondlen, &changed),
                     REGISTRY_OK);
    assert_int_equal(changed, 2);
    assert_memory_equal(first, second, firstlen);
    r.fingers = 1;
    r.finger[0] = r.finger[1];
    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(zones_template_get(&rig->reg, "individual-number", id, second, sizeof(second),
                                        &secondlen, &changed),
                     REGISTRY_NONE);
}

static void give_secret(struct rig *rig, struct roster_record *r, uint8_t zones, const char *secret)
{
    struct roster_credential *c = &r->credential[0];
    struct registry_change change;

    r->credentials = 1;
    *c = (struct roster_credential){.id = {9},
                                    .family = CARD_FELICA,
                                    .state = ROSTER_ACTIVE,
                                    .zones = zones,
                                    .keys = 1,
                                    .key[0] = {.ref = 0x87}};
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_secret_put(&rig->reg, r->id, c, &c->key[0], secret, strlen(secret)),
                     REGISTRY_OK);
    registry_by(&rig->reg, (const uint8_t[ROSTER_ID_LEN]){RIG_REGISTRAR});
    assert_int_equal(registry_put(&rig->reg, r, ++rig->station.now, &change), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    registry_settle(&rig->reg, &change);
}

static void gives_a_shared_key_to_its_one_zone(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_ZONES_ALL), out;
    const uint8_t id[ROSTER_ID_LEN] = {9};
    uint8_t sealed[512];
    size_t len = 0;
    uint64_t changed = 0;

    give_secret(rig, &r, 0, "of no zone");
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_true(zone_has(rig, "internet", HANAKO, &out));
    assert_int_equal(out.credentials, 0);
    give_secret(rig, &r, ROSTER_INTERNET, "key");
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_true(zone_has(rig, "internet", HANAKO, &out));
    assert_int_equal(out.credentials, 1);
    assert_true(zone_has(rig, "lgwan", HANAKO, &out));
    assert_int_equal(out.credentials, 0);
    assert_int_equal(rig_number(rig, "lgwan"), 2);
    /* Sealed anew at the station, the same key: nothing differs. */
    give_secret(rig, &r, ROSTER_INTERNET, "key");
    assert_int_equal(rig_approve(rig, false), REGISTRY_NONE);
    give_secret(rig, &r, ROSTER_INTERNET, "another");
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(
        zones_secret_get(&rig->reg, "internet", id, 0x87, sealed, sizeof(sealed), &len, &changed),
        REGISTRY_OK);
    assert_int_equal(changed, rig_number(rig, "internet"));
    r.credentials = 0;
    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    assert_int_equal(
        zones_secret_get(&rig->reg, "internet", id, 0x87, sealed, sizeof(sealed), &len, &changed),
        REGISTRY_NONE);
}

static void load_zone(struct rig *rig, const char *name, struct station_zone *out)
{
    assert_int_equal(zone_load(&rig->station, name, out), REGISTRY_OK);
}

/* The zone's copy of Hanako's shared key opens with the zone's seal key of now. */
static void check_secret(struct rig *rig, const char *name, const char *secret)
{
    struct station_zone zone;
    struct roster_record out;
    uint8_t sealed[512], aad[512], plain[REGISTRY_SECRET_MAX];
    size_t len = 0, aadlen = 0, plainlen = 0;
    uint64_t changed = 0;

    load_zone(rig, name, &zone);
    assert_true(zone_has(rig, name, HANAKO, &out));
    assert_int_equal(zones_secret_get(&rig->reg, name, out.credential[0].id, 0x87, sealed,
                                      sizeof(sealed), &len, &changed),
                     REGISTRY_OK);
    assert_int_equal(changed, rig_number(rig, name));
    assert_int_equal(
        roster_secret_aad(name, out.id, &out.credential[0], 0x87, aad, sizeof(aad), &aadlen),
        ROSTER_OK);
    assert_int_equal(
        crypto_unseal(zone.seal, aad, aadlen, sealed, len, plain, sizeof(plain), &plainlen),
        CRYPTO_OK);
    assert_int_equal(plainlen, strlen(secret));
    assert_memory_equal(plain, secret, plainlen);
}

/* Sealed anew, whether or not the record changes besides. */
static void seals_a_shared_key_with_the_next_keys(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_ZONES_ALL);
    struct station_zone zone;

    give_secret(rig, &r, ROSTER_INTERNET, "key");
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    check_secret(rig, "internet", "key");
    for (int again = 0; again < 2; again++) {
        load_zone(rig, "internet", &zone);
        assert_int_equal(zone_rekey(&rig->station, &zone, true), REGISTRY_OK);
        assert_int_equal(zone_replace(&rig->station, &zone), REGISTRY_OK);
        if (again > 0) {
            snprintf(r.section, sizeof(r.section), "Zeimu");
            rig_put_now(rig, &r, RIG_REGISTRAR);
        }
        assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
        check_secret(rig, "internet", "key");
        load_zone(rig, "internet", &zone);
        assert_int_equal(zone_rekey_end(&rig->station, &zone), REGISTRY_OK);
        assert_int_equal(zone_replace(&rig->station, &zone), REGISTRY_OK);
    }
}

static void begin_rekey(struct rig *rig, bool carried)
{
    struct station_zone zone;

    load_zone(rig, "internet", &zone);
    assert_int_equal(zone_rekey(&rig->station, &zone, carried), REGISTRY_OK);
    assert_int_equal(zone_replace(&rig->station, &zone), REGISTRY_OK);
    assert_int_equal(rig_approve(rig, true), REGISTRY_OK);
}

static void check_tells(struct rig *rig, bool tells, bool alone)
{
    struct station_zone zone;

    load_zone(rig, "internet", &zone);
    assert_int_equal(zone_tells_end(&zone), tells);
    assert_int_equal(zone.handed && zone.alone, alone);
    assert_int_equal(roster_rekey_alone(&zone.trust.issue, zone.seal), alone);
}

/* Once, with the issue behind the end; the preview's token covers it. */
static void says_when_a_change_of_keys_has_ended(void **state)
{
    struct rig *rig = *state;
    uint8_t token[CRYPTO_SHA256_LEN];
    struct station_zone zone;

    check_tells(rig, false, false);
    for (int again = 0; again < 2; again++) {
        begin_rekey(rig, true);
        check_tells(rig, false, false);
        assert_int_equal(rig_approve(rig, true), REGISTRY_OK);
        check_tells(rig, false, false);
        rig_preview(rig, NULL, NULL);
        memcpy(token, rig->plan->token, sizeof(token));
        load_zone(rig, "internet", &zone);
        assert_int_equal(zone_rekey_end(&rig->station, &zone), REGISTRY_OK);
        assert_int_equal(zone_replace(&rig->station, &zone), REGISTRY_OK);
        check_tells(rig, true, false);
        rig_preview(rig, NULL, NULL);
        assert_memory_not_equal(token, rig->plan->token, sizeof(token));
        assert_int_equal(rig_approve(rig, true), REGISTRY_OK);
        check_tells(rig, false, true);
    }
    begin_rekey(rig, false); /* who joins again has no others */
    check_tells(rig, false, true);
}

struct seen {
    unsigned added, changed, stopped, removed;
};

static int see(void *ctx, const struct station_difference *d)
{
    struct seen *s = ctx;

    s->added += d->change == STATION_ADDED;
    s->changed += d->change == STATION_CHANGED;
    s->stopped += d->change == STATION_STOPPED;
    s->removed += d->change == STATION_REMOVED;
    return REGISTRY_OK;
}

static void tells_what_differs(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_LGWAN);
    struct roster_record t = rig_person(TARO, "200", ROSTER_LGWAN);
    struct seen seen = {0};

    rig_put_now(rig, &r, RIG_REGISTRAR);
    rig_preview(rig, see, &seen);
    assert_true(seen.added == 1 && seen.changed + seen.stopped + seen.removed == 0);
    assert_int_equal(rig->plan->authors, 1);
    assert_int_equal(rig->plan->author[0][0], RIG_REGISTRAR);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    snprintf(r.section, sizeof(r.section), "Zeimu");
    rig_put_now(rig, &r, RIG_REGISTRAR);
    rig_put_now(rig, &t, TARO);
    seen = (struct seen){0};
    rig_preview(rig, see, &seen);
    assert_true(seen.added == 1 && seen.changed == 1 && seen.stopped + seen.removed == 0);
    assert_int_equal(rig->plan->authors, 2);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    r.state = ROSTER_STOPPED;
    rig_put_now(rig, &r, RIG_REGISTRAR);
    t.zones = 0;
    rig_put_now(rig, &t, RIG_REGISTRAR);
    seen = (struct seen){0};
    rig_preview(rig, see, &seen);
    assert_true(seen.stopped == 1 && seen.removed == 1 && seen.added + seen.changed == 0);
}

static void sees_rows_that_were_edited(void **state)
{
    static const char *const harm[] = {
        "UPDATE zone_record SET record=(SELECT record FROM zone_record WHERE zone='lgwan' AND"
        " id=x'11111111111111111111111111111111') WHERE zone='lgwan' AND"
        " id=x'22222222222222222222222222222222'",
        "DELETE FROM zone_record WHERE zone='lgwan' AND id=x'22222222222222222222222222222222'",
        "DELETE FROM zone_record WHERE zone='internet'",
        "UPDATE zone_record SET zone='internet' WHERE zone='lgwan' AND"
        " id=x'22222222222222222222222222222222'",
        "UPDATE zone_issue SET zone='internet' WHERE zone='lgwan' AND number=2",
        "UPDATE zone_issue SET number=3 WHERE zone='lgwan' AND number=1",
        "DELETE FROM zone_issue WHERE zone='lgwan' AND number=1",
        "DELETE FROM zone_issue WHERE zone='lgwan' AND number=2",
        "UPDATE zone_issue SET signed=(SELECT signed FROM zone_issue WHERE zone='lgwan' AND"
        " number=1) WHERE zone='lgwan' AND number=2",
        "DELETE FROM issue WHERE number=(SELECT MAX(number) FROM issue)-1",
        "UPDATE person SET record=(SELECT record FROM zone_record WHERE zone='lgwan' AND"
        " id=x'33333333333333333333333333333333') WHERE id=x'33333333333333333333333333333333'"};
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_LGWAN);

    rig_put_now(rig, &r, RIG_REGISTRAR);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    r.zones = ROSTER_ZONES_ALL;
    rig_put_now(rig, &r, RIG_REGISTRAR);
    for (size_t n = 0; n < sizeof(harm) / sizeof(harm[0]); n++) {
        rig_sql(rig, "BEGIN");
        rig_sql(rig, harm[n]);
        rig->station.why[0] = '\0';
        if (plan_make(&rig->station, false, NULL, NULL, rig->plan) != REGISTRY_ALTERED)
            fail_msg("not seen: %s", harm[n]);
        assert_string_not_equal(rig->station.why, "");
        rig_sql(rig, "ROLLBACK");
    }
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(begins_with_issue_one_of_every_zone, rig_begin_approved,
                                        rig_end),
        cmocka_unit_test_setup_teardown(carries_a_change_to_the_zones_that_it_concerns,
                                        rig_begin_approved, rig_end),
        cmocka_unit_test_setup_teardown(puts_a_plan_into_effect_without_an_author,
                                        rig_begin_approved, rig_end),
        cmocka_unit_test_setup_teardown(seals_templates_for_the_zones_of_fingers_only_and_once,
                                        rig_begin_approved, rig_end),
        cmocka_unit_test_setup_teardown(gives_a_shared_key_to_its_one_zone, rig_begin_approved,
                                        rig_end),
        cmocka_unit_test_setup_teardown(seals_a_shared_key_with_the_next_keys, rig_begin_approved,
                                        rig_end),
        cmocka_unit_test_setup_teardown(says_when_a_change_of_keys_has_ended, rig_begin_approved,
                                        rig_end),
        cmocka_unit_test_setup_teardown(tells_what_differs, rig_begin_approved, rig_end),
        cmocka_unit_test_setup_teardown(sees_rows_that_were_edited, rig_begin_approved, rig_end),
    };

    if (geteuid() != 0)
        return printf("plan_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
