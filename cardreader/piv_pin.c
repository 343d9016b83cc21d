/* SPDX-License-Identifier: Apache-2.0
 *
 * VERIFY, CHANGE REFERENCE DATA and RESET RETRY COUNTER (SP 800-73-4 part 2, 3.2.1 to 3.2.3).
 */
#include "cardreader/exchange.h"
#include "cardreader/piv.h"
#include "core/wire/wipe.h"

#include <string.h>

#define INS_VERIFY     0x20
#define INS_CHANGE     0x24
#define INS_RESET      0x2C
#define INS_METADATA   0xF7
#define PIN_PAD        0xFF
#define PIN_GLOBAL     0x00
#define PIN_PIV        0x80
#define PUK            0x81
#define PUK_MIN        6
#define PUK_MAX        8
#define TAG_TRIES      0x06 /* of the metadata: tries in all, tries left */
#define SW_WRONG_VALUE 0x6A80

int piv_tries(struct apdu_link *link, uint8_t ref, struct family_result *res)
{
    res->tries = FAMILY_TRIES_UNKNOWN;
    if (ref != PIN_PIV && ref != PIN_GLOBAL)
        return CARD_INTERNAL;
    return exchange_tries(link, ref, res);
}

bool piv_pin_is_good(const struct family_pin *pin)
{
    if (pin->len < PIV_PIN_MIN || pin->len > PIV_PIN_MAX)
        return false;
    for (size_t n = 0; n < pin->len; n++)
        if (pin->digits[n] < '0' || pin->digits[n] > '9')
            return false;
    return pin->ref == PIN_PIV || pin->ref == PIN_GLOBAL;
}

static void pad(uint8_t out[PIV_PIN_MAX], const struct family_pin *pin)
{
    memset(out, PIN_PAD, PIV_PIN_MAX);
    memcpy(out, pin->digits, pin->len);
}

/* One or two secrets, each padded to eight octets. */
static int send_secrets(struct apdu_link *link, uint8_t ins, const struct family_pin *first,
                        const struct family_pin *second, struct family_result *res)
{
    uint8_t padded[2 * PIV_PIN_MAX];
    struct apdu_command cmd = {.ins = ins, .p2 = first->ref, .data = padded, .len = PIV_PIN_MAX};
    int r;

    pad(padded, first);
    if (second != NULL) {
        pad(padded + PIV_PIN_MAX, second);
        cmd.len = sizeof(padded);
    }
    res->tries = FAMILY_TRIES_UNKNOWN;
    r = exchange_run(link, &cmd, res);
    wire_wipe(padded, sizeof(padded));
    return r != 0 ? r : exchange_judge_pin(res);
}

/* "Verified already" is no reason to skip VERIFY: another process may have typed that PIN. */
int piv_verify(struct apdu_link *link, const struct family_pin *pin, struct family_result *res)
{
    int r;

    if (!piv_pin_is_good(pin))
        return CARD_PIN_FORMAT;
    if ((r = exchange_may_try(link, pin->ref, res)) != 0)
        return r;
    return send_secrets(link, INS_VERIFY, pin, NULL, res);
}

/* What some makers answer instead of a tries query for the PUK. */
static int puk_metadata(struct apdu_link *link, struct family_result *res)
{
    struct apdu_command cmd = {.ins = INS_METADATA, .p2 = PUK, .le = APDU_LE_ANY};
    struct tlv_cur cur;
    struct tlv t = {0};
    int r;

    if ((r = exchange_run(link, &cmd, res)) != 0)
        return r;
    cur = tlv_ber(res->data, res->len);
    while (res->sw == EXCHANGE_OK && tlv_next(&cur, &t) == WIRE_OK)
        if (t.tag == TAG_TRIES && t.len == 2)
            res->tries = t.val[1];
    res->len = 0;
    return 0;
}

/* SP 800-73-4 has no query for the PUK; where a card has one, its last try is left alone. */
static int puk_may_be_tried(struct apdu_link *link, struct family_result *res)
{
    int r = exchange_tries(link, PUK, res);

    if (r == CARD_ABSENT || r == CARD_REFUSED)
        r = puk_metadata(link, res);
    if (r != 0)
        return r;
    if (res->tries == 0)
        return CARD_PIN_BLOCKED;
    return res->tries == 1 ? CARD_PIN_LAST : 0;
}

/* The PUK serves the PIV PIN alone: nothing unblocks a global one in here. */
static int unblock_pin(struct apdu_link *link, const struct family_pin *puk,
                       const struct family_pin *fresh, struct family_result *res)
{
    struct family_pin first = *puk;
    int r;

    if (puk->len < PUK_MIN || puk->len > PUK_MAX || !piv_pin_is_good(fresh))
        return CARD_PIN_FORMAT;
    if (fresh->ref != PIN_PIV)
        return CARD_ABSENT;
    if ((r = puk_may_be_tried(link, res)) != 0)
        return r;
    first.ref = PIN_PIV;
    return send_secrets(link, INS_RESET, &first, fresh, res);
}

static int change_pin(struct apdu_link *link, const struct family_pin *old,
                      const struct family_pin *fresh, struct family_result *res)
{
    int r;

    if (!piv_pin_is_good(old) || !piv_pin_is_good(fresh) || old->ref != fresh->ref)
        return CARD_PIN_FORMAT;
    if ((r = exchange_may_try(link, old->ref, res)) != 0)
        return r;
    return send_secrets(link, INS_CHANGE, old, fresh, res);
}

int piv_change(struct apdu_link *link, const struct family_pin *old, const struct family_pin *fresh,
               bool unblock, struct family_result *res)
{
    int r = unblock ? unblock_pin(link, old, fresh, res) : change_pin(link, old, fresh, res);

    return r == CARD_REFUSED && res->sw == SW_WRONG_VALUE ? CARD_PIN_FORMAT : r;
}
