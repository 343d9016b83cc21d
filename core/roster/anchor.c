/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/anchor.h"

#include <string.h>

#include "core/roster/schema.h"
#include "core/wire/wipe.h"

#define LABEL "toyama anchor"

struct flat {
    char label[sizeof(LABEL)];
    size_t trust_len;
    uint8_t trust[ROSTER_ANCHOR_MAX];
    struct roster_anchor anchor; /* but for the trust */
};

static const struct schema_row anchor_rows[] = {
    ROW_TEXT(struct flat, label, 1),
    ROW_OCTETS(struct flat, trust, trust_len, 1),
    ROW_OCTETS(struct flat, anchor.key, anchor.key_len, 1),
    ROW_OCTETS(struct flat, anchor.cert, anchor.cert_len, 1),
    ROW_FIXED(struct flat, anchor.seal_key),
    ROW_OCTETS(struct flat, anchor.old_key, anchor.old_key_len, 0),
    ROW_OCTETS(struct flat, anchor.old_seal, anchor.old_seal_len, 0),
    ROW_OCTETS(struct flat, anchor.helpdesk, anchor.helpdesk_len, 0),
};
static const struct schema anchor_schema = SCHEMA_OF(anchor_rows);

int roster_anchor_encode(const struct roster_anchor *anchor, void *buf, size_t cap, size_t *len)
{
    struct flat flat = {.label = LABEL, .anchor = *anchor};
    int r = roster_trust_encode(&anchor->trust, flat.trust, sizeof(flat.trust), &flat.trust_len);

    if (r == ROSTER_OK)
        r = schema_encode(&anchor_schema, &flat, buf, cap, len);
    wire_wipe(&flat, sizeof(flat));
    return r;
}

int roster_anchor_decode(const void *buf, size_t len, struct roster_anchor *out)
{
    struct flat flat = {0};
    int r = schema_decode(&anchor_schema, buf, len, &flat);

    if (r == ROSTER_OK && strcmp(flat.label, LABEL) != 0)
        r = ROSTER_FORMAT;
    if (r == ROSTER_OK)
        r = roster_trust_decode(flat.trust, flat.trust_len, &flat.anchor.trust);
    if (r == ROSTER_OK)
        *out = flat.anchor;
    wire_wipe(&flat, sizeof(flat));
    return r;
}
