/* SPDX-License-Identifier: Apache-2.0
 *
 * GET DATA and the objects that enrolment reads (SP 800-73-4 part 1, appendix A).
 */
#include "cardreader/exchange.h"
#include "cardreader/piv.h"

#include <string.h>

#define INS_GET_DATA  0xCB
#define TAG_LIST      0x5C
#define TAG_OBJECT    0x53
#define TAG_DISCOVERY 0x7E
#define TAG_POLICY    0x5F2F
#define TAG_GUID      0x34
#define TAG_CERT      0x70
#define TAG_CERT_INFO 0x71
/* Bits of CertInfo: gzip is 01 since SP 800-73-3; cards made before it may say 80. */
#define COMPRESSED       0x81
#define COMPRESSED_OTHER 0x02
#define GUID_LEN         16
#define POLICY_LEN       2

/* Finds one element; a second one of the same tag, or anything unreadable, spoils the object. */
static int find_only(struct tlv_cur cur, uint32_t tag, struct tlv *out)
{
    struct tlv t = {0};
    int r;

    *out = (struct tlv){0};
    while (cur.left > 0) {
        if ((r = tlv_next(&cur, &t)) != WIRE_OK)
            return r;
        if (t.tag != tag)
            continue;
        if (out->val != NULL)
            return WIRE_DUPLICATE;
        *out = t;
    }
    return out->val != NULL ? WIRE_OK : WIRE_MISSING;
}

/* `t` points into res->data. */
static int keep(struct family_result *res, const struct tlv *t)
{
    memmove(res->data, t->val, t->len);
    res->len = t->len;
    return WIRE_OK;
}

static int take_fixed(struct tlv_cur body, uint32_t tag, size_t len, struct family_result *res)
{
    struct tlv t = {0};
    int r = find_only(body, tag, &t);

    if (r == WIRE_OK && t.len != len)
        r = WIRE_LENGTH;
    return r == WIRE_OK ? keep(res, &t) : r;
}

static int take_guid(struct tlv_cur body, struct family_result *res)
{
    return take_fixed(body, TAG_GUID, GUID_LEN, res);
}

static int take_policy(struct tlv_cur body, struct family_result *res)
{
    return take_fixed(body, TAG_POLICY, POLICY_LEN, res);
}

/* Cards may leave CertInfo out. */
static int read_cert_info(struct tlv_cur body, bool *compressed)
{
    struct tlv info = {0};
    int r = find_only(body, TAG_CERT_INFO, &info);

    *compressed = false;
    if (r == WIRE_MISSING)
        return WIRE_OK;
    if (r != WIRE_OK)
        return r;
    if (info.len != 1 || (info.val[0] & COMPRESSED_OTHER) != 0)
        return WIRE_VALUE;
    *compressed = (info.val[0] & COMPRESSED) != 0;
    return WIRE_OK;
}

static int unpack(const struct tlv *t, struct family_result *res)
{
    uint8_t plain[CARD_OBJECT_MAX];
    size_t len = 0;

    if (!piv_gunzip(t->val, t->len, plain, sizeof(plain), &len))
        return WIRE_VALUE;
    memcpy(res->data, plain, len);
    res->len = len;
    return WIRE_OK;
}

static int take_cert(struct tlv_cur body, struct family_result *res)
{
    struct tlv cert = {0}, whole = {0};
    struct tlv_cur der;
    bool compressed;
    int r;

    if ((r = read_cert_info(body, &compressed)) != WIRE_OK ||
        (r = find_only(body, TAG_CERT, &cert)) != WIRE_OK ||
        (r = compressed ? unpack(&cert, res) : keep(res, &cert)) != WIRE_OK)
        return r;
    der = tlv_der(res->data, res->len);
    r = tlv_expect(&der, DER_SEQUENCE, &whole);
    return r != WIRE_OK ? r : tlv_end(&der);
}

struct object {
    enum card_object id;
    uint8_t tag[3];
    uint8_t tag_len;
    uint8_t wrapper;
    int (*take)(struct tlv_cur body, struct family_result *res); /* enum wire_err */
};

static const struct object objects[] = {
    {CARD_OBJ_IDENTIFIER, {0x5F, 0xC1, 0x02}, 3, TAG_OBJECT, take_guid},
    {CARD_OBJ_CERT_9A, {0x5F, 0xC1, 0x05}, 3, TAG_OBJECT, take_cert},
    {CARD_OBJ_CERT_9C, {0x5F, 0xC1, 0x0A}, 3, TAG_OBJECT, take_cert},
    {CARD_OBJ_CERT_9E, {0x5F, 0xC1, 0x01}, 3, TAG_OBJECT, take_cert},
    {CARD_OBJ_DISCOVERY, {0x7E}, 1, TAG_DISCOVERY, take_policy},
};

static const struct object *find_object(uint32_t id)
{
    for (size_t n = 0; n < sizeof(objects) / sizeof(objects[0]); n++)
        if (objects[n].id == id)
            return &objects[n];
    return NULL;
}

static int get_data(struct apdu_link *link, const struct object *obj, struct family_result *res)
{
    uint8_t list[2 + sizeof(obj->tag)] = {TAG_LIST, obj->tag_len};
    struct apdu_command cmd = {.ins = INS_GET_DATA, .p1 = 0x3F, .p2 = 0xFF, .data = list};
    int r;

    memcpy(list + 2, obj->tag, obj->tag_len);
    cmd.len = 2u + obj->tag_len;
    cmd.le = APDU_LE_ANY;
    if ((r = exchange_run(link, &cmd, res)) != 0)
        return r;
    if (res->sw == 0x6A82 || res->sw == 0x6A88)
        return CARD_ABSENT;
    if (res->sw == 0x6982)
        return CARD_PIN_NEEDED;
    return res->sw == EXCHANGE_OK ? 0 : CARD_REFUSED;
}

static int unwrap(const struct object *obj, struct family_result *res)
{
    struct tlv_cur cur = tlv_ber(res->data, res->len);
    struct tlv_cur body;

    if (tlv_enter(&cur, obj->wrapper, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK)
        return CARD_MALFORMED;
    if (body.left == 0)
        return CARD_ABSENT;
    return obj->take(body, res) == WIRE_OK ? 0 : CARD_MALFORMED;
}

int piv_read(struct apdu_link *link, uint32_t object, uint8_t pin_ref, struct family_result *res)
{
    const struct object *obj = find_object(object);
    int r;

    if (object == CARD_OBJ_TRIES) {
        r = piv_tries(link, pin_ref, res);
        res->len = 0;
        return r;
    }
    if (obj == NULL)
        return CARD_INTERNAL;
    r = get_data(link, obj, res);
    return r != 0 ? r : unwrap(obj, res);
}
