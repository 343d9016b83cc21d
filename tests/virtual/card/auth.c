/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/applet.h"

#include <openssl/rsa.h>
#include <string.h>

static bool pin_is_there(const struct card *card, uint8_t ref)
{
    if (ref == 0x9E || card->rogue == ROGUE_NO_PIN)
        return true;
    return ref == 0x9C && card->rogue != ROGUE_PIN_ONCE ? card->pin_fresh : card->pin_verified;
}

unsigned auth_may_use(struct card *card, uint8_t ref, uint8_t alg)
{
    const struct slot *slot = card_slot(card, ref);

    if (slot == NULL)
        return SW_WRONG_P1P2;
    if (slot->key == NULL)
        return card->like->sw_empty_slot;
    if (slot->alg != alg)
        return SW_WRONG_P1P2;
    return pin_is_there(card, ref) ? SW_OK : SW_NOT_ALLOWED;
}

/* 7C { 82 empty, 81 challenge } in any order. */
static bool parse_template(const struct iso_command *cmd, struct tlv *challenge)
{
    struct tlv_cur cur = tlv_ber(cmd->data, cmd->len);
    struct tlv_cur body;
    struct tlv t = {0};
    bool asked = false;

    if (tlv_enter(&cur, 0x7C, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK)
        return false;
    while (body.left > 0) {
        if (tlv_next(&body, &t) != WIRE_OK)
            return false;
        if (t.tag == 0x82 && t.len == 0)
            asked = true;
        else if (t.tag == 0x81)
            *challenge = t;
        else
            return false;
    }
    return asked && challenge->val != NULL;
}

static unsigned check_length(const struct card *card, uint8_t alg, size_t len)
{
    if (alg == ALG_RSA2048 || alg == ALG_RSA3072)
        return len == (alg == ALG_RSA2048 ? 256u : 384u) ? SW_OK : SW_WRONG_LENGTH;
    if (alg == ALG_P384)
        return len == 48 ? SW_OK : SW_WRONG_DATA;
    if (len < card->like->ecdsa_min)
        return card->like->sw_digest_short;
    return len <= card->like->ecdsa_max ? SW_OK : card->like->sw_digest_long;
}

static void replay(struct card *card, uint8_t *sig, size_t *len)
{
    if (card->replay_len == 0) {
        memcpy(card->replay, sig, *len);
        card->replay_len = *len;
    }
    memcpy(sig, card->replay, card->replay_len);
    *len = card->replay_len;
}

static bool private_operation(const struct slot *slot, int padding, const struct tlv *input,
                              uint8_t *sig, size_t *len)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(slot->key, NULL);
    bool good = ctx != NULL && EVP_PKEY_sign_init(ctx) == 1;

    if (good && EVP_PKEY_is_a(slot->key, "RSA"))
        good = EVP_PKEY_CTX_set_rsa_padding(ctx, padding) == 1;
    good = good && EVP_PKEY_sign(ctx, sig, len, input->val, input->len) == 1;
    EVP_PKEY_CTX_free(ctx);
    return good;
}

bool auth_sign(struct card *card, const struct slot *slot, int padding, const struct tlv *input,
               uint8_t *sig, size_t *len)
{
    card->key_operations++;
    if (!private_operation(slot, padding, input, sig, len))
        return false;
    if (card->rogue == ROGUE_REPLAY)
        replay(card, sig, len);
    return true;
}

static const struct slot *signing_slot(struct card *card, uint8_t ref)
{
    const struct slot *own = card_slot(card, ref), *other;

    if (card->rogue != ROGUE_SWAP || (ref != 0x9A && ref != 0x9E))
        return own;
    other = card_slot(card, ref == 0x9A ? 0x9E : 0x9A);
    return other->alg == own->alg ? other : own;
}

static bool put_signature(struct iso_body *body, const uint8_t *sig, size_t len)
{
    struct tlv_out out = tlv_writer(body->data, sizeof(body->data));
    size_t mark = tlv_open(&out, 0x7C);

    tlv_put(&out, 0x82, sig, len);
    tlv_close(&out, mark);
    return tlv_finish(&out, &body->len) == WIRE_OK;
}

unsigned auth_run(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    uint8_t sig[sizeof(card->replay)];
    size_t len = sizeof(sig);
    struct tlv challenge = {0};
    unsigned sw = auth_may_use(card, cmd->p2, cmd->p1);

    if (sw != SW_OK)
        return sw;
    if (!parse_template(cmd, &challenge))
        return SW_WRONG_DATA;
    if ((sw = check_length(card, cmd->p1, challenge.len)) != SW_OK)
        return sw;
    card->pin_fresh = false;
    if (!auth_sign(card, signing_slot(card, cmd->p2), RSA_NO_PADDING, &challenge, sig, &len))
        return SW_INTERNAL;
    return put_signature(body, sig, len) ? SW_OK : SW_INTERNAL;
}
