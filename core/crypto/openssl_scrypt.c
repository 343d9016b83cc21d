/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

#include <openssl/err.h>
#include <openssl/evp.h>

#define BLOCK 8U
#define LANES 1U
/* 128 * BLOCK octets for each of n and a few more; the library refuses what needs more. */
#define MEMORY(n) (128 * (uint64_t)BLOCK * ((uint64_t)(n) + LANES + 2))

int crypto_scrypt(uint32_t n, const void *password, size_t len, const void *salt, size_t saltlen,
                  uint8_t *out, size_t outlen)
{
    if (n != CRYPTO_SCRYPT_STOP && n != CRYPTO_SCRYPT_CODE)
        return CRYPTO_LENGTH;
    if (EVP_PBE_scrypt_ex(password, len, salt, saltlen, n, BLOCK, LANES, MEMORY(n), out, outlen,
                          NULL, NULL) == 1)
        return CRYPTO_OK;
    ERR_clear_error();
    return CRYPTO_FAILED;
}
