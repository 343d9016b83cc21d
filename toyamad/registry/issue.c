/* SPDX-License-Identifier: Apache-2.0
 *
 * The signed issues of this host: making the next one, verifying those that are stored.
 */
#include "toyamad/registry/store.h"

#include <stdio.h>
#include <string.h>

void registry_trust(const struct registry *reg, struct roster_trust *out)
{
    *out = (struct roster_trust){.issue = reg->issue};
    if (reg->keys->kind == REGISTER_TAKEN)
        out->approval = reg->keys->anchor.trust.approval;
    memcpy(out->hash, reg->issue_hash, sizeof(out->hash));
}

static int sign_issue(const struct registry *reg, const struct roster_issue *issue,
                      struct roster_signed *out)
{
    const struct keys *keys = reg->keys;
    bool next = reg->rotates;

    *out = (struct roster_signed){.key_len = next ? keys->next_spki_len : keys->authority_spki_len};
    memcpy(out->key, next ? keys->next_spki : keys->authority_spki, sizeof(out->key));
    if (roster_issue_encode(issue, out->der, sizeof(out->der), &out->der_len) != ROSTER_OK ||
        roster_issue_sign(out->der, out->der_len, next ? keys->next : keys->authority,
                          next ? keys->next_len : keys->authority_len, out->sig, sizeof(out->sig),
                          &out->sig_len) != ROSTER_OK)
        return REGISTRY_FAILED;
    return REGISTRY_OK;
}

int store_issue_put(struct registry *reg, uint64_t number, const void *der, size_t len)
{
    struct store_query q =
        store_prepare(reg, "INSERT OR REPLACE INTO issue(number, signed) VALUES(?,?)");

    store_bind_int(&q, 1, (int64_t)number);
    store_bind_blob(&q, 2, der, len);
    return store_done(&q);
}

static int insert_issue(struct registry *reg, struct registry_change *change)
{
    struct roster_signed s;
    uint8_t der[ROSTER_SIGNED_MAX];
    size_t len = 0;
    int err = sign_issue(reg, &change->issue, &s);

    if (err != REGISTRY_OK)
        return err;
    if (crypto_sha256(s.der, s.der_len, change->issue_hash) != CRYPTO_OK ||
        roster_signed_encode(&s, der, sizeof(der), &len) != ROSTER_OK)
        return REGISTRY_FAILED;
    return store_issue_put(reg, change->issue.number, der, len);
}

static int own_authority(const struct registry *reg, bool next, uint8_t out[CRYPTO_SHA256_LEN])
{
    const struct keys *keys = reg->keys;

    return crypto_sha256(next ? keys->next_spki : keys->authority_spki,
                         next ? keys->next_spki_len : keys->authority_spki_len, out) == CRYPTO_OK
               ? REGISTRY_OK
               : REGISTRY_FAILED;
}

int store_issue_next(struct registry *reg, const struct roster_entry *entry, size_t count,
                     int64_t now, struct registry_change *change)
{
    struct roster_issue *issue = &change->issue;
    int err;

    if (reg->attributed && !reg->by_known)
        return REGISTRY_FAILED;
    issue->number = reg->issue.number + 1;
    issue->count = count;
    issue->authors = reg->by_known ? reg->by_count : 1;
    memcpy(issue->author[0], roster_root_author, ROSTER_ID_LEN);
    if (reg->by_known)
        memcpy(issue->author, reg->by, reg->by_count * sizeof(reg->by[0]));
    issue->created = now > reg->issue.created ? now : reg->issue.created;
    memcpy(issue->zone, reg->zone, sizeof(issue->zone));
    memcpy(issue->previous, reg->issue_hash, sizeof(issue->previous));
    if ((err = own_authority(reg, reg->rotates, issue->authority)) != REGISTRY_OK ||
        (err = store_entries_root(entry, count, issue->root)) != REGISTRY_OK)
        return err;
    return insert_issue(reg, change);
}

static int take_signed(struct store_query *q, uint64_t *number, struct roster_signed *out)
{
    uint8_t der[ROSTER_SIGNED_MAX];
    size_t len = 0;

    *number = (uint64_t)store_int(q, 0);
    if (!store_blob(q, 1, der, sizeof(der), &len) ||
        roster_signed_decode(der, len, out) != ROSTER_OK)
        return REGISTRY_ALTERED;
    return REGISTRY_OK;
}

static int take_trust(const struct roster_signed *s, uint64_t number, struct roster_trust *out)
{
    if (roster_issue_decode(s->der, s->der_len, &out->issue) != ROSTER_OK ||
        out->issue.number != number)
        return REGISTRY_ALTERED;
    return crypto_sha256(s->der, s->der_len, out->hash) == CRYPTO_OK ? REGISTRY_OK
                                                                     : REGISTRY_FAILED;
}

/* The host is its own authority: the newest issue must follow the one before and bear its
 * signature; what went before that changes nothing any more. */
static int walk_own(struct registry *reg, struct store_query *q, struct roster_trust *trust,
                    char *why, size_t whycap)
{
    struct roster_signed newest, previous;
    uint64_t number = 0, before = 0;
    int r, err = REGISTRY_ALTERED;

    if (!store_row(q) || (err = take_signed(q, &number, &newest)) != REGISTRY_OK) {
        snprintf(why, whycap, "the registry holds no readable issue");
        return q->err != REGISTRY_OK ? q->err : err;
    }
    if (number > 1 &&
        (!store_row(q) || take_signed(q, &before, &previous) != REGISTRY_OK ||
         before != number - 1 || take_trust(&previous, before, trust) != REGISTRY_OK)) {
        snprintf(why, whycap, "issue %llu does not follow the one before",
                 (unsigned long long)number);
        return q->err != REGISTRY_OK ? q->err : REGISTRY_ALTERED;
    }
    memcpy(trust->issue.zone, reg->zone, sizeof(trust->issue.zone));
    if ((err = own_authority(reg, false, trust->issue.authority)) != REGISTRY_OK)
        return err;
    r = roster_chain_step(trust, &newest);
    /* A rotation that was interrupted between the commit and the files. */
    if (r == ROSTER_UNKNOWN_SIGNER && reg->keys->next_len > 0) {
        if ((err = own_authority(reg, true, trust->issue.authority)) != REGISTRY_OK)
            return err;
        reg->rotated = (r = roster_chain_step(trust, &newest)) == ROSTER_OK;
    }
    if (r == ROSTER_OK && trust->issue.number == number)
        return REGISTRY_OK;
    if (r == ROSTER_CHAIN)
        snprintf(why, whycap, "issue %llu does not follow the one before",
                 (unsigned long long)number);
    else
        snprintf(why, whycap, "the issue of the registry is refused: %s", roster_strerror(r));
    return REGISTRY_ALTERED;
}

static bool is_anchor(const struct roster_trust *anchor, const struct roster_trust *other)
{
    return anchor->issue.number == other->issue.number &&
           memcmp(anchor->hash, other->hash, sizeof(anchor->hash)) == 0;
}

/* One more stored issue. The first may be the very one of the joining: then its hash vouches. */
static int step_taken(const struct registry *reg, bool first, uint64_t number,
                      const struct roster_signed *s, struct roster_trust *trust)
{
    struct roster_trust same = *trust;
    int r;

    if (first && number == trust->issue.number && take_trust(s, number, &same) == REGISTRY_OK &&
        is_anchor(&reg->keys->anchor.trust, &same)) {
        *trust = same;
        return ROSTER_OK;
    }
    r = roster_chain_step(trust, s);
    return r == ROSTER_OK && trust->issue.number != number ? ROSTER_CHAIN : r;
}

/* All issues since the joining, each by the one before. */
static int walk_taken(struct registry *reg, struct store_query *q, struct roster_trust *trust,
                      char *why, size_t whycap)
{
    struct roster_signed s;
    uint64_t number = 0;
    int r = ROSTER_OK, err = REGISTRY_OK;

    *trust = reg->keys->anchor.trust;
    if (strcmp(trust->issue.zone, reg->zone) != 0) {
        snprintf(why, whycap, "this host joined the zone %s, its config says %s", trust->issue.zone,
                 reg->zone);
        return REGISTRY_ALTERED;
    }
    for (; r == ROSTER_OK && store_row(q); reg->installed = true)
        r = take_signed(q, &number, &s) == REGISTRY_OK
                ? step_taken(reg, !reg->installed, number, &s, trust)
                : ROSTER_FORMAT;
    if (r != ROSTER_OK || q->err != REGISTRY_OK) {
        snprintf(why, whycap, "issue %llu of the registry is refused: %s",
                 (unsigned long long)number, roster_strerror(r));
        err = q->err != REGISTRY_OK ? q->err : REGISTRY_ALTERED;
    }
    return err;
}

static int verify_chain(struct registry *reg, char *why, size_t whycap)
{
    bool taken = reg->keys->kind == REGISTER_TAKEN;
    struct store_query q =
        store_prepare(reg, taken ? "SELECT number, signed FROM issue ORDER BY number"
                                 : "SELECT number, signed FROM issue ORDER BY number DESC LIMIT 2");
    struct roster_trust trust = {0};
    int err;

    reg->installed = !taken;
    err = taken ? walk_taken(reg, &q, &trust, why, whycap) : walk_own(reg, &q, &trust, why, whycap);
    store_finalize(&q);
    reg->issue = trust.issue;
    memcpy(reg->issue_hash, trust.hash, sizeof(reg->issue_hash));
    return err;
}

int registry_newest_keys(struct registry *reg, struct roster_issue *out)
{
    struct store_query q =
        store_prepare(reg, "SELECT number, signed FROM issue ORDER BY number DESC");
    struct roster_signed s;
    uint64_t number = 0;
    int err = REGISTRY_NONE;

    while (err == REGISTRY_NONE && store_row(&q))
        if (take_signed(&q, &number, &s) != REGISTRY_OK ||
            roster_issue_decode(s.der, s.der_len, out) != ROSTER_OK)
            err = REGISTRY_ALTERED;
        else if (out->keys_len > 0)
            err = REGISTRY_OK;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

static bool records_fit(const struct registry *reg, const uint8_t root[CRYPTO_SHA256_LEN])
{
    if (!reg->installed)
        return reg->entries == 0;
    return reg->entries == reg->issue.count &&
           crypto_equal(root, CRYPTO_SHA256_LEN, reg->issue.root, sizeof(reg->issue.root));
}

static int verify_records(struct registry *reg, char *why, size_t whycap)
{
    uint8_t root[CRYPTO_SHA256_LEN];
    int err = store_entries_load(reg);

    if (err == REGISTRY_OK)
        err = store_entries_root(reg->entry, reg->entries, root);
    if (err != REGISTRY_OK) {
        snprintf(why, whycap, "the records cannot be read");
        return err;
    }
    if (records_fit(reg, root))
        return REGISTRY_OK;
    snprintf(why, whycap, "the records are not the ones that issue %llu was signed for",
             (unsigned long long)reg->issue.number);
    return REGISTRY_ALTERED;
}

int store_issue_verify(struct registry *reg, char *why, size_t whycap)
{
    int err = verify_chain(reg, why, whycap);

    return err != REGISTRY_OK ? err : verify_records(reg, why, whycap);
}
