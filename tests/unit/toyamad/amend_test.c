/* SPDX-License-Identifier: Apache-2.0
 *
 * Amendments in the store: what is taken, what it does to the people, what is noticed.
 */
#include "toyamad/registry/amend.h"

#include "stationrig.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW 5000

struct key {
    uint8_t key[KEYS_PKCS8_MAX], spki[CRYPTO_SPKI_MAX];
    size_t len, spki_len;
};

static struct key desk, approver;
static struct roster_amendment said;
static struct roster_record r;

static int64_t clock_of_test(void *ctx)
{
    (void)ctx;
    return NOW;
}

static void make_key(struct key *k, uint8_t hash[CRYPTO_SHA256_LEN])
{
    if (k->len == 0)
        assert_int_equal(crypto_p256_generate(k->key, sizeof(k->key), &k->len, k->spki,
                                              sizeof(k->spki), &k->spki_len),
                         CRYPTO_OK);
    assert_int_equal(crypto_sha256(k->spki, k->spki_len, hash), CRYPTO_OK);
}

static struct roster_credential card(uint8_t id, uint32_t slot)
{
    struct roster_credential c = {
        .family = 1, .state = ROSTER_ACTIVE, .keys = 1, .slot = slot, .hint_len = 16};

    memset(c.id, id, sizeof(c.id));
    memset(c.hint, id, sizeof(c.hint));
    c.key[0] = (struct roster_key){.ref = 0x9E, .len = 91};
    memset(c.key[0].spki, id, 91);
    return c;
}

/* The issue over the same people, with other offices. */
static void note(struct rig *rig, size_t helpdesks, size_t officers, int64_t now)
{
    struct roster_officer officer = {.roles = ROSTER_APPROVER, .key_len = CRYPTO_SHA256_LEN};
    struct chain_event event = {.kind = "test"};
    struct registry_change change = {0};

    memset(officer.person, 0xAA, sizeof(officer.person));
    make_key(&approver, officer.key);
    make_key(&desk, rig->reg.issue.helpdesk[0]);
    rig->reg.issue.helpdesks = helpdesks;
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    registry_by(&rig->reg, (const uint8_t[ROSTER_ID_LEN]){7});
    assert_int_equal(registry_note(&rig->reg, &officer, officers, now, &change), REGISTRY_OK);
    assert_int_equal(registry_amends_prune(&rig->reg, &change.issue), REGISTRY_OK);
    assert_int_equal(audit_append(&rig->audit, &event, now), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    registry_settle(&rig->reg, &change);
    audit_settle(&rig->audit);
}

/* A person 0x11 with card 0x40 and one with card 0x50; a helpdesk and an approver. */
static int begin(void **state)
{
    struct rig *rig;

    if (rig_begin(state) != 0)
        return -1;
    rig = *state;
    rig->reg.clock = clock_of_test;
    for (uint8_t n = 0; n < 2; n++) {
        r = rig_person((uint8_t)(0x11 + n), n == 0 ? "100" : "200", ROSTER_LGWAN);
        r.credentials = 1;
        r.credential[0] = card((uint8_t)(0x40 + 0x10 * n), 0);
        assert_int_equal(rig_put(rig, &r, 7, 2000), REGISTRY_OK);
    }
    note(rig, 1, 1, 3000);
    return 0;
}

static int reopen(struct rig *rig)
{
    int err = rig_reopen(rig);

    rig->reg.clock = clock_of_test;
    return err;
}

static void say(struct rig *rig, enum roster_amends kind, uint8_t credential)
{
    static uint8_t serial;

    said = (struct roster_amendment){.number = rig->reg.issue.number, .created = NOW - 100};
    said.created += serial;
    memcpy(said.zone, RIG_ZONE, sizeof(RIG_ZONE));
    said.kind = kind;
    said.id[0] = ++serial;
    said.reason = ROSTER_LOST;
    if (kind != ROSTER_AMEND_EXTEND)
        memset(said.person, 0x11, sizeof(said.person));
    if (kind <= ROSTER_AMEND_RESUME)
        memset(said.credential, credential, sizeof(said.credential));
    if (kind == ROSTER_AMEND_TEMPORARY || kind == ROSTER_AMEND_EXTEND)
        said.until = NOW + 60;
    if (kind == ROSTER_AMEND_TEMPORARY) {
        said.cards = 1;
        said.card[0] = card(credential, 0);
        said.card[0].temporary = true;
        said.card[0].until = said.until;
    }
}

static void sign(const struct key *k, const struct roster_amended *a, uint8_t *sig, size_t cap,
                 size_t *len)
{
    uint8_t digest[CRYPTO_SHA256_LEN];

    assert_int_equal(crypto_sha256(a->der, a->der_len, digest), CRYPTO_OK);
    assert_int_equal(crypto_p256_sign(k->key, k->len, digest, sig, cap, len), CRYPTO_OK);
}

static struct roster_amended signed_one(void)
{
    struct roster_amended a = {.key_len = desk.spki_len, .approver_len = approver.spki_len};

    assert_int_equal(roster_amendment_encode(&said, a.der, sizeof(a.der), &a.der_len), ROSTER_OK);
    memcpy(a.key, desk.spki, desk.spki_len);
    memcpy(a.approver, approver.spki, approver.spki_len);
    sign(&desk, &a, a.sig, sizeof(a.sig), &a.sig_len);
    sign(&approver, &a, a.approval, sizeof(a.approval), &a.approval_len);
    return a;
}

static int put(struct rig *rig, const struct roster_amended *a)
{
    struct chain_event event = {.kind = "test"};
    struct roster_amendment out;
    int why = 0, err;

    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    err = registry_amend_put(&rig->reg, a, &out, &why);
    if (err == REGISTRY_OK) {
        assert_int_equal(audit_append(&rig->audit, &event, NOW), REGISTRY_OK);
        assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
        audit_settle(&rig->audit);
    } else {
        registry_rollback(&rig->reg);
        audit_forget(&rig->audit);
    }
    return err;
}

static int put_said(struct rig *rig)
{
    const struct roster_amended a = signed_one();

    return put(rig, &a);
}

static enum roster_state state_of(struct rig *rig, const char *number)
{
    assert_int_equal(registry_by_number(&rig->reg, number, &r), REGISTRY_OK);
    return r.credential[0].state;
}

static bool each_is(void *ctx, const struct roster_record *one)
{
    size_t *stopped = ctx;

    *stopped += one->credential[0].state == ROSTER_STOPPED ? 1 : 0;
    return true;
}

static void stops_at_once_and_after_a_start(void **state)
{
    struct rig *rig = *state;

    say(rig, ROSTER_AMEND_STOP, 0x40);
    assert_int_equal(put_said(rig), REGISTRY_OK);
    for (int n = 0; n < 2; n++) {
        size_t stopped = 0;
        assert_int_equal(state_of(rig, "100"), ROSTER_STOPPED);
        assert_int_equal(state_of(rig, "200"), ROSTER_ACTIVE);
        assert_int_equal(registry_by_login(&rig->reg, "u100", &r), REGISTRY_OK);
        assert_int_equal(r.credential[0].state, ROSTER_STOPPED);
        assert_int_equal(registry_each(&rig->reg, each_is, &stopped), REGISTRY_OK);
        assert_int_equal(stopped, 1);
        assert_int_equal(reopen(rig), REGISTRY_OK);
    }
}

static void refuses_what_it_may_not_take(void **state)
{
    struct rig *rig = *state;
    struct roster_amended a;

    say(rig, ROSTER_AMEND_STOP, 0x40);
    a = signed_one();
    a.sig[a.sig_len - 1] ^= 1;
    assert_int_equal(put(rig, &a), REGISTRY_ALTERED);
    memset(said.person, 0x99, sizeof(said.person));
    assert_int_equal(put_said(rig), REGISTRY_NONE);
    say(rig, ROSTER_AMEND_RESUME, 0x40);
    a = signed_one();
    a.approver_len = a.approval_len = 0;
    assert_int_equal(put(rig, &a), REGISTRY_ALTERED);
    say(rig, ROSTER_AMEND_SUSPEND, 0x40);
    said.number--;
    said.created = 2999;
    assert_int_equal(put_said(rig), REGISTRY_OLD);
    say(rig, ROSTER_AMEND_STOP, 0x40);
    assert_int_equal(put_said(rig), REGISTRY_OK);
    assert_int_equal(put_said(rig), REGISTRY_EXISTS);
    assert_int_equal(rig->reg.amends.count, 1);
    assert_int_equal(reopen(rig), REGISTRY_OK);
}

static void forgets_what_was_rolled_back(void **state)
{
    struct rig *rig = *state;
    struct roster_amendment out;
    struct roster_amended a;
    uint8_t before[CRYPTO_SHA256_LEN], after[CRYPTO_SHA256_LEN];
    int why = 0;

    say(rig, ROSTER_AMEND_STOP, 0x40);
    a = signed_one();
    registry_amends_hash(&rig->reg, before);
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_amend_put(&rig->reg, &a, &out, &why), REGISTRY_OK);
    registry_amends_hash(&rig->reg, after);
    assert_memory_not_equal(before, after, sizeof(before));
    registry_rollback(&rig->reg);
    audit_forget(&rig->audit);
    registry_amends_hash(&rig->reg, after);
    assert_memory_equal(before, after, sizeof(before));
    assert_int_equal(state_of(rig, "100"), ROSTER_ACTIVE);
}

/* A row that is gone, put back, exchanged or edited denies at the next start. */
static void notices_what_was_changed(void **state)
{
    static const char *const sql[] = {
        "DELETE FROM amendment WHERE id=(SELECT max(id) FROM amendment)",
        "DELETE FROM amendment",
        ("UPDATE amendment SET der=(SELECT der FROM amendment ORDER BY id LIMIT 1)"
         " WHERE id=(SELECT max(id) FROM amendment)"),
        "UPDATE amendment SET id=zeroblob(16) WHERE id=(SELECT max(id) FROM amendment)",
        "UPDATE amendment SET der=x'3000' WHERE id=(SELECT max(id) FROM amendment)",
    };
    struct rig *rig = *state;

    for (int n = 0; n < 2; n++) {
        say(rig, ROSTER_AMEND_STOP, 0x40);
        assert_int_equal(put_said(rig), REGISTRY_OK);
    }
    rig_sql(rig, "CREATE TABLE kept AS SELECT * FROM amendment");
    for (size_t n = 0; n < sizeof(sql) / sizeof(sql[0]); n++) {
        rig_sql(rig, sql[n]);
        assert_int_not_equal(rig_reopen(rig), REGISTRY_OK);
        registry_close(&rig->reg);
        assert_int_equal(sqlite3_open(rig->path, &rig->reg.db), SQLITE_OK);
        rig_sql(rig, "DELETE FROM amendment; INSERT INTO amendment SELECT * FROM kept");
        assert_int_equal(reopen(rig), REGISTRY_OK);
    }
    assert_int_equal(state_of(rig, "100"), ROSTER_STOPPED);
}

static void finds_who_has_the_lent_card(void **state)
{
    struct rig *rig = *state;
    const struct roster_credential lent = card(0x77, 0);
    uint8_t hash[CRYPTO_SHA256_LEN];

    assert_int_equal(crypto_sha256(lent.key[0].spki, lent.key[0].len, hash), CRYPTO_OK);
    assert_int_equal(registry_by_key(&rig->reg, hash, &r), REGISTRY_NONE);
    say(rig, ROSTER_AMEND_TEMPORARY, 0x77);
    assert_int_equal(put_said(rig), REGISTRY_OK);
    for (int n = 0; n < 2; n++) {
        assert_int_equal(registry_by_key(&rig->reg, hash, &r), REGISTRY_OK);
        assert_string_equal(r.number, "100");
        assert_int_equal(r.credentials, 2);
        assert_int_equal(registry_by_hint(&rig->reg, lent.hint, lent.hint_len, &r), REGISTRY_OK);
        assert_string_equal(r.number, "100");
        assert_int_equal(reopen(rig), REGISTRY_OK);
    }
    say(rig, ROSTER_AMEND_TEMPORARY, 0x77);
    memset(said.person, 0x12, sizeof(said.person));
    memset(said.card[0].id, 0x78, sizeof(said.card[0].id));
    assert_int_equal(put_said(rig), REGISTRY_OK);
    assert_int_equal(registry_by_key(&rig->reg, hash, &r), REGISTRY_OK);
    assert_string_equal(r.number, "200");
}

static void lasts_as_long_as_the_rule_says(void **state)
{
    struct rig *rig = *state;

    say(rig, ROSTER_AMEND_STOP, 0x40);
    assert_int_equal(put_said(rig), REGISTRY_OK);
    say(rig, ROSTER_AMEND_EXTEND, 0);
    assert_int_equal(put_said(rig), REGISTRY_OK);
    say(rig, ROSTER_AMEND_SUSPEND, 0x50);
    memset(said.person, 0x12, sizeof(said.person));
    assert_int_equal(put_said(rig), REGISTRY_OK);
    assert_true(registry_extended(&rig->reg) == NOW + 60);
    assert_int_equal(state_of(rig, "200"), ROSTER_SUSPENDED);
    note(rig, 1, 1, NOW);
    assert_int_equal(rig->reg.amends.count, 1);
    assert_true(registry_extended(&rig->reg) == 0);
    assert_int_equal(state_of(rig, "200"), ROSTER_ACTIVE);
    assert_int_equal(state_of(rig, "100"), ROSTER_STOPPED);
    assert_int_equal(rig_put(rig, &r, 7, NOW + 1), REGISTRY_OK); /* as the issue says it itself */
    note(rig, 1, 1, NOW + 2);
    assert_int_equal(rig->reg.amends.count, 0);
    assert_int_equal(state_of(rig, "100"), ROSTER_STOPPED);
    assert_int_equal(reopen(rig), REGISTRY_OK);
}

/* Who signed has no office any more: what restricts still holds, what opens does not. */
static void outlives_the_office(void **state)
{
    struct rig *rig = *state;

    say(rig, ROSTER_AMEND_STOP, 0x40);
    assert_int_equal(put_said(rig), REGISTRY_OK);
    say(rig, ROSTER_AMEND_TEMPORARY, 0x77);
    memset(said.person, 0x12, sizeof(said.person));
    assert_int_equal(put_said(rig), REGISTRY_OK);
    assert_int_equal(registry_by_number(&rig->reg, "200", &r), REGISTRY_OK);
    assert_int_equal(r.credentials, 2);
    note(rig, 0, 0, 3001);
    for (int n = 0; n < 2; n++) {
        assert_int_equal(state_of(rig, "100"), ROSTER_STOPPED);
        assert_int_equal(registry_by_number(&rig->reg, "200", &r), REGISTRY_OK);
        assert_int_equal(r.credentials, 1);
        assert_int_equal(reopen(rig), REGISTRY_OK);
    }
}

static void stops_by_code(void **state)
{
    struct rig *rig = *state;
    struct chain_event event = {.kind = "test"};
    struct stop_code code, other;
    size_t at = 9;

    assert_int_equal(stop_make(41, &code), STOP_OK);
    r = rig_person(0x13, "300", ROSTER_LGWAN);
    r.credentials = 2;
    r.credential[0] = card(0x60, 40);
    r.credential[1] = card(0x61, 41);
    r.credential[0].stop_len = r.credential[1].stop_len = STOP_HASH_LEN;
    assert_int_equal(stop_hash(&code, r.credential[1].id, r.credential[1].stop_hash), STOP_OK);
    assert_int_equal(rig_put(rig, &r, 7, NOW), REGISTRY_OK);
    other = code;
    other.secret ^= 1;
    assert_int_equal(registry_stop_find(&rig->reg, &other, &r, &at), REGISTRY_NONE);
    other = code;
    other.slot = 40;
    assert_int_equal(registry_stop_find(&rig->reg, &other, &r, &at), REGISTRY_NONE);
    other.slot = 42;
    assert_int_equal(registry_stop_find(&rig->reg, &other, &r, &at), REGISTRY_NONE);
    assert_int_equal(registry_stop_find(&rig->reg, &code, &r, &at), REGISTRY_OK);
    assert_string_equal(r.number, "300");
    assert_int_equal(at, 1);
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_stop_put(&rig->reg, &code, r.credential[1].id), REGISTRY_OK);
    assert_int_equal(audit_append(&rig->audit, &event, NOW), REGISTRY_OK);
    assert_int_equal(registry_commit(&rig->reg), REGISTRY_OK);
    audit_settle(&rig->audit);
    for (int n = 0; n < 2; n++) {
        assert_int_equal(registry_by_number(&rig->reg, "300", &r), REGISTRY_OK);
        assert_int_equal(r.credential[0].state, ROSTER_ACTIVE);
        assert_int_equal(r.credential[1].state, ROSTER_STOPPED);
        assert_int_equal(reopen(rig), REGISTRY_OK);
    }
    assert_int_equal(registry_begin(&rig->reg), REGISTRY_OK);
    assert_int_equal(registry_stop_put(&rig->reg, &code, r.credential[1].id), REGISTRY_EXISTS);
    registry_rollback(&rig->reg);
    audit_forget(&rig->audit);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(stops_at_once_and_after_a_start, begin, rig_end),
        cmocka_unit_test_setup_teardown(refuses_what_it_may_not_take, begin, rig_end),
        cmocka_unit_test_setup_teardown(forgets_what_was_rolled_back, begin, rig_end),
        cmocka_unit_test_setup_teardown(notices_what_was_changed, begin, rig_end),
        cmocka_unit_test_setup_teardown(finds_who_has_the_lent_card, begin, rig_end),
        cmocka_unit_test_setup_teardown(lasts_as_long_as_the_rule_says, begin, rig_end),
        cmocka_unit_test_setup_teardown(outlives_the_office, begin, rig_end),
        cmocka_unit_test_setup_teardown(stops_by_code, begin, rig_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
