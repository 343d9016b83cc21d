/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/exchange.h"
#include "cardreader/jpki.h"

#define INS_READ_BINARY 0xB0
#define FILE_CERT       0x0A
#define HEADER_LEN      4
#define ROUNDS_MAX      64 /* a reader may hand over less than a card has */

/* Appends up to `want` octets of the current file from offset res->len on. */
static int read_piece(struct apdu_link *link, size_t want, struct family_result *res)
{
    struct apdu_command cmd = {
        .ins = INS_READ_BINARY, .p1 = (uint8_t)(res->len >> 8), .p2 = (uint8_t)res->len};
    size_t before = res->len;
    int r;

    cmd.le = want < APDU_LE_ANY ? want : APDU_LE_ANY;
    if ((r = exchange_append(link, &cmd, res)) != 0)
        return r;
    if (res->sw != EXCHANGE_OK)
        return res->sw == 0x6982 ? CARD_PIN_NEEDED : CARD_REFUSED;
    return res->len > before && res->len - before <= cmd.le ? 0 : CARD_MALFORMED;
}

/* 30 82 LL LL: a certificate of an RSA-2048 key is always longer than 255 octets. */
static int judge_header(const struct family_result *res, size_t *total)
{
    const uint8_t *p = res->data;

    *total = HEADER_LEN + ((size_t)p[2] << 8 | p[3]);
    if (res->len != HEADER_LEN || p[0] != DER_SEQUENCE || p[1] != 0x82)
        return CARD_MALFORMED;
    return *total <= sizeof(res->data) ? 0 : CARD_MALFORMED;
}

static int judge_whole(const struct family_result *res)
{
    struct tlv_cur cur = tlv_der(res->data, res->len);
    struct tlv t = {0};

    return tlv_expect(&cur, DER_SEQUENCE, &t) == WIRE_OK && tlv_end(&cur) == WIRE_OK
               ? 0
               : CARD_MALFORMED;
}

int jpki_read_certificate(struct apdu_link *link, struct family_result *res)
{
    size_t total = 0;
    int r = jpki_select_file(link, FILE_CERT, res);

    if (r != 0)
        return r;
    res->len = 0;
    if ((r = read_piece(link, HEADER_LEN, res)) != 0 || (r = judge_header(res, &total)) != 0)
        return r;
    for (int round = 0; res->len < total; round++)
        if (round == ROUNDS_MAX)
            return CARD_MALFORMED;
        else if ((r = read_piece(link, total - res->len, res)) != 0)
            return r;
    return judge_whole(res);
}
