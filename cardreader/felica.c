/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/felica.h"

#include "cardreader/felica_reader.h"

#include <string.h>

#define BLOCK_RC    0x80
#define BLOCK_ID    0x82
#define BLOCK_CKV   0x86
#define BLOCK_CK    0x87
#define BLOCK_MC    0x88
#define BLOCK_WCNT  0x90 /* FeliCa Lite has none, nor the next one */
#define BLOCK_MAC_A 0x91

#define IC_LITE_S_FIRST 0xF1 /* PMm, second octet; F0: FeliCa Lite, without MAC_A */
#define IC_LITE_S_LAST  0xF7

/* Octets of block MC (User's Manual, memory configuration). */
#define MC_ALL        2 /* FF: system blocks and MC 2..5 may be written; 00: never again */
#define MC_RF         4
#define MC_CKCKV      5 /* 01: CK and CKV may be written under a MAC, locked or not */
#define MC_RESERVED   13
#define MC_WRITABLE   0xFF
#define MC_RF_DEFAULT 0x07

int felica_select(struct apdu_link *link, struct family_result *res)
{
    return felica_reader_of(link)->recognise(link, res);
}

int felica_read(struct apdu_link *link, uint32_t object, uint8_t pin_ref, struct family_result *res)
{
    uint8_t ic;
    int r;

    (void)pin_ref;
    if (object == CARD_OBJ_TRIES)
        return CARD_ABSENT;
    if (object != CARD_OBJ_IDENTIFIER)
        return CARD_INTERNAL;
    if ((r = felica_reader_of(link)->identify(link, res)) != 0)
        return r;
    ic = res->len > FELICA_IDM_LEN ? res->data[FELICA_IDM_LEN + 1] : IC_LITE_S_FIRST;
    res->len = FELICA_IDM_LEN;
    return ic >= IC_LITE_S_FIRST && ic <= IC_LITE_S_LAST ? 0 : CARD_UNKNOWN;
}

int felica_check(const struct family_sign *sign, const struct family_pin *pin)
{
    return sign->key == FELICA_KEY && sign->alg == CARD_MAC_A &&
                   sign->digest_len == FELICA_CHALLENGE && pin == NULL
               ? 0
               : CARD_INTERNAL;
}

/* A task between the reader's begin and end, where it wants them; the result is that of the task.
 */
static int run(struct apdu_link *link, struct family_result *res, const void *ctx,
               int (*task)(const struct felica_reader *reader, struct apdu_link *link,
                           const void *ctx, struct family_result *res))
{
    const struct felica_reader *reader = felica_reader_of(link);
    int r = reader->begin != NULL ? reader->begin(link, res) : 0;

    if (r != 0)
        return r;
    r = task(reader, link, ctx, res);
    if (reader->end != NULL)
        reader->end(link);
    return r;
}

static int authenticate(const struct felica_reader *reader, struct apdu_link *link, const void *ctx,
                        struct family_result *res)
{
    static const uint8_t blocks[] = {BLOCK_ID, BLOCK_CKV, BLOCK_MAC_A};
    const struct family_sign *sign = ctx;
    int r = reader->write(reader, link, BLOCK_RC, sign->digest, res);

    return r != 0 ? r : reader->read(reader, link, blocks, sizeof(blocks), res);
}

int felica_sign(struct apdu_link *link, const struct family_sign *sign, struct family_result *res)
{
    int r = felica_check(sign, NULL);

    return r != 0 ? r : run(link, res, sign, authenticate);
}

/* What is not as it left the factory in here was set by somebody who had a reason. */
static bool is_writable(const uint8_t mc[FELICA_BLOCK_LEN])
{
    bool good = mc[MC_ALL] == MC_WRITABLE && mc[MC_RF] == MC_RF_DEFAULT;

    for (size_t n = MC_RESERVED; n < FELICA_BLOCK_LEN; n++)
        good = good && mc[n] == 0;
    return good;
}

/* As MC is left by this worker. */
static bool is_locked(const uint8_t mc[FELICA_BLOCK_LEN])
{
    uint8_t before[FELICA_BLOCK_LEN];

    memcpy(before, mc, sizeof(before));
    before[MC_ALL] = MC_WRITABLE;
    return mc[MC_ALL] == 0x00 && mc[MC_CKCKV] == 0x00 && is_writable(before);
}

static int write_key(const struct felica_reader *reader, struct apdu_link *link, const void *ctx,
                     struct family_result *res)
{
    static const uint8_t blocks[] = {BLOCK_MC, BLOCK_WCNT};
    const struct family_issue *issue = ctx;
    uint8_t mc[FELICA_BLOCK_LEN];
    const uint8_t ckv[FELICA_BLOCK_LEN] = {(uint8_t)(issue->version & 0xFF),
                                           (uint8_t)(issue->version >> 8)};
    int r = reader->read(reader, link, blocks, sizeof(blocks), res);

    if (r != 0)
        return r;
    memcpy(mc, res->data, sizeof(mc));
    if (issue->lock && is_locked(mc)) /* by a call whose end was not seen */
        return 0;
    if (!is_writable(mc))
        return CARD_REFUSED;
    if ((r = reader->write(reader, link, BLOCK_CK, issue->secret, res)) != 0 ||
        (r = reader->write(reader, link, BLOCK_CKV, ckv, res)) != 0 || !issue->lock)
        return r;
    mc[MC_ALL] = 0x00;
    mc[MC_CKCKV] = 0x00;
    return reader->write(reader, link, BLOCK_MC, mc, res);
}

int felica_issue(struct apdu_link *link, const struct family_issue *issue,
                 struct family_result *res)
{
    return run(link, res, issue, write_key);
}
