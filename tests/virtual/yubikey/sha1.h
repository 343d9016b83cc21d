/* SPDX-License-Identifier: Apache-2.0
 *
 * SHA-1 (FIPS 180-4) and HMAC (RFC 2104) of the virtual key's own: a fault of the product's library
 * must not cancel itself here. Messages up to one report frame.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_YUBIKEY_SHA1_H
#define TOYAMA_TESTS_VIRTUAL_YUBIKEY_SHA1_H

#include <stddef.h>
#include <stdint.h>

#define SHA1_LEN         20
#define SHA1_MESSAGE_MAX 192

/* `len` at most SHA1_MESSAGE_MAX. */
void sha1(const uint8_t *data, size_t len, uint8_t out[SHA1_LEN]);
/* Keys of SHA1_LEN octets; `len` at most 64. */
void sha1_hmac(const uint8_t key[SHA1_LEN], const uint8_t *data, size_t len, uint8_t out[SHA1_LEN]);

#endif
