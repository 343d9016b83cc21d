/* SPDX-License-Identifier: Apache-2.0
 *
 * What sealed files need of the library beside crypto.h: ciphers and hashes fed piece by piece, key
 * agreement, key wrap. Inside core/crypto only. Same errors and habits as crypto.h.
 */
#ifndef TOYAMA_CORE_CRYPTO_STREAM_H
#define TOYAMA_CORE_CRYPTO_STREAM_H

#include "core/crypto/crypto.h"

#define GCM_NONCE_LEN  12
#define GCM_TAG_LEN    16
#define P256_POINT_LEN 65 /* 04 || X || Y */
#define KEY_WRAP_LEN   (CRYPTO_KEY_LEN + 8)

/* AES-256-GCM without associated data unless gcm_aad is called before the first gcm_crypt. */
struct gcm;
/* NULL where the library failed. */
struct gcm *gcm_new(bool encrypt, const uint8_t key[CRYPTO_KEY_LEN],
                    const uint8_t nonce[GCM_NONCE_LEN]);
int gcm_aad(struct gcm *gcm, const void *aad, size_t len);
/* `out` holds `len` octets (at most INT_MAX) and may be `data`. */
int gcm_crypt(struct gcm *gcm, const void *data, size_t len, uint8_t *out);
/* The end of an encryption. */
int gcm_tag(struct gcm *gcm, uint8_t tag[GCM_TAG_LEN]);
/* The end of a decryption: CRYPTO_BAD_SEAL unless it was all authentic. */
int gcm_check(struct gcm *gcm, const uint8_t tag[GCM_TAG_LEN]);
void gcm_free(struct gcm *gcm);

struct sha256;
struct sha256 *sha256_new(void);
int sha256_add(struct sha256 *sha, const void *data, size_t len);
int sha256_end(struct sha256 *sha, uint8_t out[CRYPTO_SHA256_LEN]);
void sha256_free(struct sha256 *sha);

/* ECDH on P-256 with a key of this moment: its public point and the shared X coordinate. */
int ecdh_to(const void *spki, size_t len, uint8_t point[P256_POINT_LEN],
            uint8_t shared[CRYPTO_KEY_LEN]);
/* The other side. CRYPTO_BAD_KEY: our key; CRYPTO_FORMAT: not a point of the curve. */
int ecdh_from(const void *key, size_t keylen, const uint8_t point[P256_POINT_LEN],
              uint8_t shared[CRYPTO_KEY_LEN]);

/* AES-256 key wrap (RFC 3394) of an AES-256 key. */
int key_wrap(const uint8_t kek[CRYPTO_KEY_LEN], const uint8_t key[CRYPTO_KEY_LEN],
             uint8_t out[KEY_WRAP_LEN]);
/* CRYPTO_BAD_SEAL where it does not open. */
int key_unwrap(const uint8_t kek[CRYPTO_KEY_LEN], const uint8_t in[KEY_WRAP_LEN],
               uint8_t key[CRYPTO_KEY_LEN]);

#endif
