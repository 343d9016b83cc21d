/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/cert.h"

#include <string.h>
#include <time.h>

#define SIGNATURE_MAX 80
#define SERIAL_LEN    16
#define YEAR_2050     INT64_C(2524608000)
#define YEAR_10000    INT64_C(253402300800)

enum {
    EXPLICIT_VERSION = 0xA0,
    EXPLICIT_EXTENSIONS = 0xA3,
    KEY_USAGE_SIGN = 0x80,  /* digitalSignature: bit 0, 7 bits unused */
    KEY_USAGE_AGREE = 0x08, /* keyAgreement: bit 4, 3 bits unused */
};

const uint8_t cert_ecdsa_sha256[12] = {0x30, 0x0A, 0x06, 0x08, 0x2A, 0x86,
                                       0x48, 0xCE, 0x3D, 0x04, 0x03, 0x02};

static const uint8_t oid_common_name[] = {0x55, 0x04, 0x03};
static const uint8_t oid_key_usage[] = {0x55, 0x1D, 0x0F};
static const uint8_t oid_key_id[] = {0x55, 0x1D, 0x0E};
static const uint8_t no_unused_bits = 0;

void cert_put_time(struct tlv_out *out, int64_t time)
{
    struct tm tm = {0};
    time_t at = (time_t)time;
    bool is_long = time >= YEAR_2050;
    char text[32] = "";

    if (time < 0 || time >= YEAR_10000 || gmtime_r(&at, &tm) == NULL) {
        out->failed = true;
        return;
    }
    if (strftime(text, sizeof(text), "%Y%m%d%H%M%SZ", &tm) == 0)
        out->failed = true;
    /* The short form has two digits of the year. */
    tlv_put_text(out, is_long ? DER_TIME_LONG : DER_TIME_SHORT, is_long ? text : text + 2);
}

static void put_name(struct tlv_out *out, const char *name)
{
    size_t list = tlv_open(out, DER_SEQUENCE);
    size_t set = tlv_open(out, DER_SET);
    size_t pair = tlv_open(out, DER_SEQUENCE);

    tlv_put(out, DER_OID, oid_common_name, sizeof(oid_common_name));
    tlv_put_text(out, DER_UTF8, name);
    tlv_close(out, pair);
    tlv_close(out, set);
    tlv_close(out, list);
}

static void put_validity(struct tlv_out *out, int64_t from)
{
    size_t both = tlv_open(out, DER_SEQUENCE);

    cert_put_time(out, from);
    cert_put_time(out, YEAR_10000 - 1);
    tlv_close(out, both);
}

static void put_usage(struct tlv_out *out, bool recipient)
{
    static const uint8_t yes = 0xFF;
    static const uint8_t sign[] = {7, KEY_USAGE_SIGN}, agree[] = {3, KEY_USAGE_AGREE};
    size_t extension = tlv_open(out, DER_SEQUENCE);
    size_t octets;

    tlv_put(out, DER_OID, oid_key_usage, sizeof(oid_key_usage));
    tlv_put(out, DER_BOOLEAN, &yes, sizeof(yes)); /* critical */
    octets = tlv_open(out, DER_OCTETS);
    tlv_put(out, DER_BITS, recipient ? agree : sign, sizeof(sign));
    tlv_close(out, octets);
    tlv_close(out, extension);
}

static void put_extensions(struct tlv_out *out, const uint8_t id[CRYPTO_SHA256_LEN], bool recipient)
{
    size_t outer = tlv_open(out, EXPLICIT_EXTENSIONS);
    size_t list = tlv_open(out, DER_SEQUENCE);
    size_t extension = tlv_open(out, DER_SEQUENCE);
    size_t octets;

    tlv_put(out, DER_OID, oid_key_id, sizeof(oid_key_id));
    octets = tlv_open(out, DER_OCTETS);
    tlv_put(out, DER_OCTETS, id, CRYPTO_SHA256_LEN);
    tlv_close(out, octets);
    tlv_close(out, extension);
    put_usage(out, recipient);
    tlv_close(out, list);
    tlv_close(out, outer);
}

struct parts {
    const char *name;
    bool recipient;
    int64_t from;
    uint8_t serial[SERIAL_LEN];
    uint8_t id[CRYPTO_SHA256_LEN];
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t spkilen;
};

static void put_tbs(struct tlv_out *out, const struct parts *p)
{
    size_t tbs = tlv_open(out, DER_SEQUENCE);
    size_t version = tlv_open(out, EXPLICIT_VERSION);

    tlv_put_uint(out, DER_INTEGER, 2); /* v3 */
    tlv_close(out, version);
    tlv_put(out, DER_INTEGER, p->serial, sizeof(p->serial));
    tlv_put_raw(out, cert_ecdsa_sha256, sizeof(cert_ecdsa_sha256));
    put_name(out, p->name);
    put_validity(out, p->from);
    put_name(out, p->name);
    tlv_put_raw(out, p->spki, p->spkilen);
    put_extensions(out, p->id, p->recipient);
    tlv_close(out, tbs);
}

static int collect(struct parts *p, const void *key, size_t keylen)
{
    int r = crypto_p256_spki(key, keylen, p->spki, sizeof(p->spki), &p->spkilen);

    if (r != CRYPTO_OK || (r = crypto_spki_hash(p->spki, p->spkilen, p->id)) != CRYPTO_OK ||
        (r = crypto_random(p->serial, sizeof(p->serial))) != CRYPTO_OK)
        return r;
    /* Positive and of full length as an INTEGER. */
    p->serial[0] = (uint8_t)((p->serial[0] & 0x7F) | 0x40);
    return CRYPTO_OK;
}

int crypto_self_cert(const void *key, size_t keylen, const char *name, bool recipient, int64_t now,
                     uint8_t *cert, size_t cap, size_t *certlen)
{
    struct parts p = {.name = name, .recipient = recipient, .from = now};
    uint8_t tbs[CMS_CERT_MAX], bits[1 + SIGNATURE_MAX] = {no_unused_bits};
    struct tlv_out inner = tlv_writer(tbs, sizeof(tbs)), out = tlv_writer(cert, cap);
    size_t tbslen = 0, siglen = 0, whole;
    int r;

    if (name[0] == '\0' || strlen(name) > CMS_NAME_MAX)
        return CRYPTO_LENGTH;
    if ((r = collect(&p, key, keylen)) != CRYPTO_OK)
        return r;
    put_tbs(&inner, &p);
    if (tlv_finish(&inner, &tbslen) != WIRE_OK)
        return CRYPTO_LENGTH;
    r = crypto_p256_sign_message(key, keylen, tbs, tbslen, bits + 1, SIGNATURE_MAX, &siglen);
    if (r != CRYPTO_OK)
        return r;
    whole = tlv_open(&out, DER_SEQUENCE);
    tlv_put_raw(&out, tbs, tbslen);
    tlv_put_raw(&out, cert_ecdsa_sha256, sizeof(cert_ecdsa_sha256));
    tlv_put(&out, DER_BITS, bits, 1 + siglen);
    tlv_close(&out, whole);
    return tlv_finish(&out, certlen) == WIRE_OK ? CRYPTO_OK : CRYPTO_LENGTH;
}

int cert_check(const void *cert, size_t len, uint8_t *spki, size_t cap, size_t *spkilen)
{
    struct tlv_cur cur = tlv_der(cert, len);
    struct tlv_cur body;
    struct tlv tbs = {0}, bits = {0};
    const uint8_t *start, *behind;
    enum crypto_alg alg;

    if (crypto_cert_spki(cert, len, spki, cap, spkilen) != CRYPTO_OK ||
        crypto_key_alg(spki, *spkilen, &alg) != CRYPTO_OK || alg != CRYPTO_P256 ||
        tlv_enter(&cur, DER_SEQUENCE, &body) != WIRE_OK)
        return CRYPTO_FORMAT;
    start = body.p;
    if (tlv_expect(&body, DER_SEQUENCE, &tbs) != WIRE_OK)
        return CRYPTO_FORMAT;
    behind = body.p;
    if (body.left < sizeof(cert_ecdsa_sha256) ||
        memcmp(body.p, cert_ecdsa_sha256, sizeof(cert_ecdsa_sha256)) != 0)
        return CRYPTO_FORMAT;
    body.p += sizeof(cert_ecdsa_sha256);
    body.left -= sizeof(cert_ecdsa_sha256);
    if (tlv_expect(&body, DER_BITS, &bits) != WIRE_OK || bits.len < 1 || bits.val[0] != 0)
        return CRYPTO_FORMAT;
    return crypto_verify_message(spki, *spkilen, start, (size_t)(behind - start), bits.val + 1,
                                 bits.len - 1);
}
