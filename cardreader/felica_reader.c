/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/felica_reader.h"

#include "cardreader/exchange.h"
#include "core/wire/tlv.h"
#include "core/wire/wipe.h"

#include <string.h>

#define CLA_READER   0xFF
#define INS_GET_DATA 0xCA
#define INS_DIRECT   0x00
#define INS_PART3    0xC2
#define P2_SESSION   0x00
#define P2_EXCHANGE  0x01

/* PN532 InDataExchange with target 1, and its answer (NXP UM0701-02, 7.3.8). */
#define PN532_COMMAND     0xD4
#define PN532_ANSWER      0xD5
#define PN532_EXCHANGE    0x40
#define PN532_EXCHANGED   0x41
#define PN532_TARGET      0x01
#define PN532_COMMAND_LEN 3
#define PN532_ANSWER_LEN  3

/* Data objects of PC/SC part 3, supplemental document, 2.2 and 2.3. */
#define DO_BEGIN        0x81
#define DO_END          0x82
#define DO_TRANSCEIVE   0x95
#define DO_ERROR        0xC0
#define DO_RECEPTION    0x92
#define DO_VALID_BITS   0x96
#define DO_RESPONSE     0x97
#define ERROR_LEN       3
#define SW1_NO_RESPONSE 0x64

int felica_command(struct apdu_link *link, const struct apdu_command *cmd,
                   struct family_result *res)
{
    int r = exchange_run(link, cmd, res);

    return r == 0 && res->sw != EXCHANGE_OK ? CARD_REFUSED : r;
}

int felica_get_data(struct apdu_link *link, uint8_t p1, struct family_result *res)
{
    struct apdu_command cmd = {.cla = CLA_READER, .ins = INS_GET_DATA, .p1 = p1};

    cmd.le = APDU_LE_ANY;
    return felica_command(link, &cmd, res);
}

/* Drops what stands before the card's own answer. */
static void keep(struct family_result *res, const uint8_t *from, size_t len)
{
    memmove(res->data, from, len);
    res->len = len;
}

static int carry_direct(struct apdu_link *link, const uint8_t *frame, size_t len,
                        struct family_result *res)
{
    struct apdu_command cmd = {.cla = CLA_READER, .ins = INS_DIRECT, .data = frame, .len = len};

    return felica_command(link, &cmd, res);
}

static int carry_pn532(struct apdu_link *link, const uint8_t *frame, size_t len,
                       struct family_result *res)
{
    uint8_t data[APDU_DATA_MAX] = {PN532_COMMAND, PN532_EXCHANGE, PN532_TARGET};
    int r;

    if (len > sizeof(data) - PN532_COMMAND_LEN)
        return CARD_INTERNAL;
    memcpy(data + PN532_COMMAND_LEN, frame, len);
    r = carry_direct(link, data, PN532_COMMAND_LEN + len, res);
    wire_wipe(data, sizeof(data));
    if (r != 0)
        return r;
    if (res->len < PN532_ANSWER_LEN || res->data[0] != PN532_ANSWER ||
        res->data[1] != PN532_EXCHANGED)
        return CARD_MALFORMED;
    /* Any error of the chip is one of the air: time-out, CRC, a card that left. */
    if (res->data[2] != 0)
        return CARD_GONE;
    keep(res, res->data + PN532_ANSWER_LEN, res->len - PN532_ANSWER_LEN);
    return 0;
}

static int judge_error(const struct tlv *error, struct family_result *res)
{
    if (error->len != ERROR_LEN)
        return CARD_MALFORMED;
    res->sw = (uint16_t)(error->val[1] << 8 | error->val[2]);
    if (res->sw == EXCHANGE_OK && error->val[0] == 0)
        return 0;
    return error->val[1] == SW1_NO_RESPONSE ? CARD_GONE : CARD_REFUSED;
}

/* Each object at most once, none that is not known. */
static int sort_objects(const struct family_result *res, struct tlv *error, struct tlv *response)
{
    struct tlv_cur cur = tlv_ber(res->data, res->len);
    struct tlv other[2] = {{0}}, next;

    while (cur.left > 0) {
        struct tlv *place;
        if (tlv_next(&cur, &next) != WIRE_OK)
            return CARD_MALFORMED;
        place = next.tag == DO_ERROR        ? error
                : next.tag == DO_RESPONSE   ? response
                : next.tag == DO_RECEPTION  ? &other[0]
                : next.tag == DO_VALID_BITS ? &other[1]
                                            : NULL;
        if (place == NULL || place->val != NULL)
            return CARD_MALFORMED;
        *place = next;
    }
    return error->val == NULL ? CARD_MALFORMED : 0;
}

static int carry_part3(struct apdu_link *link, const uint8_t *frame, size_t len,
                       struct family_result *res)
{
    uint8_t data[APDU_DATA_MAX];
    struct tlv_out out = tlv_writer(data, sizeof(data));
    struct apdu_command cmd = {.cla = CLA_READER, .ins = INS_PART3, .p2 = P2_EXCHANGE};
    struct tlv error = {0}, response = {0};
    int r = CARD_INTERNAL;

    tlv_put(&out, DO_TRANSCEIVE, frame, len);
    cmd.data = data;
    if (tlv_finish(&out, &cmd.len) == WIRE_OK)
        r = felica_command(link, &cmd, res);
    wire_wipe(data, sizeof(data));
    if (r != 0 || (r = sort_objects(res, &error, &response)) != 0 ||
        (r = judge_error(&error, res)) != 0)
        return r;
    if (response.val == NULL)
        return CARD_MALFORMED;
    keep(res, response.val, response.len);
    return 0;
}

static int begin_part3(struct apdu_link *link, struct family_result *res)
{
    static const uint8_t begin[] = {DO_BEGIN, 0};
    struct apdu_command cmd = {.cla = CLA_READER, .ins = INS_PART3, .p2 = P2_SESSION};

    cmd.data = begin;
    cmd.len = sizeof(begin);
    return felica_command(link, &cmd, res);
}

/* In a session that stays open the reader looks for no other card. */
static void end_part3(struct apdu_link *link)
{
    static const uint8_t end[] = {DO_END, 0};
    struct apdu_command cmd = {.cla = CLA_READER, .ins = INS_PART3, .p2 = P2_SESSION};
    uint8_t buf[APDU_ANSWER_MAX];
    struct apdu_answer ans = {.buf = buf, .cap = sizeof(buf)};

    cmd.data = end;
    cmd.len = sizeof(end);
    (void)apdu_run(link, &cmd, &ans);
}

#define FRAMES                                                                                     \
    .recognise = felica_frame_recognise, .identify = felica_frame_identify,                        \
    .read = felica_frame_read, .write = felica_frame_write
#define SONY                                                                                       \
    .recognise = felica_sony_recognise, .identify = felica_sony_identify,                          \
    .read = felica_sony_read, .write = felica_sony_write

static const struct felica_reader readers[] = {
    {.name = "RC-S300", SONY},
    {.name = "RC-S660", SONY},
    {.name = "ACR122", FRAMES, .carry = carry_pn532},
    {.name = "ACR125", FRAMES, .carry = carry_direct},
    {.name = "ACM125", FRAMES, .carry = carry_direct},
    {.name = "", FRAMES, .carry = carry_part3, .begin = begin_part3, .end = end_part3},
};

const struct felica_reader *felica_reader_of(const struct apdu_link *link)
{
    const char *name = link->reader != NULL ? link->reader : "";
    size_t n = 0;

    while (strstr(name, readers[n].name) == NULL)
        n++;
    return &readers[n];
}
