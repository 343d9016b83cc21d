/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/exchange.h"

#define INS_VERIFY  0x20
#define SW_BLOCKED  0x6983
#define SW_UNUSABLE 0x6984 /* reference data not usable: how some cards call a blocked PIN */
#define SW_NO_PIN   0x6A88

int exchange_append(struct apdu_link *link, const struct apdu_command *cmd,
                    struct family_result *res)
{
    struct apdu_answer ans = {.buf = res->data + res->len, .cap = sizeof(res->data) - res->len};
    int r = apdu_run(link, cmd, &ans);

    res->sw = ans.sw;
    res->len = r == APDU_OK ? res->len + ans.len : 0;
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

int exchange_run(struct apdu_link *link, const struct apdu_command *cmd, struct family_result *res)
{
    res->len = 0;
    return exchange_append(link, cmd, res);
}

/* 63Cx (ISO/IEC 7816-4) and the 630x of some cards. */
static bool sw_tells_tries(uint16_t sw)
{
    return (sw & 0xFFF0) == 0x63C0 || (sw & 0xFFF0) == 0x6300;
}

int exchange_judge_pin(struct family_result *res)
{
    bool blocked = res->sw == SW_BLOCKED || res->sw == SW_UNUSABLE;

    if (res->sw == EXCHANGE_OK)
        return 0;
    if (res->sw == SW_NO_PIN)
        return CARD_ABSENT;
    if (!blocked && !sw_tells_tries(res->sw))
        return CARD_REFUSED;
    res->tries = blocked ? 0 : res->sw & 0x0F;
    return res->tries == 0 ? CARD_PIN_BLOCKED : CARD_PIN_WRONG;
}

int exchange_tries(struct apdu_link *link, uint8_t ref, struct family_result *res)
{
    struct apdu_command cmd = {.ins = INS_VERIFY, .p2 = ref};
    int r;

    res->tries = FAMILY_TRIES_UNKNOWN;
    if ((r = exchange_run(link, &cmd, res)) != 0)
        return r;
    r = exchange_judge_pin(res);
    res->len = 0;
    return r == CARD_PIN_WRONG ? 0 : r;
}

int exchange_may_try(struct apdu_link *link, uint8_t ref, struct family_result *res)
{
    int r = exchange_tries(link, ref, res);

    if (r != 0)
        return r;
    return res->tries == 1 ? CARD_PIN_LAST : 0;
}
