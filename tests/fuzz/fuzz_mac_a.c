/* SPDX-License-Identifier: Apache-2.0
 *
 * A card key of 16 octets, an octet, then the answer. No input is right by itself; the same input
 * with the MAC put in is, unless the key is weak, and a bit turned in what counts makes it wrong.
 */
#include "core/proof/mac_a.h"
#include "tests/fuzz/fuzz.h"

#define COUNTED (2 * PROOF_MAC_A_BLOCK + PROOF_MAC_A_LEN)

static int check(const uint8_t *rc, const struct proof_mac_a_key *keys, const uint8_t *answer,
                 size_t len)
{
    struct proof_mac_a proof = {.armed = true};
    size_t index = 99;
    int r;

    memcpy(proof.rc, rc, sizeof(proof.rc));
    r = proof_mac_a_check(&proof, answer, len, keys, 2, &index);
    fuzz_require((r == PROOF_OK) == (index == 1) && !proof.armed);
    return r;
}

static void check_right(const uint8_t *rc, const struct proof_mac_a_key *keys, const uint8_t *data,
                        uint8_t turn)
{
    static const uint8_t blocks[] = {0x82, 0x86};
    uint8_t answer[PROOF_MAC_A_ANSWER];

    memcpy(answer, data, sizeof(answer));
    fuzz_require(proof_mac_a_read(keys[1].ck, rc, blocks, 2, answer, answer + 32) == PROOF_OK);
    fuzz_require(check(rc, keys, answer, sizeof(answer)) ==
                 (proof_mac_a_key_good(keys[1].ck) ? PROOF_OK : PROOF_REFUSED));
    answer[turn % COUNTED] ^= (uint8_t)(1U << turn % 8);
    fuzz_require(check(rc, keys, answer, sizeof(answer)) == PROOF_REFUSED);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t rc[PROOF_MAC_A_RC] = {9, 8, 7, 6, 5, 4, 3, 2, 1};
    struct proof_mac_a_key keys[2] = {{.ck = {1, 2, 3, 4, 5, 6, 7, 8, 9}}};
    const uint8_t *answer = data + PROOF_MAC_A_CK + 1;

    if (size < PROOF_MAC_A_CK + 1)
        return 0;
    size -= PROOF_MAC_A_CK + 1;
    memcpy(keys[1].ck, data, PROOF_MAC_A_CK);
    if (size >= PROOF_MAC_A_ANSWER) {
        memcpy(keys[1].idd, answer, sizeof(keys[1].idd));
        memcpy(keys[1].ckv, answer + PROOF_MAC_A_BLOCK, sizeof(keys[1].ckv));
        check_right(rc, keys, answer, data[PROOF_MAC_A_CK]);
    }
    fuzz_require(check(rc, keys, answer, size) == PROOF_REFUSED);
    return 0;
}
