/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/core/takerig.h"

#include <stdio.h>

#include "core/wire/card.h"
#include "tests/unit/core/unit.h"

#define ZONE   "lgwan"
#define ISSUES 8

static uint8_t authority_key[256], authority_spki[CRYPTO_SPKI_MAX];
uint8_t authority[CRYPTO_SHA256_LEN];
static size_t authority_len, authority_spki_len;

/* The station: people, and the issues that were made of them. */
struct take_person people[TAKE_PEOPLE];
struct roster_trust newest;
static struct roster_signed issued[ISSUES];
size_t issues;

/* The terminal. */
struct roster_trust trust;
static struct roster_entry entry[TAKE_PEOPLE];
static size_t entries;
bool installed;
struct take_person before[TAKE_PEOPLE]; /* the people as it has them */

/* The payload under construction. */
static uint8_t octets[256 * 1024];
static size_t used;
struct take_plan plan;

static bool append(void *ctx, const void *p, size_t len)
{
    (void)ctx;
    assert_true(len <= sizeof(octets) - used);
    memcpy(octets + used, p, len);
    used += len;
    return true;
}

void take_encode(struct take_person *p)
{
    assert_int_equal(crypto_sha256(p->print, sizeof(p->print), p->record.finger[0].sealed_hash),
                     CRYPTO_OK);
    assert_int_equal(
        crypto_sha256(p->secret, sizeof(p->secret), p->record.credential[1].key[0].spki),
        CRYPTO_OK);
    assert_int_equal(roster_record_encode(&p->record, p->der, sizeof(p->der), &p->len), ROSTER_OK);
}

void take_engage(size_t n)
{
    struct take_person *p = &people[n];
    struct roster_record *r = &p->record;

    *p = (struct take_person){.there = true};
    r->category = ROSTER_REGULAR;
    r->state = ROSTER_ACTIVE;
    r->zones = ROSTER_LGWAN;
    r->credentials = 2;
    r->fingers = 1;
    memset(r->id, (int)(0x10 + n), sizeof(r->id));
    snprintf(r->number, sizeof(r->number), "%zu", 100 + n);
    snprintf(r->name, sizeof(r->name), "Name %zu", n);
    r->credential[0] = (struct roster_credential){
        .family = CARD_PIV, .state = ROSTER_ACTIVE, .keys = 1, .key = {{.ref = 0x9E, .len = 91}}};
    memset(r->credential[0].id, (int)(0x20 + n), ROSTER_ID_LEN);
    memcpy(r->credential[0].key[0].spki, authority_spki, 91);
    r->credential[0].key[0].spki[90] = (uint8_t)n; /* everybody has a key of his own */
    r->credential[1] = (struct roster_credential){.family = CARD_MEMORISED,
                                                  .state = ROSTER_ACTIVE,
                                                  .zones = ROSTER_LGWAN,
                                                  .keys = 1,
                                                  .key = {{.ref = 1, .pin = true, .len = 32}}};
    memset(r->credential[1].id, (int)(0x30 + n), ROSTER_ID_LEN);
    r->finger[0] = (struct roster_finger){
        .finger = 2, .driver = "d", .device = "e", .samples = 5, .width = 1, .height = 1};
    memset(r->finger[0].id, (int)(0x40 + n), ROSTER_ID_LEN);
    memset(p->print, (int)n, sizeof(p->print));
    memset(p->secret, (int)n, sizeof(p->secret));
    take_encode(p);
}

static void count_root(const struct take_person *from, struct roster_issue *issue)
{
    struct roster_root root;
    uint8_t hash[CRYPTO_SHA256_LEN];

    roster_root_begin(&root);
    for (size_t n = 0; n < TAKE_PEOPLE; n++)
        if (from[n].there) {
            assert_int_equal(crypto_sha256(from[n].der, from[n].len, hash), CRYPTO_OK);
            assert_int_equal(roster_root_add(&root, from[n].record.id, hash), ROSTER_OK);
        }
    issue->count = root.count;
    assert_int_equal(roster_root_finish(&root, issue->root), ROSTER_OK);
    roster_root_free(&root);
}

void take_issue(void)
{
    struct roster_issue next = newest.issue;
    struct roster_signed *s = &issued[issues++];

    next.number++;
    next.created += 100;
    memcpy(next.previous, newest.hash, sizeof(next.previous));
    count_root(people, &next);
    *s = (struct roster_signed){.key_len = authority_spki_len};
    memcpy(s->key, authority_spki, sizeof(s->key));
    assert_int_equal(roster_issue_encode(&next, s->der, sizeof(s->der), &s->der_len), ROSTER_OK);
    assert_int_equal(roster_issue_sign(s->der, s->der_len, authority_key, authority_len, s->sig,
                                       sizeof(s->sig), &s->sig_len),
                     ROSTER_OK);
    assert_int_equal(roster_chain_step(&newest, s), ROSTER_OK);
}

static uint64_t part_octets(enum roster_part part)
{
    uint64_t sum = 0;

    for (size_t n = 0; n < TAKE_PEOPLE; n++) {
        if (part == ROSTER_PART_RECORDS && plan.record[n])
            sum += roster_payload_size_octets(people[n].len);
        if (part == ROSTER_PART_REMOVED && plan.removed[n])
            sum += roster_payload_size_octets(ROSTER_ID_LEN);
        if (part == ROSTER_PART_TEMPLATES && plan.print[n])
            sum += roster_payload_size_sealed(40) * (plan.twice == (int)n ? 2 : 1);
        if (part == ROSTER_PART_SECRETS && plan.secret[n])
            sum += roster_payload_size_secret(1, 20);
    }
    return sum;
}

static void put_chain(struct roster_payload_writer *w, size_t last)
{
    uint8_t der[ROSTER_SIGNED_MAX];
    size_t len = 0;

    for (size_t n = plan.first; n < last; n++) {
        assert_int_equal(roster_signed_encode(&issued[n], der, sizeof(der), &len), ROSTER_OK);
        assert_int_equal(roster_payload_put_encoded(w, der, len), ROSTER_OK);
    }
}

static uint64_t chain_octets(size_t last)
{
    uint8_t der[ROSTER_SIGNED_MAX];
    size_t len = 0;
    uint64_t sum = 0;

    for (size_t n = plan.first; n < last; n++) {
        assert_int_equal(roster_signed_encode(&issued[n], der, sizeof(der), &len), ROSTER_OK);
        sum += len;
    }
    return sum;
}

static void put_print(struct roster_payload_writer *w, size_t n)
{
    uint8_t other[40] = {0xEE};
    const uint8_t *print = plan.other == (int)n ? other : people[n].print;
    const uint8_t *id = people[n].record.finger[0].id;

    assert_int_equal(roster_payload_put_sealed(w, id, print, 40), ROSTER_OK);
    if (plan.twice == (int)n)
        assert_int_equal(roster_payload_put_sealed(w, id, print, 40), ROSTER_OK);
}

static void put_part(struct roster_payload_writer *w, enum roster_part part)
{
    for (size_t m = 0; m < TAKE_PEOPLE; m++) {
        size_t n = plan.descending ? TAKE_PEOPLE - 1 - m : m;
        const struct take_person *p = &people[n];
        if (part == ROSTER_PART_RECORDS && plan.record[n])
            assert_int_equal(roster_payload_put_octets(w, p->der, p->len), ROSTER_OK);
        if (part == ROSTER_PART_REMOVED && plan.removed[n])
            assert_int_equal(roster_payload_put_octets(w, p->record.id, ROSTER_ID_LEN), ROSTER_OK);
        if (part == ROSTER_PART_TEMPLATES && plan.print[n])
            put_print(w, n);
        if (part == ROSTER_PART_SECRETS && plan.secret[n])
            assert_int_equal(
                roster_payload_put_secret(w, p->record.credential[1].id, 1, p->secret, 20),
                ROSTER_OK);
    }
}

static void write_payload(void)
{
    struct roster_payload_writer w = {.write = append};
    size_t last = plan.last == 0 ? issues : plan.last;
    uint64_t sums[ROSTER_PARTS] = {0};

    used = 0;
    sums[ROSTER_PART_CHAIN] = chain_octets(last);
    for (enum roster_part part = ROSTER_PART_RECORDS; part <= ROSTER_PART_SECRETS; part++)
        sums[part] = part_octets(part);
    assert_int_equal(roster_payload_begin(&w, plan.zone, plan.base, sums), ROSTER_OK);
    put_chain(&w, last);
    for (enum roster_part part = ROSTER_PART_RECORDS; part <= ROSTER_PART_SECRETS; part++) {
        assert_int_equal(roster_payload_next(&w), ROSTER_OK);
        put_part(&w, part);
    }
    assert_int_equal(roster_payload_next(&w), ROSTER_OK);
    assert_int_equal(roster_payload_end(&w), ROSTER_OK);
}

static bool record_before(void *ctx, const uint8_t id[ROSTER_ID_LEN], struct roster_record *out)
{
    (void)ctx;
    for (size_t n = 0; n < TAKE_PEOPLE; n++)
        if (before[n].there && memcmp(before[n].record.id, id, ROSTER_ID_LEN) == 0) {
            *out = before[n].record;
            return true;
        }
    return false;
}

void take_payload(struct roster_payload *out)
{
    write_payload();
    assert_int_equal(roster_payload_open(octets, used, out), ROSTER_OK);
}

int take_as(const uint8_t *signer, struct roster_take *out)
{
    const struct roster_base base = {.trust = &trust,
                                     .installed = installed,
                                     .entry = entry,
                                     .entries = entries,
                                     .record = record_before};
    struct roster_payload payload;

    take_payload(&payload);
    return roster_take(&base, &payload, signer, out);
}

int take(struct roster_take *out)
{
    return take_as(NULL, out);
}

void take_refused(int wanted)
{
    struct roster_take out;

    assert_int_equal(take(&out), wanted);
    assert_null(out.entry);
    assert_null(out.row);
    assert_null(out.seal);
}

void take_plan_full(void)
{
    memset(&plan, 0, sizeof(plan));
    plan.zone = ZONE;
    plan.twice = plan.other = -1;
    for (size_t n = 0; n < TAKE_PEOPLE; n++)
        plan.record[n] = plan.print[n] = plan.secret[n] = people[n].there;
}

void take_plan_changes(uint64_t base)
{
    take_plan_full();
    plan.base = base;
    for (size_t n = 0; n < TAKE_PEOPLE; n++) {
        bool same = before[n].there && people[n].there && before[n].len == people[n].len &&
                    memcmp(before[n].der, people[n].der, people[n].len) == 0;
        plan.record[n] = people[n].there && !same;
        plan.removed[n] = before[n].there && !people[n].there;
        plan.print[n] = plan.secret[n] = people[n].there && !before[n].there;
    }
}

void take_install(struct roster_take *t)
{
    assert_true(t->entries <= TAKE_PEOPLE);
    trust = t->trust;
    entries = t->entries;
    memcpy(entry, t->entry, entries * sizeof(*entry));
    memcpy(before, people, sizeof(before));
    installed = true;
    roster_take_free(t);
}

void take_install_full(void)
{
    struct roster_take out;

    take_plan_full();
    assert_int_equal(take(&out), ROSTER_OK);
    take_install(&out);
}

int take_begin(void **state)
{
    (void)state;
    memset(people, 0, sizeof(people));
    memset(before, 0, sizeof(before));
    issues = entries = 0;
    installed = false;
    newest = (struct roster_trust){0};
    memcpy(newest.issue.zone, ZONE, sizeof(ZONE));
    memcpy(newest.issue.authority, authority, sizeof(authority));
    trust = newest;
    for (size_t n = 0; n < 4; n++)
        take_engage(n);
    take_issue();
    return 0;
}

int take_make_keys(void **state)
{
    (void)state;
    return crypto_p256_generate(authority_key, sizeof(authority_key), &authority_len,
                                authority_spki, sizeof(authority_spki),
                                &authority_spki_len) != CRYPTO_OK ||
                   crypto_sha256(authority_spki, authority_spki_len, authority) != CRYPTO_OK
               ? -1
               : 0;
}
