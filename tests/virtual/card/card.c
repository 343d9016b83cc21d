/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/applet.h"

void card_init(struct card *card, const struct applet *applet, const struct like *like)
{
    *card = (struct card){
        .applet = applet, .like = like, .sw_blocked = 0x6983, .piv.policy = {0x40, 0x10}};
    for (size_t n = 0; n < CARD_SLOTS; n++)
        card->slots[n].ref = applet->refs[n];
}

struct slot *card_slot(struct card *card, uint8_t ref)
{
    for (size_t n = 0; n < CARD_SLOTS && ref != 0; n++)
        if (card->slots[n].ref == ref)
            return &card->slots[n];
    return NULL;
}

void card_reset(struct card *card)
{
    card->selected = false;
    card->pin_verified = false;
    card->pin_fresh = false;
    card->chain_len = 0;
    card->pending_len = 0;
    if (card->applet->reset != NULL)
        card->applet->reset(card);
}

void card_free(struct card *card)
{
    for (size_t n = 0; n < CARD_SLOTS; n++)
        EVP_PKEY_free(card->slots[n].key);
}
