/* SPDX-License-Identifier: Apache-2.0
 *
 * Files that are signed and then encrypted for one recipient, as CMS (RFC 5652), so that
 * `openssl cms -decrypt` and `openssl cms -verify` can look at them by hand:
 *
 *   ContentInfo AuthEnvelopedData (RFC 5083, AES-256-GCM) for one recipient: P-256 ECDH, ephemeral
 *   against static (RFC 5753; SHA-256, AES-256 key wrap), content type id-data, which is
 *   ContentInfo SignedData, one signer (ecdsa-with-SHA256, signed attributes), of type id-data.
 *
 * Both name a key by SHA-256 of its SubjectPublicKeyInfo as subject key identifier (RFC 7093
 * method 4), the same hash by which issues name keys. Written and read as a stream in pieces of
 * 64 KiB, whatever the length; DER with definite lengths, at most CMS_MAX octets. The readers
 * refuse everything that the writer would not have written. No certificate is validated: keys are
 * compared.
 */
#ifndef TOYAMA_CORE_CRYPTO_CMS_H
#define TOYAMA_CORE_CRYPTO_CMS_H

#include "core/crypto/crypto.h"

#define CMS_MAX      0xFFFF0000U /* octets of content or file */
#define CMS_CERT_MAX 640         /* octets of a certificate of ours */
#define CMS_NAME_MAX 64          /* octets of its common name */

/* Content of a known length that can be read anywhere, more than once. */
struct cms_source {
    /* All `len` octets from `offset`, or not 0. */
    int (*read)(void *arg, uint64_t offset, void *buf, size_t len);
    void *arg;
    uint64_t len; /* octets */
};

struct cms_sink {
    /* All `len` octets behind those of the calls before, or not 0. */
    int (*write)(void *arg, const void *buf, size_t len);
    void *arg;
};

struct cms_signer {
    const uint8_t *key; /* P-256, PKCS#8 */
    size_t keylen;
    const uint8_t *cert; /* crypto_self_cert of the same key; travels with the file */
    size_t certlen;
    int64_t time; /* signing time, seconds since 1970 UTC; for people who look, nobody checks it */
};

/* Signs `content`, encrypts it for `recipient` (P-256) and writes the file. CRYPTO_BAD_KEY,
 * CRYPTO_LENGTH, CRYPTO_IO (also where the content changed between two readings). On failure `out`
 * has received octets that are worth nothing. */
int cms_seal(const struct cms_source *content, const struct cms_signer *signer,
             const void *recipient_spki, size_t spkilen, const struct cms_sink *out);

/* Decrypts a file of cms_seal with the recipient's PKCS#8 key: `out` receives the SignedData.
 * NOTHING that `out` received may be used before this AND cms_verify over it returned CRYPTO_OK:
 * write to a memfd or an unlinked file. CRYPTO_OTHER_KEY: for another recipient (another zone);
 * CRYPTO_FORMAT or CRYPTO_BAD_SEAL: damaged; CRYPTO_IO, CRYPTO_FAILED (memory), CRYPTO_BAD_KEY
 * (ours). */
int cms_decrypt(const struct cms_source *sealed, const void *key, size_t keylen,
                const struct cms_sink *out);

/* Where the content of a SignedData lies in its source, and whose signature is good. */
struct cms_content {
    uint64_t offset, len;
    uint8_t signer[CRYPTO_SHA256_LEN]; /* of the SPKI */
    uint8_t spki[CRYPTO_SPKI_MAX];
    size_t spkilen;
};

/* Verifies what cms_decrypt wrote. `signer`: SHA-256 of the SPKI that must have signed, or NULL
 * where the caller compares `out->signer` himself. CRYPTO_OTHER_SIGNER, CRYPTO_BAD_SIGNATURE
 * (altered, too), CRYPTO_FORMAT, CRYPTO_IO. `out` is filled only on CRYPTO_OK. */
int cms_verify(const struct cms_source *signed_data, const uint8_t *signer,
               struct cms_content *out);

/* SHA-256 of the source from `offset` to its end. CRYPTO_LENGTH where that lies behind it. */
int cms_hash(const struct cms_source *source, uint64_t offset, uint8_t out[CRYPTO_SHA256_LEN]);

/* A self-signed X.509 v3 certificate for a P-256 key: subject and issuer CN = `name` (UTF-8, 1 to
 * CMS_NAME_MAX octets), valid from `now` to 9999-12-31T23:59:59Z (RFC 5280 4.1.2.5: no date set; a
 * key lives until an issue names another one), random serial of 16 octets, subject key identifier
 * as above, key usage digitalSignature or, with `recipient`, keyAgreement. */
int crypto_self_cert(const void *key, size_t keylen, const char *name, bool recipient, int64_t now,
                     uint8_t *cert, size_t cap, size_t *certlen);

#endif
