/* SPDX-License-Identifier: Apache-2.0
 *
 * The linker puts this in front of crypto_random (-Wl,--wrap=crypto_random): known octets, and
 * failures. Included by one file of a test.
 */
#ifndef TOYAMA_TESTS_UNIT_CORE_RANDOM_H
#define TOYAMA_TESTS_UNIT_CORE_RANDOM_H

#include "core/crypto/crypto.h"

int __wrap_crypto_random(void *buf, size_t len);
int __real_crypto_random(void *buf, size_t len);

static enum { RANDOM_REAL, RANDOM_FIXED, RANDOM_FAILS } random_mode;
static const uint8_t *random_octets; /* RANDOM_FIXED: at least as many as are asked for */

int __wrap_crypto_random(void *buf, size_t len)
{
    if (random_mode == RANDOM_REAL)
        return __real_crypto_random(buf, len);
    for (size_t n = 0; random_mode == RANDOM_FIXED && n < len; n++)
        ((uint8_t *)buf)[n] = random_octets[n];
    return random_mode == RANDOM_FAILS ? CRYPTO_FAILED : CRYPTO_OK;
}

#endif
