/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/applet.h"
#include "tests/virtual/card/state.h"

#include <string.h>

#define REF_PIN  0x80
#define REF_PUK  0x81
#define TRIES(n) (0x63C0u | (unsigned)(n))

static void log_out(struct card *card)
{
    card->pin_verified = card->pin_fresh = false;
}

/* Padded to eight octets: digits first, then FF. */
static bool is_padded(const uint8_t *p)
{
    size_t digits = 0;

    while (digits < CARD_PIN_LEN && p[digits] >= '0' && p[digits] <= '9')
        digits++;
    for (size_t n = digits; n < CARD_PIN_LEN; n++)
        if (p[n] != 0xFF)
            return false;
    return digits >= 4;
}

unsigned pin_spend(struct card *card, int *tries, bool right, int full)
{
    right = right || card->rogue == ROGUE_ANY_PIN;
    if (*tries == 0)
        return card->sw_blocked;
    *tries = right ? full : *tries - 1;
    if (!state_save(card))
        return SW_INTERNAL;
    if (right)
        return SW_OK;
    return *tries == 0 ? card->sw_blocked : TRIES(*tries);
}

static unsigned spend(struct card *card, int *tries, const uint8_t *secret, const uint8_t *given,
                      int full)
{
    return pin_spend(card, tries, memcmp(secret, given, CARD_PIN_LEN) == 0, full);
}

static unsigned query(const struct card *card, int tries)
{
    return tries == 0 ? card->sw_blocked : TRIES(tries);
}

/* P2 00 is the global PIN, which this card has where its discovery object says so. */
static bool is_pin(const struct card *card, uint8_t ref)
{
    return ref == REF_PIN || (ref == 0x00 && (card->piv.policy[0] & 0x20) != 0);
}

unsigned pin_verify(struct card *card, const struct iso_command *cmd)
{
    unsigned sw;

    if (cmd->p2 == REF_PUK && card->piv.puk_query && cmd->len == 0)
        return query(card, card->puk_tries);
    if (!is_pin(card, cmd->p2) && cmd->p2 == 0x00)
        return SW_NO_REFERENCE;
    if (!is_pin(card, cmd->p2) || (cmd->p1 != 0x00 && cmd->p1 != 0xFF))
        return SW_WRONG_P1P2;
    if (cmd->p1 == 0xFF) {
        log_out(card);
        return SW_OK;
    }
    if (cmd->len == 0)
        return card->pin_verified ? SW_OK : query(card, card->tries);
    if (cmd->len != CARD_PIN_LEN)
        return card->like->sw_pin_length;
    if (!is_padded(cmd->data))
        return SW_WRONG_DATA;
    sw = spend(card, &card->tries, card->pin, cmd->data, card->like->pin_tries);
    card->pin_verified = card->pin_fresh = sw == SW_OK;
    return sw;
}

unsigned pin_change(struct card *card, const struct iso_command *cmd)
{
    bool puk = cmd->p2 == REF_PUK;
    uint8_t *secret = puk ? card->puk : card->pin;
    unsigned sw;

    if (cmd->p1 != 0x00 || (!is_pin(card, cmd->p2) && !puk))
        return SW_WRONG_P1P2;
    if (cmd->len != 2 * CARD_PIN_LEN)
        return card->like->sw_pin_length;
    if (!is_padded(cmd->data + CARD_PIN_LEN))
        return SW_WRONG_DATA;
    sw = spend(card, puk ? &card->puk_tries : &card->tries, secret, cmd->data,
               puk ? CARD_PUK_TRIES : card->like->pin_tries);
    if (sw != SW_OK)
        return sw;
    memcpy(secret, cmd->data + CARD_PIN_LEN, CARD_PIN_LEN);
    return state_save(card) ? SW_OK : SW_INTERNAL;
}

unsigned pin_unblock(struct card *card, const struct iso_command *cmd)
{
    unsigned sw;

    if (cmd->p1 != 0x00 || cmd->p2 != REF_PIN)
        return SW_WRONG_P1P2;
    if (cmd->len != 2 * CARD_PIN_LEN)
        return card->like->sw_pin_length;
    if (!is_padded(cmd->data + CARD_PIN_LEN))
        return SW_WRONG_DATA;
    sw = spend(card, &card->puk_tries, card->puk, cmd->data, CARD_PUK_TRIES);
    if (sw != SW_OK)
        return sw;
    memcpy(card->pin, cmd->data + CARD_PIN_LEN, CARD_PIN_LEN);
    card->tries = card->like->pin_tries;
    return state_save(card) ? SW_OK : SW_INTERNAL;
}
