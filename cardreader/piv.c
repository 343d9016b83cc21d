/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/piv.h"

#include "cardreader/exchange.h"

#define INS_SELECT   0xA4
#define TAG_TEMPLATE 0x61

/* Any refusal means another kind of card: real ones answer 6A82, 6D00 and more. A card that says
 * 9000 without the application property template (part 2, 3.1.1) is no PIV card either. */
int piv_select(struct apdu_link *link, struct family_result *res)
{
    static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00};
    struct apdu_command cmd = {.ins = INS_SELECT, .p1 = 0x04, .data = aid, .len = sizeof(aid)};
    struct tlv_cur cur;
    int r;

    cmd.le = APDU_LE_ANY;
    if ((r = exchange_run(link, &cmd, res)) != 0)
        return r;
    cur = tlv_ber(res->data, res->len);
    if (res->sw != EXCHANGE_OK || !tlv_peek(&cur, TAG_TEMPLATE))
        return CARD_UNKNOWN;
    return 0;
}

static size_t digest_length_of(uint32_t alg)
{
    switch (alg) {
    case CARD_P256:
        return 32;
    case CARD_P384:
        return 48;
    default:
        return 0;
    }
}

int piv_check(const struct family_sign *sign, const struct family_pin *pin)
{
    bool rsa = sign->alg == CARD_RSA2048 || sign->alg == CARD_RSA3072;
    bool fits = rsa ? sign->digest_len == 32 || sign->digest_len == 48
                    : sign->digest_len == digest_length_of(sign->alg);

    if (!fits || sign->digest_len == 0 || sign->key == 0 || sign->key > 0xFF)
        return CARD_INTERNAL;
    return pin != NULL && !piv_pin_is_good(pin) ? CARD_PIN_FORMAT : 0;
}
