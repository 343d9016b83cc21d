/* SPDX-License-Identifier: Apache-2.0
 *
 * GET DATA and the objects (SP 800-73-4 part 1, appendix A).
 */
#include "tests/virtual/card/applet.h"

#include <string.h>
#include <zlib.h>

#define PRINTED_INFORMATION 0x5FC109

/* The agency code 9999 of SP 800-73-4 part 1, 3.1.2: not a federal card. */
static const uint8_t fascn[25] = {0xD4, 0xE7, 0x39, 0xDA, 0x73, 0x9C, 0xED, 0x39, 0xCE,
                                  0x73, 0x9D, 0x83, 0x68, 0x58, 0x21, 0x08, 0x42, 0x10,
                                  0x84, 0x21, 0xC8, 0x42, 0x10, 0xC3, 0xEB};

static void put_chuid(const struct card *card, struct tlv_out *out)
{
    size_t mark = tlv_open(out, 0x53);

    tlv_put(out, 0x30, fascn, sizeof(fascn));
    tlv_put(out, 0x34, card->guid, sizeof(card->guid));
    tlv_put(out, 0x35, "20401231", 8);
    tlv_put(out, 0x3E, NULL, 0);
    tlv_put(out, 0xFE, NULL, 0);
    tlv_close(out, mark);
}

static void put_discovery(const struct card *card, struct tlv_out *out)
{
    static const uint8_t full_aid[] = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00,
                                       0x00, 0x10, 0x00, 0x01, 0x00};
    size_t mark = tlv_open(out, 0x7E);

    tlv_put(out, 0x4F, full_aid, sizeof(full_aid));
    tlv_put(out, 0x5F2F, card->piv.policy, sizeof(card->piv.policy));
    tlv_close(out, mark);
}

static void put_key_history(struct tlv_out *out)
{
    size_t mark = tlv_open(out, 0x53);

    tlv_put(out, 0xC1, (const uint8_t[]){0}, 1);
    tlv_put(out, 0xC2, (const uint8_t[]){0}, 1);
    tlv_put(out, 0xFE, NULL, 0);
    tlv_close(out, mark);
}

static size_t compress_certificate(const struct slot *slot, uint8_t *out, size_t cap)
{
    z_stream z = {0};
    size_t len = 0;

    if (deflateInit2(&z, Z_BEST_COMPRESSION, Z_DEFLATED, MAX_WBITS + 16, 8, Z_DEFAULT_STRATEGY) !=
        Z_OK)
        return 0;
    z.next_in = (z_const Bytef *)slot->cert;
    z.avail_in = (uInt)slot->cert_len;
    z.next_out = out;
    z.avail_out = (uInt)cap;
    if (deflate(&z, Z_FINISH) == Z_STREAM_END)
        len = cap - z.avail_out;
    deflateEnd(&z);
    return len;
}

static void put_certificate(const struct card *card, const struct slot *slot, struct tlv_out *out)
{
    uint8_t packed[CARD_CERT_MAX];
    uint8_t info = card->piv.gzip ? 0x01 : 0x00;
    size_t mark = tlv_open(out, 0x53);

    if (card->piv.gzip)
        tlv_put(out, 0x70, packed, compress_certificate(slot, packed, sizeof(packed)));
    else
        tlv_put(out, 0x70, slot->cert, slot->cert_len);
    tlv_put(out, 0x71, &info, 1);
    tlv_put(out, 0xFE, NULL, 0);
    tlv_close(out, mark);
}

static uint8_t slot_of_object(uint32_t tag)
{
    switch (tag) {
    case 0x5FC105:
        return 0x9A;
    case 0x5FC10A:
        return 0x9C;
    case 0x5FC10B:
        return 0x9D;
    case 0x5FC101:
        return 0x9E;
    default:
        return 0;
    }
}

static unsigned put_object(struct card *card, uint32_t tag, struct tlv_out *out)
{
    const struct slot *slot = card_slot(card, slot_of_object(tag));

    if (slot != NULL && slot->cert_len > 0)
        put_certificate(card, slot, out);
    else if (tag == 0x5FC102)
        put_chuid(card, out);
    else if (tag == 0x7E)
        put_discovery(card, out);
    else if (tag == 0x5FC10C && card->like->has_key_history)
        put_key_history(out);
    else if (tag == PRINTED_INFORMATION && !card->pin_verified)
        return SW_NOT_ALLOWED;
    else
        return SW_NOT_FOUND;
    return SW_OK;
}

unsigned data_get(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    struct tlv_out out = tlv_writer(body->data, sizeof(body->data));
    struct tlv_cur cur = tlv_ber(cmd->data, cmd->len);
    struct tlv list = {0};
    uint32_t tag = 0;
    unsigned sw;

    if (cmd->p1 != 0x3F || cmd->p2 != 0xFF)
        return SW_WRONG_P1P2;
    if (tlv_expect(&cur, 0x5C, &list) != WIRE_OK || list.len == 0 || list.len > 3)
        return SW_WRONG_DATA;
    for (size_t n = 0; n < list.len; n++)
        tag = tag << 8 | list.val[n];
    if ((sw = put_object(card, tag, &out)) != SW_OK)
        return sw;
    return tlv_finish(&out, &body->len) == WIRE_OK ? SW_OK : SW_INTERNAL;
}
