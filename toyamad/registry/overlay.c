/* SPDX-License-Identifier: Apache-2.0
 *
 * People under the amendments that the store holds.
 */
#include "toyamad/registry/amend.h"
#include "toyamad/registry/store.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define LAID_MAX 64 /* amendments of one person that count; more are a helpdesk's mistake */

static int64_t now_of(const struct registry *reg)
{
    int64_t clock = reg->clock != NULL ? reg->clock(reg->clock_ctx) : (int64_t)time(NULL);

    return clock > reg->issue.created ? clock : reg->issue.created;
}

/* The newest ones where there are too many; stops first, they are never left out. */
static size_t pick(const struct registry *reg, const uint8_t person[ROSTER_ID_LEN],
                   const struct roster_amendment *list[LAID_MAX])
{
    size_t count = 0;

    for (int stops = 1; stops >= 0; stops--)
        for (size_t n = reg->amends.count; n > 0 && count < LAID_MAX; n--) {
            const struct roster_amendment *a = &reg->amends.item[n - 1];
            if (memcmp(a->person, person, ROSTER_ID_LEN) == 0 &&
                (a->kind == ROSTER_AMEND_STOP) == (stops == 1))
                list[count++] = a;
        }
    return count;
}

static int older_first(const void *a, const void *b)
{
    const struct roster_amendment *const *x = a, *const *y = b;

    return *x < *y ? -1 : *x > *y;
}

void registry_amends_apply(const struct registry *reg, struct roster_record *r)
{
    const struct roster_amendment *list[LAID_MAX];
    size_t count = reg->amends.count > 0 ? pick(reg, r->id, list) : 0;

    if (count == 0)
        return;
    qsort(list, count, sizeof(struct roster_amendment *),
          older_first); /* NOLINT(bugprone-sizeof-expression): pointers */
    roster_amendments_open(list, count, r, now_of(reg), reg->deputy_approvers);
    roster_amendments_apply(list, count, r, now_of(reg));
}

static bool has_key(const struct roster_credential *c, const uint8_t hash[CRYPTO_SHA256_LEN])
{
    uint8_t own[CRYPTO_SHA256_LEN];

    for (size_t n = 0; n < c->keys; n++)
        if (crypto_sha256(c->key[n].spki, c->key[n].len, own) == CRYPTO_OK &&
            memcmp(own, hash, sizeof(own)) == 0)
            return true;
    return false;
}

/* The newest one: a card from the stock may have been lent to others before. */
static int find_lent(const struct registry *reg, const void *hint, size_t len,
                     const uint8_t *key_hash, uint8_t person[ROSTER_ID_LEN])
{
    for (size_t n = reg->amends.count; n > 0; n--) {
        const struct roster_amendment *a = &reg->amends.item[n - 1];
        const struct roster_credential *c = &a->card[0];
        bool meant = key_hash != NULL
                         ? has_key(c, key_hash)
                         : hint != NULL && c->hint_len == len && memcmp(c->hint, hint, len) == 0;
        if (a->kind != ROSTER_AMEND_TEMPORARY || !meant)
            continue;
        memcpy(person, a->person, ROSTER_ID_LEN);
        return REGISTRY_OK;
    }
    return REGISTRY_NONE;
}

int registry_lent_hint(const struct registry *reg, const void *hint, size_t len,
                       uint8_t person[ROSTER_ID_LEN])
{
    return find_lent(reg, hint, len, NULL, person);
}

int registry_lent_key(const struct registry *reg, const uint8_t hash[CRYPTO_SHA256_LEN],
                      uint8_t person[ROSTER_ID_LEN])
{
    return find_lent(reg, NULL, 0, hash, person);
}

bool registry_is_lent(const struct registry *reg, const uint8_t credential[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < reg->amends.count; n++)
        if (reg->amends.item[n].kind == ROSTER_AMEND_TEMPORARY &&
            memcmp(reg->amends.item[n].card[0].id, credential, ROSTER_ID_LEN) == 0)
            return true;
    return false;
}

int64_t registry_extended(const struct registry *reg)
{
    int64_t until = 0;

    for (size_t n = 0; n < reg->amends.count; n++)
        if (reg->amends.item[n].kind == ROSTER_AMEND_EXTEND && reg->amends.item[n].until > until)
            until = reg->amends.item[n].until;
    return until;
}

static bool is_code_of(const struct stop_code *code, const struct roster_credential *c)
{
    return c->slot == code->slot && c->stop_len == STOP_HASH_LEN &&
           stop_verify(code, c->id, c->stop_hash) == STOP_OK;
}

static int match(struct registry *reg, const struct stop_code *code,
                 const uint8_t id[ROSTER_ID_LEN], struct roster_record *person, size_t *credential)
{
    int err = registry_by_id(reg, id, person);

    if (err != REGISTRY_OK)
        return err;
    for (size_t n = 0; n < person->credentials; n++)
        if (is_code_of(code, &person->credential[n])) {
            *credential = n;
            return REGISTRY_OK;
        }
    return REGISTRY_NONE;
}

int registry_stop_find(struct registry *reg, const struct stop_code *code,
                       struct roster_record *person, size_t *credential)
{
    struct store_query q = store_prepare(reg, "SELECT person FROM slot WHERE slot=?");
    uint8_t id[ROSTER_ID_LEN];
    int err = REGISTRY_NONE;

    store_bind_int(&q, 1, code->slot);
    while (err == REGISTRY_NONE && store_row(&q))
        err = store_blob_exact(&q, 0, id, sizeof(id)) ? match(reg, code, id, person, credential)
                                                      : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}
