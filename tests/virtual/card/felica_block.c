/* SPDX-License-Identifier: Apache-2.0
 *
 * The blocks, and who may read and write them when.
 */
#include "tests/virtual/card/felica.h"
#include "tests/virtual/card/state.h"

#include <string.h>

#define READ_ONLY    0x0B
#define RC           0x80
#define MAC          0x81
#define ID           0x82
#define D_ID         0x83
#define SER_C        0x84
#define SYS_C        0x85
#define CKV          0x86
#define CK           0x87
#define MC           0x88
#define WCNT         0x90
#define MAC_A        0x91
#define STATE        0x92
#define IC_LITE      0xF0
#define WCNT_LIMIT   0xFFFE00u
#define MC_ALL       2
#define MC_CKCKV_MAC 5
#define LOCKED       0x00

#define NO_BLOCK     0xA8
#define FAILED       0xA9
#define NEEDS_AUTH   0xB1
#define NO_CHALLENGE 0xB2

bool felica_is_lite_s(const struct card *card)
{
    return card->felica.pmm[1] > IC_LITE;
}

static bool exists(const struct card *card, uint8_t block)
{
    return block < FELICA_PADS || (block >= RC && block <= MC) ||
           (block >= WCNT && block <= STATE && felica_is_lite_s(card));
}

static bool is_read_only(const struct card *card, uint8_t block)
{
    bool locked = card->felica.mc[MC_ALL] == LOCKED;

    if (block == ID || block == SER_C || block == CKV || block == CK)
        return locked;
    return block == MAC || block == D_ID || block == SYS_C || block == WCNT;
}

static void fetch(const struct card *card, uint8_t block, uint8_t *out)
{
    const struct felica_own *f = &card->felica;

    memset(out, 0, FELICA_BLOCK);
    if (block < FELICA_PADS)
        memcpy(out, f->pads[block], FELICA_BLOCK);
    else if (block == ID)
        memcpy(out, f->id, FELICA_BLOCK);
    else if (block == CKV)
        memcpy(out, f->ckv, FELICA_BLOCK);
    else if (block == MC)
        memcpy(out, f->mc, FELICA_BLOCK);
    else if (block == STATE)
        out[0] = f->authenticated ? 1 : 0;
    else if (block == SYS_C)
        memcpy(out, (uint8_t[]){0x88, 0xB4}, 2);
    for (int n = 0; n < 3 && block == WCNT; n++)
        out[n] = (uint8_t)(f->wcnt >> 8 * n);
    if (block == D_ID) {
        memcpy(out, f->idm, FELICA_ID);
        memcpy(out + FELICA_ID, f->pmm, FELICA_ID);
    }
}

uint8_t felica_block_read(struct card *card, uint8_t service, const uint8_t *list, size_t count,
                          size_t at, uint8_t *data)
{
    uint8_t block = list[at];

    if (!exists(card, block) || (is_read_only(card, block) && service != READ_ONLY))
        return NO_BLOCK;
    if (block == MAC_A && !card->felica.rc_written)
        return NO_CHALLENGE;
    fetch(card, block, data + at * FELICA_BLOCK);
    if (block == MAC_A && at + 1 == count && at > 0)
        felica_block_answer(card, list, count, data);
    return 0;
}

/* A rogue card gives its first answer again, whatever the challenge. */
static void replay(struct card *card, size_t len, uint8_t *data)
{
    if (len > sizeof(card->replay))
        return;
    if (card->replay_len == 0)
        memcpy(card->replay, data, card->replay_len = len);
    memcpy(data, card->replay, len);
}

void felica_block_answer(struct card *card, const uint8_t *list, size_t count, uint8_t *data)
{
    static const uint8_t others[] = {ID, CK, MAC_A};
    struct felica_own *f = &card->felica;
    const uint8_t *rc = f->lie == FELICA_OLD_RC ? f->first_rc : f->rc;
    uint8_t *mac = data + (count - 1) * FELICA_BLOCK;

    card->key_operations++;
    if (f->lie == FELICA_NO_LIST)
        felica_mac_lite(f->ck, rc, count - 1, data, mac);
    else
        felica_mac_read(f->ck, rc, f->lie == FELICA_OTHER_BLOCKS ? others : list, count, data, mac);
    if (f->lie == FELICA_ZERO_MAC)
        memset(mac, 0, FELICA_MAC_LEN);
    if (f->lie == FELICA_OTHER_ID)
        data[0] ^= 0x01;
    if (f->lie == FELICA_OTHER_CKV && count > 1)
        data[FELICA_BLOCK] ^= 0x01;
    if (card->rogue == ROGUE_REPLAY)
        replay(card, count * FELICA_BLOCK, data);
}

static void take_challenge(struct felica_own *f, const uint8_t *data)
{
    memcpy(f->rc, data, FELICA_BLOCK);
    if (!f->first_seen)
        memcpy(f->first_rc, data, FELICA_BLOCK);
    f->first_seen = f->rc_written = true;
}

/* Octets 0, 1 only lose bits, 6 to 12 only gain some; 2 to 5 are free until the lock. */
static void take_configuration(struct felica_own *f, const uint8_t *data)
{
    bool open = (f->mc[1] & 0x80) != 0;

    for (size_t n = 0; n < 13; n++) {
        if (n >= 2 && n <= 5 && f->mc[MC_ALL] != LOCKED)
            f->mc_next[n] = data[n];
        else if (n < 2 && open)
            f->mc_next[n] &= data[n];
        else if (n > 5 && open)
            f->mc_next[n] |= data[n];
    }
}

static uint8_t store(struct card *card, uint8_t block, const uint8_t *data)
{
    struct felica_own *f = &card->felica;

    if (block < FELICA_PADS)
        memcpy(f->pads[block], data, FELICA_BLOCK);
    else if (block == ID)
        memcpy(f->id + FELICA_ID, data + FELICA_ID, FELICA_BLOCK - FELICA_ID);
    else if (block == CKV)
        memcpy(f->ckv, data, FELICA_BLOCK);
    else if (block == CK)
        memcpy(f->ck, data, FELICA_BLOCK);
    else if (block == MC)
        take_configuration(f, data);
    else if (block == STATE)
        f->authenticated = data[0] == 1;
    else
        return NO_BLOCK;
    if (f->wcnt < WCNT_LIMIT)
        f->wcnt++;
    return state_save(card) ? 0 : FAILED;
}

uint8_t felica_block_write(struct card *card, uint8_t block, const uint8_t *data, bool under_mac)
{
    struct felica_own *f = &card->felica;
    bool key = block == CK || block == CKV;
    bool with_mac = f->mc[MC_CKCKV_MAC] == 1 && key;

    if (block == RC) {
        take_challenge(f, data);
        return 0;
    }
    if (!exists(card, block) || block == MAC_A || (block == STATE && !under_mac))
        return NO_BLOCK;
    if ((is_read_only(card, block) && !(with_mac && under_mac)) || (with_mac && !under_mac))
        return NO_BLOCK;
    return store(card, block, data);
}
