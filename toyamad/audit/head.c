/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/audit/head.h"

#include "toyamad/registry/amend.h"
#include "toyamad/registry/store.h"

#include <stdio.h>
#include <string.h>

static int newest_issue(struct registry *reg, uint64_t *out)
{
    struct store_query q = store_prepare(reg, "SELECT coalesce(max(number),0) FROM issue");

    if (store_row(&q))
        *out = (uint64_t)store_int(&q, 0);
    store_finalize(&q);
    return q.err;
}

static int compose(struct audit *audit, struct chain_head *head)
{
    *head = (struct chain_head){.sequence = audit->pending.last_sequence,
                                .time = audit->pending.last_time};
    memcpy(head->host, audit->host, sizeof(head->host));
    memcpy(head->link, audit->pending.link, sizeof(head->link));
    registry_amends_hash(audit->reg, head->amendments);
    return newest_issue(audit->reg, &head->issue);
}

static int sign(const struct audit_key *key, struct audit_head *row)
{
    uint8_t digest[CRYPTO_SHA256_LEN];

    if (crypto_sha256(row->der, row->len, digest) != CRYPTO_OK ||
        crypto_p256_sign(key->key, key->len, digest, row->sig, sizeof(row->sig), &row->sig_len) !=
            CRYPTO_OK)
        return REGISTRY_FAILED;
    return REGISTRY_OK;
}

int head_write(struct audit *audit)
{
    struct audit_head row = {0};
    struct store_query q;
    int err = compose(audit, &row.head);

    if (err != REGISTRY_OK)
        return err;
    if (chain_head_encode(&row.head, row.der, sizeof(row.der), &row.len) != CHAIN_OK ||
        sign(&audit->key, &row) != REGISTRY_OK)
        return REGISTRY_FAILED;
    q = store_prepare(audit->reg, "INSERT OR REPLACE INTO head(one, der, signature) VALUES(1,?,?)");
    store_bind_blob(&q, 1, row.der, row.len);
    store_bind_blob(&q, 2, row.sig, row.sig_len);
    return store_done(&q);
}

int head_read(struct registry *reg, struct audit_head *out)
{
    struct store_query q = store_prepare(reg, "SELECT der, signature FROM head WHERE one=1");
    int err = REGISTRY_NONE;

    if (store_row(&q))
        err = store_blob(&q, 0, out->der, sizeof(out->der), &out->len) &&
                      store_blob(&q, 1, out->sig, sizeof(out->sig), &out->sig_len) &&
                      chain_head_decode(out->der, out->len, &out->head) == CHAIN_OK
                  ? REGISTRY_OK
                  : REGISTRY_ALTERED;
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    return err;
}

bool head_signed_by(const struct audit_key *key, const struct audit_head *row)
{
    uint8_t digest[CRYPTO_SHA256_LEN];

    return crypto_sha256(row->der, row->len, digest) == CRYPTO_OK &&
           crypto_verify(key->spki, key->spki_len, digest, sizeof(digest), row->sig,
                         row->sig_len) == CRYPTO_OK;
}

static bool fits_events(const struct chain_head *h, const struct chain_walk *walk, char *why,
                        size_t whycap)
{
    const unsigned long long signed_one = h->sequence, last = walk->last_sequence;

    if (last < signed_one)
        snprintf(why, whycap,
                 "the newest events are missing: the log's signed head names event %llu, the store "
                 "ends with event %llu",
                 signed_one, last);
    else if (last > signed_one)
        snprintf(why, whycap,
                 "the log's signed head is older than the log: it names event %llu, the store ends "
                 "with event %llu",
                 signed_one, last);
    else if (memcmp(h->link, walk->link, sizeof(h->link)) != 0 || h->time != walk->last_time)
        snprintf(why, whycap, "event %llu is not the one that the log's signed head names", last);
    else
        return true;
    return false;
}

static int fits_store(struct registry *reg, const struct chain_head *h, char *why, size_t whycap)
{
    uint8_t amendments[CRYPTO_SHA256_LEN];
    uint64_t issue = 0;
    int err = newest_issue(reg, &issue);

    if (err != REGISTRY_OK) {
        snprintf(why, whycap, "the issues cannot be read: %s", registry_strerror(err));
        return err;
    }
    registry_amends_hash(reg, amendments);
    if (issue != h->issue)
        snprintf(why, whycap,
                 "another copy of the roster: issue %llu is installed, the log's signed head names "
                 "%llu",
                 (unsigned long long)issue, (unsigned long long)h->issue);
    else if (memcmp(amendments, h->amendments, sizeof(amendments)) != 0)
        snprintf(why, whycap, "the amendments are not the ones that the log's signed head covers");
    else
        return REGISTRY_OK;
    return REGISTRY_ALTERED;
}

int head_check(struct registry *reg, const struct audit_key *key, const struct chain_walk *walk,
               char *why, size_t whycap)
{
    struct audit_head row = {0};
    int err = head_read(reg, &row);

    if (err == REGISTRY_NONE)
        snprintf(why, whycap, "the signed head of the log is missing");
    else if (err == REGISTRY_ALTERED)
        snprintf(why, whycap, "the signed head of the log is not readable");
    else if (err != REGISTRY_OK)
        snprintf(why, whycap, "the signed head of the log: %s", registry_strerror(err));
    else if (!head_signed_by(key, &row))
        snprintf(why, whycap, "the head of the log is not signed with this host's " AUDIT_KEY_FILE);
    else if (fits_events(&row.head, walk, why, whycap))
        return fits_store(reg, &row.head, why, whycap);
    return err == REGISTRY_STORE ? err : REGISTRY_ALTERED;
}
