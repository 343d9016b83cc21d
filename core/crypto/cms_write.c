/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "core/crypto/cert.h"
#include "core/crypto/cms_layout.h"
#include "core/wire/wipe.h"

/* One file being written. */
struct seal {
    const struct cms_source *content;
    const struct cms_sink *out;
    struct gcm *gcm;
    struct sha256 *sha;
    struct cms_envelope envelope;
    struct cms_signature signature;
    uint8_t tail[CMS_TAIL_MAX];
    size_t taillen;
    uint8_t piece[CMS_PIECE];
};

static int emit(struct seal *s, const void *octets, size_t len)
{
    return s->out->write(s->out->arg, octets, len) == 0 ? CRYPTO_OK : CRYPTO_IO;
}

static int emit_sealed(struct seal *s, const uint8_t *octets, size_t len)
{
    int r = gcm_crypt(s->gcm, octets, len, s->piece);

    return r != CRYPTO_OK ? r : emit(s, s->piece, len);
}

/* Reads the content once: hashes it and, on the way, writes it where `writes`. */
static int walk(struct seal *s, bool writes, uint8_t digest[CRYPTO_SHA256_LEN])
{
    int r = CRYPTO_OK;

    if ((s->sha = sha256_new()) == NULL)
        return CRYPTO_FAILED;
    for (uint64_t at = 0; r == CRYPTO_OK && at < s->content->len;) {
        uint64_t left = s->content->len - at;
        size_t len = left < CMS_PIECE ? (size_t)left : CMS_PIECE;
        if (s->content->read(s->content->arg, at, s->piece, len) != 0)
            r = CRYPTO_IO;
        else if ((r = sha256_add(s->sha, s->piece, len)) == CRYPTO_OK && writes)
            r = emit_sealed(s, s->piece, len);
        at += len;
    }
    if (r == CRYPTO_OK)
        r = sha256_end(s->sha, digest);
    sha256_free(s->sha);
    s->sha = NULL;
    return r;
}

static int take_signer(struct seal *s, const struct cms_signer *signer)
{
    uint8_t own[CRYPTO_SPKI_MAX], spki[CRYPTO_SPKI_MAX];
    struct cms_signature *sig = &s->signature;
    struct tlv_out time = tlv_writer(sig->time, sizeof(sig->time));
    size_t ownlen = 0, len = 0;
    int r;

    if (signer->certlen > sizeof(sig->cert))
        return CRYPTO_LENGTH;
    memcpy(sig->cert, signer->cert, signer->certlen);
    sig->certlen = signer->certlen;
    cert_put_time(&time, signer->time);
    if (tlv_finish(&time, &sig->timelen) != WIRE_OK)
        return CRYPTO_LENGTH;
    if ((r = crypto_p256_spki(signer->key, signer->keylen, own, sizeof(own), &ownlen)) != CRYPTO_OK)
        return r;
    if (cert_check(signer->cert, signer->certlen, spki, sizeof(spki), &len) != CRYPTO_OK ||
        !crypto_equal(own, ownlen, spki, len))
        return CRYPTO_BAD_KEY;
    return crypto_spki_hash(own, ownlen, sig->signer);
}

static int sign(struct seal *s, const struct cms_signer *signer)
{
    uint8_t attributes[CMS_TAIL_MAX];
    struct tlv_out out = tlv_writer(attributes, sizeof(attributes));
    struct cms_signature *sig = &s->signature;
    size_t len = 0;
    int r = take_signer(s, signer);

    if (r != CRYPTO_OK || (r = walk(s, false, sig->digest)) != CRYPTO_OK)
        return r;
    cms_signed_attributes(sig, DER_SET, &out);
    if (tlv_finish(&out, &len) != WIRE_OK)
        return CRYPTO_LENGTH;
    r = crypto_p256_sign_message(signer->key, signer->keylen, attributes, len, sig->sig,
                                 sizeof(sig->sig), &sig->siglen);
    return r != CRYPTO_OK ? r : cms_signed_tail(sig, s->tail, &s->taillen);
}

static int begin_envelope(struct seal *s, const void *spki, size_t spkilen)
{
    struct cms_envelope *e = &s->envelope;
    uint8_t shared[CRYPTO_KEY_LEN], kek[CRYPTO_KEY_LEN], key[CRYPTO_KEY_LEN];
    int r;

    if ((r = crypto_spki_hash(spki, spkilen, e->recipient)) == CRYPTO_OK &&
        (r = ecdh_to(spki, spkilen, e->point, shared)) == CRYPTO_OK &&
        (r = cms_kek(shared, kek)) == CRYPTO_OK &&
        (r = crypto_random(key, sizeof(key))) == CRYPTO_OK &&
        (r = crypto_random(e->nonce, sizeof(e->nonce))) == CRYPTO_OK &&
        (r = key_wrap(kek, key, e->wrapped)) == CRYPTO_OK &&
        (s->gcm = gcm_new(true, key, e->nonce)) == NULL)
        r = CRYPTO_FAILED;
    wire_wipe(shared, sizeof(shared));
    wire_wipe(kek, sizeof(kek));
    wire_wipe(key, sizeof(key));
    return r;
}

static int write_heads(struct seal *s)
{
    struct cms_head outer, inner;
    int r;

    cms_signed_head(s->content->len, s->taillen, &inner);
    cms_envelope_head(&s->envelope, inner.inside, &outer);
    if (inner.failed || outer.failed)
        return CRYPTO_LENGTH;
    r = emit(s, cms_head_octets(&outer), cms_head_len(&outer));
    return r != CRYPTO_OK ? r : emit_sealed(s, cms_head_octets(&inner), cms_head_len(&inner));
}

static int write_all(struct seal *s)
{
    uint8_t again[CRYPTO_SHA256_LEN], mac[CMS_MAC_LEN] = {DER_OCTETS, GCM_TAG_LEN};
    int r;

    if ((r = write_heads(s)) != CRYPTO_OK || (r = walk(s, true, again)) != CRYPTO_OK)
        return r;
    /* What was signed and what was written must be the same. */
    if (!crypto_equal(again, sizeof(again), s->signature.digest, sizeof(s->signature.digest)))
        return CRYPTO_IO;
    if ((r = emit_sealed(s, s->tail, s->taillen)) != CRYPTO_OK ||
        (r = gcm_tag(s->gcm, mac + 2)) != CRYPTO_OK)
        return r;
    return emit(s, mac, sizeof(mac));
}

int cms_seal(const struct cms_source *content, const struct cms_signer *signer,
             const void *recipient_spki, size_t spkilen, const struct cms_sink *out)
{
    struct seal *s;
    int r;

    if (content->len > CMS_MAX)
        return CRYPTO_LENGTH;
    if ((s = calloc(1, sizeof(*s))) == NULL)
        return CRYPTO_FAILED;
    s->content = content;
    s->out = out;
    if ((r = sign(s, signer)) == CRYPTO_OK &&
        (r = begin_envelope(s, recipient_spki, spkilen)) == CRYPTO_OK)
        r = write_all(s);
    gcm_free(s->gcm);
    wire_wipe(s, sizeof(*s));
    free(s);
    return r;
}
