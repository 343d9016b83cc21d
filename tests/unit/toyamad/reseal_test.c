/* SPDX-License-Identifier: Apache-2.0
 *
 * Another seal key: all that is at rest opens with it and nothing with the old one, whenever the
 * power goes.
 */
#include "stationrig.h"

#include "core/wire/card.h"
#include "toyamad/station/reseal.h"
#include "toyamad/station/stops.h"
#include "toyamad/station/swap.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HANAKO 0x33

static const uint8_t by[ROSTER_ID_LEN] = {RIG_REGISTRAR};

/* Hanako has a finger, a shared key and stop codes. */
static int begin(void **state)
{
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_ZONES_ALL);
    struct roster_finger *f = &r.finger[r.fingers++];
    struct roster_credential *c = &r.credential[r.credentials++];
    struct registry_change change;
    struct rig *rig;

    rig_begin_approved(state);
    rig = *state;
    *f = (struct roster_finger){.id = {7}, .finger = 2, .enrolled = 1, .samples = 1};
    snprintf(f->driver, sizeof(f->driver), "virtual");
    snprintf(f->device, sizeof(f->device), "0");
    *c = (struct roster_credential){.id = {9},
                                    .family = CARD_FELICA,
                                    .state = ROSTER_ACTIVE,
                                    .zones = ROSTER_INTERNET,
                                    .keys = 1,
                                    .key[0] = {.ref = 0x87}};
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_template_put(&rig->reg, r.id, f, "ridges", 6), REGISTRY_OK);
    assert_int_equal(registry_secret_put(&rig->reg, r.id, c, &c->key[0], "secret", 6), REGISTRY_OK);
    assert_int_equal(stops_assign(&rig->station, &r), REGISTRY_OK);
    registry_by(&rig->reg, by);
    assert_int_equal(registry_put(&rig->reg, &r, ++rig->station.now, &change), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    registry_settle(&rig->reg, &change);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    return 0;
}

/* Template, shared key, stop code and zone keys, each with its content; false: one does not open.
 */
static bool all_opens(struct rig *rig)
{
    struct roster_record r = rig_stored(rig, HANAKO);
    uint8_t out[REGISTRY_SECRET_MAX];
    char code[STOP_TEXT_CAP];
    struct station_zone zone;
    size_t len = 0, secretlen = 0;
    bool good = registry_template_get(&rig->reg, r.id, &r.finger[0], out, sizeof(out), &len) ==
                    REGISTRY_OK &&
                len == 6 && memcmp(out, "ridges", 6) == 0 &&
                registry_secret_get(&rig->reg, r.id, &r.credential[0], &r.credential[0].key[0], out,
                                    sizeof(out), &secretlen) == REGISTRY_OK &&
                secretlen == 6 && memcmp(out, "secret", 6) == 0 &&
                stops_code(&rig->station, &r.credential[0], code) == REGISTRY_OK &&
                zone_load(&rig->station, "lgwan", &zone) == REGISTRY_OK;

    zone_wipe(&zone);
    return good;
}

static void start_anew(struct rig *rig)
{
    char why[256] = "";
    bool changed = false;

    keys_wipe(&rig->keys);
    assert_true(keys_load(&rig->keys, REGISTER_STATION, rig->directory, why, sizeof(why)));
    assert_int_equal(rig_reopen(rig), REGISTRY_OK);
    assert_int_equal(swap_begin(&rig->reg, rig->directory, &changed, why, sizeof(why)),
                     REGISTRY_OK);
    if (changed)
        assert_true(keys_load(&rig->keys, REGISTER_STATION, rig->directory, why, sizeof(why)));
}

static int reseal(struct rig *rig, struct keys *fresh)
{
    struct chain_event event = {.kind = "key-rotated"};

    return reseal_store(&rig->station, by, &event, fresh);
}

static bool left_over(struct rig *rig)
{
    char path[128];

    snprintf(path, sizeof(path), "%s/seal.key.next", rig->directory);
    if (access(path, F_OK) == 0)
        return true;
    snprintf(path, sizeof(path), "%s/zones/lgwan.key.next", rig->directory);
    return access(path, F_OK) == 0;
}

static void seals_everything_anew(void **state)
{
    struct rig *rig = *state;
    struct keys fresh, old = rig->keys;
    char why[256] = "", before[STOP_TEXT_CAP], after[STOP_TEXT_CAP];
    struct roster_record r = rig_stored(rig, HANAKO);

    assert_int_equal(stops_code(&rig->station, &r.credential[0], before), REGISTRY_OK);
    assert_int_equal(reseal(rig, &fresh), REGISTRY_OK);
    assert_memory_not_equal(fresh.seal, old.seal, sizeof(old.seal));
    assert_int_equal(swap_finish(&rig->reg, rig->directory, why, sizeof(why)), REGISTRY_OK);
    assert_false(left_over(rig));
    start_anew(rig);
    assert_memory_equal(rig->keys.seal, fresh.seal, sizeof(fresh.seal));
    assert_true(all_opens(rig));
    r = rig_stored(rig, HANAKO);
    assert_int_equal(stops_code(&rig->station, &r.credential[0], after), REGISTRY_OK);
    assert_string_equal(before, after);
    /* The zones have their own: for them nothing changed. */
    assert_int_equal(rig_approve(rig, false), REGISTRY_NONE);
    rig->keys = old;
    assert_false(all_opens(rig));
}

static void goes_on_where_the_power_went_behind_the_commit(void **state)
{
    struct rig *rig = *state;
    struct keys fresh;
    char from[128], to[128];

    assert_int_equal(reseal(rig, &fresh), REGISTRY_OK);
    start_anew(rig);
    assert_true(all_opens(rig));
    assert_false(left_over(rig));
    /* Once more, with some of the files in their places already. */
    assert_int_equal(reseal(rig, &fresh), REGISTRY_OK);
    snprintf(from, sizeof(from), "%s/zones/lgwan.key.next", rig->directory);
    snprintf(to, sizeof(to), "%s/zones/lgwan.key", rig->directory);
    assert_int_equal(rename(from, to), 0);
    start_anew(rig);
    assert_memory_equal(rig->keys.seal, fresh.seal, sizeof(fresh.seal));
    assert_true(all_opens(rig));
    start_anew(rig);
    assert_true(all_opens(rig));
}

static void changes_nothing_where_the_store_refuses(void **state)
{
    struct rig *rig = *state;
    struct keys fresh;

    rig_sql(rig, "UPDATE template SET sealed=x'00'");
    assert_int_equal(reseal(rig, &fresh), REGISTRY_ALTERED);
    assert_true(left_over(rig));
    start_anew(rig);
    assert_false(left_over(rig));
    assert_memory_not_equal(rig->keys.seal, fresh.seal, sizeof(fresh.seal));
}

/* What came into use only now is not what the caller has read. */
static void begins_no_change_over_one_that_was_late(void **state)
{
    struct rig *rig = *state;
    struct station_zone zone = {0};

    assert_int_equal(zone_load(&rig->station, "lgwan", &zone), REGISTRY_OK);
    assert_int_equal(zone_put(&rig->station, &zone), REGISTRY_OK);
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(swap_mark(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    assert_true(left_over(rig));
    assert_int_equal(zone_put(&rig->station, &zone), REGISTRY_FAILED);
    assert_non_null(strstr(rig->station.why, "restart toyamad"));
    assert_false(left_over(rig));
    assert_int_equal(zone_put(&rig->station, &zone), REGISTRY_OK);
    zone_wipe(&zone);
}

static void leaves_a_systemd_credential_alone(void **state)
{
    struct rig *rig = *state;
    struct keys fresh;
    char path[128];
    int fd;

    snprintf(path, sizeof(path), "%s/toyama.seal", rig->directory);
    fd = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", rig->directory, 1), 0);
    assert_int_equal(reseal(rig, &fresh), REGISTRY_REFUSED);
    unsetenv("CREDENTIALS_DIRECTORY");
    assert_true(all_opens(rig));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(seals_everything_anew, begin, rig_end),
        cmocka_unit_test_setup_teardown(goes_on_where_the_power_went_behind_the_commit, begin,
                                        rig_end),
        cmocka_unit_test_setup_teardown(changes_nothing_where_the_store_refuses, begin, rig_end),
        cmocka_unit_test_setup_teardown(begins_no_change_over_one_that_was_late, begin, rig_end),
        cmocka_unit_test_setup_teardown(leaves_a_systemd_credential_alone, begin, rig_end),
    };

    if (geteuid() != 0)
        return printf("reseal_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
