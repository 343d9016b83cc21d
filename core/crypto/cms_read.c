/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "core/crypto/cert.h"
#include "core/crypto/cms_layout.h"
#include "core/wire/wipe.h"

static int read_at(const struct cms_source *source, uint64_t offset, void *buf, size_t len)
{
    if (len > source->len || offset > source->len - len)
        return CRYPTO_FORMAT;
    return source->read(source->arg, offset, buf, len) == 0 ? CRYPTO_OK : CRYPTO_IO;
}

/* The first octets of a source, as many as a head may have. */
struct front {
    uint8_t buf[CMS_HEAD_MAX];
    struct tlv_cur cur;
};

static int read_front(const struct cms_source *source, struct front *front)
{
    size_t len = source->len < CMS_HEAD_MAX ? (size_t)source->len : CMS_HEAD_MAX;
    int r = read_at(source, 0, front->buf, len);

    front->cur = tlv_der(front->buf, len);
    return r;
}

/* ContentInfo and the SEQUENCE in it: the cursor stands on its first field. */
static int enter_content_info(struct tlv_cur *cur)
{
    struct tlv type = {0};
    size_t len = 0;

    if (tlv_header(cur, DER_SEQUENCE, &len) != WIRE_OK ||
        tlv_expect(cur, DER_OID, &type) != WIRE_OK ||
        tlv_header(cur, CMS_EXPLICIT_0, &len) != WIRE_OK ||
        tlv_header(cur, DER_SEQUENCE, &len) != WIRE_OK)
        return CRYPTO_FORMAT;
    return CRYPTO_OK;
}

/* What was read is exactly what the writer lays out, and the file ends where that says. */
static int same_head(const struct front *front, const struct cms_head *head,
                     const struct cms_source *source)
{
    size_t len = cms_head_len(head);

    if (head->failed || head->inside != source->len || source->len < len ||
        memcmp(front->buf, cms_head_octets(head), len) != 0)
        return CRYPTO_FORMAT;
    return CRYPTO_OK;
}

static int parse_originator(struct tlv_cur *info, uint8_t point[P256_POINT_LEN])
{
    struct tlv_cur choice, key;
    struct tlv t = {0};

    if (tlv_enter(info, CMS_EXPLICIT_0, &choice) != WIRE_OK ||
        tlv_enter(&choice, CMS_EXPLICIT_1, &key) != WIRE_OK ||
        tlv_expect(&key, DER_SEQUENCE, &t) != WIRE_OK ||
        tlv_expect(&key, DER_BITS, &t) != WIRE_OK || t.len != 1 + P256_POINT_LEN)
        return CRYPTO_FORMAT;
    memcpy(point, t.val + 1, P256_POINT_LEN);
    return CRYPTO_OK;
}

static int parse_encrypted_key(struct tlv_cur *info, struct cms_envelope *e)
{
    struct tlv_cur keys, key, who;
    struct tlv t = {0};

    if (tlv_enter(info, DER_SEQUENCE, &keys) != WIRE_OK ||
        tlv_enter(&keys, DER_SEQUENCE, &key) != WIRE_OK ||
        tlv_enter(&key, CMS_EXPLICIT_0, &who) != WIRE_OK ||
        tlv_expect(&who, DER_OCTETS, &t) != WIRE_OK ||
        tlv_fixed(&t, e->recipient, sizeof(e->recipient)) != WIRE_OK ||
        tlv_expect(&key, DER_OCTETS, &t) != WIRE_OK ||
        tlv_fixed(&t, e->wrapped, sizeof(e->wrapped)) != WIRE_OK)
        return CRYPTO_FORMAT;
    return CRYPTO_OK;
}

static int parse_recipient(struct tlv_cur *cur, struct cms_envelope *e)
{
    struct tlv_cur set, info;
    struct tlv t = {0};

    if (tlv_expect(cur, DER_INTEGER, &t) != WIRE_OK || tlv_enter(cur, DER_SET, &set) != WIRE_OK ||
        tlv_enter(&set, CMS_EXPLICIT_1, &info) != WIRE_OK ||
        tlv_expect(&info, DER_INTEGER, &t) != WIRE_OK ||
        parse_originator(&info, e->point) != CRYPTO_OK ||
        tlv_expect(&info, DER_SEQUENCE, &t) != WIRE_OK)
        return CRYPTO_FORMAT;
    return parse_encrypted_key(&info, e);
}

static int parse_cipher(struct tlv_cur *cur, struct cms_envelope *e)
{
    struct tlv_cur algorithm, parameters;
    struct tlv t = {0};

    if (tlv_expect(cur, DER_OID, &t) != WIRE_OK ||
        tlv_enter(cur, DER_SEQUENCE, &algorithm) != WIRE_OK ||
        tlv_expect(&algorithm, DER_OID, &t) != WIRE_OK ||
        tlv_enter(&algorithm, DER_SEQUENCE, &parameters) != WIRE_OK ||
        tlv_expect(&parameters, DER_OCTETS, &t) != WIRE_OK ||
        tlv_fixed(&t, e->nonce, sizeof(e->nonce)) != WIRE_OK)
        return CRYPTO_FORMAT;
    return CRYPTO_OK;
}

/* Where the ciphertext lies, and what opens it; the whole file is known to have the right shape. */
static int parse_envelope(const struct cms_source *source, struct cms_envelope *e, uint64_t *offset,
                          size_t *len)
{
    struct front front;
    struct cms_head head;
    uint8_t mac[CMS_MAC_LEN];
    size_t content = 0;
    int r;

    if ((r = read_front(source, &front)) != CRYPTO_OK ||
        (r = enter_content_info(&front.cur)) != CRYPTO_OK ||
        (r = parse_recipient(&front.cur, e)) != CRYPTO_OK)
        return r;
    if (tlv_header(&front.cur, DER_SEQUENCE, &content) != WIRE_OK ||
        parse_cipher(&front.cur, e) != CRYPTO_OK ||
        tlv_header(&front.cur, CMS_IMPLICIT_0, len) != WIRE_OK)
        return CRYPTO_FORMAT;
    cms_envelope_head(e, *len, &head);
    *offset = cms_head_len(&head);
    r = same_head(&front, &head, source);
    if (r != CRYPTO_OK || (r = read_at(source, *offset + *len, mac, sizeof(mac))) != CRYPTO_OK)
        return r;
    memcpy(e->tag, mac + 2, sizeof(e->tag));
    return mac[0] == DER_OCTETS && mac[1] == GCM_TAG_LEN ? CRYPTO_OK : CRYPTO_FORMAT;
}

static int unwrap(const struct cms_envelope *e, const void *key, size_t keylen, struct gcm **gcm)
{
    uint8_t shared[CRYPTO_KEY_LEN], kek[CRYPTO_KEY_LEN], content[CRYPTO_KEY_LEN];
    int r;

    if ((r = ecdh_from(key, keylen, e->point, shared)) == CRYPTO_OK &&
        (r = cms_kek(shared, kek)) == CRYPTO_OK &&
        (r = key_unwrap(kek, e->wrapped, content)) == CRYPTO_OK &&
        (*gcm = gcm_new(false, content, e->nonce)) == NULL)
        r = CRYPTO_FAILED;
    wire_wipe(shared, sizeof(shared));
    wire_wipe(kek, sizeof(kek));
    wire_wipe(content, sizeof(content));
    return r;
}

static int for_key(const struct cms_envelope *e, const void *key, size_t keylen)
{
    uint8_t spki[CRYPTO_SPKI_MAX], hash[CRYPTO_SHA256_LEN];
    size_t len = 0;
    int r;

    if ((r = crypto_p256_spki(key, keylen, spki, sizeof(spki), &len)) != CRYPTO_OK ||
        (r = crypto_spki_hash(spki, len, hash)) != CRYPTO_OK)
        return r;
    return memcmp(hash, e->recipient, sizeof(hash)) == 0 ? CRYPTO_OK : CRYPTO_OTHER_KEY;
}

static int decrypt_pieces(const struct cms_source *sealed, uint64_t offset, size_t left,
                          struct gcm *gcm, const struct cms_sink *out, uint8_t *piece)
{
    int r;

    while (left > 0) {
        size_t len = left < CMS_PIECE ? left : CMS_PIECE;
        if ((r = read_at(sealed, offset, piece, len)) != CRYPTO_OK ||
            (r = gcm_crypt(gcm, piece, len, piece)) != CRYPTO_OK)
            return r;
        if (out->write(out->arg, piece, len) != 0)
            return CRYPTO_IO;
        offset += len;
        left -= len;
    }
    return CRYPTO_OK;
}

int cms_decrypt(const struct cms_source *sealed, const void *key, size_t keylen,
                const struct cms_sink *out)
{
    struct cms_envelope e;
    struct gcm *gcm = NULL;
    uint8_t *piece = NULL;
    uint64_t offset = 0;
    size_t len = 0;
    int r;

    if ((r = parse_envelope(sealed, &e, &offset, &len)) != CRYPTO_OK ||
        (r = for_key(&e, key, keylen)) != CRYPTO_OK ||
        (r = unwrap(&e, key, keylen, &gcm)) != CRYPTO_OK)
        return r;
    r = CRYPTO_FAILED;
    if ((piece = malloc(CMS_PIECE)) != NULL) {
        r = decrypt_pieces(sealed, offset, len, gcm, out, piece);
        if (r == CRYPTO_OK)
            r = gcm_check(gcm, e.tag);
        wire_wipe(piece, CMS_PIECE);
    }
    free(piece);
    gcm_free(gcm);
    return r;
}

static int parse_attribute(struct tlv_cur *attributes, struct tlv_cur *value)
{
    struct tlv_cur attribute;
    struct tlv t = {0};

    if (tlv_enter(attributes, DER_SEQUENCE, &attribute) != WIRE_OK ||
        tlv_expect(&attribute, DER_OID, &t) != WIRE_OK ||
        tlv_enter(&attribute, DER_SET, value) != WIRE_OK)
        return CRYPTO_FORMAT;
    return CRYPTO_OK;
}

static int parse_attributes(struct tlv_cur *info, struct cms_signature *s)
{
    struct tlv_cur attributes, value;
    struct tlv t = {0};

    if (tlv_enter(info, CMS_EXPLICIT_0, &attributes) != WIRE_OK ||
        parse_attribute(&attributes, &value) != CRYPTO_OK ||
        parse_attribute(&attributes, &value) != CRYPTO_OK || value.left > sizeof(s->time))
        return CRYPTO_FORMAT;
    memcpy(s->time, value.p, value.left);
    s->timelen = value.left;
    if (parse_attribute(&attributes, &value) != CRYPTO_OK ||
        tlv_expect(&value, DER_OCTETS, &t) != WIRE_OK ||
        tlv_fixed(&t, s->digest, sizeof(s->digest)) != WIRE_OK)
        return CRYPTO_FORMAT;
    return CRYPTO_OK;
}

static int parse_signer(struct tlv_cur *cur, struct cms_signature *s)
{
    struct tlv_cur set, info;
    struct tlv t = {0};

    if (tlv_enter(cur, DER_SET, &set) != WIRE_OK ||
        tlv_enter(&set, DER_SEQUENCE, &info) != WIRE_OK ||
        tlv_expect(&info, DER_INTEGER, &t) != WIRE_OK ||
        tlv_expect(&info, CMS_IMPLICIT_0, &t) != WIRE_OK ||
        tlv_fixed(&t, s->signer, sizeof(s->signer)) != WIRE_OK ||
        tlv_expect(&info, DER_SEQUENCE, &t) != WIRE_OK || parse_attributes(&info, s) != CRYPTO_OK ||
        tlv_expect(&info, DER_SEQUENCE, &t) != WIRE_OK ||
        tlv_expect(&info, DER_OCTETS, &t) != WIRE_OK || t.len > sizeof(s->sig))
        return CRYPTO_FORMAT;
    memcpy(s->sig, t.val, t.len);
    s->siglen = t.len;
    return CRYPTO_OK;
}

static int parse_tail(const uint8_t *tail, size_t len, struct cms_signature *s)
{
    uint8_t again[CMS_TAIL_MAX];
    struct tlv_cur cur = tlv_der(tail, len);
    struct tlv cert = {0};
    size_t againlen = 0;

    if (tlv_expect(&cur, CMS_EXPLICIT_0, &cert) != WIRE_OK || cert.len > sizeof(s->cert))
        return CRYPTO_FORMAT;
    memcpy(s->cert, cert.val, cert.len);
    s->certlen = cert.len;
    if (parse_signer(&cur, s) != CRYPTO_OK || cms_signed_tail(s, again, &againlen) != CRYPTO_OK ||
        againlen != len || memcmp(again, tail, len) != 0)
        return CRYPTO_FORMAT;
    return CRYPTO_OK;
}

static int read_tail(const struct cms_source *source, uint64_t offset, struct cms_signature *s)
{
    uint8_t tail[CMS_TAIL_MAX];
    uint64_t len = source->len - offset;
    int r;

    if (len > sizeof(tail))
        return CRYPTO_FORMAT;
    r = read_at(source, offset, tail, (size_t)len);
    return r != CRYPTO_OK ? r : parse_tail(tail, (size_t)len, s);
}

static int parse_signed(const struct cms_source *source, struct cms_signature *s,
                        struct cms_content *out)
{
    struct front front;
    struct cms_head head;
    struct tlv t = {0};
    size_t len = 0;
    int r;

    if ((r = read_front(source, &front)) != CRYPTO_OK ||
        (r = enter_content_info(&front.cur)) != CRYPTO_OK)
        return r;
    if (tlv_expect(&front.cur, DER_INTEGER, &t) != WIRE_OK ||
        tlv_expect(&front.cur, DER_SET, &t) != WIRE_OK ||
        tlv_header(&front.cur, DER_SEQUENCE, &len) != WIRE_OK ||
        tlv_expect(&front.cur, DER_OID, &t) != WIRE_OK ||
        tlv_header(&front.cur, CMS_EXPLICIT_0, &len) != WIRE_OK ||
        tlv_header(&front.cur, DER_OCTETS, &len) != WIRE_OK)
        return CRYPTO_FORMAT;
    out->offset = (uint64_t)(front.cur.p - front.buf);
    out->len = len;
    if (out->len > source->len || out->offset > source->len - out->len)
        return CRYPTO_FORMAT;
    if ((r = read_tail(source, out->offset + out->len, s)) != CRYPTO_OK)
        return r;
    cms_signed_head(out->len, (size_t)(source->len - out->offset - out->len), &head);
    return same_head(&front, &head, source);
}

static int same_digest(const struct cms_source *source, const struct cms_content *content,
                       const uint8_t expected[CRYPTO_SHA256_LEN])
{
    uint8_t digest[CRYPTO_SHA256_LEN], *piece = malloc(CMS_PIECE);
    struct sha256 *sha = sha256_new();
    int r = piece != NULL && sha != NULL ? CRYPTO_OK : CRYPTO_FAILED;

    for (uint64_t at = 0; r == CRYPTO_OK && at < content->len; at += CMS_PIECE) {
        uint64_t left = content->len - at;
        size_t len = left < CMS_PIECE ? (size_t)left : CMS_PIECE;
        if ((r = read_at(source, content->offset + at, piece, len)) == CRYPTO_OK)
            r = sha256_add(sha, piece, len);
    }
    if (r == CRYPTO_OK && (r = sha256_end(sha, digest)) == CRYPTO_OK &&
        memcmp(digest, expected, sizeof(digest)) != 0)
        r = CRYPTO_BAD_SIGNATURE;
    sha256_free(sha);
    free(piece);
    return r;
}

static int check_signature(const struct cms_signature *s, const uint8_t *signer,
                           struct cms_content *out)
{
    uint8_t attributes[CMS_TAIL_MAX];
    struct tlv_out writer = tlv_writer(attributes, sizeof(attributes));
    size_t len = 0;
    int r = cert_check(s->cert, s->certlen, out->spki, sizeof(out->spki), &out->spkilen);

    if (r != CRYPTO_OK || (r = crypto_spki_hash(out->spki, out->spkilen, out->signer)) != CRYPTO_OK)
        return r;
    if (memcmp(out->signer, s->signer, sizeof(s->signer)) != 0)
        return CRYPTO_FORMAT;
    if (signer != NULL && memcmp(signer, s->signer, sizeof(s->signer)) != 0)
        return CRYPTO_OTHER_SIGNER;
    cms_signed_attributes(s, DER_SET, &writer);
    if (tlv_finish(&writer, &len) != WIRE_OK)
        return CRYPTO_FORMAT;
    return crypto_verify_message(out->spki, out->spkilen, attributes, len, s->sig, s->siglen);
}

int cms_verify(const struct cms_source *signed_data, const uint8_t *signer, struct cms_content *out)
{
    struct cms_content content = {0};
    struct cms_signature s = {0};
    int r;

    if ((r = parse_signed(signed_data, &s, &content)) != CRYPTO_OK)
        return r;
    if ((r = check_signature(&s, signer, &content)) != CRYPTO_OK ||
        (r = same_digest(signed_data, &content, s.digest)) != CRYPTO_OK)
        return r;
    *out = content;
    return CRYPTO_OK;
}
