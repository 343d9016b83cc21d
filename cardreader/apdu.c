/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/apdu.h"

#include "core/wire/wipe.h"

#include <string.h>

#define CLA_CHAIN        0x10
#define CLA_READER       0xFF /* no class of a card's: PC/SC part 3 uses it for the reader */
#define CLA_PROPRIETARY  0x80
#define CLA_READER       0xFF /* PC/SC part 3: for the reader itself */
#define INS_GET_RESPONSE 0xC0
#define SW_OK            0x9000
#define SW1(sw)          ((sw) >> 8)
#define SW1_MORE         0x61
#define SW1_WRONG_LE     0x6C

static size_t encode(const struct apdu_command *cmd, bool t0, uint8_t out[APDU_COMMAND_MAX])
{
    size_t n = 0;

    out[n++] = cmd->cla;
    out[n++] = cmd->ins;
    out[n++] = cmd->p1;
    out[n++] = cmd->p2;
    if (cmd->len > 0) {
        out[n++] = (uint8_t)cmd->len;
        memcpy(out + n, cmd->data, cmd->len);
        n += cmd->len;
    }
    if (cmd->le > 0 && !(t0 && cmd->len > 0))
        out[n++] = (uint8_t)(cmd->le & 0xFF);
    return n;
}

/* Appends the data of one answer; the length is checked before the status word is looked at. */
static int take_answer(const uint8_t *in, size_t got, struct apdu_answer *ans)
{
    if (got == 0)
        return APDU_LOST; /* what pcscd reports for a card pulled in mid-exchange */
    if (got < 2 || got > APDU_ANSWER_MAX || got - 2 > ans->cap - ans->len)
        return APDU_MALFORMED;
    memcpy(ans->buf + ans->len, in, got - 2);
    ans->len += got - 2;
    ans->sw = (uint16_t)(in[got - 2] << 8 | in[got - 1]);
    return APDU_OK;
}

static int exchange(struct apdu_link *link, const struct apdu_command *cmd, struct apdu_answer *ans)
{
    uint8_t out[APDU_COMMAND_MAX];
    uint8_t in[APDU_ANSWER_MAX];
    size_t got = 0;
    size_t len = encode(cmd, link->t0, out);
    int r;

    link->counts.apdus++;
    link->counts.sent += (uint32_t)len;
    r = link->transmit(link->ctx, out, len, in, sizeof(in), &got);
    wire_wipe(out, sizeof(out));
    if (r == APDU_OK) {
        link->counts.received += (uint32_t)got;
        r = take_answer(in, got, ans);
    }
    return r;
}

/* 6Cxx names the right Le; one correction a command, so that a card cannot play ping-pong. */
static int exchange_with_le(struct apdu_link *link, const struct apdu_command *cmd,
                            struct apdu_answer *ans, bool *corrected)
{
    struct apdu_command again = *cmd;
    size_t before = ans->len;
    int r = exchange(link, cmd, ans);

    if (r != APDU_OK || SW1(ans->sw) != SW1_WRONG_LE || cmd->le == 0 || *corrected)
        return r;
    *corrected = true;
    ans->len = before;
    again.le = (ans->sw & 0xFF) != 0 ? (ans->sw & 0xFF) : APDU_LE_ANY;
    return exchange(link, &again, ans);
}

static int collect(struct apdu_link *link, uint8_t cla, struct apdu_answer *ans, bool *corrected)
{
    for (int round = 0; SW1(ans->sw) == SW1_MORE; round++) {
        struct apdu_command get = {.cla = cla, .ins = INS_GET_RESPONSE};
        size_t before = ans->len;
        int r;

        if (round == APDU_ROUNDS_MAX)
            return APDU_MALFORMED;
        get.le = (ans->sw & 0xFF) != 0 ? (ans->sw & 0xFF) : APDU_LE_ANY;
        if ((r = exchange_with_le(link, &get, ans, corrected)) != APDU_OK)
            return r;
        if (ans->len == before && (SW1(ans->sw) == SW1_MORE || ans->sw == SW_OK))
            return APDU_MALFORMED;
    }
    return APDU_OK;
}

/* GET RESPONSE is an interindustry command, whatever class the command before had. */
static uint8_t class_of_rest(uint8_t cla)
{
    return (cla & CLA_PROPRIETARY) != 0 && cla != CLA_READER ? 0x00 : cla;
}

static bool argument_is_good(const struct apdu_command *cmd, const struct apdu_answer *ans)
{
    bool class = cmd->cla == CLA_READER ? cmd->len <= APDU_DATA_MAX : (cmd->cla & CLA_CHAIN) == 0;

    return class && cmd->le <= APDU_LE_ANY && (cmd->len == 0 || cmd->data != NULL) &&
           (ans->cap == 0 || ans->buf != NULL);
}

/* All blocks but the last. A status word other than 9000 ends the command there. */
static int send_chain(struct apdu_link *link, struct apdu_command *rest, struct apdu_answer *ans)
{
    while (rest->len > APDU_DATA_MAX) {
        struct apdu_command block = *rest;
        int r;

        block.cla |= CLA_CHAIN;
        block.len = APDU_DATA_MAX;
        block.le = 0;
        if ((r = exchange(link, &block, ans)) != APDU_OK || ans->sw != SW_OK)
            return r;
        if (ans->len != 0)
            return APDU_MALFORMED;
        rest->data += APDU_DATA_MAX;
        rest->len -= APDU_DATA_MAX;
    }
    return APDU_OK;
}

int apdu_run(struct apdu_link *link, const struct apdu_command *cmd, struct apdu_answer *ans)
{
    struct apdu_command rest = *cmd;
    bool corrected = false;
    int r;

    ans->len = 0;
    ans->sw = 0;
    if (!argument_is_good(cmd, ans))
        return APDU_ARGUMENT;
    r = send_chain(link, &rest, ans);
    if (r != APDU_OK || rest.len > APDU_DATA_MAX)
        return r;
    if ((r = exchange_with_le(link, &rest, ans, &corrected)) != APDU_OK)
        return r;
    return collect(link, class_of_rest(cmd->cla), ans, &corrected);
}
