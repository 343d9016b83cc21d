/* SPDX-License-Identifier: Apache-2.0
 *
 * The octets around the content of a sealed file. Writer and reader share them: the reader takes
 * the few fields that vary, lays the rest out anew and compares. Inside core/crypto only.
 */
#ifndef TOYAMA_CORE_CRYPTO_CMS_LAYOUT_H
#define TOYAMA_CORE_CRYPTO_CMS_LAYOUT_H

#include "core/crypto/cms.h"
#include "core/crypto/stream.h"
#include "core/wire/tlv.h"

#define CMS_PIECE    65536 /* octets read, ciphered and written at once */
#define CMS_HEAD_MAX 384   /* octets in front of the content */
#define CMS_TAIL_MAX 1024  /* octets behind it */
#define CMS_SIG_MAX  80
#define CMS_TIME_MAX 17 /* GeneralizedTime with tag and length */
#define CMS_MAC_LEN  (2 + GCM_TAG_LEN)

enum { CMS_EXPLICIT_0 = 0xA0, CMS_IMPLICIT_0 = 0x80, CMS_EXPLICIT_1 = 0xA1, CMS_EXPLICIT_2 = 0xA2 };

/* Octets that are laid out from the inside: each header is put in front of what it counts. */
struct cms_head {
    uint8_t buf[CMS_HEAD_MAX];
    size_t start;    /* the octets are buf[start] .. buf[CMS_HEAD_MAX - 1] */
    uint64_t inside; /* octets from `start` to the end of the innermost element around it all */
    bool failed;
};

static inline const uint8_t *cms_head_octets(const struct cms_head *head)
{
    return head->buf + head->start;
}

static inline size_t cms_head_len(const struct cms_head *head)
{
    return CMS_HEAD_MAX - head->start;
}

/* The fields of AuthEnvelopedData that vary. */
struct cms_envelope {
    uint8_t point[P256_POINT_LEN];
    uint8_t recipient[CRYPTO_SHA256_LEN];
    uint8_t wrapped[KEY_WRAP_LEN];
    uint8_t nonce[GCM_NONCE_LEN];
    uint8_t tag[GCM_TAG_LEN]; /* behind the ciphertext; not of the head */
};

/* The fields of SignedData that vary. */
struct cms_signature {
    uint8_t signer[CRYPTO_SHA256_LEN];
    size_t certlen;
    uint8_t cert[CMS_CERT_MAX];
    size_t timelen;
    uint8_t time[CMS_TIME_MAX]; /* DER Time */
    uint8_t digest[CRYPTO_SHA256_LEN];
    size_t siglen;
    uint8_t sig[CMS_SIG_MAX];
};

/* In front of a ciphertext of `len` octets; `head->inside` is then the length of the file. */
void cms_envelope_head(const struct cms_envelope *e, uint64_t len, struct cms_head *head);
/* In front of a content of `len` octets with `taillen` octets behind it. */
void cms_signed_head(uint64_t len, size_t taillen, struct cms_head *head);
/* Behind it. CRYPTO_LENGTH where it does not fit. */
int cms_signed_tail(const struct cms_signature *s, uint8_t tail[CMS_TAIL_MAX], size_t *len);
/* The signed attributes, as they are hashed. */
void cms_signed_attributes(const struct cms_signature *s, uint32_t tag, struct tlv_out *out);
/* The key that wraps the content's key (RFC 5753 7.2, ANSI X9.63 KDF with SHA-256, one block). */
int cms_kek(const uint8_t shared[CRYPTO_KEY_LEN], uint8_t kek[CRYPTO_KEY_LEN]);

#endif
