/* SPDX-License-Identifier: Apache-2.0
 *
 * FeliCa Lite-S internal authentication by MAC_A (Sony, FeliCa Lite-S User's Manual, chapter on
 * MAC_A). Run by the broker, never by a worker. The broker draws RC, the card answers with the
 * blocks 82 (ID), 86 (CKV) and 91 (MAC_A) of one read, so that its number and the version of its
 * key stand under the MAC. The key is shared: who reads it off a host can make such a card.
 *
 * The MAC is triple DES in CBC mode over octets that FeliCa counts from the other end; a pure
 * function of what is given, as all here.
 */
#ifndef TOYAMA_CORE_PROOF_MAC_A_H
#define TOYAMA_CORE_PROOF_MAC_A_H

#include "core/crypto/crypto.h"
#include "core/proof/proof.h"

#define PROOF_MAC_A_CK     16 /* card key, as written to block 87 */
#define PROOF_MAC_A_RC     16 /* random challenge, as written to block 80 */
#define PROOF_MAC_A_BLOCK  16
#define PROOF_MAC_A_IDD    8 /* the card's number, block 82 octets 0..7 */
#define PROOF_MAC_A_CKV    2 /* version of the card key, block 86 octets 0..1, as on the card */
#define PROOF_MAC_A_WCNT   3 /* write counter, block 90 octets 0..2, as on the card */
#define PROOF_MAC_A_LEN    8
#define PROOF_MAC_A_ANSWER 48 /* blocks 82, 86, 91 */
#define PROOF_MAC_A_MASTER 24 /* master key of a diversified card key: three-key triple DES */

struct proof_mac_a {
    uint8_t rc[PROOF_MAC_A_RC];
    bool armed; /* one answer only */
};

/* What was enrolled. */
struct proof_mac_a_key {
    uint8_t ck[PROOF_MAC_A_CK];
    uint8_t idd[PROOF_MAC_A_IDD];
    uint8_t ckv[PROOF_MAC_A_CKV];
};

int proof_mac_a_begin(struct proof_mac_a *proof);
/* PROOF_OK only for a fresh answer whose MAC_A, number and key version are those of one of `keys`;
 * `index` (may be NULL) says of which. A key that proof_mac_a_key_good refuses fits no answer. */
int proof_mac_a_check(struct proof_mac_a *proof, const void *answer, size_t len,
                      const struct proof_mac_a_key *keys, size_t count, size_t *index);

/* Whether a card key is good enough to be written or enrolled (crypto_des_key_good). */
bool proof_mac_a_key_good(const uint8_t ck[PROOF_MAC_A_CK]);

/* MAC_A of a read of 1..3 blocks and block 91 behind them; `data` are the blocks' contents, one
 * behind the other. PROOF_STATE for another count. */
int proof_mac_a_read(const uint8_t ck[PROOF_MAC_A_CK], const uint8_t rc[PROOF_MAC_A_RC],
                     const uint8_t *blocks, size_t count, const uint8_t *data,
                     uint8_t mac[PROOF_MAC_A_LEN]);
/* MAC_A of a write of one block, with the card's write counter as read after `rc` was written. */
int proof_mac_a_write(const uint8_t ck[PROOF_MAC_A_CK], const uint8_t rc[PROOF_MAC_A_RC],
                      const uint8_t wcnt[PROOF_MAC_A_WCNT], uint8_t block,
                      const uint8_t data[PROOF_MAC_A_BLOCK], uint8_t mac[PROOF_MAC_A_LEN]);

/* Card keys that others made from a master key and block 82. Which end the ID block is counted
 * from is not published: try both against the card. */
enum proof_mac_a_order {
    PROOF_MAC_A_AS_READ = 1,
    PROOF_MAC_A_REVERSED = 2 /* each half of the ID block turned round first */
};

/* CK = T || T', T being the CMAC of the ID block under triple DES, T' that of the ID block with
 * the first bit of what is fed in turned. PROOF_STATE for an unknown order, PROOF_REFUSED for a
 * master key or a resulting card key that is not good. */
int proof_mac_a_diversify(const uint8_t master[PROOF_MAC_A_MASTER],
                          const uint8_t id[PROOF_MAC_A_BLOCK], enum proof_mac_a_order order,
                          uint8_t ck[PROOF_MAC_A_CK]);

#endif
