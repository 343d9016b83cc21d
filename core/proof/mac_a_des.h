/* SPDX-License-Identifier: Apache-2.0
 *
 * What mac_a.c and mac_a_key.c share. Inside core/proof only.
 */
#ifndef TOYAMA_CORE_PROOF_MAC_A_DES_H
#define TOYAMA_CORE_PROOF_MAC_A_DES_H

#include <stddef.h>
#include <stdint.h>

#include "core/crypto/crypto.h"

/* Turns each 8-octet part round; `len` is a multiple of 8, `out` another buffer. */
static inline void mac_a_reverse(const uint8_t *in, size_t len, uint8_t *out)
{
    for (size_t n = 0; n < len; n++)
        out[n] = in[(n ^ (CRYPTO_DES_BLOCK - 1))];
}

#endif
