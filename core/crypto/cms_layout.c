/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/cms_layout.h"

#include <string.h>

#include "core/crypto/cert.h"
#include "core/wire/wipe.h"

/* Object identifiers with tag and length. */
static const uint8_t oid_data[] = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                   0xF7, 0x0D, 0x01, 0x07, 0x01};
static const uint8_t oid_signed[] = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                     0xF7, 0x0D, 0x01, 0x07, 0x02};
static const uint8_t oid_enveloped[] = {0x06, 0x0B, 0x2A, 0x86, 0x48, 0x86, 0xF7,
                                        0x0D, 0x01, 0x09, 0x10, 0x01, 0x17};
static const uint8_t oid_aes256_gcm[] = {0x06, 0x09, 0x60, 0x86, 0x48, 0x01,
                                         0x65, 0x03, 0x04, 0x01, 0x2E};
static const uint8_t oid_ecdh_sha256kdf[] = {0x06, 0x06, 0x2B, 0x81, 0x04, 0x01, 0x0B, 0x01};
static const uint8_t oid_content_type[] = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                           0xF7, 0x0D, 0x01, 0x09, 0x03};
static const uint8_t oid_digest[] = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                     0xF7, 0x0D, 0x01, 0x09, 0x04};
static const uint8_t oid_signing_time[] = {0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                           0xF7, 0x0D, 0x01, 0x09, 0x05};
/* AlgorithmIdentifiers. */
static const uint8_t alg_ec[] = {0x30, 0x09, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01};
static const uint8_t alg_sha256[] = {0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48,
                                     0x01, 0x65, 0x03, 0x04, 0x02, 0x01};
static const uint8_t alg_wrap[] = {0x30, 0x0B, 0x06, 0x09, 0x60, 0x86, 0x48,
                                   0x01, 0x65, 0x03, 0x04, 0x01, 0x2D};

static void head_begin(struct cms_head *head, uint64_t inside)
{
    *head = (struct cms_head){.start = CMS_HEAD_MAX, .inside = inside};
}

static void head_raw(struct cms_head *head, const void *octets, size_t len)
{
    if (head->failed || len > head->start) {
        head->failed = true;
        return;
    }
    head->start -= len;
    memcpy(head->buf + head->start, octets, len);
    head->inside += len;
}

static void head_put(struct cms_head *head, uint32_t tag)
{
    uint8_t octets[8];
    struct tlv_out out = tlv_writer(octets, sizeof(octets));
    size_t len = 0;

    if (head->inside > CMS_MAX) {
        head->failed = true;
        return;
    }
    tlv_put_header(&out, tag, (size_t)head->inside);
    if (tlv_finish(&out, &len) != WIRE_OK)
        head->failed = true;
    head_raw(head, octets, len);
}

static void head_written(struct cms_head *head, const struct tlv_out *part)
{
    size_t len = 0;

    if (tlv_finish(part, &len) != WIRE_OK)
        head->failed = true;
    head_raw(head, part->buf, len);
}

static void put_originator(struct tlv_out *out, const uint8_t point[P256_POINT_LEN])
{
    uint8_t bits[1 + P256_POINT_LEN] = {0}; /* no unused bits */
    size_t choice = tlv_open(out, CMS_EXPLICIT_0);
    size_t key = tlv_open(out, CMS_EXPLICIT_1);

    memcpy(bits + 1, point, P256_POINT_LEN);
    tlv_put_raw(out, alg_ec, sizeof(alg_ec));
    tlv_put(out, DER_BITS, bits, sizeof(bits));
    tlv_close(out, key);
    tlv_close(out, choice);
}

static void put_encrypted_key(struct tlv_out *out, const struct cms_envelope *e)
{
    size_t keys = tlv_open(out, DER_SEQUENCE);
    size_t key = tlv_open(out, DER_SEQUENCE);
    size_t who = tlv_open(out, CMS_EXPLICIT_0);

    tlv_put(out, DER_OCTETS, e->recipient, sizeof(e->recipient));
    tlv_close(out, who);
    tlv_put(out, DER_OCTETS, e->wrapped, sizeof(e->wrapped));
    tlv_close(out, key);
    tlv_close(out, keys);
}

/* RecipientInfos: one KeyAgreeRecipientInfo (RFC 5652 6.2.2). */
static void put_recipient(struct tlv_out *out, const struct cms_envelope *e)
{
    size_t set = tlv_open(out, DER_SET);
    size_t info = tlv_open(out, CMS_EXPLICIT_1);
    size_t algorithm;

    tlv_put_uint(out, DER_INTEGER, 3);
    put_originator(out, e->point);
    algorithm = tlv_open(out, DER_SEQUENCE);
    tlv_put_raw(out, oid_ecdh_sha256kdf, sizeof(oid_ecdh_sha256kdf));
    tlv_put_raw(out, alg_wrap, sizeof(alg_wrap));
    tlv_close(out, algorithm);
    put_encrypted_key(out, e);
    tlv_close(out, info);
    tlv_close(out, set);
}

/* GCMParameters (RFC 5084 3.2): the nonce, and 16 octets of tag. */
static void put_cipher(struct tlv_out *out, const uint8_t nonce[GCM_NONCE_LEN])
{
    size_t algorithm = tlv_open(out, DER_SEQUENCE);
    size_t parameters;

    tlv_put_raw(out, oid_aes256_gcm, sizeof(oid_aes256_gcm));
    parameters = tlv_open(out, DER_SEQUENCE);
    tlv_put(out, DER_OCTETS, nonce, GCM_NONCE_LEN);
    tlv_put_uint(out, DER_INTEGER, GCM_TAG_LEN);
    tlv_close(out, parameters);
    tlv_close(out, algorithm);
}

void cms_envelope_head(const struct cms_envelope *e, uint64_t len, struct cms_head *head)
{
    static const uint8_t version[] = {DER_INTEGER, 1, 0};
    uint8_t part[CMS_HEAD_MAX];
    struct tlv_out out = tlv_writer(part, sizeof(part));

    head_begin(head, len);
    head_put(head, CMS_IMPLICIT_0);
    put_cipher(&out, e->nonce);
    head_written(head, &out);
    head_raw(head, oid_data, sizeof(oid_data));
    head_put(head, DER_SEQUENCE);
    out = tlv_writer(part, sizeof(part));
    put_recipient(&out, e);
    head_written(head, &out);
    head_raw(head, version, sizeof(version));
    head->inside += CMS_MAC_LEN;
    head_put(head, DER_SEQUENCE);
    head_put(head, CMS_EXPLICIT_0);
    head_raw(head, oid_enveloped, sizeof(oid_enveloped));
    head_put(head, DER_SEQUENCE);
}

void cms_signed_head(uint64_t len, size_t taillen, struct cms_head *head)
{
    static const uint8_t version[] = {DER_INTEGER, 1, 3};

    head_begin(head, len);
    head_put(head, DER_OCTETS);
    head_put(head, CMS_EXPLICIT_0);
    head_raw(head, oid_data, sizeof(oid_data));
    head_put(head, DER_SEQUENCE);
    head_raw(head, alg_sha256, sizeof(alg_sha256));
    head_raw(head, (const uint8_t[]){DER_SET, sizeof(alg_sha256)}, 2);
    head_raw(head, version, sizeof(version));
    head->inside += taillen;
    head_put(head, DER_SEQUENCE);
    head_put(head, CMS_EXPLICIT_0);
    head_raw(head, oid_signed, sizeof(oid_signed));
    head_put(head, DER_SEQUENCE);
}

static void put_attribute(struct tlv_out *out, const uint8_t oid[11], const void *value, size_t len)
{
    size_t attribute = tlv_open(out, DER_SEQUENCE);
    size_t set;

    tlv_put_raw(out, oid, 11);
    set = tlv_open(out, DER_SET);
    tlv_put_raw(out, value, len);
    tlv_close(out, set);
    tlv_close(out, attribute);
}

/* In the order of DER for a SET OF, which their lengths give. */
void cms_signed_attributes(const struct cms_signature *s, uint32_t tag, struct tlv_out *out)
{
    uint8_t digest[2 + CRYPTO_SHA256_LEN] = {DER_OCTETS, CRYPTO_SHA256_LEN};
    size_t set = tlv_open(out, tag);

    memcpy(digest + 2, s->digest, sizeof(s->digest));
    put_attribute(out, oid_content_type, oid_data, sizeof(oid_data));
    put_attribute(out, oid_signing_time, s->time, s->timelen);
    put_attribute(out, oid_digest, digest, sizeof(digest));
    tlv_close(out, set);
}

/* SignerInfo (RFC 5652 5.3). */
static void put_signer(struct tlv_out *out, const struct cms_signature *s)
{
    size_t info = tlv_open(out, DER_SEQUENCE);

    tlv_put_uint(out, DER_INTEGER, 3);
    tlv_put(out, CMS_IMPLICIT_0, s->signer, sizeof(s->signer));
    tlv_put_raw(out, alg_sha256, sizeof(alg_sha256));
    cms_signed_attributes(s, CMS_EXPLICIT_0, out);
    tlv_put_raw(out, cert_ecdsa_sha256, sizeof(cert_ecdsa_sha256));
    tlv_put(out, DER_OCTETS, s->sig, s->siglen);
    tlv_close(out, info);
}

int cms_signed_tail(const struct cms_signature *s, uint8_t tail[CMS_TAIL_MAX], size_t *len)
{
    struct tlv_out out = tlv_writer(tail, CMS_TAIL_MAX);
    size_t set;

    tlv_put(&out, CMS_EXPLICIT_0, s->cert, s->certlen);
    set = tlv_open(&out, DER_SET);
    put_signer(&out, s);
    tlv_close(&out, set);
    return tlv_finish(&out, len) == WIRE_OK ? CRYPTO_OK : CRYPTO_LENGTH;
}

int cms_kek(const uint8_t shared[CRYPTO_KEY_LEN], uint8_t kek[CRYPTO_KEY_LEN])
{
    static const uint8_t counter[] = {0, 0, 0, 1};
    static const uint8_t bits[] = {0, 0, 1, 0}; /* length of the key: 256 */
    uint8_t buf[128];
    struct tlv_out out = tlv_writer(buf, sizeof(buf));
    size_t info, public, len = 0;
    int r = CRYPTO_FAILED;

    tlv_put_raw(&out, shared, CRYPTO_KEY_LEN);
    tlv_put_raw(&out, counter, sizeof(counter));
    info = tlv_open(&out, DER_SEQUENCE); /* ECC-CMS-SharedInfo */
    tlv_put_raw(&out, alg_wrap, sizeof(alg_wrap));
    public = tlv_open(&out, CMS_EXPLICIT_2);
    tlv_put(&out, DER_OCTETS, bits, sizeof(bits));
    tlv_close(&out, public);
    tlv_close(&out, info);
    if (tlv_finish(&out, &len) == WIRE_OK)
        r = crypto_sha256(buf, len, kek);
    wire_wipe(buf, sizeof(buf));
    return r;
}
