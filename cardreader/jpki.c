/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/jpki.h"

#include "cardreader/digest_info.h"
#include "cardreader/exchange.h"

#include <string.h>

#define INS_SELECT      0xA4
#define INS_VERIFY      0x20
#define INS_CHANGE      0x24
#define INS_SIGN        0x2A
#define CLA_PROPRIETARY 0x80
#define P1_DF_NAME      0x04
#define P1_EF           0x02
#define P1_NEW_ONLY     0x01 /* CHANGE REFERENCE DATA: the old PIN was verified before */
#define P2_NO_FCI       0x0C
#define FILE_PIN        0x18
#define DIGEST_LEN      32
#define SIGNATURE_LEN   256

int jpki_select(struct apdu_link *link, struct family_result *res)
{
    static const uint8_t aid[] = {0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};
    struct apdu_command cmd = {
        .ins = INS_SELECT, .p1 = P1_DF_NAME, .p2 = P2_NO_FCI, .data = aid, .len = sizeof(aid)};
    int r = exchange_run(link, &cmd, res);

    if (r != 0)
        return r;
    return res->sw == EXCHANGE_OK ? 0 : CARD_UNKNOWN;
}

static int judge(uint16_t sw)
{
    switch (sw) {
    case EXCHANGE_OK:
        return 0;
    case 0x6982:
        return CARD_PIN_NEEDED;
    case 0x6A82:
    case 0x6A88:
        return CARD_ABSENT;
    default:
        return CARD_REFUSED;
    }
}

int jpki_select_file(struct apdu_link *link, uint8_t low, struct family_result *res)
{
    const uint8_t id[] = {0x00, low};
    struct apdu_command cmd = {
        .ins = INS_SELECT, .p1 = P1_EF, .p2 = P2_NO_FCI, .data = id, .len = sizeof(id)};
    int r = exchange_run(link, &cmd, res);

    return r != 0 ? r : judge(res->sw);
}

static int ask_tries(struct apdu_link *link, struct family_result *res)
{
    int r = jpki_select_file(link, FILE_PIN, res);

    return r != 0 ? r : exchange_tries(link, JPKI_PIN_REF, res);
}

int jpki_read(struct apdu_link *link, uint32_t object, uint8_t pin_ref, struct family_result *res)
{
    switch (object) {
    case CARD_OBJ_CERT_JPKI:
        return jpki_read_certificate(link, res);
    case CARD_OBJ_TRIES:
        return pin_ref == JPKI_PIN_REF ? ask_tries(link, res) : CARD_ABSENT;
    case CARD_OBJ_IDENTIFIER:
        return CARD_ABSENT;
    default:
        return CARD_INTERNAL;
    }
}

static bool pin_is_good(const struct family_pin *pin)
{
    if (pin->len != JPKI_PIN_LEN)
        return false;
    for (size_t n = 0; n < pin->len; n++)
        if (pin->digits[n] < '0' || pin->digits[n] > '9')
            return false;
    return pin->ref == JPKI_PIN_REF;
}

int jpki_check(const struct family_sign *sign, const struct family_pin *pin)
{
    if (sign->key != JPKI_KEY || sign->alg != CARD_RSA2048 || sign->digest_len != DIGEST_LEN)
        return CARD_INTERNAL;
    return pin != NULL && !pin_is_good(pin) ? CARD_PIN_FORMAT : 0;
}

/* The PIN's file is selected; digits as they are, without padding. */
static int send_pin(struct apdu_link *link, uint8_t ins, uint8_t p1, const struct family_pin *pin,
                    struct family_result *res)
{
    struct apdu_command cmd = {
        .ins = ins, .p1 = p1, .p2 = JPKI_PIN_REF, .data = pin->digits, .len = pin->len};
    int r;

    res->tries = FAMILY_TRIES_UNKNOWN;
    r = exchange_run(link, &cmd, res);
    return r != 0 ? r : exchange_judge_pin(res);
}

int jpki_verify(struct apdu_link *link, const struct family_pin *pin, struct family_result *res)
{
    int r;

    if (!pin_is_good(pin))
        return CARD_PIN_FORMAT;
    if ((r = jpki_select_file(link, FILE_PIN, res)) != 0 ||
        (r = exchange_may_try(link, JPKI_PIN_REF, res)) != 0)
        return r;
    return send_pin(link, INS_VERIFY, 0, pin, res);
}

int jpki_change(struct apdu_link *link, const struct family_pin *old,
                const struct family_pin *fresh, bool unblock, struct family_result *res)
{
    int r;

    if (unblock)
        return CARD_ABSENT;
    if (!pin_is_good(fresh))
        return CARD_PIN_FORMAT;
    if ((r = jpki_verify(link, old, res)) != 0)
        return r;
    return send_pin(link, INS_CHANGE, P1_NEW_ONLY, fresh, res);
}

/* The card adds the PKCS#1 padding itself. */
int jpki_sign(struct apdu_link *link, const struct family_sign *sign, struct family_result *res)
{
    uint8_t info[DIGEST_INFO_MAX];
    struct apdu_command cmd = {
        .cla = CLA_PROPRIETARY, .ins = INS_SIGN, .p2 = 0x80, .data = info, .le = APDU_LE_ANY};
    int r = jpki_check(sign, NULL);

    if (r != 0 || (r = jpki_select_file(link, JPKI_KEY, res)) != 0)
        return r;
    cmd.len = digest_info(sign->digest, sign->digest_len, info);
    if ((r = exchange_run(link, &cmd, res)) != 0 || (r = judge(res->sw)) != 0)
        return r;
    return res->len == SIGNATURE_LEN ? 0 : CARD_MALFORMED;
}
