/* SPDX-License-Identifier: Apache-2.0
 *
 * DER parts that certificates and sealed files share. Inside core/crypto only.
 */
#ifndef TOYAMA_CORE_CRYPTO_CERT_H
#define TOYAMA_CORE_CRYPTO_CERT_H

#include "core/crypto/cms.h"
#include "core/wire/tlv.h"

enum { DER_BITS = 0x03, DER_OID = 0x06, DER_TIME_SHORT = 0x17, DER_TIME_LONG = 0x18 };

/* AlgorithmIdentifier of ecdsa-with-SHA256 (RFC 5758 3.2). */
extern const uint8_t cert_ecdsa_sha256[12];

/* UTCTime, from 2050 on GeneralizedTime (RFC 5280 4.1.2.5); fails before 1970. */
void cert_put_time(struct tlv_out *out, int64_t time);
/* Signed by its own P-256 key, which is copied out. CRYPTO_FORMAT, CRYPTO_BAD_SIGNATURE. */
int cert_check(const void *cert, size_t len, uint8_t *spki, size_t cap, size_t *spkilen);

#endif
