/* SPDX-License-Identifier: Apache-2.0
 *
 * Reading a payload in place.
 */
#include "core/roster/payload.h"

#include <string.h>

#include "core/roster/payload_label.h"

static int open_head(struct tlv_cur *body, struct roster_payload *out)
{
    char label[sizeof(ROSTER_PAYLOAD_LABEL)] = "";
    struct tlv t = {0};
    uint64_t version = 0;

    if (tlv_expect(body, DER_INTEGER, &t) != WIRE_OK || tlv_uint(&t, &version) != WIRE_OK ||
        version != ROSTER_PAYLOAD_VERSION || tlv_expect(body, DER_UTF8, &t) != WIRE_OK ||
        tlv_text(&t, label, sizeof(label)) != WIRE_OK || strcmp(label, ROSTER_PAYLOAD_LABEL) != 0 ||
        tlv_expect(body, DER_UTF8, &t) != WIRE_OK || t.len == 0 ||
        tlv_text(&t, out->zone, sizeof(out->zone)) != WIRE_OK ||
        tlv_expect(body, DER_INTEGER, &t) != WIRE_OK || tlv_uint(&t, &out->base) != WIRE_OK)
        return ROSTER_FORMAT;
    return ROSTER_OK;
}

int roster_payload_open(const void *buf, size_t len, struct roster_payload *out)
{
    struct tlv_cur cur = tlv_der(buf, len), body;
    struct roster_payload payload = {0};

    if (tlv_enter(&cur, DER_SEQUENCE, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK ||
        open_head(&body, &payload) != ROSTER_OK)
        return ROSTER_FORMAT;
    for (size_t n = 0; n < ROSTER_PARTS; n++)
        if (tlv_enter(&body, DER_SEQUENCE, &payload.part[n]) != WIRE_OK)
            return ROSTER_FORMAT;
    if (tlv_end(&body) != WIRE_OK ||
        (payload.base == 0 && payload.part[ROSTER_PART_REMOVED].left != 0))
        return ROSTER_FORMAT;
    *out = payload;
    return ROSTER_OK;
}

int roster_payload_octets(struct tlv_cur *part, const uint8_t **item, size_t *len)
{
    struct tlv t = {0};

    if (part->left == 0)
        return 0;
    if (tlv_expect(part, DER_OCTETS, &t) != WIRE_OK)
        return ROSTER_FORMAT;
    *item = t.val;
    *len = t.len;
    return 1;
}

int roster_payload_signed(struct tlv_cur *part, struct roster_signed *out)
{
    const uint8_t *begin = part->p;
    struct tlv t = {0};
    int r;

    if (part->left == 0)
        return 0;
    if (tlv_expect(part, DER_SEQUENCE, &t) != WIRE_OK)
        return ROSTER_FORMAT;
    r = roster_signed_decode(begin, (size_t)(part->p - begin), out);
    return r == ROSTER_OK ? 1 : r;
}

static int take_sealed(struct tlv_cur *body, const uint8_t **sealed, size_t *len)
{
    struct tlv t = {0};

    if (tlv_expect(body, DER_OCTETS, &t) != WIRE_OK || t.len == 0 || tlv_end(body) != WIRE_OK)
        return ROSTER_FORMAT;
    *sealed = t.val;
    *len = t.len;
    return 1;
}

static int take_id(struct tlv_cur *part, struct tlv_cur *body, uint8_t id[ROSTER_ID_LEN])
{
    struct tlv t = {0};

    if (tlv_enter(part, DER_SEQUENCE, body) != WIRE_OK ||
        tlv_expect(body, DER_OCTETS, &t) != WIRE_OK || tlv_fixed(&t, id, ROSTER_ID_LEN) != WIRE_OK)
        return ROSTER_FORMAT;
    return ROSTER_OK;
}

int roster_payload_sealed(struct tlv_cur *part, uint8_t id[ROSTER_ID_LEN], const uint8_t **sealed,
                          size_t *len)
{
    struct tlv_cur body;

    if (part->left == 0)
        return 0;
    if (take_id(part, &body, id) != ROSTER_OK)
        return ROSTER_FORMAT;
    return take_sealed(&body, sealed, len);
}

int roster_payload_secret(struct tlv_cur *part, uint8_t id[ROSTER_ID_LEN], uint8_t *ref,
                          const uint8_t **sealed, size_t *len)
{
    struct tlv_cur body;
    struct tlv t = {0};
    uint64_t value = 0;

    if (part->left == 0)
        return 0;
    if (take_id(part, &body, id) != ROSTER_OK || tlv_expect(&body, DER_INTEGER, &t) != WIRE_OK ||
        tlv_uint(&t, &value) != WIRE_OK || value == 0 || value > UINT8_MAX)
        return ROSTER_FORMAT;
    *ref = (uint8_t)value;
    return take_sealed(&body, sealed, len);
}
