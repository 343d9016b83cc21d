/* SPDX-License-Identifier: Apache-2.0
 *
 * Keys of the seam as objects of OpenSSL. Inside core/crypto/openssl_*.c only.
 */
#ifndef TOYAMA_CORE_CRYPTO_OPENSSL_KEY_H
#define TOYAMA_CORE_CRYPTO_OPENSSL_KEY_H

#include <openssl/evp.h>

#include "core/crypto/spki.h"

/* The library checks that a point lies on its curve. CRYPTO_BAD_KEY. */
int openssl_key_public(const void *der, size_t len, struct spki *spki, EVP_PKEY **key);
/* A P-256 key from PKCS#8 DER; NULL where it is anything else. */
EVP_PKEY *openssl_key_private(const void *der, size_t len);

#endif
