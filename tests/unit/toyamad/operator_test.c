/* SPDX-License-Identifier: Apache-2.0
 *
 * Who holds an office, on whose behalf a call is made, and whom the approver's card may belong to.
 */
#include "core/wire/card.h"
#include "stationrig.h"
#include "toyamad/officer.h"
#include "toyamad/task.h"

#include <stdlib.h>
#include <string.h>

#define USEC UINT64_C(1000000)

struct desk_rig {
    struct rig *rig;
    struct broker *b;
};

/* The broker works on the store of the rig. */
static void take(struct desk_rig *d)
{
    d->b->registry = d->rig->reg;
    d->b->audit = d->rig->audit;
    d->b->audit.reg = &d->b->registry;
}

static void give_back(struct desk_rig *d)
{
    d->rig->audit = d->b->audit;
    d->rig->audit.reg = &d->rig->reg;
}

static int begin(void **state)
{
    struct desk_rig *d = calloc(1, sizeof(*d));
    void *rig = NULL;

    assert_non_null(d);
    assert_int_equal(rig_begin(&rig), 0);
    d->rig = rig;
    d->rig->reg.attributed = false;
    d->b = calloc(1, sizeof(*d->b));
    assert_non_null(d->b);
    assert_true(sd_event_new(&d->b->event) >= 0);
    policy_init(&d->b->config.policy);
    d->b->config.policy.zone = ZONE_INDIVIDUAL_NUMBER;
    d->b->config.policy.operator_idle = 600;
    d->b->registry_good = true;
    take(d);
    *state = d;
    return 0;
}

static int end(void **state)
{
    struct desk_rig *d = *state;
    void *rig = d->rig;

    operator_close_all(d->b);
    sd_event_unref(d->b->event);
    free(d->b);
    free(d);
    return rig_end(&rig);
}

/* With a card that has key 9C. */
static struct roster_record person(uint8_t id, const char *number, uint8_t roles)
{
    struct roster_record r = rig_person(id, number, ROSTER_INDIVIDUAL_NUMBER);
    struct roster_credential *c = &r.credential[0];
    struct rig_card card;

    rig_card_make(&card);
    r.roles = roles;
    r.credentials = 1;
    memset(c->id, id, sizeof(c->id));
    c->family = CARD_PIV;
    c->state = ROSTER_ACTIVE;
    c->pin_ref = 0x80;
    c->hint_len = 16;
    memset(c->hint, id, 16);
    c->keys = 1;
    c->key[0] = (struct roster_key){.ref = OFFICER_KEY, .pin = true, .len = card.spki_len};
    memcpy(c->key[0].spki, card.spki, card.spki_len);
    return r;
}

static void put(struct desk_rig *d, const struct roster_record *r)
{
    give_back(d);
    rig_put_now(d->rig, r, 0);
    take(d);
}

static bool last_event(void *ctx, const struct chain_event *e)
{
    *(struct chain_event *)ctx = *e;
    return true;
}

static void expect_last(struct desk_rig *d, const char *kind, const char *cause)
{
    struct chain_event e = {0};

    assert_int_equal(audit_each(&d->b->audit, 1, last_event, &e), REGISTRY_OK);
    assert_string_equal(e.kind, kind);
    assert_string_equal(chain_event_get(&e, "cause"), cause);
}

static void open_session(struct desk_rig *d, uid_t uid, const struct roster_record *r)
{
    struct chain_event event = {.kind = "operator-opened"};

    assert_true(operator_begin(d->b, uid, r, r->credential[0].id, &event));
}

static struct task_operator identified(struct desk_rig *d, uid_t uid)
{
    struct task_operator who;

    operator_identify(d->b, uid, &who);
    return who;
}

static void nobody_opened(void **state)
{
    struct desk_rig *d = *state;

    assert_string_equal(identified(d, 0).number, "root");
    assert_string_equal(identified(d, 1000).number, "uid 1000");
    assert_false(identified(d, 0).open);
    assert_memory_equal(identified(d, 1000).id, roster_root_author, ROSTER_ID_LEN);
    assert_int_equal(identified(d, 1000).roles, 0);
    assert_false(operator_close(d->b, 0, "closed"));
    assert_true(operator_word("root") && operator_word("uid 1000") && operator_word("uid x"));
    assert_false(operator_word("012345") || operator_word("roots") || operator_word("uid"));
}

static void a_session_is_one_uid_s(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_REGISTRAR | ROSTER_AUDITOR);
    struct task_operator who;
    char words[64];

    put(d, &r);
    open_session(d, 1000, &r);
    who = identified(d, 1000);
    assert_true(who.open);
    assert_string_equal(who.number, "100");
    assert_memory_equal(who.id, r.id, ROSTER_ID_LEN);
    operator_roles_format(who.roles, words, sizeof(words));
    assert_string_equal(words, "registrar auditor");
    assert_false(identified(d, 1001).open);
    assert_false(identified(d, 0).open);
    assert_true(operator_close(d->b, 1000, "closed"));
    expect_last(d, "operator-closed", "closed");
    assert_false(identified(d, 1000).open);
}

static void it_ends_with_what_it_rests_on(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_REGISTRAR);

    put(d, &r);
    open_session(d, 1000, &r);
    r.roles = ROSTER_AUDITOR;
    put(d, &r);
    assert_int_equal(identified(d, 1000).roles, ROSTER_AUDITOR);
    r.credential[0].state = ROSTER_SUSPENDED;
    put(d, &r);
    assert_false(identified(d, 1000).open);
    expect_last(d, "operator-closed", "no-longer-valid");
    r.credential[0].state = ROSTER_ACTIVE;
    put(d, &r);
    assert_false(identified(d, 1000).open);
    open_session(d, 1000, &r);
    r.credentials = 0;
    put(d, &r);
    assert_false(identified(d, 1000).open);
}

static void run_for(struct desk_rig *d, uint64_t usec)
{
    uint64_t now = 0, until;

    assert_true(sd_event_now(d->b->event, CLOCK_BOOTTIME, &now) >= 0);
    until = now + usec;
    while (now < until) {
        assert_true(sd_event_run(d->b->event, until - now) >= 0);
        sd_event_now(d->b->event, CLOCK_BOOTTIME, &now);
    }
}

static void idle_ends_it(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_REGISTRAR);

    put(d, &r);
    d->b->config.policy.operator_idle = 1;
    open_session(d, 1000, &r);
    run_for(d, USEC * 6 / 10);
    operator_stir(d->b, 1000);
    run_for(d, USEC * 6 / 10);
    assert_true(identified(d, 1000).open);
    assert_int_equal(operator_left(d->b, 1000), 1);
    run_for(d, USEC);
    assert_false(identified(d, 1000).open);
    assert_int_equal(operator_left(d->b, 1000), 0);
    expect_last(d, "operator-closed", "idle");
}

static void only_so_many(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_REGISTRAR);
    struct chain_event event = {.kind = "operator-opened"};

    put(d, &r);
    for (uid_t uid = 0; uid < OPERATORS_MAX; uid++)
        open_session(d, uid, &r);
    assert_false(operator_begin(d->b, 5000, &r, r.credential[0].id, &event));
    open_session(d, 3, &r); /* in its own place */
    operator_close_all(d->b);
    expect_last(d, "operator-closed", "broker-ended");
    assert_false(identified(d, 3).open);
}

static void offices_of_a_stand_alone_host(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_APPROVER);

    assert_null(officer_issue(d->b));
    assert_int_equal(officer_roles(d->b, &r), ROSTER_APPROVER);
    r.state = ROSTER_STOPPED;
    assert_int_equal(officer_roles(d->b, &r), 0);
    r.state = ROSTER_ACTIVE;
    r.valid_from = INT64_MAX;
    assert_int_equal(officer_roles(d->b, &r), 0);
    r.valid_from = 1;
    r.category = ROSTER_FIXED_TERM;
    r.valid_until = 2;
    assert_int_equal(officer_roles(d->b, &r), 0);
    r.valid_until = 0;
    r.category = ROSTER_CONTRACTOR;
    assert_int_equal(officer_roles(d->b, &r), 0);
    r.category = ROSTER_SUPPORT;
    assert_int_equal(officer_roles(d->b, &r), 0);
}

/* The issue's approver by the record's first key. */
static struct roster_officer officer_of(const struct roster_record *r, uint8_t roles)
{
    struct roster_officer o = {.roles = roles, .key_len = CRYPTO_SHA256_LEN};
    const struct roster_key *key = &r->credential[0].key[0];

    memcpy(o.person, r->id, ROSTER_ID_LEN);
    assert_int_equal(crypto_sha256(key->spki, key->len, o.key), CRYPTO_OK);
    return o;
}

static void offices_where_issues_are_approved(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_APPROVER | ROSTER_REGISTRAR);
    struct roster_issue *issue = &d->b->registry.issue;

    d->b->config.roster.kind = REGISTER_STATION;
    assert_ptr_equal(officer_issue(d->b), issue);
    assert_int_equal(officer_roles(d->b, &r), 0);
    issue->officer[0] = officer_of(&r, ROSTER_APPROVER | ROSTER_AUDITOR);
    issue->officers = 1;
    assert_int_equal(officer_roles(d->b, &r), ROSTER_APPROVER);
    r.roles = ROSTER_REGISTRAR;
    assert_int_equal(officer_roles(d->b, &r), 0);
    assert_true(officer_listed(issue, r.id, &r.credential[0].key[0]));
    issue->officer[0].key[5] ^= 1;
    assert_false(officer_listed(issue, r.id, &r.credential[0].key[0]));
    issue->officer[0] = officer_of(&r, ROSTER_REGISTRAR);
    assert_false(officer_listed(issue, r.id, &r.credential[0].key[0]));
    issue->officer[0] = officer_of(&r, ROSTER_APPROVER);
    issue->officer[0].key_len = 0;
    assert_false(officer_listed(issue, r.id, &r.credential[0].key[0]));
}

static struct task *approval(struct desk_rig *d, const struct roster_record *r)
{
    struct task *t = calloc(1, sizeof(*t));

    assert_non_null(t);
    t->broker = d->b;
    t->approve.person = *r;
    t->approve.blobs = 1;
    return t;
}

static void expect(struct task *t, const char *cause, const char *msg)
{
    const char *said = NULL, *why = approve_judge(t, &said);

    if (cause == NULL) {
        assert_null(why);
        return;
    }
    assert_non_null(why);
    assert_string_equal(why, cause);
    assert_string_equal(said, msg);
}

static void nobody_approves_his_own(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_APPROVER);
    struct task *t = approval(d, &r);

    expect(t, NULL, NULL);
    memcpy(t->operator.id, r.id, ROSTER_ID_LEN);
    expect(t, "own-change", "H04");
    memset(t->operator.id, 0, ROSTER_ID_LEN);
    for (size_t n = 0; n < APPROVE_AUTHORS_MAX; n++) {
        memset(t->approve.author, 9, sizeof(t->approve.author));
        t->approve.authors = APPROVE_AUTHORS_MAX;
        expect(t, NULL, NULL);
        memcpy(t->approve.author[n], r.id, ROSTER_ID_LEN);
        expect(t, "own-change", "H04");
    }
    free(t);
}

static void whose_card_it_must_be(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_APPROVER);
    struct task *t = approval(d, &r);
    struct roster_credential *c = &t->approve.person.credential[0];

    t->approve.person.roles = ROSTER_ROLES_ALL & ~ROSTER_APPROVER;
    expect(t, "no-approver", "X88");
    t->approve.person.roles = ROSTER_APPROVER;
    for (enum roster_state s = ROSTER_STOPPED; s <= ROSTER_DESTROYED; s++) {
        c->state = s;
        expect(t, "card-not-active", "X88");
    }
    c->state = ROSTER_ACTIVE;
    c->until = 2;
    expect(t, "card-not-active", "X88");
    c->until = 0;
    c->from = INT64_MAX;
    expect(t, "card-not-active", "X88");
    c->from = 0;
    c->temporary = true;
    expect(t, "card-not-active", "X88");
    c->temporary = false;
    c->key[0].pin = false;
    expect(t, "no-key", "X88");
    c->key[0].pin = true;
    c->key[0].ref = 0x9A;
    expect(t, "no-key", "X88");
    c->key[0].ref = OFFICER_KEY;
    c->family = CARD_JPKI;
    expect(t, "no-key", "X88");
    c->family = CARD_PIV;
    expect(t, NULL, NULL);
    free(t);
}

static void which_issue_must_name_him(void **state)
{
    struct desk_rig *d = *state;
    struct roster_record r = person(7, "100", ROSTER_APPROVER), other = person(8, "200", 0);
    struct task *t = approval(d, &r);
    struct approve_digest *blob = t->approve.blob;

    t->approve.blobs = 2;
    blob[1].bound = true;
    expect(t, "key-not-listed", "X88");
    blob[1].officers = 1;
    blob[1].officer[0] = officer_of(&other, ROSTER_APPROVER);
    expect(t, "key-not-listed", "X88");
    memcpy(blob[1].officer[0].person, r.id, ROSTER_ID_LEN);
    expect(t, "key-not-listed", "X88"); /* another key of the same person */
    blob[1].officer[0] = officer_of(&r, ROSTER_APPROVER);
    expect(t, NULL, NULL);
    d->b->config.roster.kind = REGISTER_TAKEN; /* and by the host's own issue */
    expect(t, "no-approver", "X88");
    d->b->registry.issue.officers = 1;
    d->b->registry.issue.officer[0] = officer_of(&other, ROSTER_APPROVER);
    memcpy(d->b->registry.issue.officer[0].person, r.id, ROSTER_ID_LEN);
    expect(t, "key-not-listed", "X88");
    d->b->registry.issue.officer[0] = officer_of(&r, ROSTER_APPROVER);
    expect(t, NULL, NULL);
    free(t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(nobody_opened),
        TEST(a_session_is_one_uid_s),
        TEST(it_ends_with_what_it_rests_on),
        TEST(idle_ends_it),
        TEST(only_so_many),
        TEST(offices_of_a_stand_alone_host),
        TEST(offices_where_issues_are_approved),
        TEST(nobody_approves_his_own),
        TEST(whose_card_it_must_be),
        TEST(which_issue_must_name_him),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
