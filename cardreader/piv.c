/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/piv.h"

#include "core/wire/wipe.h"

#include <string.h>

#define INS_SELECT   0xA4
#define INS_VERIFY   0x20
#define PIN_PAD      0xFF
#define PIN_GLOBAL   0x00
#define PIN_PIV      0x80
#define TAG_TEMPLATE 0x61
#define SW_OK        0x9000
#define SW_BLOCKED   0x6983
#define SW_NO_PIN    0x6A88

int piv_transceive(struct apdu_link *link, const struct apdu_command *cmd,
                   struct family_result *res)
{
    struct apdu_answer ans = {.buf = res->data, .cap = sizeof(res->data)};
    int r = apdu_run(link, cmd, &ans);

    res->sw = ans.sw;
    res->len = r == APDU_OK ? ans.len : 0;
    switch (r) {
    case APDU_OK:
        return 0;
    case APDU_LOST:
        return CARD_GONE;
    case APDU_MALFORMED:
        return CARD_MALFORMED;
    default:
        return CARD_INTERNAL;
    }
}

/* Any refusal means another kind of card: real ones answer 6A82, 6D00 and more. A card that says
 * 9000 without the application property template (part 2, 3.1.1) is no PIV card either. */
int piv_select(struct apdu_link *link, struct family_result *res)
{
    static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x03, 0x08, 0x00, 0x00, 0x10, 0x00};
    struct apdu_command cmd = {.ins = INS_SELECT, .p1 = 0x04, .data = aid, .len = sizeof(aid)};
    struct tlv_cur cur;
    int r;

    cmd.le = APDU_LE_ANY;
    if ((r = piv_transceive(link, &cmd, res)) != 0)
        return r;
    cur = tlv_ber(res->data, res->len);
    if (res->sw != SW_OK || !tlv_peek(&cur, TAG_TEMPLATE))
        return CARD_UNKNOWN;
    return 0;
}

/* 63Cx (ISO/IEC 7816-4) and the 630x of some cards. */
static bool sw_tells_tries(uint16_t sw)
{
    return (sw & 0xFFF0) == 0x63C0 || (sw & 0xFFF0) == 0x6300;
}

static int judge_pin_sw(struct family_result *res)
{
    if (res->sw == SW_OK)
        return 0;
    if (res->sw == SW_NO_PIN)
        return CARD_ABSENT;
    if (res->sw != SW_BLOCKED && !sw_tells_tries(res->sw))
        return CARD_REFUSED;
    res->tries = res->sw == SW_BLOCKED ? 0 : res->sw & 0x0F;
    return res->tries == 0 ? CARD_PIN_BLOCKED : CARD_PIN_WRONG;
}

int piv_tries(struct apdu_link *link, uint8_t ref, struct family_result *res)
{
    struct apdu_command cmd = {.ins = INS_VERIFY, .p2 = ref};
    int r;

    res->tries = FAMILY_TRIES_UNKNOWN;
    if (ref != PIN_PIV && ref != PIN_GLOBAL)
        return CARD_INTERNAL;
    if ((r = piv_transceive(link, &cmd, res)) != 0)
        return r;
    r = judge_pin_sw(res);
    return r == CARD_PIN_WRONG ? 0 : r;
}

static int send_pin(struct apdu_link *link, const struct family_pin *pin, struct family_result *res)
{
    uint8_t padded[PIV_PIN_MAX];
    struct apdu_command cmd = {.ins = INS_VERIFY, .p2 = pin->ref, .data = padded};
    int r;

    cmd.len = sizeof(padded);
    memset(padded, PIN_PAD, sizeof(padded));
    memcpy(padded, pin->digits, pin->len);
    r = piv_transceive(link, &cmd, res);
    wire_wipe(padded, sizeof(padded));
    return r != 0 ? r : judge_pin_sw(res);
}

static bool pin_is_good(const struct family_pin *pin)
{
    if (pin->len < PIV_PIN_MIN || pin->len > PIV_PIN_MAX)
        return false;
    for (size_t n = 0; n < pin->len; n++)
        if (pin->digits[n] < '0' || pin->digits[n] > '9')
            return false;
    return pin->ref == PIN_PIV || pin->ref == PIN_GLOBAL;
}

/* "Verified already" is no reason to skip VERIFY: another process may have typed that PIN. */
int piv_verify(struct apdu_link *link, const struct family_pin *pin, struct family_result *res)
{
    int r;

    if (!pin_is_good(pin))
        return CARD_PIN_FORMAT;
    if ((r = piv_tries(link, pin->ref, res)) != 0)
        return r;
    if (res->tries == 1)
        return CARD_PIN_LAST;
    res->tries = FAMILY_TRIES_UNKNOWN;
    return send_pin(link, pin, res);
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
    return pin != NULL && !pin_is_good(pin) ? CARD_PIN_FORMAT : 0;
}
