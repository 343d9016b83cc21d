/* SPDX-License-Identifier: Apache-2.0
 *
 * Who made the changes since a moment. The issues of this store say it, not a table beside them:
 * each is held by the hash in the one behind it, up to the verified one, so that no row can be
 * edited or taken out to hide an author.
 */
#include "toyamad/registry/store.h"

#include <string.h>

struct walk {
    uint8_t expected[CRYPTO_SHA256_LEN]; /* hash of the issue that comes next, going back */
    uint64_t number;                     /* its number */
    uint8_t (*out)[ROSTER_ID_LEN];
    size_t cap, *count;
};

static int add(struct walk *w, const uint8_t author[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < *w->count; n++)
        if (memcmp(w->out[n], author, ROSTER_ID_LEN) == 0)
            return REGISTRY_OK;
    if (*w->count == w->cap)
        return REGISTRY_LIMIT;
    memcpy(w->out[(*w->count)++], author, ROSTER_ID_LEN);
    return REGISTRY_OK;
}

static int take(struct walk *w, const struct roster_issue *issue)
{
    int err = REGISTRY_OK;

    for (size_t n = 0; n < issue->authors && err == REGISTRY_OK; n++)
        err = add(w, issue->author[n]);
    memcpy(w->expected, issue->previous, sizeof(w->expected));
    w->number = issue->number - 1;
    return err;
}

/* One issue, going back; `since` ends the walk. */
static int step(struct walk *w, struct store_query *q, int64_t since, bool *more)
{
    uint8_t der[ROSTER_SIGNED_MAX], hash[CRYPTO_SHA256_LEN];
    struct roster_signed s;
    struct roster_issue issue;
    size_t len = 0;

    if (!store_blob(q, 0, der, sizeof(der), &len) ||
        roster_signed_decode(der, len, &s) != ROSTER_OK ||
        crypto_sha256(s.der, s.der_len, hash) != CRYPTO_OK ||
        memcmp(hash, w->expected, sizeof(hash)) != 0 ||
        roster_issue_decode(s.der, s.der_len, &issue) != ROSTER_OK || issue.number != w->number)
        return REGISTRY_ALTERED;
    *more = issue.created >= since && (since == 0 || issue.authors > 0);
    return *more ? take(w, &issue) : REGISTRY_OK;
}

int registry_authors(struct registry *reg, int64_t since, uint8_t (*out)[ROSTER_ID_LEN], size_t cap,
                     size_t *count)
{
    struct walk w = {.number = reg->issue.number, .out = out, .cap = cap, .count = count};
    struct store_query q;
    bool more = true;
    int err = REGISTRY_OK;

    *count = 0;
    memcpy(w.expected, reg->issue_hash, sizeof(w.expected));
    q = store_prepare(reg, "SELECT signed FROM issue ORDER BY number DESC");
    while (err == REGISTRY_OK && more && store_row(&q))
        err = step(&w, &q, since, &more);
    if (q.err != REGISTRY_OK)
        err = q.err;
    store_finalize(&q);
    /* The walk may end before `since` only at the first issue. */
    if (err == REGISTRY_OK && more && w.number != 0)
        err = REGISTRY_ALTERED;
    return err;
}
