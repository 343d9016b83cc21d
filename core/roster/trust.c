/* SPDX-License-Identifier: Apache-2.0
 *
 * What a terminal is told at joining: DER Trust (docs/roster.asn1).
 */
#include <string.h>

#include "core/roster/issue.h"
#include "core/roster/schema.h"

#define LABEL "toyama trust"

/* The parts of an issue that judge the next one; a trust before the first issue has number 0. */
struct flat {
    char label[sizeof(LABEL)];
    bool approval;
    uint8_t hash[CRYPTO_SHA256_LEN];
    struct roster_issue issue;
};

struct id_item {
    uint8_t id[CRYPTO_SHA256_LEN];
};

static const struct schema_row hash_rows[] = {ROW_FIXED(struct id_item, id)};
static const struct schema hash_schema = SCHEMA_OF(hash_rows);

static const struct schema_row officer_rows[] = {
    ROW_FIXED(struct roster_officer, person),
    ROW_UINT(struct roster_officer, roles, 1, ROSTER_ROLES_ALL),
    ROW_OCTETS(struct roster_officer, key, key_len, 0),
};
static const struct schema officer_schema = SCHEMA_OF(officer_rows);

static const struct schema_row trust_rows[] = {
    ROW_TEXT(struct flat, label, 1),
    ROW_BOOL(struct flat, approval),
    ROW_FIXED(struct flat, hash),
    ROW_TEXT(struct flat, issue.zone, 1),
    ROW_UINT(struct flat, issue.number, 0, UINT64_MAX),
    ROW_UINT(struct flat, issue.created, 0, SCHEMA_TIME_MAX),
    ROW_FIXED(struct flat, issue.authority),
    ROW_LIST(struct flat, issue.officer, issue.officers, 0, ROSTER_OFFICERS, &officer_schema),
    ROW_LIST(struct flat, issue.helpdesk, issue.helpdesks, 0, ROSTER_HELPDESKS, &hash_schema),
};
static const struct schema trust_schema = SCHEMA_OF(trust_rows);

int roster_trust_encode(const struct roster_trust *trust, void *buf, size_t cap, size_t *len)
{
    struct flat flat = {.label = LABEL, .approval = trust->approval, .issue = trust->issue};

    memcpy(flat.hash, trust->hash, sizeof(flat.hash));
    return schema_encode(&trust_schema, &flat, buf, cap, len);
}

int roster_trust_decode(const void *buf, size_t len, struct roster_trust *out)
{
    struct flat flat = {0};
    int r = schema_decode(&trust_schema, buf, len, &flat);

    if (r != ROSTER_OK)
        return r;
    if (strcmp(flat.label, LABEL) != 0)
        return ROSTER_FORMAT;
    for (size_t n = 0; n < flat.issue.officers; n++)
        if (!roster_roles_sound(flat.issue.officer[n].roles))
            return ROSTER_OFFICES;
    *out = (struct roster_trust){.approval = flat.approval, .issue = flat.issue};
    memcpy(out->hash, flat.hash, sizeof(out->hash));
    return ROSTER_OK;
}
