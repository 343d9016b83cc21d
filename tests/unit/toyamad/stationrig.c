/* SPDX-License-Identifier: Apache-2.0 */
#include "stationrig.h"

#include "core/wire/card.h"
#include "toyamad/registry/zones.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int rig_begin(void **state)
{
    struct rig *rig = calloc(1, sizeof(*rig));
    char why[256] = "";

    assert_non_null(rig);
    snprintf(rig->directory, sizeof(rig->directory), "/tmp/toyama-station-XXXXXX");
    assert_non_null(mkdtemp(rig->directory));
    snprintf(rig->path, sizeof(rig->path), "%s/registry.db", rig->directory);
    assert_true(keys_create(rig->directory, why, sizeof(why)));
    assert_true(keys_load(&rig->keys, REGISTER_OWN, rig->directory, why, sizeof(why)));
    assert_int_equal(registry_create(rig->path, &rig->keys, RIG_ZONE, 1000), REGISTRY_OK);
    rig->plan = calloc(1, sizeof(*rig->plan));
    assert_non_null(rig->plan);
    rig->station = (struct station){.reg = &rig->reg,
                                    .audit = &rig->audit,
                                    .keys = &rig->keys,
                                    .state = rig->directory,
                                    .finger_zones = ROSTER_INDIVIDUAL_NUMBER,
                                    .now = 5000};
    assert_true(audit_key_create(rig->directory, AUDIT_KEY_FILE, why, sizeof(why)));
    *state = rig;
    return rig_reopen(rig);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

int rig_end(void **state)
{
    struct rig *rig = *state;

    registry_close(&rig->reg);
    assert_int_equal(nftw(rig->directory, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
    free(rig->plan);
    free(rig);
    return 0;
}

int rig_reopen(struct rig *rig)
{
    char why[256] = "";
    int err;

    if (rig->reg.db != NULL)
        registry_close(&rig->reg);
    err = registry_open(&rig->reg, rig->path, &rig->keys, RIG_ZONE, why, sizeof(why));
    if (err != REGISTRY_OK)
        return err;
    rig->reg.attributed = true;
    return audit_open(&rig->audit, &rig->reg, rig->directory, "station", why, sizeof(why));
}

struct roster_record rig_person(uint8_t id, const char *number, uint8_t zones)
{
    struct roster_record r = {
        .category = ROSTER_REGULAR, .state = ROSTER_ACTIVE, .zones = zones, .logins = 1};

    memset(r.id, id, sizeof(r.id));
    snprintf(r.number, sizeof(r.number), "%s", number);
    snprintf(r.name, sizeof(r.name), "Name %s", number);
    snprintf(r.login[0], sizeof(r.login[0]), "u%s", number);
    r.valid_from = 1;
    return r;
}

int rig_put(struct rig *rig, const struct roster_record *r, uint8_t by, int64_t now)
{
    struct chain_event event = {.kind = "test"};
    struct registry_change change = {0};
    uint8_t author[ROSTER_ID_LEN];
    int err;

    memset(author, by, sizeof(author));
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    registry_by(&rig->reg, author);
    err = registry_put(&rig->reg, r, now, &change);
    if (err == REGISTRY_OK && (err = audit_append(&rig->audit, &event, now)) == REGISTRY_OK &&
        (err = registry_commit(&rig->reg)) == REGISTRY_OK) {
        registry_settle(&rig->reg, &change);
        audit_settle(&rig->audit);
    } else {
        audit_forget(&rig->audit);
    }
    registry_rollback(&rig->reg);
    registry_drop(&change);
    return err;
}

void rig_sql(struct rig *rig, const char *sql)
{
    assert_int_equal(sqlite3_exec(rig->reg.db, sql, NULL, NULL, NULL), SQLITE_OK);
}

void rig_card_make(struct rig_card *card)
{
    *card = (struct rig_card){0};
    assert_int_equal(crypto_p256_generate(card->key, sizeof(card->key), &card->key_len, card->spki,
                                          sizeof(card->spki), &card->spki_len),
                     CRYPTO_OK);
}

void rig_give_key(struct rig *rig, struct roster_record *r)
{
    struct roster_credential *c = &r->credential[r->credentials++];

    rig_card_make(&rig->approver);
    *c = (struct roster_credential){
        .family = CARD_PIV, .state = ROSTER_ACTIVE, .pin_ref = 0x80, .enrolled = 1, .keys = 1};
    memcpy(c->id, rig->approver.spki + rig->approver.spki_len - sizeof(c->id), sizeof(c->id));
    c->key[0] = (struct roster_key){.ref = 0x9C, .pin = true, .len = rig->approver.spki_len};
    memcpy(c->key[0].spki, rig->approver.spki, rig->approver.spki_len);
}

void rig_make_zones(struct rig *rig, const struct roster_record *approver)
{
    static const char *const zones[] = {"individual-number", "lgwan", "internet"};
    struct roster_officer officer = {.roles = ROSTER_APPROVER, .key_len = CRYPTO_SHA256_LEN};
    struct station_zone zone;

    memcpy(officer.person, approver->id, sizeof(officer.person));
    assert_int_equal(crypto_spki_hash(rig->approver.spki, rig->approver.spki_len, officer.key),
                     CRYPTO_OK);
    for (size_t n = 0; n < sizeof(zones) / sizeof(zones[0]); n++) {
        assert_int_equal(zone_make(&rig->station, zones[n], &officer, 1, &zone), REGISTRY_OK);
        assert_int_equal(zone_create(&rig->station, &zone), REGISTRY_OK);
        zone_wipe(&zone);
    }
}

void rig_preview(struct rig *rig, int (*each)(void *ctx, const struct station_difference *d),
                 void *ctx)
{
    assert_int_equal(plan_make(&rig->station, false, each, ctx, rig->plan), REGISTRY_OK);
}

int rig_sign(struct rig *rig, const struct rig_card *card)
{
    struct plan_approval *a = calloc(1, sizeof(*a));
    int err;

    assert_non_null(a);
    memcpy(a->spki, card->spki, card->spki_len);
    a->spki_len = card->spki_len;
    for (size_t n = 0; n < rig->plan->zones; n++) {
        const struct roster_signed *s = &rig->plan->next[n].done;
        if (!rig->plan->next[n].due)
            continue;
        assert_int_equal(crypto_p256_sign_message(card->key, card->key_len, s->der, s->der_len,
                                                  a->signature[a->signatures].sig,
                                                  sizeof(a->signature[0].sig),
                                                  &a->signature[a->signatures].len),
                         CRYPTO_OK);
        a->signatures++;
    }
    err = plan_sign(&rig->station, rig->plan, a);
    free(a);
    return err;
}

int rig_commit(struct rig *rig)
{
    struct chain_event event = {.kind = "issue-approved"};

    return plan_commit(&rig->station, rig->plan, &event);
}

int rig_approve(struct rig *rig, bool renew)
{
    uint8_t token[CRYPTO_SHA256_LEN];
    int err = plan_make(&rig->station, renew, NULL, NULL, rig->plan);

    if (err != REGISTRY_OK)
        return err;
    memcpy(token, rig->plan->token, sizeof(token));
    if ((err = plan_stage(&rig->station, renew, token, rig->plan)) != REGISTRY_OK ||
        (err = rig_sign(rig, &rig->approver)) != REGISTRY_OK)
        return err;
    rig->station.now++;
    return rig_commit(rig);
}

struct roster_record rig_stored(struct rig *rig, uint8_t id)
{
    uint8_t whole[ROSTER_ID_LEN];
    struct roster_record r;

    memset(whole, id, sizeof(whole));
    assert_int_equal(registry_by_id(&rig->reg, whole, &r), REGISTRY_OK);
    return r;
}

void rig_put_now(struct rig *rig, const struct roster_record *r, uint8_t by)
{
    assert_int_equal(rig_put(rig, r, by, ++rig->station.now), REGISTRY_OK);
}

uint64_t rig_number(struct rig *rig, const char *zone)
{
    struct roster_signed s;
    struct roster_issue issue;

    if (zones_issue_last(&rig->reg, zone, &s) != REGISTRY_OK)
        return 0;
    assert_int_equal(roster_issue_decode(s.der, s.der_len, &issue), ROSTER_OK);
    return issue.number;
}

/* Registrar and approver in the register, three zones, each with issue 1. */
int rig_begin_approved(void **state)
{
    struct roster_record r;
    struct rig *rig;

    rig_begin(state);
    rig = *state;
    r = rig_person(RIG_REGISTRAR, "1", ROSTER_ZONES_ALL);
    r.roles = ROSTER_REGISTRAR;
    rig_put_now(rig, &r, 0);
    r = rig_person(RIG_APPROVER, "2", ROSTER_LGWAN);
    r.roles = ROSTER_APPROVER;
    rig_give_key(rig, &r);
    rig_put_now(rig, &r, 0);
    rig_make_zones(rig, &r);
    assert_int_equal(rig_approve(rig, false), REGISTRY_OK);
    rig->station.now += 10;
    return 0;
}
