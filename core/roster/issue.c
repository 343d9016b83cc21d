/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/issue.h"

#include <string.h>

#include "core/roster/schema.h"

static const struct schema_row issue_rows[] = {
    ROW_TEXT(struct roster_issue, zone, 1),
    ROW_UINT(struct roster_issue, number, 1, UINT64_MAX),
    ROW_UINT(struct roster_issue, created, 0, SCHEMA_TIME_MAX),
    ROW_FIXED(struct roster_issue, previous),
    ROW_UINT(struct roster_issue, count, 0, UINT64_MAX),
    ROW_FIXED(struct roster_issue, root),
};
static const struct schema issue_schema = SCHEMA_OF(issue_rows);

static bool first_has_no_previous(const struct roster_issue *issue)
{
    static const uint8_t none[CRYPTO_SHA256_LEN];

    return issue->number != 1 || memcmp(issue->previous, none, sizeof(none)) == 0;
}

int roster_issue_encode(const struct roster_issue *issue, void *buf, size_t cap, size_t *len)
{
    if (!first_has_no_previous(issue))
        return ROSTER_FORMAT;
    return schema_encode(&issue_schema, issue, buf, cap, len);
}

int roster_issue_decode(const void *buf, size_t len, struct roster_issue *out)
{
    struct roster_issue issue = {0};
    int r;

    if (len > ROSTER_ISSUE_MAX)
        return ROSTER_FORMAT;
    if ((r = schema_decode(&issue_schema, buf, len, &issue)) != ROSTER_OK)
        return r;
    if (!first_has_no_previous(&issue))
        return ROSTER_FORMAT;
    *out = issue;
    return ROSTER_OK;
}

int roster_issue_sign(const void *der, size_t len, const void *key, size_t keylen, uint8_t *sig,
                      size_t cap, size_t *siglen)
{
    struct roster_issue issue;
    uint8_t digest[CRYPTO_SHA256_LEN];
    int r = roster_issue_decode(der, len, &issue);

    if (r != ROSTER_OK)
        return r;
    if (crypto_sha256(der, len, digest) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    r = crypto_p256_sign(key, keylen, digest, sig, cap, siglen);
    if (r == CRYPTO_OK)
        return ROSTER_OK;
    return r == CRYPTO_LENGTH ? ROSTER_FULL : ROSTER_CRYPTO;
}

static int check_signature(const void *der, size_t len, const void *sig, size_t siglen,
                           const void *spki, size_t spkilen)
{
    enum crypto_alg alg = CRYPTO_P256;
    uint8_t digest[CRYPTO_SHA256_LEN];
    int r;

    if (crypto_key_alg(spki, spkilen, &alg) != CRYPTO_OK || alg != CRYPTO_P256 ||
        crypto_sha256(der, len, digest) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    r = crypto_verify(spki, spkilen, digest, sizeof(digest), sig, siglen);
    if (r == CRYPTO_OK)
        return ROSTER_OK;
    return r == CRYPTO_BAD_SIGNATURE ? ROSTER_SIGNATURE : ROSTER_CRYPTO;
}

int roster_issue_verify(const void *der, size_t len, const void *sig, size_t siglen,
                        const void *spki, size_t spkilen, const char *zone, uint64_t least,
                        struct roster_issue *out)
{
    struct roster_issue issue;
    int r;

    if ((r = check_signature(der, len, sig, siglen, spki, spkilen)) != ROSTER_OK ||
        (r = roster_issue_decode(der, len, &issue)) != ROSTER_OK)
        return r;
    if (strcmp(issue.zone, zone) != 0)
        return ROSTER_ZONE;
    if (issue.number < least)
        return ROSTER_CHAIN;
    *out = issue;
    return ROSTER_OK;
}

int roster_issue_follows(const struct roster_issue *next, const void *previous_der, size_t len)
{
    struct roster_issue previous;
    uint8_t hash[CRYPTO_SHA256_LEN];
    int r = roster_issue_decode(previous_der, len, &previous);

    if (r != ROSTER_OK)
        return r;
    if (crypto_sha256(previous_der, len, hash) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    if (strcmp(next->zone, previous.zone) != 0)
        return ROSTER_ZONE;
    /* previous.number is one lower: no wrap at the top. */
    if (next->number == 0 || next->number - 1 != previous.number ||
        next->created < previous.created || memcmp(next->previous, hash, sizeof(hash)) != 0)
        return ROSTER_CHAIN;
    return ROSTER_OK;
}
