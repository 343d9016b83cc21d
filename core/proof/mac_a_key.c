/* SPDX-License-Identifier: Apache-2.0
 *
 * Diversified card keys. With a message of exactly two blocks CMAC (NIST SP 800-38B) is
 * E(E(M1) ^ M2 ^ K1), K1 being E(0) doubled in GF(2^64).
 */
#include <string.h>

#include "core/proof/mac_a.h"
#include "core/proof/mac_a_des.h"
#include "core/wire/wipe.h"

#define HALF     CRYPTO_DES_BLOCK
#define R64      0x1B /* SP 800-38B 5.3 */
#define TOP_BIT  0x80
#define OTHER_CK 0x80 /* turned in M1 for the second half of the key */

static const uint8_t zero[HALF];

static int encrypt(const uint8_t *master, const uint8_t *in, size_t len, uint8_t *out)
{
    return crypto_des_cbc(master, PROOF_MAC_A_MASTER, zero, in, len, out) == CRYPTO_OK
               ? PROOF_OK
               : PROOF_FAILED;
}

static void double_block(uint8_t block[HALF])
{
    const uint8_t carry = (uint8_t)(block[0] >> 7);

    for (size_t n = 0; n < HALF - 1; n++)
        block[n] = (uint8_t)(block[n] << 1 | block[n + 1] >> 7);
    block[HALF - 1] = (uint8_t)(block[HALF - 1] << 1 ^ carry * R64);
}

/* `message` has K1 in its second half already, so that CBC does the rest. */
static int tag_of(const uint8_t *master, const uint8_t message[PROOF_MAC_A_BLOCK], uint8_t *tag)
{
    uint8_t chain[PROOF_MAC_A_BLOCK] = {0};
    int r = encrypt(master, message, PROOF_MAC_A_BLOCK, chain);

    memcpy(tag, chain + HALF, HALF);
    wire_wipe(chain, sizeof(chain));
    return r;
}

static int make_key(const uint8_t *master, uint8_t message[PROOF_MAC_A_BLOCK], uint8_t *ck)
{
    uint8_t subkey[HALF] = {0};
    int r;

    if ((r = encrypt(master, zero, sizeof(zero), subkey)) != PROOF_OK)
        return r;
    double_block(subkey);
    for (size_t n = 0; n < HALF; n++)
        message[HALF + n] ^= subkey[n];
    wire_wipe(subkey, sizeof(subkey));
    if ((r = tag_of(master, message, ck)) != PROOF_OK)
        return r;
    message[0] ^= OTHER_CK;
    return tag_of(master, message, ck + HALF);
}

int proof_mac_a_diversify(const uint8_t master[PROOF_MAC_A_MASTER],
                          const uint8_t id[PROOF_MAC_A_BLOCK], enum proof_mac_a_order order,
                          uint8_t ck[PROOF_MAC_A_CK])
{
    uint8_t message[PROOF_MAC_A_BLOCK], made[PROOF_MAC_A_CK] = {0};
    int r;

    if (order != PROOF_MAC_A_AS_READ && order != PROOF_MAC_A_REVERSED)
        return PROOF_STATE;
    if (!crypto_des_key_good(master, PROOF_MAC_A_MASTER))
        return PROOF_REFUSED;
    if (order == PROOF_MAC_A_REVERSED)
        mac_a_reverse(id, sizeof(message), message);
    else
        memcpy(message, id, sizeof(message));
    r = make_key(master, message, made);
    if (r == PROOF_OK && !proof_mac_a_key_good(made))
        r = PROOF_REFUSED;
    if (r == PROOF_OK)
        memcpy(ck, made, sizeof(made));
    wire_wipe(made, sizeof(made));
    wire_wipe(message, sizeof(message));
    return r;
}
