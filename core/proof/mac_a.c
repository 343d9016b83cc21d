/* SPDX-License-Identifier: Apache-2.0 */
#include "core/proof/mac_a.h"

#include <string.h>

#include "core/proof/mac_a_des.h"
#include "core/wire/wipe.h"

#define HALF       CRYPTO_DES_BLOCK
#define BLOCK_ID   0x82
#define BLOCK_CKV  0x86
#define BLOCK_MACA 0x91
#define READ_MAX   3 /* four blocks a command, MAC_A being the last */
#define INPUT_MAX  (HALF + READ_MAX * PROOF_MAC_A_BLOCK)

static const uint8_t zero[HALF];

struct session {
    uint8_t key[CRYPTO_DES2_LEN];
    uint8_t iv[HALF];
};

/* SK = E(r(CK), r(RC)); with `turned` its halves change places, as the MAC of a write wants it. */
static int begin_session(const uint8_t *ck, const uint8_t *rc, bool turned, struct session *s)
{
    uint8_t key[CRYPTO_DES2_LEN], challenge[PROOF_MAC_A_RC], sk[CRYPTO_DES2_LEN] = {0};
    int r;

    mac_a_reverse(ck, sizeof(key), key);
    mac_a_reverse(rc, sizeof(challenge), challenge);
    r = crypto_des_cbc(key, sizeof(key), zero, challenge, sizeof(challenge), sk);
    memcpy(s->key, turned ? sk + HALF : sk, HALF);
    memcpy(s->key + HALF, turned ? sk : sk + HALF, HALF);
    memcpy(s->iv, challenge, HALF);
    wire_wipe(key, sizeof(key));
    wire_wipe(sk, sizeof(sk));
    return r == CRYPTO_OK ? PROOF_OK : PROOF_FAILED;
}

static int mac_of(const uint8_t *ck, const uint8_t *rc, bool turned, const uint8_t *input,
                  size_t len, uint8_t mac[PROOF_MAC_A_LEN])
{
    uint8_t forward[INPUT_MAX], chain[INPUT_MAX];
    struct session s = {0};
    int r = begin_session(ck, rc, turned, &s);

    mac_a_reverse(input, len, forward);
    if (r == PROOF_OK &&
        crypto_des_cbc(s.key, sizeof(s.key), s.iv, forward, len, chain) != CRYPTO_OK)
        r = PROOF_FAILED;
    if (r == PROOF_OK)
        mac_a_reverse(chain + len - HALF, HALF, mac);
    wire_wipe(&s, sizeof(s));
    return r;
}

int proof_mac_a_read(const uint8_t ck[PROOF_MAC_A_CK], const uint8_t rc[PROOF_MAC_A_RC],
                     const uint8_t *blocks, size_t count, const uint8_t *data,
                     uint8_t mac[PROOF_MAC_A_LEN])
{
    uint8_t input[INPUT_MAX];
    size_t n;

    if (count == 0 || count > READ_MAX)
        return PROOF_STATE;
    memset(input, 0xFF, HALF);
    for (n = 0; n <= count; n++) {
        input[2 * n] = n < count ? blocks[n] : BLOCK_MACA;
        input[2 * n + 1] = 0;
    }
    memcpy(input + HALF, data, count * PROOF_MAC_A_BLOCK);
    return mac_of(ck, rc, false, input, HALF + count * PROOF_MAC_A_BLOCK, mac);
}

int proof_mac_a_write(const uint8_t ck[PROOF_MAC_A_CK], const uint8_t rc[PROOF_MAC_A_RC],
                      const uint8_t wcnt[PROOF_MAC_A_WCNT], uint8_t block,
                      const uint8_t data[PROOF_MAC_A_BLOCK], uint8_t mac[PROOF_MAC_A_LEN])
{
    uint8_t input[HALF + PROOF_MAC_A_BLOCK] = {wcnt[0], wcnt[1], wcnt[2],    0,
                                               block,   0,       BLOCK_MACA, 0};

    memcpy(input + HALF, data, PROOF_MAC_A_BLOCK);
    return mac_of(ck, rc, true, input, sizeof(input), mac);
}

bool proof_mac_a_key_good(const uint8_t ck[PROOF_MAC_A_CK])
{
    uint8_t key[CRYPTO_DES2_LEN];
    bool good;

    mac_a_reverse(ck, sizeof(key), key);
    good = crypto_des_key_good(key, sizeof(key));
    wire_wipe(key, sizeof(key));
    return good;
}

int proof_mac_a_begin(struct proof_mac_a *proof)
{
    *proof = (struct proof_mac_a){0};
    if (crypto_random(proof->rc, sizeof(proof->rc)) != CRYPTO_OK)
        return PROOF_FAILED;
    proof->armed = true;
    return PROOF_OK;
}

static int check_one(const struct proof_mac_a *proof, const struct proof_mac_a_key *key,
                     const uint8_t *answer)
{
    static const uint8_t blocks[] = {BLOCK_ID, BLOCK_CKV};
    const uint8_t *ckv = answer + PROOF_MAC_A_BLOCK, *mac = ckv + PROOF_MAC_A_BLOCK;
    uint8_t expected[PROOF_MAC_A_LEN] = {0};
    bool same;
    int r = PROOF_REFUSED;

    if (proof_mac_a_key_good(key->ck) &&
        (r = proof_mac_a_read(key->ck, proof->rc, blocks, sizeof(blocks), answer, expected)) ==
            PROOF_OK) {
        same = crypto_equal(expected, sizeof(expected), mac, PROOF_MAC_A_LEN);
        same &= crypto_equal(key->idd, sizeof(key->idd), answer, sizeof(key->idd));
        same &= crypto_equal(key->ckv, sizeof(key->ckv), ckv, sizeof(key->ckv));
        r = same ? PROOF_OK : PROOF_REFUSED;
    }
    wire_wipe(expected, sizeof(expected));
    return r;
}

int proof_mac_a_check(struct proof_mac_a *proof, const void *answer, size_t len,
                      const struct proof_mac_a_key *keys, size_t count, size_t *index)
{
    int result = PROOF_REFUSED;

    if (!proof->armed)
        return PROOF_STATE;
    proof->armed = false;
    for (size_t n = 0; len == PROOF_MAC_A_ANSWER && n < count; n++) {
        int r = check_one(proof, &keys[n], answer);
        if (r == PROOF_OK) {
            if (index != NULL)
                *index = n;
            return PROOF_OK;
        }
        if (r == PROOF_FAILED)
            result = PROOF_FAILED;
    }
    return result;
}
