/* SPDX-License-Identifier: Apache-2.0
 *
 * SubjectPublicKeyInfo (RFC 5280 4.1.2.7, RFC 3279 2.3.1, RFC 5480 2) read with our own cursor:
 * strict DER, admitted algorithms only. Inside core/crypto only.
 */
#ifndef TOYAMA_CORE_CRYPTO_SPKI_H
#define TOYAMA_CORE_CRYPTO_SPKI_H

#include "core/crypto/crypto.h"
#include "core/wire/tlv.h"

struct spki {
    enum crypto_alg alg;
    struct tlv modulus; /* RSA: without the leading zero octet */
    uint64_t exponent;
    struct tlv point; /* EC: 04 || X || Y */
};

/* CRYPTO_OK or CRYPTO_BAD_KEY; `out` points into `der`. Whether a point lies on its curve is left
 * to the library. */
int spki_parse(const void *der, size_t len, struct spki *out);

#endif
