/* SPDX-License-Identifier: Apache-2.0
 *
 * DigestInfo of PKCS#1 v1.5 (RFC 8017, 9.2): what an RSA key signs.
 */
#ifndef TOYAMA_CARDREADER_DIGEST_INFO_H
#define TOYAMA_CARDREADER_DIGEST_INFO_H

#include <stddef.h>
#include <stdint.h>

#define DIGEST_INFO_MAX 67

/* For SHA-256 (32 octets) or SHA-384 (48). The octets written; 0 for any other length. */
size_t digest_info(const uint8_t *digest, size_t len, uint8_t out[DIGEST_INFO_MAX]);

#endif
