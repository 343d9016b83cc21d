/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/issue.h"

#include <string.h>

#include "core/roster/schema.h"

#define VERSION 3
#define LABEL   "toyama issue"

const uint8_t roster_root_author[ROSTER_ID_LEN];

/* The issue with what stands before it: the label keeps its signature apart from all others. */
struct labelled {
    uint8_t version;
    char label[sizeof(LABEL)];
    struct roster_issue issue;
};

static const struct schema_row author_rows[] = {
    {SCHEMA_FIXED, 0, ROSTER_ID_LEN, 0, 0, 0, NULL},
};
static const struct schema author_schema = SCHEMA_OF(author_rows);

static const struct schema_row helpdesk_rows[] = {
    {SCHEMA_FIXED, 0, CRYPTO_SHA256_LEN, 0, 0, 0, NULL},
};
static const struct schema helpdesk_schema = SCHEMA_OF(helpdesk_rows);

static const struct schema_row officer_rows[] = {
    ROW_FIXED(struct roster_officer, person),
    ROW_UINT(struct roster_officer, roles, 1, ROSTER_ROLES_ALL),
    ROW_OCTETS(struct roster_officer, key, key_len, 0),
};
static const struct schema officer_schema = SCHEMA_OF(officer_rows);

static const struct schema_row issue_rows[] = {
    ROW_UINT(struct labelled, version, VERSION, VERSION),
    ROW_TEXT(struct labelled, label, 1),
    ROW_TEXT(struct labelled, issue.zone, 1),
    ROW_UINT(struct labelled, issue.number, 1, UINT64_MAX),
    ROW_UINT(struct labelled, issue.created, 0, SCHEMA_TIME_MAX),
    ROW_FIXED(struct labelled, issue.previous),
    ROW_UINT(struct labelled, issue.count, 0, UINT64_MAX),
    ROW_FIXED(struct labelled, issue.root),
    ROW_FIXED(struct labelled, issue.authority),
    ROW_LIST(struct labelled, issue.author, issue.authors, 0, ROSTER_AUTHORS, &author_schema),
    ROW_LIST(struct labelled, issue.officer, issue.officers, 0, ROSTER_OFFICERS, &officer_schema),
    ROW_LIST(struct labelled, issue.helpdesk, issue.helpdesks, 0, ROSTER_HELPDESKS,
             &helpdesk_schema),
    ROW_OCTETS(struct labelled, issue.keys, issue.keys_len, 0),
};
static const struct schema issue_schema = SCHEMA_OF(issue_rows);

static bool first_has_no_previous(const struct roster_issue *issue)
{
    static const uint8_t none[CRYPTO_SHA256_LEN];

    return issue->number != 1 || memcmp(issue->previous, none, sizeof(none)) == 0;
}

static bool officers_are_sound(const struct roster_issue *issue)
{
    for (size_t n = 0; n < issue->officers; n++) {
        const struct roster_officer *o = &issue->officer[n];
        bool approver = (o->roles & ROSTER_APPROVER) != 0;
        if (o->key_len != (approver ? CRYPTO_SHA256_LEN : 0) ||
            (n > 0 && memcmp(issue->officer[n - 1].person, o->person, ROSTER_ID_LEN) >= 0))
            return false;
    }
    return true;
}

static bool offices_are_apart(const struct roster_issue *issue)
{
    bool apart = true;

    for (size_t n = 0; n < issue->officers; n++)
        apart = apart && roster_roles_sound(issue->officer[n].roles);
    return apart;
}

static bool is_sound(const struct roster_issue *issue)
{
    return first_has_no_previous(issue) && officers_are_sound(issue);
}

int roster_issue_encode(const struct roster_issue *issue, void *buf, size_t cap, size_t *len)
{
    const struct labelled l = {.version = VERSION, .label = LABEL, .issue = *issue};
    size_t written = 0;
    int r;

    if (cap > ROSTER_ISSUE_MAX)
        cap = ROSTER_ISSUE_MAX;
    if ((r = schema_encode(&issue_schema, &l, buf, cap, &written)) != ROSTER_OK)
        return r;
    if (!is_sound(issue))
        return ROSTER_FORMAT;
    if (!offices_are_apart(issue))
        return ROSTER_OFFICES;
    *len = written;
    return ROSTER_OK;
}

int roster_issue_decode(const void *buf, size_t len, struct roster_issue *out)
{
    struct labelled l = {0};
    int r;

    if (len > ROSTER_ISSUE_MAX)
        return ROSTER_FORMAT;
    if ((r = schema_decode(&issue_schema, buf, len, &l)) != ROSTER_OK)
        return r;
    if (strcmp(l.label, LABEL) != 0 || !is_sound(&l.issue))
        return ROSTER_FORMAT;
    if (!offices_are_apart(&l.issue))
        return ROSTER_OFFICES;
    *out = l.issue;
    return ROSTER_OK;
}

const struct roster_officer *roster_issue_officer(const struct roster_issue *issue,
                                                  const uint8_t person[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < issue->officers; n++)
        if (memcmp(issue->officer[n].person, person, ROSTER_ID_LEN) == 0)
            return &issue->officer[n];
    return NULL;
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
