/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/station/zone_file.h"

#include "core/wire/wipe.h"

#include <stdio.h>
#include <string.h>

#define VERSION 2
#define AAD_MAX (ROSTER_TEXT_MAX + 32)

static size_t aad_of(const char *name, char aad[AAD_MAX])
{
    return (size_t)snprintf(aad, AAD_MAX, "toyama zone %s", name);
}

/* None or one. */
static void put_keys(struct tlv_out *out, const struct roster_rekey *keys)
{
    size_t list = tlv_open(out, DER_SEQUENCE);

    if (keys->key_len > 0) {
        tlv_put(out, DER_OCTETS, keys->key, keys->key_len);
        tlv_put(out, DER_OCTETS, keys->cert, keys->cert_len);
        tlv_put(out, DER_OCTETS, keys->seal, sizeof(keys->seal));
    }
    tlv_close(out, list);
}

static bool encode(const struct station_zone *z, uint8_t *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    uint8_t anchor[ROSTER_ISSUE_MAX];
    const uint8_t carried = z->carried ? 0xFF : 0;
    size_t anchorlen = 0, whole, list, one;

    if (roster_trust_encode(&z->anchor, anchor, sizeof(anchor), &anchorlen) != ROSTER_OK)
        return false;
    whole = tlv_open(&out, DER_SEQUENCE);
    tlv_put_uint(&out, DER_INTEGER, VERSION);
    tlv_put_text(&out, DER_UTF8, z->name);
    tlv_put(&out, DER_OCTETS, z->key, z->key_len);
    tlv_put(&out, DER_OCTETS, z->cert, z->cert_len);
    tlv_put(&out, DER_OCTETS, z->seal, sizeof(z->seal));
    tlv_put_raw(&out, anchor, anchorlen);
    list = tlv_open(&out, DER_SEQUENCE);
    for (size_t n = 0; n < z->helpdesks; n++) {
        one = tlv_open(&out, DER_SEQUENCE);
        tlv_put_text(&out, DER_UTF8, z->helpdesk[n].host);
        tlv_put(&out, DER_OCTETS, z->helpdesk[n].key, sizeof(z->helpdesk[n].key));
        tlv_close(&out, one);
    }
    tlv_close(&out, list);
    put_keys(&out, &z->next);
    tlv_put(&out, DER_BOOLEAN, &carried, sizeof(carried));
    put_keys(&out, &z->old);
    tlv_close(&out, whole);
    return tlv_finish(&out, len) == WIRE_OK;
}

static bool take_octets(struct tlv_cur *cur, uint8_t *out, size_t cap, size_t *len)
{
    struct tlv t = {0};

    if (tlv_expect(cur, DER_OCTETS, &t) != WIRE_OK || t.len == 0 || t.len > cap)
        return false;
    memcpy(out, t.val, t.len);
    *len = t.len;
    return true;
}

static bool take_fixed(struct tlv_cur *cur, void *out, size_t len)
{
    struct tlv t = {0};

    return tlv_expect(cur, DER_OCTETS, &t) == WIRE_OK && tlv_fixed(&t, out, len) == WIRE_OK;
}

static bool take_text(struct tlv_cur *cur, char *out, size_t cap)
{
    struct tlv t = {0};

    return tlv_expect(cur, DER_UTF8, &t) == WIRE_OK && tlv_text(&t, out, cap) == WIRE_OK;
}

static bool take_anchor(struct tlv_cur *cur, struct roster_trust *out)
{
    const uint8_t *begin = cur->p;
    struct tlv t = {0};

    return tlv_expect(cur, DER_SEQUENCE, &t) == WIRE_OK &&
           roster_trust_decode(begin, (size_t)(cur->p - begin), out) == ROSTER_OK;
}

static bool take_helpdesks(struct tlv_cur *cur, struct station_zone *z)
{
    struct tlv_cur list, one;

    if (tlv_enter(cur, DER_SEQUENCE, &list) != WIRE_OK)
        return false;
    for (; list.left > 0 && z->helpdesks < ROSTER_HELPDESKS; z->helpdesks++) {
        struct station_helpdesk *h = &z->helpdesk[z->helpdesks];
        if (tlv_enter(&list, DER_SEQUENCE, &one) != WIRE_OK ||
            !take_text(&one, h->host, sizeof(h->host)) ||
            !take_fixed(&one, h->key, sizeof(h->key)) || tlv_end(&one) != WIRE_OK)
            return false;
    }
    return tlv_end(&list) == WIRE_OK;
}

static bool take_keys(struct tlv_cur *cur, struct roster_rekey *keys)
{
    struct tlv_cur list;

    if (tlv_enter(cur, DER_SEQUENCE, &list) != WIRE_OK)
        return false;
    return list.left == 0 ||
           (take_octets(&list, keys->key, sizeof(keys->key), &keys->key_len) &&
            take_octets(&list, keys->cert, sizeof(keys->cert), &keys->cert_len) &&
            take_fixed(&list, keys->seal, sizeof(keys->seal)) && tlv_end(&list) == WIRE_OK);
}

static bool take_bool(struct tlv_cur *cur, bool *out)
{
    struct tlv t = {0};

    if (tlv_expect(cur, DER_BOOLEAN, &t) != WIRE_OK || t.len != 1 ||
        (t.val[0] != 0 && t.val[0] != 0xFF))
        return false;
    *out = t.val[0] != 0;
    return true;
}

static bool decode(const uint8_t *der, size_t len, struct station_zone *z)
{
    struct tlv_cur cur = tlv_der(der, len), body;
    struct tlv t = {0};
    uint64_t version = 0;

    return tlv_enter(&cur, DER_SEQUENCE, &body) == WIRE_OK && tlv_end(&cur) == WIRE_OK &&
           tlv_expect(&body, DER_INTEGER, &t) == WIRE_OK && tlv_uint(&t, &version) == WIRE_OK &&
           version == VERSION && take_text(&body, z->name, sizeof(z->name)) &&
           take_octets(&body, z->key, sizeof(z->key), &z->key_len) &&
           take_octets(&body, z->cert, sizeof(z->cert), &z->cert_len) &&
           take_fixed(&body, z->seal, sizeof(z->seal)) && take_anchor(&body, &z->anchor) &&
           take_helpdesks(&body, z) && take_keys(&body, &z->next) &&
           take_bool(&body, &z->carried) && take_keys(&body, &z->old) && tlv_end(&body) == WIRE_OK;
}

bool zone_file_seal(const struct station_zone *zone, const uint8_t seal[CRYPTO_KEY_LEN], void *buf,
                    size_t cap, size_t *len)
{
    uint8_t der[ZONE_FILE_MAX];
    char aad[AAD_MAX];
    size_t derlen = 0, aadlen = aad_of(zone->name, aad);
    bool good = encode(zone, der, sizeof(der) - CRYPTO_SEAL_EXTRA, &derlen) &&
                crypto_seal(seal, aad, aadlen, der, derlen, buf, cap, len) == CRYPTO_OK;

    wire_wipe(der, sizeof(der));
    return good;
}

bool zone_file_open(const void *file, size_t len, const uint8_t seal[CRYPTO_KEY_LEN],
                    const char *name, struct station_zone *out)
{
    uint8_t der[ZONE_FILE_MAX];
    char aad[AAD_MAX];
    size_t derlen = 0, aadlen = aad_of(name, aad);
    bool good;

    *out = (struct station_zone){0};
    good = crypto_unseal(seal, aad, aadlen, file, len, der, sizeof(der), &derlen) == CRYPTO_OK &&
           decode(der, derlen, out) && strcmp(out->name, name) == 0 &&
           strcmp(out->anchor.issue.zone, name) == 0 && roster_zones_parse(name, &out->bit);
    wire_wipe(der, sizeof(der));
    if (!good)
        zone_wipe(out);
    return good;
}
