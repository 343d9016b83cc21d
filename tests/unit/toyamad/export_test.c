/* SPDX-License-Identifier: Apache-2.0
 *
 * Roster files: what a zone's key opens is what was approved, for that zone and nobody else.
 */
#include "stationrig.h"

#include "core/roster/payload.h"
#include "core/wire/card.h"
#include "toyamad/registry/zones.h"
#include "toyamad/sealed.h"
#include "toyamad/station/export.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define REGISTRAR 0x11
#define APPROVER  0x22
#define HANAKO    0x33
#define TARO      0x44
#define FILE_MAX  (1 << 20)

struct file {
    uint8_t octets[FILE_MAX];
    size_t len;
    struct roster_file head;
    size_t headlen;
    struct roster_payload payload;
    struct station_exported said;
};

static int begin(void **state)
{
    struct roster_record r;
    struct rig *rig;

    rig_begin(state);
    rig = *state;
    r = rig_person(REGISTRAR, "1", ROSTER_ZONES_ALL);
    r.roles = ROSTER_REGISTRAR;
    assert_int_equal(rig_put(rig, &r, 0, ++rig->station.now), REGISTRY_OK);
    r = rig_person(APPROVER, "2", ROSTER_LGWAN);
    r.roles = ROSTER_APPROVER;
    rig_give_key(rig, &r);
    assert_int_equal(rig_put(rig, &r, 0, ++rig->station.now), REGISTRY_OK);
    rig_make_zones(rig, &r);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    return 0;
}

static int export_to(struct rig *rig, int fd, const char *zone, uint64_t base,
                     struct station_exported *said)
{
    const struct station_export what = {.zone = zone, .media = "USB-07", .base = base, .fd = fd};

    rig->station.why[0] = '\0';
    return export_write(&rig->station, &what, said);
}

/* The whole way of the reader: head, hash, decryption, signature, payload. */
static struct file *opened(struct rig *rig, const char *zone, uint64_t base)
{
    struct file *f = calloc(1, sizeof(*f));
    int fd = memfd_create("roster", 0), temp = memfd_create("content", 0);
    struct station_zone z;
    struct cms_content content;
    uint8_t hash[CRYPTO_SHA256_LEN], authority[CRYPTO_SHA256_LEN];
    ssize_t n;

    assert_non_null(f);
    assert_int_equal(export_to(rig, fd, zone, base, &f->said), REGISTRY_OK);
    n = pread(fd, f->octets, sizeof(f->octets), 0);
    assert_int_equal(roster_file_parse(f->octets, (size_t)n, &f->head, &f->headlen), ROSTER_OK);
    assert_int_equal(sealed_hash(fd, f->headlen, hash), CRYPTO_OK);
    assert_memory_equal(hash, f->head.sha256, sizeof(hash));
    assert_int_equal(sealed_hash(fd, 0, hash), CRYPTO_OK);
    assert_memory_equal(hash, f->said.sha256, sizeof(hash));
    assert_int_equal(f->said.octets, n);
    assert_int_equal(zone_load(&rig->station, zone, &z), REGISTRY_OK);
    assert_int_equal(
        crypto_spki_hash(rig->keys.authority_spki, rig->keys.authority_spki_len, authority),
        CRYPTO_OK);
    assert_int_equal(sealed_open(fd, f->headlen, z.key, z.key_len, authority, temp, &content),
                     CRYPTO_OK);
    f->len = (size_t)pread(temp, f->octets, content.len, (off_t)content.offset);
    assert_int_equal(roster_payload_open(f->octets, f->len, &f->payload), ROSTER_OK);
    zone_wipe(&z);
    close(fd);
    close(temp);
    return f;
}

static size_t count_items(struct tlv_cur part)
{
    struct tlv t;
    size_t n = 0;

    while (tlv_next(&part, &t) == WIRE_OK)
        n++;
    return n;
}

static void holds_everybody_and_the_whole_chain(void **state)
{
    struct rig *rig = *state;
    struct roster_record r;
    struct roster_trust trust;
    struct roster_signed s;
    struct station_zone zone;
    struct file *f = opened(rig, "lgwan", 0);
    const uint8_t *der = NULL;
    size_t len = 0;

    assert_string_equal(f->said.name, "L-Y1969-0001.roster");
    assert_string_equal(f->head.zone, "lgwan");
    assert_string_equal(f->head.media, "USB-07");
    assert_true(f->head.number == 1 && f->head.people == 2 && f->head.base == 0);
    assert_int_equal(zone_load(&rig->station, "lgwan", &zone), REGISTRY_OK);
    trust = zone.anchor;
    assert_int_equal(roster_payload_signed(&f->payload.part[ROSTER_PART_CHAIN], &s), 1);
    assert_int_equal(roster_chain_step(&trust, &s), ROSTER_OK);
    assert_int_equal(count_items(f->payload.part[ROSTER_PART_RECORDS]), 2);
    assert_int_equal(roster_payload_octets(&f->payload.part[ROSTER_PART_RECORDS], &der, &len), 1);
    assert_int_equal(roster_record_decode(der, len, &r), ROSTER_OK);
    assert_int_equal(r.zones, ROSTER_LGWAN);
    free(f);
}

static void holds_what_changed_since_the_base(void **state)
{
    struct rig *rig = *state;
    struct roster_record h = rig_person(HANAKO, "100", ROSTER_ZONES_ALL);
    struct roster_record t = rig_person(TARO, "200", ROSTER_ZONES_ALL), back;
    struct file *f;
    const uint8_t *der = NULL;
    size_t len = 0;

    assert_int_equal(rig_put(rig, &h, REGISTRAR, ++rig->station.now), REGISTRY_OK);
    assert_int_equal(rig_put(rig, &t, REGISTRAR, ++rig->station.now), REGISTRY_OK);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    h.state = ROSTER_STOPPED;
    t.zones = ROSTER_LGWAN;
    assert_int_equal(rig_put(rig, &h, REGISTRAR, ++rig->station.now), REGISTRY_OK);
    assert_int_equal(rig_put(rig, &t, REGISTRAR, ++rig->station.now), REGISTRY_OK);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    f = opened(rig, "internet", 2);
    assert_int_equal(f->payload.base, 2);
    assert_int_equal(count_items(f->payload.part[ROSTER_PART_CHAIN]), 1);
    assert_int_equal(count_items(f->payload.part[ROSTER_PART_RECORDS]), 1);
    assert_int_equal(count_items(f->payload.part[ROSTER_PART_REMOVED]), 1);
    assert_true(f->said.records == 1 && f->said.removed == 1 && f->said.head.people == 2);
    assert_int_equal(roster_payload_octets(&f->payload.part[ROSTER_PART_RECORDS], &der, &len), 1);
    assert_int_equal(roster_record_decode(der, len, &back), ROSTER_OK);
    assert_int_equal(back.id[0], HANAKO);
    assert_int_equal(roster_payload_octets(&f->payload.part[ROSTER_PART_REMOVED], &der, &len), 1);
    assert_int_equal(der[0], TARO);
    free(f);
    f = opened(rig, "internet", 1);
    assert_int_equal(count_items(f->payload.part[ROSTER_PART_CHAIN]), 2);
    free(f);
    /* Who came back is not gone any more. */
    t.zones = ROSTER_ZONES_ALL;
    assert_int_equal(rig_put(rig, &t, REGISTRAR, ++rig->station.now), REGISTRY_OK);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    f = opened(rig, "internet", 2);
    assert_int_equal(count_items(f->payload.part[ROSTER_PART_RECORDS]), 2);
    assert_int_equal(count_items(f->payload.part[ROSTER_PART_REMOVED]), 0);
    free(f);
}

/* A finger and a FeliCa card for one zone, stored with the record. */
static void give(struct rig *rig, struct roster_record *r, uint8_t zones)
{
    struct registry_change change;
    struct roster_finger *f = &r->finger[r->fingers++];
    struct roster_credential *c = &r->credential[r->credentials++];

    *f = (struct roster_finger){.id = {7}, .finger = 2, .enrolled = 1, .samples = 1};
    snprintf(f->driver, sizeof(f->driver), "virtual");
    snprintf(f->device, sizeof(f->device), "0");
    *c = (struct roster_credential){.id = {9},
                                    .family = CARD_FELICA,
                                    .state = ROSTER_ACTIVE,
                                    .zones = zones,
                                    .keys = 1,
                                    .key[0] = {.ref = 0x87}};
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_template_put(&rig->reg, r->id, f, "ridges", 6), REGISTRY_OK);
    assert_int_equal(registry_secret_put(&rig->reg, r->id, c, &c->key[0], "secret", 6),
                     REGISTRY_OK);
    registry_by(&rig->reg, (const uint8_t[ROSTER_ID_LEN]){REGISTRAR});
    assert_int_equal(registry_put(&rig->reg, r, ++rig->station.now, &change), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    registry_settle(&rig->reg, &change);
}

/* On the terminal: opened with the zone's seal key and the zone's name. */
static void check_template(struct rig *rig, struct file *f)
{
    uint8_t id[ROSTER_ID_LEN], aad[512], out[64];
    const uint8_t *sealed = NULL, *der = NULL;
    size_t len = 0, derlen = 0, aadlen = 0, outlen = 0;
    struct roster_record r = {0};
    struct station_zone z;

    while (r.fingers == 0) {
        assert_int_equal(
            roster_payload_octets(&f->payload.part[ROSTER_PART_RECORDS], &der, &derlen), 1);
        assert_int_equal(roster_record_decode(der, derlen, &r), ROSTER_OK);
    }
    assert_int_equal(
        roster_payload_sealed(&f->payload.part[ROSTER_PART_TEMPLATES], id, &sealed, &len), 1);
    assert_int_equal(zone_load(&rig->station, "individual-number", &z), REGISTRY_OK);
    assert_int_equal(
        roster_template_aad("individual-number", r.id, &r.finger[0], aad, sizeof(aad), &aadlen),
        ROSTER_OK);
    assert_int_equal(crypto_unseal(z.seal, aad, aadlen, sealed, len, out, sizeof(out), &outlen),
                     CRYPTO_OK);
    assert_int_equal(outlen, 6);
    assert_memory_equal(out, "ridges", 6);
}

static void carries_templates_and_secrets_where_they_belong_only(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_ZONES_ALL);
    struct file *f;

    give(rig, &r, ROSTER_INTERNET);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    f = opened(rig, "individual-number", 0);
    assert_true(f->said.templates == 1 && f->said.secrets == 0);
    check_template(rig, f);
    free(f);
    f = opened(rig, "internet", 1);
    assert_true(f->said.templates == 0 && f->said.secrets == 1);
    assert_int_equal(count_items(f->payload.part[ROSTER_PART_SECRETS]), 1);
    free(f);
    f = opened(rig, "lgwan", 0);
    assert_true(f->said.templates == 0 && f->said.secrets == 0);
    free(f);
    /* What the reader has already is not carried again. */
    snprintf(r.section, sizeof(r.section), "Zeimu");
    assert_int_equal(rig_put(rig, &r, REGISTRAR, ++rig->station.now), REGISTRY_OK);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    f = opened(rig, "individual-number", 2);
    assert_true(f->said.records == 1 && f->said.templates == 0);
    free(f);
}

static void writes_only_what_was_approved(void **state)
{
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_ZONES_ALL);
    struct file *f;

    assert_int_equal(rig_put(rig, &r, REGISTRAR, ++rig->station.now), REGISTRY_OK);
    f = opened(rig, "lgwan", 0);
    assert_int_equal(f->said.records, 2);
    free(f);
}

static void is_one_zones_only(void **state)
{
    struct rig *rig = *state;
    int fd = memfd_create("roster", 0), temp = memfd_create("content", 0);
    struct station_exported said;
    struct station_zone z;
    struct cms_content content;
    struct roster_file head;
    char text[ROSTER_FILE_HEAD_MAX];
    size_t headlen = 0;
    ssize_t n;

    assert_int_equal(export_to(rig, fd, "lgwan", 0, &said), REGISTRY_OK);
    n = pread(fd, text, sizeof(text), 0);
    assert_int_equal(roster_file_parse(text, (size_t)n, &head, &headlen), ROSTER_OK);
    assert_int_equal(zone_load(&rig->station, "internet", &z), REGISTRY_OK);
    assert_int_equal(sealed_open(fd, headlen, z.key, z.key_len, NULL, temp, &content),
                     CRYPTO_OTHER_KEY);
    zone_wipe(&z);
    close(fd);
    close(temp);
}

static void refuses_what_is_not_there(void **state)
{
    struct rig *rig = *state;
    struct station_exported said;
    int fd = memfd_create("roster", 0);

    assert_int_equal(export_to(rig, fd, "lgwan", 1, &said), REGISTRY_NONE);
    assert_int_equal(export_to(rig, fd, "lgwan", UINT64_MAX, &said), REGISTRY_NONE);
    assert_int_equal(export_to(rig, fd, "moon", 0, &said), REGISTRY_NONE);
    assert_int_equal(export_to(rig, fd, "../lgwan", 0, &said), REGISTRY_NONE);
    assert_int_equal(export_to(rig, -1, "lgwan", 0, &said), REGISTRY_STORE);
    close(fd);
}

static void refuses_rows_that_were_edited(void **state)
{
    static const char *const harm[] = {
        "DELETE FROM zone_record WHERE zone='individual-number' AND"
        " id=x'33333333333333333333333333333333'",
        "UPDATE zone_record SET record=(SELECT record FROM zone_record WHERE zone='lgwan' AND"
        " id=x'33333333333333333333333333333333') WHERE zone='individual-number' AND"
        " id=x'33333333333333333333333333333333'",
        "UPDATE zone_template SET sealed=x'00'",
        "DELETE FROM zone_template",
        "UPDATE zone_template SET zone='lgwan'",
        "DELETE FROM zone_issue WHERE number=1",
        "UPDATE zone_record SET changed=0 WHERE id=x'33333333333333333333333333333333'"};
    struct rig *rig = *state;
    struct roster_record r = rig_person(HANAKO, "100", ROSTER_ZONES_ALL);
    struct station_exported said;

    give(rig, &r, ROSTER_INTERNET);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    for (size_t n = 0; n < sizeof(harm) / sizeof(harm[0]); n++) {
        int fd = memfd_create("roster", 0);
        rig_sql(rig, "BEGIN");
        rig_sql(rig, harm[n]);
        if (export_to(rig, fd, "individual-number", 0, &said) != REGISTRY_ALTERED)
            fail_msg("not seen: %s", harm[n]);
        assert_string_not_equal(rig->station.why, "");
        rig_sql(rig, "ROLLBACK");
        close(fd);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(holds_everybody_and_the_whole_chain, begin, rig_end),
        cmocka_unit_test_setup_teardown(holds_what_changed_since_the_base, begin, rig_end),
        cmocka_unit_test_setup_teardown(carries_templates_and_secrets_where_they_belong_only, begin,
                                        rig_end),
        cmocka_unit_test_setup_teardown(writes_only_what_was_approved, begin, rig_end),
        cmocka_unit_test_setup_teardown(is_one_zones_only, begin, rig_end),
        cmocka_unit_test_setup_teardown(refuses_what_is_not_there, begin, rig_end),
        cmocka_unit_test_setup_teardown(refuses_rows_that_were_edited, begin, rig_end),
    };

    if (geteuid() != 0)
        return printf("export_test: needs root: the files must be root's\n"), 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
