/* SPDX-License-Identifier: Apache-2.0 */
#include "stationrig.h"

#include "core/wire/card.h"
#include "toyamad/registry/zones.h"
#include "toyamad/station/helpdesk.h"
#include "toyamad/station/stops.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static struct roster_record two_cards(void)
{
    struct roster_record r = rig_person(1, "100", ROSTER_ZONES_ALL);

    r.credentials = 3;
    for (uint8_t n = 0; n < 3; n++) {
        r.credential[n] = (struct roster_credential){.id = {(uint8_t)(n + 1)},
                                                     .family = n == 2 ? CARD_MEMORISED : CARD_PIV,
                                                     .state = ROSTER_ACTIVE,
                                                     .keys = 1};
        r.credential[n].key[0] = (struct roster_key){.ref = 0x9E, .len = 1};
    }
    return r;
}

static void assign(struct rig *rig, struct roster_record *r)
{
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(stops_assign(&rig->station, r), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
}

static void gives_every_card_a_code_of_its_own_once(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = two_cards(), again;
    char first[STOP_TEXT_CAP], second[STOP_TEXT_CAP];
    struct stop_code code;

    assign(rig, &r);
    assert_true(r.credential[0].slot == 1 && r.credential[1].slot == 2);
    assert_true(r.credential[2].slot == 0 && r.credential[2].stop_len == 0);
    again = r;
    assign(rig, &again);
    assert_memory_equal(&again, &r, sizeof(r));
    assert_int_equal(stops_code(&rig->station, &r.credential[0], first), REGISTRY_OK);
    assert_int_equal(stops_code(&rig->station, &r.credential[1], second), REGISTRY_OK);
    assert_string_not_equal(first, second);
    assert_int_equal(stop_parse(first, &code), STOP_OK);
    assert_int_equal(code.slot, 1);
    assert_int_equal(stop_verify(&code, r.credential[0].id, r.credential[0].stop_hash), STOP_OK);
    assert_int_equal(stop_verify(&code, r.credential[1].id, r.credential[1].stop_hash), STOP_OTHER);
    assert_int_equal(stops_code(&rig->station, &r.credential[2], first), REGISTRY_NONE);
}

static void gives_a_card_that_comes_back_another_code(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = two_cards(), again = two_cards();
    char first[STOP_TEXT_CAP], second[STOP_TEXT_CAP];
    struct stop_code code;

    assign(rig, &r);
    assert_int_equal(stops_code(&rig->station, &r.credential[0], first), REGISTRY_OK);
    assign(rig, &again);
    assert_int_equal(again.credential[0].slot, 3);
    assert_int_equal(stops_code(&rig->station, &again.credential[0], second), REGISTRY_OK);
    assert_string_not_equal(first, second);
    assert_int_equal(stop_parse(second, &code), STOP_OK);
    assert_int_equal(stop_verify(&code, r.credential[0].id, again.credential[0].stop_hash),
                     STOP_OK);
    assert_int_equal(stops_code(&rig->station, &r.credential[0], first), REGISTRY_ALTERED);
}

static void opens_a_code_for_its_card_only(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = two_cards();
    char text[STOP_TEXT_CAP];

    assign(rig, &r);
    rig_sql(rig, "UPDATE stop SET sealed=(SELECT sealed FROM stop WHERE slot=1) WHERE slot=2");
    assert_int_equal(stops_code(&rig->station, &r.credential[1], text), REGISTRY_ALTERED);
    rig_sql(rig, "UPDATE stop SET slot=9 WHERE slot=1");
    assert_int_equal(stops_code(&rig->station, &r.credential[0], text), REGISTRY_ALTERED);
}

static void says_when_no_slot_is_left(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = two_cards();

    rig_sql(rig, "INSERT INTO stop(credential, slot, sealed) VALUES(x'00', 524286, x'00')");
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(stops_assign(&rig->station, &r), REGISTRY_LIMIT);
    registry_rollback(&rig->reg);
    assert_int_equal(r.credential[0].slot, 524287);
}

static void a_join_file_is_good_for_one_host_and_a_day(void **state)
{
    static struct joining j, helper;
    struct rig *rig = *state;
    static struct roster_join join;
    static struct station_zone zone;
    struct roster_trust trust;
    struct roster_record approver = rig_person(2, "2", ROSTER_LGWAN);
    uint8_t spki[CRYPTO_SPKI_MAX], hash[CRYPTO_SHA256_LEN];
    size_t spkilen = 0;
    int64_t end = rig->station.now + 86400;

    rig_give_key(rig, &approver);
    rig_make_zones(rig, &approver);
    assert_int_equal(zone_load(&rig->station, "lgwan", &zone), REGISTRY_OK);
    assert_int_equal(joining_make(&rig->station, &zone, "zeimu-03", false, &j), REGISTRY_OK);
    assert_int_equal(j.expires, end);
    assert_int_equal(join_open(j.file, j.len, j.code, "zeimu-04", end, &join), CODE_OTHER_HOST);
    assert_int_equal(join_open(j.file, j.len, j.code, "zeimu-03", end + 1, &join), CODE_EXPIRED);
    assert_int_equal(join_open(j.file, j.len, j.code, "zeimu-03", end, &join), CODE_OK);
    assert_string_equal(join.zone, "lgwan");
    assert_int_equal(join.helpdesklen, 0);
    assert_memory_equal(join.seal_key, zone.seal, sizeof(zone.seal));
    assert_int_equal(roster_trust_decode(join.trust, join.trustlen, &trust), ROSTER_OK);
    assert_true(trust.approval && trust.issue.number == 0 && trust.issue.officers == 1);
    assert_int_equal(zone.helpdesks, 0);

    assert_int_equal(joining_make(&rig->station, &zone, "desk-01", true, &helper), REGISTRY_OK);
    assert_string_not_equal(helper.code, j.code);
    assert_int_equal(join_open(helper.file, helper.len, j.code, "desk-01", end, &join), CODE_WRONG);
    assert_int_equal(join_open(helper.file, helper.len, helper.code, "desk-01", end, &join),
                     CODE_OK);
    assert_int_equal(
        crypto_p256_spki(join.helpdesk, join.helpdesklen, spki, sizeof(spki), &spkilen), CRYPTO_OK);
    assert_int_equal(crypto_spki_hash(spki, spkilen, hash), CRYPTO_OK);
    assert_memory_equal(hash, zone.helpdesk[0].key, sizeof(hash));
    /* The same host once more: another key in the same place. */
    assert_int_equal(joining_make(&rig->station, &zone, "desk-01", true, &helper), REGISTRY_OK);
    assert_int_equal(zone.helpdesks, 1);
    assert_memory_not_equal(hash, zone.helpdesk[0].key, sizeof(hash));
}

static void a_zone_has_few_helpdesks(void **state)
{
    static const char *const hosts[] = {"a", "b", "c", "d"};
    static struct joining j;
    static struct station_zone zone;
    struct rig *rig = *state;
    struct roster_record approver = rig_person(2, "2", ROSTER_LGWAN);

    rig_give_key(rig, &approver);
    rig_make_zones(rig, &approver);
    assert_int_equal(zone_load(&rig->station, "lgwan", &zone), REGISTRY_OK);
    for (size_t n = 0; n < 4; n++)
        assert_int_equal(joining_make(&rig->station, &zone, hosts[n], true, &j), REGISTRY_OK);
    assert_int_equal(joining_make(&rig->station, &zone, "e", true, &j), REGISTRY_LIMIT);
    assert_int_equal(helpdesk_remove(&rig->station, &zone, "e"), REGISTRY_NONE);
    assert_int_equal(helpdesk_remove(&rig->station, &zone, "b"), REGISTRY_OK);
    assert_int_equal(zone.helpdesks, 3);
    assert_string_equal(zone.helpdesk[1].host, "c");
    assert_int_equal(joining_make(&rig->station, &zone, "", true, &j), REGISTRY_LIMIT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(gives_every_card_a_code_of_its_own_once, rig_begin,
                                        rig_end),
        cmocka_unit_test_setup_teardown(gives_a_card_that_comes_back_another_code, rig_begin,
                                        rig_end),
        cmocka_unit_test_setup_teardown(opens_a_code_for_its_card_only, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(says_when_no_slot_is_left, rig_begin, rig_end),
        cmocka_unit_test_setup_teardown(a_join_file_is_good_for_one_host_and_a_day, rig_begin,
                                        rig_end),
        cmocka_unit_test_setup_teardown(a_zone_has_few_helpdesks, rig_begin, rig_end),
    };

    if (geteuid() != 0)
        return printf("stops_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
