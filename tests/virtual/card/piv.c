/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/applet.h"

#include "tests/virtual/card/hex.h"

#include <string.h>

#define AID_MIN 5

static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00, 0x01, 0x00};

static void describe_short(struct tlv_out *out)
{
    size_t mark = tlv_open(out, 0x61), inner;

    tlv_put(out, 0x4F, aid + AID_MIN, sizeof(aid) - AID_MIN);
    inner = tlv_open(out, 0x79);
    tlv_put(out, 0x4F, aid, AID_MIN);
    tlv_close(out, inner);
    tlv_close(out, mark);
}

static void describe_long(struct tlv_out *out)
{
    static const uint8_t algs[] = {0x80, 0x01, 0x07, 0x80, 0x01, 0x11,
                                   0x80, 0x01, 0x14, 0x06, 0x01, 0x00};
    size_t mark = tlv_open(out, 0x61), inner;

    tlv_put(out, 0x4F, aid, sizeof(aid));
    inner = tlv_open(out, 0x79);
    tlv_put(out, 0x4F, aid, sizeof(aid));
    tlv_close(out, inner);
    tlv_put_text(out, 0x50, "Virtual PIV test card");
    tlv_put_text(out, 0x5F50, "https://csrc.nist.gov/publications/detail/sp/800-73/4/");
    tlv_put(out, 0xAC, algs, sizeof(algs));
    tlv_close(out, mark);
}

static unsigned select_applet(struct card *card, const struct iso_command *cmd,
                              struct iso_body *body)
{
    struct tlv_out out = tlv_writer(body->data, sizeof(body->data));
    bool ours =
        cmd->len >= AID_MIN && cmd->len <= sizeof(aid) && memcmp(cmd->data, aid, cmd->len) == 0;

    if (cmd->p1 != 0x04)
        return SW_WRONG_P1P2;
    if (!ours)
        return card->like->sw_unknown_aid;
    card->selected = true;
    if (card->like->select_drops_pin)
        card->pin_verified = card->pin_fresh = false;
    if (card->like->long_select)
        describe_long(&out);
    else
        describe_short(&out);
    return tlv_finish(&out, &body->len) == WIRE_OK ? SW_OK : SW_INTERNAL;
}

static unsigned answer(struct iso_body *body, const void *data, size_t len)
{
    memcpy(body->data, data, len);
    body->len = len;
    return SW_OK;
}

/* Tries in all and left of PIN (80) and PUK (81). */
static unsigned put_metadata(const struct card *card, uint8_t ref, struct iso_body *body)
{
    struct tlv_out out = tlv_writer(body->data, sizeof(body->data));
    uint8_t tries[] = {(uint8_t)card->like->pin_tries, (uint8_t)card->tries};

    if (ref == 0x81) {
        tries[0] = CARD_PUK_TRIES;
        tries[1] = (uint8_t)card->puk_tries;
    } else if (ref != 0x80) {
        return SW_NO_REFERENCE;
    }
    tlv_put(&out, 0x01, (const uint8_t[]){0xFF}, 1);
    tlv_put(&out, 0x05, (const uint8_t[]){0x00}, 1);
    tlv_put(&out, 0x06, tries, sizeof(tries));
    return tlv_finish(&out, &body->len) == WIRE_OK ? SW_OK : SW_INTERNAL;
}

/* The extensions of one maker that other cards answer, too. */
static unsigned vendor_command(struct card *card, const struct iso_command *cmd,
                               struct iso_body *body)
{
    const struct slot *slot;

    if (!card->like->has_vendor_commands)
        return SW_UNKNOWN_INS;
    switch (cmd->ins) {
    case 0xFD:
        return answer(body, (const uint8_t[]){5, 2, 7}, 3);
    case 0xF7:
        return put_metadata(card, cmd->p2, body);
    case 0xF8:
        return answer(body, card->guid, 4);
    default:
        slot = card_slot(card, cmd->p1);
        if (slot == NULL || slot->cert_len == 0)
            return SW_NO_REFERENCE;
        return answer(body, slot->cert, slot->cert_len);
    }
}

static unsigned run(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    if (cmd->ins == 0xA4)
        return select_applet(card, cmd, body);
    if (!card->selected)
        return SW_UNKNOWN_INS;
    switch (cmd->ins) {
    case 0x20:
        return pin_verify(card, cmd);
    case 0x24:
        return pin_change(card, cmd);
    case 0x2C:
        return pin_unblock(card, cmd);
    case 0x87:
        return auth_run(card, cmd, body);
    case 0xCB:
        return data_get(card, cmd, body);
    case 0xF7:
    case 0xF8:
    case 0xF9:
    case 0xFD:
        return vendor_command(card, cmd, body);
    default:
        return card->like->sw_unknown_ins;
    }
}

static unsigned admits_chain(struct card *card, const struct iso_command *cmd)
{
    if (!card->selected || cmd->ins != 0x87 || !card->like->checks_pin_on_chain)
        return SW_OK;
    return auth_may_use(card, cmd->p2, cmd->p1);
}

static bool set(struct card *card, const char *name, const char *value)
{
    size_t len = 0;

    if (strcmp(name, "gzip") == 0)
        return applet_flag(value, &card->piv.gzip);
    if (strcmp(name, "puk-query") == 0)
        return applet_flag(value, &card->piv.puk_query);
    return strcmp(name, "policy") == 0 &&
           hex_read(value, card->piv.policy, sizeof(card->piv.policy), &len) && len == 2;
}

const struct applet applet_piv = {
    .name = "piv",
    .historical = "TOYAMAPIV",
    .refs = {0x9A, 0x9C, 0x9D, 0x9E},
    .create = create_card,
    .set = set,
    .run = run,
    .admits_chain = admits_chain,
};
