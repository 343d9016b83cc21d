/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/iso.h"

#include "tests/virtual/card/applet.h"

#include <string.h>

#define CLA_CHAIN        0x10
#define INS_GET_RESPONSE 0xC0

static size_t get_u16(const uint8_t *p)
{
    return (size_t)p[0] << 8 | p[1];
}

static bool parse_short(const uint8_t *apdu, size_t len, struct iso_command *cmd)
{
    cmd->len = apdu[4];
    cmd->data = apdu + 5;
    if (len == 5 + cmd->len)
        return true;
    cmd->le = apdu[len - 1] != 0 ? apdu[len - 1] : 256;
    return len == 6 + cmd->len;
}

static bool parse_extended(const uint8_t *apdu, size_t len, struct iso_command *cmd)
{
    size_t le;

    cmd->extended = true;
    if (len > 7) {
        cmd->len = get_u16(apdu + 5);
        cmd->data = apdu + 7;
        if (len == 7 + cmd->len)
            return cmd->len > 0;
        if (len != 9 + cmd->len)
            return false;
    }
    le = get_u16(apdu + len - 2);
    cmd->le = le != 0 ? le : 65536;
    return true;
}

static bool parse(const uint8_t *apdu, size_t len, struct iso_command *cmd)
{
    *cmd = (struct iso_command){0};
    if (len < 4)
        return false;
    cmd->cla = apdu[0];
    cmd->ins = apdu[1];
    cmd->p1 = apdu[2];
    cmd->p2 = apdu[3];
    if (len == 4)
        return true;
    if (len == 5) {
        cmd->le = apdu[4] != 0 ? apdu[4] : 256;
        return true;
    }
    if (apdu[4] != 0)
        return parse_short(apdu, len, cmd);
    return len >= 7 && parse_extended(apdu, len, cmd);
}

static size_t status(uint8_t *out, size_t at, unsigned sw)
{
    out[at] = (uint8_t)(sw >> 8);
    out[at + 1] = (uint8_t)sw;
    return at + 2;
}

/* Sends as much of the pending data as the command and the card's habits allow. */
static size_t deliver(struct card *card, const struct iso_command *cmd, unsigned sw, uint8_t *out)
{
    bool whole = cmd->extended && !card->like->splits_extended;
    size_t limit = whole ? CARD_BODY_MAX : card->like->chunk;
    size_t n = card->pending_len, left;

    if (cmd->le > 0 && cmd->le < limit)
        limit = cmd->le;
    if (n > limit)
        n = limit;
    memcpy(out, card->pending, n);
    left = card->pending_len - n;
    memmove(card->pending, card->pending + n, left);
    card->pending_len = left;
    if (left == 0)
        return status(out, n, sw);
    if (left >= card->like->chunk)
        return status(out, n, 0x6100u | (card->like->chunk & 0xFF));
    return status(out, n, 0x6100u | (unsigned)left);
}

static bool same_command(const struct card *card, const struct iso_command *cmd)
{
    return card->chain_header[0] == cmd->ins && card->chain_header[1] == cmd->p1 &&
           card->chain_header[2] == cmd->p2;
}

/* Joins a block to the chain; false where it does not fit. */
static bool add_block(struct card *card, const struct iso_command *cmd)
{
    if (card->chain_len > 0 && !same_command(card, cmd))
        card->chain_len = 0;
    if (cmd->len > sizeof(card->chain) - card->chain_len)
        return false;
    if (cmd->len > 0)
        memcpy(card->chain + card->chain_len, cmd->data, cmd->len);
    card->chain_len += cmd->len;
    memcpy(card->chain_header, (uint8_t[]){cmd->ins, cmd->p1, cmd->p2}, 3);
    return true;
}

static size_t run(struct card *card, struct iso_command *cmd, uint8_t *out)
{
    static struct iso_body body;
    unsigned sw;

    if (card->chain_len > 0 && same_command(card, cmd)) {
        if (!add_block(card, cmd))
            return status(out, 0, 0x6700);
        cmd->data = card->chain;
        cmd->len = card->chain_len;
    }
    body.len = 0;
    sw = card->applet->run(card, cmd, &body);
    card->chain_len = 0;
    card->pending_len = sw == 0x9000 ? body.len : 0;
    memcpy(card->pending, body.data, card->pending_len);
    return deliver(card, cmd, sw, out);
}

static size_t run_block(struct card *card, const struct iso_command *cmd, uint8_t *out)
{
    unsigned sw =
        card->applet->admits_chain != NULL ? card->applet->admits_chain(card, cmd) : 0x9000;

    if (sw == 0x9000 && !add_block(card, cmd))
        sw = 0x6700;
    if (sw != 0x9000)
        card->chain_len = 0;
    return status(out, 0, sw);
}

size_t iso_process(struct card *card, const uint8_t *apdu, size_t len, uint8_t out[ISO_ANSWER_MAX])
{
    struct iso_command cmd;
    bool own;

    if (!parse(apdu, len, &cmd))
        return status(out, 0, 0x6700);
    own = card->applet->takes_class != NULL && card->applet->takes_class(cmd.cla);
    if ((cmd.cla & ~CLA_CHAIN) != 0 && !own)
        return status(out, 0, 0x6E00);
    if (cmd.ins == INS_GET_RESPONSE && card->pending_len > 0 && !own)
        return deliver(card, &cmd, 0x9000, out);
    card->pending_len = 0;
    if ((cmd.cla & CLA_CHAIN) != 0 && !own)
        return run_block(card, &cmd, out);
    return run(card, &cmd, out);
}
