/* SPDX-License-Identifier: Apache-2.0
 *
 * Four readers, each with the pseudo-APDUs of its maker's documents. None was compared with the
 * real thing. What a reader does not know gets 6A81 or 6D00.
 */
#include "tests/virtual/card/felica.h"

#include <string.h>

#define INS_DIRECT    0x00
#define INS_SELECT    0xA4
#define INS_READ      0xB0
#define INS_PART3     0xC2
#define INS_GET_DATA  0xCA
#define INS_WRITE     0xD6
#define SW_FUNCTION   0x6A81u
#define SW_CONDITIONS 0x6985u
#define SW_FAILED     0x6300u
#define CODE_READ     0x06
#define CODE_WRITE    0x08
#define AT_STATUS     10
#define READ_HEAD     13

static unsigned give(struct iso_body *body, const void *data, size_t len)
{
    memcpy(body->data + body->len, data, len);
    body->len += len;
    return SW_OK;
}

static unsigned get_data(const struct card *card, const struct iso_command *cmd,
                         struct iso_body *body)
{
    if (cmd->p1 == 0x00 && cmd->p2 == 0x00)
        return give(body, card->felica.idm, FELICA_ID);
    if (cmd->p1 == 0x01 && cmd->p2 == 0x00 && card->felica.reader == FELICA_RCS300)
        return give(body, card->felica.pmm, FELICA_ID);
    return SW_FUNCTION;
}

/* RC-S300: the host gives blocks, the reader makes the frame and takes it apart again. */
static size_t sony_exchange(struct card *card, uint8_t code, const struct iso_command *cmd,
                            uint8_t out[FELICA_FRAME_MAX])
{
    uint8_t frame[FELICA_FRAME_MAX] = {0, code};
    size_t len = 14;

    if (cmd->len > sizeof(frame) - len)
        return 0;
    memcpy(frame + 2, card->felica.idm, FELICA_ID);
    frame[10] = 1;
    frame[11] = card->felica.service;
    frame[13] = cmd->p2;
    memcpy(frame + len, cmd->data, cmd->len);
    len += cmd->len;
    frame[0] = (uint8_t)len;
    return felica_frame(card, frame, len, out);
}

static unsigned sony_blocks(struct card *card, uint8_t code, const struct iso_command *cmd,
                            struct iso_body *body)
{
    uint8_t out[FELICA_FRAME_MAX];
    size_t len;

    if (card->felica.service == 0 || cmd->p1 != 0x80 || cmd->len == 0)
        return SW_CONDITIONS;
    len = sony_exchange(card, code, cmd, out);
    if (len < AT_STATUS + 2 || out[AT_STATUS] != 0 || out[AT_STATUS + 1] != 0 ||
        memcmp(out + 2, card->felica.idm, FELICA_ID) != 0)
        return SW_FAILED;
    return len > READ_HEAD ? give(body, out + READ_HEAD, len - READ_HEAD) : SW_OK;
}

static unsigned run_sony(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    switch (cmd->ins) {
    case INS_GET_DATA:
        return get_data(card, cmd, body);
    case INS_SELECT:
        if (cmd->p1 != 0 || cmd->p2 != 1 || cmd->len != 2 || cmd->data[1] != 0)
            return SW_FUNCTION;
        card->felica.service = cmd->data[0];
        return SW_OK;
    case INS_READ:
        return sony_blocks(card, CODE_READ, cmd, body);
    case INS_WRITE:
        return sony_blocks(card, CODE_WRITE, cmd, body);
    default:
        return SW_UNKNOWN_INS;
    }
}

/* ACR122U: the host talks to the PN532 in it. */
static unsigned run_pn532(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    static const uint8_t command[] = {0xD4, 0x40, 0x01}, answer[] = {0xD5, 0x41};
    uint8_t out[FELICA_FRAME_MAX];
    uint8_t status;
    size_t len;

    if (cmd->ins == INS_GET_DATA)
        return get_data(card, cmd, body);
    if (cmd->ins != INS_DIRECT || cmd->p1 != 0 || cmd->p2 != 0)
        return SW_UNKNOWN_INS;
    if (cmd->len <= sizeof(command) || memcmp(cmd->data, command, sizeof(command)) != 0)
        return SW_FAILED;
    len = felica_frame(card, cmd->data + sizeof(command), cmd->len - sizeof(command), out);
    status = len > 0 ? 0x00 : 0x01;
    give(body, answer, sizeof(answer));
    give(body, &status, 1);
    return give(body, out, len);
}

static unsigned run_direct(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    uint8_t out[FELICA_FRAME_MAX];
    size_t len;

    if (cmd->ins == INS_GET_DATA)
        return get_data(card, cmd, body);
    if (cmd->ins != INS_DIRECT || cmd->p1 != 0 || cmd->p2 != 0 || cmd->len == 0)
        return SW_UNKNOWN_INS;
    len = felica_frame(card, cmd->data, cmd->len, out);
    return len > 0 ? give(body, out, len) : SW_FAILED;
}

static unsigned run_session(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    static const uint8_t good[] = {0xC0, 0x03, 0x00, 0x90, 0x00};

    if (cmd->len != 2 || cmd->data[1] != 0 || (cmd->data[0] != 0x81 && cmd->data[0] != 0x82))
        return SW_FUNCTION;
    card->felica.session = cmd->data[0] == 0x81;
    return give(body, good, sizeof(good));
}

static unsigned transceive(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    static const uint8_t good[] = {0xC0, 0x03, 0x00, 0x90, 0x00, 0x92,
                                   0x01, 0x00, 0x96, 0x02, 0x00, 0x00};
    static const uint8_t silence[] = {0xC0, 0x03, 0x01, 0x64, 0x01};
    uint8_t out[FELICA_FRAME_MAX], head[2] = {0x97};
    size_t len;

    if (!card->felica.session)
        return SW_CONDITIONS;
    if (cmd->len < 2 || cmd->data[0] != 0x95 || cmd->data[1] != cmd->len - 2 ||
        cmd->data[1] >= 0x80)
        return SW_WRONG_DATA;
    len = felica_frame(card, cmd->data + 2, cmd->len - 2, out);
    if (len == 0)
        return give(body, silence, sizeof(silence));
    head[1] = (uint8_t)len;
    give(body, good, sizeof(good));
    give(body, head, sizeof(head));
    return give(body, out, len);
}

static unsigned run_part3(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    if (cmd->ins == INS_GET_DATA)
        return get_data(card, cmd, body);
    if (cmd->ins != INS_PART3 || cmd->p1 != 0 || cmd->p2 > 1)
        return SW_UNKNOWN_INS;
    return cmd->p2 == 0 ? run_session(card, cmd, body) : transceive(card, cmd, body);
}

static const struct {
    const char *name;
    unsigned (*run)(struct card *card, const struct iso_command *cmd, struct iso_body *body);
} readers[] = {
    [FELICA_RCS300] = {"rcs300", run_sony},
    [FELICA_ACR122U] = {"acr122u", run_pn532},
    [FELICA_ACR1252] = {"acr1252", run_direct},
    [FELICA_PART3] = {"generic", run_part3},
};

unsigned felica_reader_run(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    return cmd->cla == 0xFF ? readers[card->felica.reader].run(card, cmd, body) : SW_UNKNOWN_INS;
}

bool felica_reader_parse(const char *name, enum felica_reader_kind *out)
{
    for (size_t n = 0; n < sizeof(readers) / sizeof(readers[0]); n++) {
        if (strcmp(name, readers[n].name) == 0) {
            *out = (enum felica_reader_kind)n;
            return true;
        }
    }
    return false;
}
