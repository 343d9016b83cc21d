/* SPDX-License-Identifier: Apache-2.0
 *
 * The seam to the cryptographic library: all that toyama needs of it, so that another library could
 * stand behind the same calls (openssl_*.c is the one place that knows OpenSSL). Each call returns
 * CRYPTO_OK or a negative crypto_err; outputs are untouched on failure unless said otherwise. No
 * state between calls. Algorithms are fetched from the library's default context: a program calls
 * OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL) before its first call here, so that no
 * openssl.cnf puts others in their place.
 */
#ifndef TOYAMA_CORE_CRYPTO_CRYPTO_H
#define TOYAMA_CORE_CRYPTO_CRYPTO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum crypto_err {
    CRYPTO_OK = 0,
    CRYPTO_FAILED = -1,  /* the library refused or ran out of memory */
    CRYPTO_BAD_KEY = -2, /* not a key of an admitted algorithm */
    CRYPTO_BAD_SIGNATURE = -3,
    CRYPTO_BAD_SEAL = -4, /* does not authenticate: wrong key, other associated data, altered */
    CRYPTO_LENGTH = -5,
    CRYPTO_FORMAT = -6,       /* not what a writer of ours would have written */
    CRYPTO_OTHER_KEY = -7,    /* sealed for another recipient */
    CRYPTO_OTHER_SIGNER = -8, /* signed by another key than the one expected */
    CRYPTO_IO = -9            /* a caller's read or write function failed */
};

#define CRYPTO_SHA1_LEN   20
#define CRYPTO_SHA256_LEN 32
#define CRYPTO_SHA384_LEN 48
#define CRYPTO_HASH_MAX   48
#define CRYPTO_KEY_LEN    32            /* AES-256 and HMAC keys, octets */
#define CRYPTO_SEAL_EXTRA (1 + 12 + 16) /* version, nonce, tag */
#define CRYPTO_SPKI_MAX   600           /* DER SubjectPublicKeyInfo of RSA-4096 fits */
#define CRYPTO_DES_BLOCK  8
#define CRYPTO_DES2_LEN   16 /* two-key triple DES, parity bits included */
#define CRYPTO_DES3_LEN   24

/* Values equal core/wire/card.h enum card_alg. */
enum crypto_alg {
    CRYPTO_RSA3072 = 0x05,
    CRYPTO_RSA2048 = 0x07,
    CRYPTO_P256 = 0x11,
    CRYPTO_P384 = 0x14
};

const char *crypto_strerror(int err);

int crypto_random(void *buf, size_t len);
int crypto_sha256(const void *data, size_t len, uint8_t out[CRYPTO_SHA256_LEN]);
/* Two parts, hashed one behind the other: saves a copy in chains and trees. */
int crypto_sha256_two(const void *a, size_t alen, const void *b, size_t blen,
                      uint8_t out[CRYPTO_SHA256_LEN]);
int crypto_sha384(const void *data, size_t len, uint8_t out[CRYPTO_SHA384_LEN]);
int crypto_hmac_sha256(const uint8_t key[CRYPTO_KEY_LEN], const void *data, size_t len,
                       uint8_t out[CRYPTO_SHA256_LEN]);
/* HMAC-SHA1 (RFC 2104): still sound as a MAC, and what tokens speak. `keylen` is 1..64 octets. */
int crypto_hmac_sha1(const void *key, size_t keylen, const void *data, size_t len,
                     uint8_t out[CRYPTO_SHA1_LEN]);

/* Triple DES (NIST SP 800-67), CBC, encryption without padding, for cards that know nothing newer.
 * `keylen` is CRYPTO_DES2_LEN or CRYPTO_DES3_LEN; `len` a multiple of CRYPTO_DES_BLOCK and not 0;
 * `out` holds `len` octets, does not overlap the inputs, and is wiped where the library fails.
 * Parity bits are not looked at. */
int crypto_des_cbc(const uint8_t *key, size_t keylen, const uint8_t iv[CRYPTO_DES_BLOCK],
                   const uint8_t *data, size_t len, uint8_t *out);
/* Whether a triple DES key is worth its length: no part is a weak or semi-weak key (SP 800-67
 * 3.3.2), no part equals the one before it. Parity bits do not count. */
bool crypto_des_key_good(const uint8_t *key, size_t keylen);

/* Constant time; false where the lengths differ or are zero. */
bool crypto_equal(const void *a, size_t alen, const void *b, size_t blen);

/* AES-256-GCM, random 96-bit nonce: out = version(1) || nonce || ciphertext || tag(16).
 * `cap` must hold len + CRYPTO_SEAL_EXTRA. `out` may not overlap the inputs; it is wiped where the
 * library fails. */
int crypto_seal(const uint8_t key[CRYPTO_KEY_LEN], const void *aad, size_t aadlen, const void *data,
                size_t len, uint8_t *out, size_t cap, size_t *outlen);
/* On failure `out` is wiped. */
int crypto_unseal(const uint8_t key[CRYPTO_KEY_LEN], const void *aad, size_t aadlen,
                  const void *sealed, size_t len, uint8_t *out, size_t cap, size_t *outlen);

/* Public keys are DER SubjectPublicKeyInfo. The algorithm is read from the key itself; other
 * algorithms, sizes, curves, compressed points and RSA exponents that are even, below 65537 or
 * longer than 64 bits are CRYPTO_BAD_KEY. */
int crypto_key_alg(const void *spki, size_t len, enum crypto_alg *alg);
/* The digest length that goes with an algorithm: P-384 48, the others 32. */
size_t crypto_digest_len(enum crypto_alg alg);
/* Verifies a signature over `digest` (RSA: PKCS#1 v1.5 with SHA-256, signature exactly the modulus'
 * length; ECDSA: DER Ecdsa-Sig-Value without trailing octets). */
int crypto_verify(const void *spki, size_t spkilen, const void *digest, size_t digestlen,
                  const void *sig, size_t siglen);
/* The same over a message: hashes it with the digest that goes with the key's algorithm. */
int crypto_verify_message(const void *spki, size_t spkilen, const void *data, size_t len,
                          const void *sig, size_t siglen);
/* SubjectPublicKeyInfo of a DER X.509 certificate; trailing octets refused. Nothing else of the
 * certificate is looked at. */
int crypto_cert_spki(const void *cert, size_t len, uint8_t *out, size_t cap, size_t *outlen);

/* SHA-256 of a SubjectPublicKeyInfo: how issues and files name a key. Does not look at the key. */
int crypto_spki_hash(const void *spki, size_t len, uint8_t out[CRYPTO_SHA256_LEN]);

/* A public key that nobody can sign with, to check the answers of strangers against. CRYPTO_FAILED
 * where the algorithm is not known. */
int crypto_unowned_spki(enum crypto_alg alg, uint8_t *spki, size_t cap, size_t *spkilen);

/* The host's own authority: P-256 keys, private part as PKCS#8 DER. */
int crypto_p256_generate(uint8_t *key, size_t cap, size_t *keylen, uint8_t *spki, size_t spkicap,
                         size_t *spkilen);
int crypto_p256_sign(const void *key, size_t keylen, const uint8_t digest[CRYPTO_SHA256_LEN],
                     uint8_t *sig, size_t cap, size_t *siglen);
/* The same over a message: SHA-256 of it is signed (ecdsa-with-SHA256). */
int crypto_p256_sign_message(const void *key, size_t keylen, const void *data, size_t len,
                             uint8_t *sig, size_t cap, size_t *siglen);
int crypto_p256_spki(const void *key, size_t keylen, uint8_t *spki, size_t cap, size_t *spkilen);

/* scrypt (RFC 7914) with r = 8, p = 1. What a code of few digits protects is slow to guess; the
 * memory is 1024 octets times `n`, given back wiped. `outlen` octets are written. */
enum {
    CRYPTO_SCRYPT_STOP = 1 << 14, /* stop codes: 16 MiB, about 50 ms */
    CRYPTO_SCRYPT_CODE = 1 << 17  /* one-time and recovery codes: 128 MiB, about half a second */
};
int crypto_scrypt(uint32_t n, const void *password, size_t len, const void *salt, size_t saltlen,
                  uint8_t *out, size_t outlen);

#endif
