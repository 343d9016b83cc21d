/* SPDX-License-Identifier: Apache-2.0
 *
 * The signed issue of this host: making the next one, verifying the installed one.
 */
#include "toyamad/registry/store.h"

#include <stdio.h>
#include <string.h>

static int sign_issue(const struct keys *keys, const struct roster_issue *issue, uint8_t *der,
                      size_t cap, size_t *len, uint8_t *sig, size_t sigcap, size_t *siglen)
{
    if (roster_issue_encode(issue, der, cap, len) != ROSTER_OK ||
        roster_issue_sign(der, *len, keys->authority, keys->authority_len, sig, sigcap, siglen) !=
            ROSTER_OK)
        return REGISTRY_FAILED;
    return REGISTRY_OK;
}

static int insert_issue(struct registry *reg, const struct roster_issue *issue, uint8_t *der,
                        size_t cap, size_t *len)
{
    uint8_t sig[ROSTER_SIGNATURE_MAX];
    size_t siglen = 0;
    struct store_query q;
    int err = sign_issue(reg->keys, issue, der, cap, len, sig, sizeof(sig), &siglen);

    if (err != REGISTRY_OK)
        return err;
    q = store_prepare(reg, "INSERT INTO issue(number, der, signature) VALUES(?,?,?)");
    store_bind_int(&q, 1, (int64_t)issue->number);
    store_bind_blob(&q, 2, der, *len);
    store_bind_blob(&q, 3, sig, siglen);
    return store_done(&q);
}

int store_issue_next(struct registry *reg, const struct registry_entry *entry, size_t count,
                     int64_t now, struct registry_change *change)
{
    struct roster_issue *issue = &change->issue;
    int err;

    if (reg->attributed && !reg->by_known)
        return REGISTRY_FAILED;
    issue->number = reg->issue.number + 1;
    issue->count = count;
    issue->authors = 1;
    memcpy(issue->author[0], reg->by_known ? reg->by : roster_root_author, ROSTER_ID_LEN);
    issue->created = now > reg->issue.created ? now : reg->issue.created;
    memcpy(issue->zone, reg->zone, sizeof(issue->zone));
    memset(issue->previous, 0, sizeof(issue->previous));
    if (crypto_sha256(reg->keys->authority_spki, reg->keys->authority_spki_len, issue->authority) !=
        CRYPTO_OK)
        return REGISTRY_FAILED;
    if (reg->issue_len > 0 &&
        crypto_sha256(reg->issue_der, reg->issue_len, issue->previous) != CRYPTO_OK)
        return REGISTRY_FAILED;
    if ((err = store_entries_root(entry, count, issue->root)) != REGISTRY_OK)
        return err;
    return insert_issue(reg, issue, change->issue_der, sizeof(change->issue_der),
                        &change->issue_len);
}

static int read_issue(struct registry *reg, const char *sql, int64_t number, uint8_t *der,
                      size_t *len, uint8_t *sig, size_t *siglen)
{
    struct store_query q = store_prepare(reg, sql);
    int err = REGISTRY_NONE;

    if (number > 0)
        store_bind_int(&q, 1, number);
    if (store_row(&q))
        err = store_blob(&q, 0, der, ROSTER_ISSUE_MAX, len) &&
                      store_blob(&q, 1, sig, ROSTER_SIGNATURE_MAX, siglen)
                  ? REGISTRY_OK
                  : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

static int verify_issue(struct registry *reg, char *why, size_t whycap)
{
    uint8_t sig[ROSTER_SIGNATURE_MAX];
    size_t siglen = 0;
    int r, err = read_issue(reg, "SELECT der, signature FROM issue ORDER BY number DESC LIMIT 1", 0,
                            reg->issue_der, &reg->issue_len, sig, &siglen);

    if (err != REGISTRY_OK) {
        snprintf(why, whycap, "the registry holds no readable issue");
        return err == REGISTRY_NONE ? REGISTRY_ALTERED : err;
    }
    r = roster_issue_verify(reg->issue_der, reg->issue_len, sig, siglen, reg->keys->authority_spki,
                            reg->keys->authority_spki_len, reg->zone, 1, &reg->issue);
    if (r == ROSTER_OK)
        return REGISTRY_OK;
    snprintf(why, whycap, "the issue of the registry is refused: %s", roster_strerror(r));
    return REGISTRY_ALTERED;
}

static int verify_predecessor(struct registry *reg, char *why, size_t whycap)
{
    uint8_t der[ROSTER_ISSUE_MAX], sig[ROSTER_SIGNATURE_MAX];
    size_t len = 0, siglen = 0;
    int err;

    if (reg->issue.number <= 1)
        return REGISTRY_OK;
    err = read_issue(reg, "SELECT der, signature FROM issue WHERE number=?",
                     (int64_t)reg->issue.number - 1, der, &len, sig, &siglen);
    if (err == REGISTRY_OK && roster_issue_follows(&reg->issue, der, len) == ROSTER_OK)
        return REGISTRY_OK;
    snprintf(why, whycap, "issue %llu does not follow the one before",
             (unsigned long long)reg->issue.number);
    return err == REGISTRY_STORE ? err : REGISTRY_ALTERED;
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
    if (reg->entries == reg->issue.count &&
        crypto_equal(root, sizeof(root), reg->issue.root, sizeof(reg->issue.root)))
        return REGISTRY_OK;
    snprintf(why, whycap, "the records are not the ones that issue %llu was signed for",
             (unsigned long long)reg->issue.number);
    return REGISTRY_ALTERED;
}

int store_issue_verify(struct registry *reg, char *why, size_t whycap)
{
    int err;

    if ((err = verify_issue(reg, why, whycap)) != REGISTRY_OK ||
        (err = verify_predecessor(reg, why, whycap)) != REGISTRY_OK)
        return err;
    return verify_records(reg, why, whycap);
}
