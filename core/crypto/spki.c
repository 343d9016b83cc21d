/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/spki.h"

#include <string.h>

enum { DER_BITS = 0x03, DER_OID = 0x06 };

#define POINT_UNCOMPRESSED 0x04
#define EXPONENT_LEAST     65537

static const uint8_t oid_rsa[] = {0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01};
static const uint8_t oid_ec[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
static const uint8_t oid_p256[] = {0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07};
static const uint8_t oid_p384[] = {0x2B, 0x81, 0x04, 0x00, 0x22};

static bool tlv_is(const struct tlv *t, const uint8_t *octets, size_t len)
{
    return t->len == len && memcmp(t->val, octets, len) == 0;
}

static int parse_modulus(struct tlv t, struct spki *out)
{
    if (t.len < 2 || t.val[0] != 0 || t.val[1] < 0x80 || (t.val[t.len - 1] & 1) == 0)
        return CRYPTO_BAD_KEY;
    out->modulus = (struct tlv){.tag = t.tag, .val = t.val + 1, .len = t.len - 1};
    if (out->modulus.len == 2048 / 8)
        out->alg = CRYPTO_RSA2048;
    else if (out->modulus.len == 3072 / 8)
        out->alg = CRYPTO_RSA3072;
    else
        return CRYPTO_BAD_KEY;
    return CRYPTO_OK;
}

static int parse_rsa(struct tlv_cur *params, struct tlv_cur key, struct spki *out)
{
    struct tlv_cur numbers;
    struct tlv none = {0}, modulus = {0}, exponent = {0};

    if (tlv_expect(params, DER_NULL, &none) != WIRE_OK || none.len != 0 ||
        tlv_end(params) != WIRE_OK || tlv_enter(&key, DER_SEQUENCE, &numbers) != WIRE_OK ||
        tlv_end(&key) != WIRE_OK || tlv_expect(&numbers, DER_INTEGER, &modulus) != WIRE_OK ||
        tlv_expect(&numbers, DER_INTEGER, &exponent) != WIRE_OK || tlv_end(&numbers) != WIRE_OK ||
        tlv_uint(&exponent, &out->exponent) != WIRE_OK)
        return CRYPTO_BAD_KEY;
    if (out->exponent < EXPONENT_LEAST || (out->exponent & 1) == 0)
        return CRYPTO_BAD_KEY;
    return parse_modulus(modulus, out);
}

static int parse_ec(struct tlv_cur *params, struct tlv_cur key, struct spki *out)
{
    struct tlv curve = {0};
    size_t field;

    if (tlv_expect(params, DER_OID, &curve) != WIRE_OK || tlv_end(params) != WIRE_OK)
        return CRYPTO_BAD_KEY;
    if (tlv_is(&curve, oid_p256, sizeof(oid_p256))) {
        out->alg = CRYPTO_P256;
        field = 32;
    } else if (tlv_is(&curve, oid_p384, sizeof(oid_p384))) {
        out->alg = CRYPTO_P384;
        field = 48;
    } else {
        return CRYPTO_BAD_KEY;
    }
    if (key.left != 1 + 2 * field || key.p[0] != POINT_UNCOMPRESSED)
        return CRYPTO_BAD_KEY;
    out->point = (struct tlv){.tag = DER_OCTETS, .val = key.p, .len = key.left};
    return CRYPTO_OK;
}

int spki_parse(const void *der, size_t len, struct spki *out)
{
    struct tlv_cur cur = tlv_der(der, len);
    struct tlv_cur body, algorithm, key;
    struct tlv oid = {0}, bits = {0};

    *out = (struct spki){0};
    if (tlv_enter(&cur, DER_SEQUENCE, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK ||
        tlv_enter(&body, DER_SEQUENCE, &algorithm) != WIRE_OK ||
        tlv_expect(&algorithm, DER_OID, &oid) != WIRE_OK ||
        tlv_expect(&body, DER_BITS, &bits) != WIRE_OK || tlv_end(&body) != WIRE_OK ||
        bits.len < 2 || bits.val[0] != 0)
        return CRYPTO_BAD_KEY;
    key = tlv_der(bits.val + 1, bits.len - 1);
    if (tlv_is(&oid, oid_rsa, sizeof(oid_rsa)))
        return parse_rsa(&algorithm, key, out);
    if (tlv_is(&oid, oid_ec, sizeof(oid_ec)))
        return parse_ec(&algorithm, key, out);
    return CRYPTO_BAD_KEY;
}

int crypto_cert_spki(const void *cert, size_t len, uint8_t *out, size_t cap, size_t *outlen)
{
    /* RFC 5280 4.1: serialNumber, signature, issuer, validity, subject stand before the key. */
    static const uint8_t before[] = {DER_INTEGER, DER_SEQUENCE, DER_SEQUENCE, DER_SEQUENCE,
                                     DER_SEQUENCE};
    enum { EXPLICIT_VERSION = 0xA0 };
    struct tlv_cur cur = tlv_der(cert, len);
    struct tlv_cur body, tbs;
    struct tlv t = {0};
    const uint8_t *start;
    size_t size;

    if (tlv_enter(&cur, DER_SEQUENCE, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK ||
        tlv_enter(&body, DER_SEQUENCE, &tbs) != WIRE_OK ||
        tlv_expect(&body, DER_SEQUENCE, &t) != WIRE_OK ||
        tlv_expect(&body, DER_BITS, &t) != WIRE_OK || tlv_end(&body) != WIRE_OK)
        return CRYPTO_BAD_KEY;
    if (tlv_peek(&tbs, EXPLICIT_VERSION) && tlv_next(&tbs, &t) != WIRE_OK)
        return CRYPTO_BAD_KEY;
    for (size_t n = 0; n < sizeof(before); n++)
        if (tlv_expect(&tbs, before[n], &t) != WIRE_OK)
            return CRYPTO_BAD_KEY;
    start = tbs.p;
    if (tlv_expect(&tbs, DER_SEQUENCE, &t) != WIRE_OK)
        return CRYPTO_BAD_KEY;
    size = (size_t)(tbs.p - start);
    if (size > cap)
        return CRYPTO_LENGTH;
    memcpy(out, start, size);
    *outlen = size;
    return CRYPTO_OK;
}
