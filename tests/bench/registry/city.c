/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/registry/city.h"

#include <stdlib.h>
#include <string.h>

#include "core/wire/card.h"

#define BEGIN  1775000000
#define DAY    86400
#define BITS64 8

/* splitmix64 (Steele, Lea, Flood 2014): enough for octets that nobody guesses by accident. */
static uint64_t mix(uint64_t x)
{
    x += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ x >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ x >> 27) * UINT64_C(0x94D049BB133111EB);
    return x ^ x >> 31;
}

static void fill(uint8_t *out, size_t len, uint64_t what)
{
    for (size_t n = 0; n < len; n += BITS64) {
        uint64_t word = mix(what + n * UINT64_C(0x100000001));
        memcpy(out + n, &word, len - n < BITS64 ? len - n : BITS64);
    }
}

static uint64_t name_of(uint32_t person, unsigned kind, unsigned index)
{
    return mix((uint64_t)person << 16 | kind << 8 | index);
}

static void put_number(uint8_t *out, uint32_t n)
{
    for (int i = 0; i < 4; i++)
        out[i] = (uint8_t)(n >> (24 - 8 * i));
}

static void make_card(uint32_t n, unsigned index, struct roster_credential *c)
{
    *c = (struct roster_credential){.family = CARD_PIV,
                                    .state = ROSTER_ACTIVE,
                                    .pin_ref = 0x80,
                                    .enrolled = BEGIN,
                                    .hint_len = 16,
                                    .keys = 2};
    fill(c->id, sizeof(c->id), name_of(n, 1, index));
    fill(c->hint, sizeof(c->hint), name_of(n, 2, index));
    for (unsigned k = 0; k < 2; k++) {
        c->key[k].ref = k == 0 ? 0x9E : 0x9A;
        c->key[k].pin = k != 0;
        c->key[k].len = 91; /* a P-256 key */
        fill(c->key[k].spki, c->key[k].len, name_of(n, 3 + k, index));
    }
}

static void template_of(const struct city *city, uint32_t n, unsigned index, uint8_t *out)
{
    fill(out, city->template_len, name_of(n, 5, index));
}

static void make_finger(const struct city *city, uint32_t n, unsigned index,
                        struct roster_finger *f)
{
    static const uint8_t fingers[CITY_FINGERS] = {1, 2, 6, 7};
    uint8_t sealed[ROSTER_RECORD_MAX];

    *f = (struct roster_finger){.finger = fingers[index],
                                .enrolled = BEGIN,
                                .driver = "uru4000",
                                .device = "0",
                                .width = 384,
                                .height = 290,
                                .samples = 7};
    fill(f->id, sizeof(f->id), name_of(n, 6, index));
    template_of(city, n, index, sealed);
    crypto_sha256(sealed, city->template_len, f->sealed_hash);
}

void city_record(const struct city *city, uint32_t n, struct roster_record *out)
{
    *out = (struct roster_record){.category = ROSTER_REGULAR,
                                  .state = ROSTER_ACTIVE,
                                  .zones = ROSTER_INDIVIDUAL_NUMBER,
                                  .valid_from = BEGIN,
                                  .logins = 1,
                                  .credentials = CITY_CARDS,
                                  .fingers = CITY_FINGERS};
    put_number(out->id, n);
    fill(out->id + 4, sizeof(out->id) - 4, name_of(n, 0, 0));
    snprintf(out->number, sizeof(out->number), "%07u", n);
    snprintf(out->name, sizeof(out->name), "\xE7\xA0\xBA\xE6\xB3\xA2 %u", n);
    snprintf(out->section, sizeof(out->section), "section-%u", n < city->today ? 99 : n % 60);
    snprintf(out->login[0], sizeof(out->login[0]), "u%07u", n);
    for (unsigned i = 0; i < CITY_CARDS; i++)
        make_card(n, i, &out->credential[i]);
    for (unsigned i = 0; i < CITY_FINGERS; i++)
        make_finger(city, n, i, &out->finger[i]);
}

static bool make_offices(struct city *city)
{
    struct roster_issue *issue = &city->trust.issue;
    struct roster_officer *o = &issue->officer[0];

    issue->officers = 1;
    *o = (struct roster_officer){.roles = ROSTER_APPROVER, .key_len = CRYPTO_SHA256_LEN};
    fill(o->person, sizeof(o->person), name_of(1, 0, 0));
    return crypto_sha256(city->approver_spki, city->approver_spki_len, o->key) == CRYPTO_OK &&
           crypto_sha256(city->authority_spki, city->authority_spki_len, issue->authority) ==
               CRYPTO_OK;
}

bool city_begin(struct city *city, uint32_t people, uint32_t template_len)
{
    *city = (struct city){.people = people, .template_len = template_len};
    if (crypto_p256_generate(city->authority, sizeof(city->authority), &city->authority_len,
                             city->authority_spki, sizeof(city->authority_spki),
                             &city->authority_spki_len) != CRYPTO_OK ||
        crypto_p256_generate(city->approver, sizeof(city->approver), &city->approver_len,
                             city->approver_spki, sizeof(city->approver_spki),
                             &city->approver_spki_len) != CRYPTO_OK)
        return false;
    city->trust = (struct roster_trust){.approval = true, .issue = {.created = BEGIN}};
    snprintf(city->trust.issue.zone, sizeof(city->trust.issue.zone), "individual-number");
    if (!make_offices(city))
        return false;
    city->keys = (struct keys){.kind = REGISTER_TAKEN, .anchor = {.trust = city->trust}};
    return true;
}

static bool hash_people(const struct city *city, struct roster_issue *issue)
{
    static uint8_t der[ROSTER_RECORD_MAX];
    struct roster_record r;
    struct roster_root root;
    uint8_t hash[CRYPTO_SHA256_LEN];
    size_t len = 0;
    bool good = true;

    roster_root_begin(&root);
    for (uint32_t n = 0; n < city->people && good; n++) {
        city_record(city, n, &r);
        good = roster_record_encode(&r, der, sizeof(der), &len) == ROSTER_OK &&
               crypto_sha256(der, len, hash) == CRYPTO_OK &&
               roster_root_add(&root, r.id, hash) == ROSTER_OK;
    }
    good = good && roster_root_finish(&root, issue->root) == ROSTER_OK;
    issue->count = city->people;
    roster_root_free(&root);
    return good;
}

static bool sign(struct city *city, struct roster_signed *out)
{
    uint8_t digest[CRYPTO_SHA256_LEN];
    struct roster_issue next = city->trust.issue;

    next.number++;
    next.created += DAY;
    memcpy(next.previous, city->trust.hash, sizeof(next.previous));
    *out = (struct roster_signed){.key_len = city->authority_spki_len,
                                  .approver_len = city->approver_spki_len};
    memcpy(out->key, city->authority_spki, sizeof(out->key));
    memcpy(out->approver, city->approver_spki, sizeof(out->approver));
    return hash_people(city, &next) &&
           roster_issue_encode(&next, out->der, sizeof(out->der), &out->der_len) == ROSTER_OK &&
           crypto_sha256(out->der, out->der_len, digest) == CRYPTO_OK &&
           crypto_p256_sign(city->authority, city->authority_len, digest, out->sig,
                            sizeof(out->sig), &out->sig_len) == CRYPTO_OK &&
           crypto_p256_sign(city->approver, city->approver_len, digest, out->approval,
                            sizeof(out->approval), &out->approval_len) == CRYPTO_OK &&
           roster_chain_step(&city->trust, out) == ROSTER_OK;
}

static bool to_file(void *ctx, const void *p, size_t len)
{
    return fwrite(p, 1, len, ctx) == len;
}

static bool measure(const struct city *city, uint32_t count, uint64_t octets[ROSTER_PARTS])
{
    static uint8_t der[ROSTER_RECORD_MAX];
    struct roster_record r;
    size_t len = 0;

    for (uint32_t n = 0; n < count; n++) {
        city_record(city, n, &r);
        if (roster_record_encode(&r, der, sizeof(der), &len) != ROSTER_OK)
            return false;
        octets[ROSTER_PART_RECORDS] += roster_payload_size_octets(len);
    }
    octets[ROSTER_PART_TEMPLATES] =
        (uint64_t)count * CITY_FINGERS * roster_payload_size_sealed(city->template_len);
    return true;
}

static bool write_records(const struct city *city, uint32_t count, struct roster_payload_writer *w)
{
    static uint8_t der[ROSTER_RECORD_MAX];
    struct roster_record r;
    size_t len = 0;

    for (uint32_t n = 0; n < count; n++) {
        city_record(city, n, &r);
        if (roster_record_encode(&r, der, sizeof(der), &len) != ROSTER_OK ||
            roster_payload_put_octets(w, der, len) != ROSTER_OK)
            return false;
    }
    return true;
}

struct place {
    uint8_t id[ROSTER_ID_LEN];
    uint32_t person;
    unsigned index;
};

static int compare_places(const void *a, const void *b)
{
    return memcmp(((const struct place *)a)->id, ((const struct place *)b)->id, ROSTER_ID_LEN);
}

/* In the order of their ids, which are anybody's, as a station writes them. */
static struct place *order_templates(uint32_t count)
{
    struct place *place = calloc(count, CITY_FINGERS * sizeof(*place));

    for (size_t n = 0; place != NULL && n < (size_t)count * CITY_FINGERS; n++) {
        place[n].person = (uint32_t)(n / CITY_FINGERS);
        place[n].index = n % CITY_FINGERS;
        fill(place[n].id, ROSTER_ID_LEN, name_of(place[n].person, 6, place[n].index));
    }
    if (place != NULL)
        qsort(place, (size_t)count * CITY_FINGERS, sizeof(*place), compare_places);
    return place;
}

static bool write_templates(const struct city *city, uint32_t count,
                            struct roster_payload_writer *w)
{
    uint8_t sealed[ROSTER_RECORD_MAX];
    struct place *place = order_templates(count);
    bool good = place != NULL;

    for (size_t n = 0; n < (size_t)count * CITY_FINGERS && good; n++) {
        template_of(city, place[n].person, place[n].index, sealed);
        good = roster_payload_put_sealed(w, place[n].id, sealed, city->template_len) == ROSTER_OK;
    }
    free(place);
    return good;
}

bool city_issue(struct city *city, uint32_t changed, FILE *file)
{
    struct roster_payload_writer w = {.write = to_file, .ctx = file};
    uint64_t octets[ROSTER_PARTS] = {0}, base = changed == 0 ? 0 : city->trust.issue.number;
    static uint8_t der[ROSTER_SIGNED_MAX];
    uint32_t count = changed == 0 ? city->people : changed;
    struct roster_signed s;
    size_t len = 0;

    city->today = changed;
    if (!sign(city, &s) || roster_signed_encode(&s, der, sizeof(der), &len) != ROSTER_OK ||
        !measure(city, count, octets))
        return false;
    octets[ROSTER_PART_CHAIN] = len;
    return roster_payload_begin(&w, city->trust.issue.zone, base, octets) == ROSTER_OK &&
           roster_payload_put_encoded(&w, der, len) == ROSTER_OK &&
           roster_payload_next(&w) == ROSTER_OK && write_records(city, count, &w) &&
           roster_payload_next(&w) == ROSTER_OK && roster_payload_next(&w) == ROSTER_OK &&
           write_templates(city, count, &w) && roster_payload_next(&w) == ROSTER_OK &&
           roster_payload_next(&w) == ROSTER_OK && roster_payload_end(&w) == ROSTER_OK &&
           fflush(file) == 0;
}
