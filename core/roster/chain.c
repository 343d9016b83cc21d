/* SPDX-License-Identifier: Apache-2.0
 *
 * One issue after the other: signatures, offices, order.
 */
#include "core/roster/issue.h"

#include <string.h>

#include "core/roster/schema.h"
#include "core/roster/signer.h"

static const struct schema_row signed_rows[] = {
    ROW_OCTETS(struct roster_signed, der, der_len, 1),
    ROW_OCTETS(struct roster_signed, key, key_len, 1),
    ROW_OCTETS(struct roster_signed, sig, sig_len, 1),
    ROW_OCTETS(struct roster_signed, approver, approver_len, 0),
    ROW_OCTETS(struct roster_signed, approval, approval_len, 0),
};
static const struct schema signed_schema = SCHEMA_OF(signed_rows);

static bool approved_or_not(const struct roster_signed *s)
{
    return (s->approver_len == 0) == (s->approval_len == 0);
}

int roster_signed_encode(const struct roster_signed *s, void *buf, size_t cap, size_t *len)
{
    if (!approved_or_not(s))
        return ROSTER_FORMAT;
    return schema_encode(&signed_schema, s, buf, cap, len);
}

int roster_signed_decode(const void *buf, size_t len, struct roster_signed *out)
{
    int r;

    *out = (struct roster_signed){0};
    if ((r = schema_decode(&signed_schema, buf, len, out)) != ROSTER_OK)
        return r;
    return approved_or_not(out) ? ROSTER_OK : ROSTER_FORMAT;
}

static int check_authority(const struct roster_trust *trust, const struct roster_signed *s)
{
    uint8_t hash[CRYPTO_SHA256_LEN];

    if (crypto_sha256(s->key, s->key_len, hash) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    if (memcmp(hash, trust->issue.authority, sizeof(hash)) != 0)
        return ROSTER_UNKNOWN_SIGNER;
    return signer_check(s->key, s->key_len, s->der, s->der_len, s->sig, s->sig_len);
}

static bool is_author(const struct roster_issue *issue, const uint8_t person[ROSTER_ID_LEN])
{
    for (size_t n = 0; n < issue->authors; n++)
        if (memcmp(issue->author[n], person, ROSTER_ID_LEN) == 0)
            return true;
    return false;
}

static int check_approval(const struct roster_trust *trust, const struct roster_signed *s,
                          const struct roster_issue *issue)
{
    const struct roster_officer *approver = NULL;
    int r;

    if (s->approver_len == 0)
        return trust->approval ? ROSTER_UNAPPROVED : ROSTER_OK;
    if ((r = signer_approver(&trust->issue, s->approver, s->approver_len, &approver)) != ROSTER_OK)
        return r;
    if (is_author(issue, approver->person))
        return ROSTER_OWN_CHANGE;
    return signer_check(s->approver, s->approver_len, s->der, s->der_len, s->approval,
                        s->approval_len);
}

static int check_order(const struct roster_trust *trust, const struct roster_issue *next)
{
    const struct roster_issue *last = &trust->issue;

    if (strcmp(next->zone, last->zone) != 0)
        return ROSTER_ZONE;
    if (next->number <= last->number)
        return ROSTER_OLD;
    if (next->number - 1 != last->number || next->created < last->created ||
        memcmp(next->previous, trust->hash, sizeof(trust->hash)) != 0)
        return ROSTER_CHAIN;
    return ROSTER_OK;
}

int roster_chain_step(struct roster_trust *trust, const struct roster_signed *s)
{
    struct roster_issue next;
    uint8_t hash[CRYPTO_SHA256_LEN];
    int r;

    if ((r = roster_issue_decode(s->der, s->der_len, &next)) != ROSTER_OK ||
        (r = check_order(trust, &next)) != ROSTER_OK ||
        (r = check_authority(trust, s)) != ROSTER_OK ||
        (r = check_approval(trust, s, &next)) != ROSTER_OK)
        return r;
    if (crypto_sha256(s->der, s->der_len, hash) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    trust->issue = next;
    memcpy(trust->hash, hash, sizeof(hash));
    return ROSTER_OK;
}
