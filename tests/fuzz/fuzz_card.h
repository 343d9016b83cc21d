/* SPDX-License-Identifier: Apache-2.0
 *
 * A card made of the input: its answers one after the other, each a length of one octet (FF: two
 * octets follow) and so much data. An answer that is cut off is a card that was pulled.
 */
#ifndef TOYAMA_TESTS_FUZZ_FUZZ_CARD_H
#define TOYAMA_TESTS_FUZZ_FUZZ_CARD_H

#include "cardreader/family.h"
#include "tests/fuzz/fuzz.h"

#define FUZZ_COMMANDS_MAX (8 * (APDU_ROUNDS_MAX + 4))

struct fuzz_card {
    const uint8_t *p;
    size_t left;
    unsigned commands;
    uint8_t last_ins; /* of the last command but GET RESPONSE */
    uint16_t last_sw; /* before a PIN goes out: that of the tries query */
};

static inline size_t fuzz_card_length(struct fuzz_card *card)
{
    size_t len = 0;

    if (card->left > 0) {
        len = *card->p++;
        card->left--;
    }
    if (len == 0xFF && card->left >= 2) {
        len = (size_t)card->p[0] << 8 | card->p[1];
        card->p += 2;
        card->left -= 2;
    }
    return len;
}

/* The last try of a PIN is never spent, whatever the card says; that of a PUK not where it says
 * how many are left. */
static inline void fuzz_card_check_pin(const struct fuzz_card *card, const uint8_t *cmd, size_t len)
{
    uint16_t sw = card->last_sw;
    bool counts = (sw & 0xFFF0) == 0x63C0 || (sw & 0xFFF0) == 0x6300;
    bool pin = (cmd[1] == 0x20 && len > 5) || cmd[1] == 0x24;

    if (pin)
        fuzz_require(sw == 0x9000 || (counts && (sw & 0x0F) > 1));
    if (cmd[1] == 0x2C && card->last_ins == 0x20)
        fuzz_require(!(counts && (sw & 0x0F) <= 1) && sw != 0x6983 && sw != 0x6984);
}

static inline int fuzz_card_answer(void *ctx, const uint8_t *cmd, size_t cmd_len, uint8_t *ans,
                                   size_t cap, size_t *ans_len)
{
    struct fuzz_card *card = (struct fuzz_card *)ctx;
    size_t len;

    fuzz_require(cmd_len >= 4 && cmd_len <= APDU_COMMAND_MAX);
    fuzz_require(++card->commands <= FUZZ_COMMANDS_MAX);
    fuzz_card_check_pin(card, cmd, cmd_len);
    if (cmd[1] != 0xC0)
        card->last_ins = cmd[1];
    if ((len = fuzz_card_length(card)) > card->left)
        return APDU_LOST;
    if (len > cap)
        return APDU_MALFORMED;
    if (len > 0)
        memcpy(ans, card->p, len);
    if (len >= 2)
        card->last_sw = (uint16_t)(card->p[len - 2] << 8 | card->p[len - 1]);
    card->p += len;
    card->left -= len;
    *ans_len = len;
    return APDU_OK;
}

#endif
