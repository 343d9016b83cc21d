/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/card/like.h"

static const struct like likes[] = {
    {.name = 'A',
     .select_drops_pin = true,
     .pin_tries = 3,
     .chunk = 256,
     .ecdsa_min = 1,
     .ecdsa_max = 32,
     .sw_unknown_aid = 0x6A82,
     .sw_pin_length = 0x6700,
     .sw_empty_slot = 0x6985,
     .sw_digest_short = 0x6700,
     .sw_digest_long = 0x6700,
     .sw_unknown_ins = 0x6982},
    {.name = 'B',
     .long_select = true,
     .checks_pin_on_chain = true,
     .splits_extended = true,
     .has_key_history = true,
     .has_vendor_commands = true,
     .pin_tries = 5,
     .chunk = 255,
     .ecdsa_min = 32,
     .ecdsa_max = 64,
     .sw_unknown_aid = 0x6D00,
     .sw_pin_length = 0x6A80,
     .sw_empty_slot = 0x6A86,
     .sw_digest_short = 0x6A80,
     .sw_digest_long = 0x6A80,
     .sw_unknown_ins = 0x6D00},
};

const struct like *like_find(char name)
{
    for (size_t n = 0; n < sizeof(likes) / sizeof(likes[0]); n++)
        if (likes[n].name == name)
            return &likes[n];
    return NULL;
}
