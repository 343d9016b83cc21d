/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/decoy.h"

#include "core/policy/policy.h"
#include "core/wire/token.h"
#include "toyamad/log.h"

#include <stdlib.h>
#include <string.h>

static const struct prove_shape free_card = {CARD_PIV, 0x9E, CARD_P256, false};
static const struct prove_shape token = {CARD_YUBIKEY, TOKEN_SLOT_DEFAULT, CARD_HMAC_SHA1, false};
static const struct prove_shape behind_pin[] = {{CARD_PIV, 0x9A, CARD_P256, true},
                                                {CARD_JPKI, 0x17, CARD_RSA2048, true}};
#define BEHIND (sizeof(behind_pin) / sizeof(behind_pin[0]))

static bool is_asked(const struct decoy *d, const struct roster_credential *c)
{
    return c->keys > 0 && prove_factor(c->family) == d->factor;
}

bool decoy_stands_in(const struct decoy *d, const struct roster_record *r)
{
    for (size_t n = 0; n < r->credentials; n++)
        if (is_asked(d, &r->credential[n]))
            return false;
    return true;
}

static bool proves_by_pin_alone(const struct roster_record *r, uint8_t family)
{
    for (size_t n = 0; n < r->credentials; n++)
        if (r->credential[n].family == family && prove_key(&r->credential[n], false) == NULL &&
            prove_key(&r->credential[n], true) != NULL)
            return true;
    return false;
}

/* False: not counted. */
static bool kind_of(const struct decoy *d, const struct roster_record *r, struct decoy_kind *out)
{
    struct prove_shape shape;
    unsigned turn = 0;

    *out = (struct decoy_kind){0};
    for (; prove_free_shape(r, d->factor, turn, &shape); turn++) {
        if (turn == DECOY_SHAPES)
            return false;
        out->shape[out->shapes++] = shape;
    }
    for (size_t n = 0; n < BEHIND && d->factor == FACTOR_CARD; n++)
        out->behind_pin[n] = proves_by_pin_alone(r, behind_pin[n].family);
    return !decoy_stands_in(d, r);
}

static bool same_kind(const struct decoy_kind *a, const struct decoy_kind *b)
{
    bool same = a->shapes == b->shapes;

    for (size_t n = 0; same && n < BEHIND; n++)
        same = a->behind_pin[n] == b->behind_pin[n];
    for (size_t n = 0; same && n < a->shapes; n++)
        same = a->shape[n].family == b->shape[n].family && a->shape[n].ref == b->shape[n].ref &&
               a->shape[n].alg == b->shape[n].alg;
    return same;
}

/* Where this kind is counted, if need be in the place of one that nobody has; DECOY_KINDS: full. */
static size_t place_of(struct decoy *d, const struct decoy_kind *kind)
{
    size_t n = 0, unused = 0;

    while (n < DECOY_KINDS && !same_kind(&d->kind[n], kind))
        n++;
    if (n < DECOY_KINDS)
        return n;
    while (unused < DECOY_KINDS && (d->kind[unused].people > 0 || unused == d->now))
        unused++;
    if (unused < DECOY_KINDS)
        d->kind[unused] = *kind;
    return unused;
}

/* A signature is checked against a key of its algorithm; a shared key is none that the store has.
 */
static bool give_key(struct roster_key *key, const struct prove_shape *shape)
{
    key->ref = shape->ref;
    key->pin = shape->pin;
    key->len = CRYPTO_SHA256_LEN;
    if (roster_family_shared(shape->family))
        return crypto_random(key->spki, key->len) == CRYPTO_OK;
    return crypto_unowned_spki((enum crypto_alg)shape->alg, key->spki, sizeof(key->spki),
                               &key->len) == CRYPTO_OK;
}

static bool give_credential(struct roster_record *r, const struct prove_shape *shape)
{
    struct roster_credential *c = &r->credential[r->credentials];

    c->family = shape->family;
    c->state = ROSTER_ACTIVE;
    c->keys = 1;
    r->credentials++;
    return crypto_random(c->id, sizeof(c->id)) == CRYPTO_OK && give_key(&c->key[0], shape);
}

static bool dress(struct decoy *d, const struct decoy_kind *kind)
{
    struct roster_record *r = calloc(1, sizeof(*r));
    bool good = r != NULL;

    for (size_t n = 0; good && n < kind->shapes; n++)
        good = give_credential(r, &kind->shape[n]);
    for (size_t n = 0; good && n < BEHIND; n++)
        good = !kind->behind_pin[n] || give_credential(r, &behind_pin[n]);
    if (good)
        d->record = *r;
    free(r);
    return good;
}

/* A draw changes nothing. */
static void dress_as_most(struct decoy *d)
{
    size_t most = d->now;

    for (size_t n = 0; n < DECOY_KINDS; n++)
        if (d->kind[n].people > d->kind[most].people)
            most = n;
    if (most == d->now)
        return;
    if (dress(d, &d->kind[most]))
        d->now = most;
    else
        log_error("the stand-in for unknown people keeps another kind of key than most have");
}

static size_t find(const struct decoy *d, const uint8_t id[ROSTER_ID_LEN], bool *found)
{
    size_t low = 0, high = d->people;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (memcmp(d->person[middle].id, id, ROSTER_ID_LEN) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    *found = low < d->people && memcmp(d->person[low].id, id, ROSTER_ID_LEN) == 0;
    return low;
}

static bool make_room(struct decoy *d)
{
    size_t cap = d->cap == 0 ? 64 : d->cap * 2;
    struct decoy_person *grown;

    if (d->people < d->cap)
        return true;
    if ((grown = reallocarray(d->person, cap, sizeof(*grown))) == NULL)
        return false;
    d->person = grown;
    d->cap = cap;
    return true;
}

/* NULL: no memory. */
static struct decoy_person *take_place(struct decoy *d, const uint8_t id[ROSTER_ID_LEN])
{
    bool found = false;
    size_t at = find(d, id, &found);

    if (found)
        return &d->person[at];
    if (!make_room(d))
        return NULL;
    memmove(&d->person[at + 1], &d->person[at], (d->people - at) * sizeof(*d->person));
    d->people++;
    memcpy(d->person[at].id, id, ROSTER_ID_LEN);
    d->person[at].kind = DECOY_KINDS;
    return &d->person[at];
}

static void uncount(struct decoy *d, struct decoy_person *p)
{
    if (p->kind < DECOY_KINDS)
        d->kind[p->kind].people--;
    p->kind = DECOY_KINDS;
}

static void note_exception(struct decoy *d, const struct roster_record *r)
{
    for (size_t n = 0; n < r->exceptions; n++)
        if ((r->exception[n].factors & FACTOR_PIN) == 0 && r->exception[n].until > d->pinless_until)
            d->pinless_until = r->exception[n].until;
}

static bool count_one(struct decoy *d, const struct roster_record *r)
{
    struct decoy_person *p = take_place(d, r->id);
    struct decoy_kind kind;

    note_exception(d, r);
    if (p == NULL)
        return false;
    uncount(d, p);
    if (kind_of(d, r, &kind))
        p->kind = (uint8_t)place_of(d, &kind);
    if (p->kind < DECOY_KINDS)
        d->kind[p->kind].people++;
    return true;
}

static bool on_person(void *ctx, const struct roster_record *r)
{
    return count_one(ctx, r);
}

bool decoy_begin(struct decoy *d, unsigned factor)
{
    decoy_end(d);
    d->factor = factor;
    d->kind[0].shape[0] = factor == FACTOR_TOKEN ? token : free_card;
    d->kind[0].shapes = 1;
    return dress(d, &d->kind[0]);
}

int decoy_count(struct decoy *d, struct registry *reg)
{
    int err = registry_each(reg, on_person, d);

    dress_as_most(d);
    return err;
}

void decoy_put(struct decoy *d, const struct roster_record *r)
{
    if (!count_one(d, r))
        log_error("out of memory: a person is not counted");
    dress_as_most(d);
}

void decoy_remove(struct decoy *d, const uint8_t id[ROSTER_ID_LEN])
{
    bool found = false;
    size_t at = find(d, id, &found);

    if (!found)
        return;
    uncount(d, &d->person[at]);
    d->people--;
    memmove(&d->person[at], &d->person[at + 1], (d->people - at) * sizeof(*d->person));
    dress_as_most(d);
}

void decoy_end(struct decoy *d)
{
    free(d->person);
    *d = (struct decoy){0};
}
