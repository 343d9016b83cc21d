/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys and signatures made by OpenSSL's own calls, not by core/crypto: the other side of the
 * conversation. Every failure ends the test.
 */
#ifndef TOYAMA_TESTS_UNIT_CORE_KEYS_H
#define TOYAMA_TESTS_UNIT_CORE_KEYS_H

#include <openssl/evp.h>

#include "core/crypto/crypto.h"

struct keys_blob {
    size_t len;
    uint8_t octets[2048];
};

EVP_PKEY *keys_rsa(unsigned bits, unsigned long exponent);
EVP_PKEY *keys_ec(const char *curve);
/* The key pair of an admitted algorithm. */
EVP_PKEY *keys_for(enum crypto_alg alg);
void keys_spki(const EVP_PKEY *key, struct keys_blob *out);
/* RSA: PKCS#1 v1.5 with `md`; EC: over the digest as it is. */
void keys_sign(EVP_PKEY *key, const char *md, const uint8_t *digest, size_t len,
               struct keys_blob *out);

#endif
