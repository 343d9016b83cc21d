/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/shared.h"

#include "core/wire/tlv.h"

bool shared_felica_encode(const struct proof_mac_a_key *key, uint8_t buf[SHARED_DER_MAX],
                          size_t *len)
{
    struct tlv_out out = tlv_writer(buf, SHARED_DER_MAX);
    size_t mark = tlv_open(&out, DER_SEQUENCE);

    tlv_put(&out, DER_OCTETS, key->ck, sizeof(key->ck));
    tlv_put(&out, DER_OCTETS, key->idd, sizeof(key->idd));
    tlv_put(&out, DER_OCTETS, key->ckv, sizeof(key->ckv));
    tlv_close(&out, mark);
    return tlv_finish(&out, len) == WIRE_OK;
}

bool shared_felica_decode(const void *buf, size_t len, struct proof_mac_a_key *out)
{
    struct tlv_cur cur = tlv_der(buf, len), in;
    struct tlv ck, idd, ckv;

    return tlv_enter(&cur, DER_SEQUENCE, &in) == WIRE_OK && tlv_end(&cur) == WIRE_OK &&
           tlv_expect(&in, DER_OCTETS, &ck) == WIRE_OK &&
           tlv_expect(&in, DER_OCTETS, &idd) == WIRE_OK &&
           tlv_expect(&in, DER_OCTETS, &ckv) == WIRE_OK && tlv_end(&in) == WIRE_OK &&
           tlv_fixed(&ck, out->ck, sizeof(out->ck)) == WIRE_OK &&
           tlv_fixed(&idd, out->idd, sizeof(out->idd)) == WIRE_OK &&
           tlv_fixed(&ckv, out->ckv, sizeof(out->ckv)) == WIRE_OK;
}

bool shared_yubikey_encode(const struct shared_yubikey *key, uint8_t buf[SHARED_DER_MAX],
                           size_t *len)
{
    const uint8_t touch = key->touch ? 0xFF : 0x00;
    struct tlv_out out = tlv_writer(buf, SHARED_DER_MAX);
    size_t mark = tlv_open(&out, DER_SEQUENCE);

    tlv_put(&out, DER_OCTETS, key->key.key, sizeof(key->key.key));
    tlv_put(&out, DER_OCTETS, key->code, sizeof(key->code));
    tlv_put(&out, DER_BOOLEAN, &touch, sizeof(touch));
    tlv_put(&out, DER_OCTETS, key->before, key->has_before ? sizeof(key->before) : 0);
    tlv_close(&out, mark);
    return tlv_finish(&out, len) == WIRE_OK;
}

bool shared_yubikey_decode(const void *buf, size_t len, struct shared_yubikey *out)
{
    struct tlv_cur cur = tlv_der(buf, len), in;
    struct tlv secret, code, touch, before;

    if (tlv_enter(&cur, DER_SEQUENCE, &in) != WIRE_OK || tlv_end(&cur) != WIRE_OK ||
        tlv_expect(&in, DER_OCTETS, &secret) != WIRE_OK ||
        tlv_expect(&in, DER_OCTETS, &code) != WIRE_OK ||
        tlv_expect(&in, DER_BOOLEAN, &touch) != WIRE_OK ||
        tlv_expect(&in, DER_OCTETS, &before) != WIRE_OK || tlv_end(&in) != WIRE_OK ||
        touch.len != 1 || (touch.val[0] != 0x00 && touch.val[0] != 0xFF))
        return false;
    out->touch = touch.val[0] == 0xFF;
    out->has_before = before.len > 0;
    if (out->has_before && tlv_fixed(&before, out->before, sizeof(out->before)) != WIRE_OK)
        return false;
    return tlv_fixed(&secret, out->key.key, sizeof(out->key.key)) == WIRE_OK &&
           tlv_fixed(&code, out->code, sizeof(out->code)) == WIRE_OK;
}
