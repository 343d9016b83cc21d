/* SPDX-License-Identifier: Apache-2.0
 *
 * Amendments as they are written, read and signed.
 */
#include "core/roster/amendment.h"

#include <string.h>

#include "core/roster/schema.h"
#include "core/roster/signer.h"

#define VERSION 1
#define LABEL   "toyama amendment"

struct labelled {
    uint8_t version;
    char label[sizeof(LABEL)];
    struct roster_amendment body;
};

static const struct schema_row amendment_rows[] = {
    ROW_UINT(struct labelled, version, VERSION, VERSION),
    ROW_TEXT(struct labelled, label, 1),
    ROW_TEXT(struct labelled, body.zone, 1),
    ROW_UINT(struct labelled, body.number, 1, UINT64_MAX),
    ROW_UINT(struct labelled, body.created, 0, SCHEMA_TIME_MAX),
    ROW_FIXED(struct labelled, body.id),
    ROW_UINT(struct labelled, body.kind, ROSTER_AMEND_STOP, ROSTER_AMEND_OPEN),
    ROW_FIXED(struct labelled, body.person),
    ROW_FIXED(struct labelled, body.credential),
    ROW_UINT(struct labelled, body.reason, ROSTER_NO_REASON, ROSTER_OTHER),
    ROW_UINT(struct labelled, body.until, 0, SCHEMA_TIME_MAX),
    ROW_FIXED(struct labelled, body.operator),
    ROW_TEXT(struct labelled, body.form, 0),
    ROW_LIST(struct labelled, body.card, body.cards, 0, 1, &schema_credential),
};
static const struct schema amendment_schema = SCHEMA_OF(amendment_rows);

static const struct schema_row amended_rows[] = {
    ROW_OCTETS(struct roster_amended, der, der_len, 1),
    ROW_OCTETS(struct roster_amended, key, key_len, 1),
    ROW_OCTETS(struct roster_amended, sig, sig_len, 1),
    ROW_OCTETS(struct roster_amended, approver, approver_len, 0),
    ROW_OCTETS(struct roster_amended, approval, approval_len, 0),
};
static const struct schema amended_schema = SCHEMA_OF(amended_rows);

enum needs { NEVER, MAY, MUST };

/* What goes with each kind. */
static const struct kind {
    const char *name;
    bool person, credential, card;
    enum needs until;
    bool approver;
    int64_t longest; /* seconds from `created` to `until`; 0: no limit */
} kinds[] = {
    [ROSTER_AMEND_STOP] = {"stop", true, true, false, NEVER, false, 0},
    [ROSTER_AMEND_SUSPEND] = {"suspend", true, true, false, MAY, false, ROSTER_SUSPEND_MAX},
    [ROSTER_AMEND_RESUME] = {"resume", true, true, false, NEVER, true, 0},
    [ROSTER_AMEND_TEMPORARY] = {"temporary", true, false, true, MUST, true, ROSTER_TEMPORARY_MAX},
    [ROSTER_AMEND_CLEAR] = {"clear", true, false, false, NEVER, false, 0},
    [ROSTER_AMEND_EXTEND] = {"extend", false, false, false, MUST, true, ROSTER_EXTEND_MAX},
    [ROSTER_AMEND_OPEN] = {"open", true, true, false, MUST, true, ROSTER_OPEN_MAX},
};

static const struct kind *kind_of(enum roster_amends kind)
{
    return kind >= ROSTER_AMEND_STOP && kind <= ROSTER_AMEND_OPEN ? &kinds[kind] : NULL;
}

const char *roster_amends_name(enum roster_amends kind)
{
    return kind_of(kind) != NULL ? kinds[kind].name : "unknown";
}

bool roster_amends_approved(enum roster_amends kind)
{
    return kind_of(kind) != NULL && kinds[kind].approver;
}

static bool is_zero(const uint8_t id[ROSTER_ID_LEN])
{
    static const uint8_t zero[ROSTER_ID_LEN];

    return memcmp(id, zero, sizeof(zero)) == 0;
}

static bool until_is_sound(const struct kind *kind, const struct roster_amendment *a)
{
    if (a->until == 0)
        return kind->until != MUST;
    return kind->until != NEVER && a->until > a->created &&
           (kind->longest == 0 || a->until - a->created <= kind->longest);
}

static bool card_is_sound(const struct kind *kind, const struct roster_amendment *a)
{
    const struct roster_credential *c = &a->card[0];

    if (a->cards != (kind->card ? 1 : 0))
        return false;
    return !kind->card || (schema_credential_is_sound(c) && c->temporary && !is_zero(c->id) &&
                           c->state == ROSTER_ACTIVE && c->until == a->until);
}

static bool is_sound(const struct roster_amendment *a)
{
    const struct kind *kind = kind_of(a->kind);

    return kind != NULL && kind->person != is_zero(a->person) &&
           kind->credential != is_zero(a->credential) && until_is_sound(kind, a) &&
           card_is_sound(kind, a);
}

int roster_amendment_encode(const struct roster_amendment *a, void *buf, size_t cap, size_t *len)
{
    const struct labelled l = {.version = VERSION, .label = LABEL, .body = *a};
    size_t written = 0;
    int r;

    if (cap > ROSTER_AMENDMENT_MAX)
        cap = ROSTER_AMENDMENT_MAX;
    if ((r = schema_encode(&amendment_schema, &l, buf, cap, &written)) != ROSTER_OK)
        return r;
    if (!is_sound(a))
        return ROSTER_FORMAT;
    *len = written;
    return ROSTER_OK;
}

int roster_amendment_decode(const void *buf, size_t len, struct roster_amendment *out)
{
    struct labelled l = {0};
    int r;

    if (len > ROSTER_AMENDMENT_MAX)
        return ROSTER_FORMAT;
    if ((r = schema_decode(&amendment_schema, buf, len, &l)) != ROSTER_OK)
        return r;
    if (strcmp(l.label, LABEL) != 0 || !is_sound(&l.body))
        return ROSTER_FORMAT;
    *out = l.body;
    return ROSTER_OK;
}

static bool approved_or_not(const struct roster_amended *a)
{
    return (a->approver_len == 0) == (a->approval_len == 0);
}

int roster_amended_encode(const struct roster_amended *a, void *buf, size_t cap, size_t *len)
{
    if (!approved_or_not(a))
        return ROSTER_FORMAT;
    return schema_encode(&amended_schema, a, buf, cap, len);
}

int roster_amended_decode(const void *buf, size_t len, struct roster_amended *out)
{
    int r;

    *out = (struct roster_amended){0};
    if (len > ROSTER_AMENDED_MAX)
        return ROSTER_FORMAT;
    if ((r = schema_decode(&amended_schema, buf, len, out)) != ROSTER_OK)
        return r;
    return approved_or_not(out) ? ROSTER_OK : ROSTER_FORMAT;
}

static int check_helpdesk(const struct roster_amended *a, const struct roster_issue *issue)
{
    uint8_t hash[CRYPTO_SHA256_LEN];
    bool known = false;

    if (crypto_sha256(a->key, a->key_len, hash) != CRYPTO_OK)
        return ROSTER_CRYPTO;
    for (size_t n = 0; n < issue->helpdesks; n++)
        known = known || memcmp(issue->helpdesk[n], hash, sizeof(hash)) == 0;
    if (!known)
        return ROSTER_UNKNOWN_SIGNER;
    return signer_check(a->key, a->key_len, a->der, a->der_len, a->sig, a->sig_len);
}

/* A second signature that nobody asked for must hold, too. */
static int check_approval(const struct roster_amended *a, const struct roster_issue *issue,
                          struct roster_amendment *body)
{
    const struct roster_officer *approver = NULL;
    int r;

    if (a->approver_len == 0)
        return roster_amends_approved(body->kind) ? ROSTER_UNAPPROVED : ROSTER_OK;
    if ((r = signer_approver(issue, a->approver, a->approver_len, &approver)) != ROSTER_OK)
        return r;
    if (memcmp(approver->person, body->operator, sizeof(body->operator)) == 0)
        return ROSTER_OWN_CHANGE;
    memcpy(body->approver, approver->person, sizeof(body->approver));
    return signer_check(a->approver, a->approver_len, a->der, a->der_len, a->approval,
                        a->approval_len);
}

static int check_place(const struct roster_amendment *body, const struct roster_issue *issue)
{
    bool restricts = body->kind == ROSTER_AMEND_STOP || body->kind == ROSTER_AMEND_SUSPEND;

    if (strcmp(body->zone, issue->zone) != 0)
        return ROSTER_ZONE;
    return body->number > issue->number && !restricts ? ROSTER_CHAIN : ROSTER_OK;
}

int roster_amended_verify(const struct roster_amended *a, const struct roster_issue *issue,
                          struct roster_amendment *out)
{
    struct roster_amendment body;
    int r;

    if ((r = roster_amendment_decode(a->der, a->der_len, &body)) != ROSTER_OK ||
        (r = check_place(&body, issue)) != ROSTER_OK ||
        (r = check_helpdesk(a, issue)) != ROSTER_OK ||
        (r = check_approval(a, issue, &body)) != ROSTER_OK)
        return r;
    *out = body;
    return ROSTER_OK;
}
