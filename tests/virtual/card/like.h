/* SPDX-License-Identifier: Apache-2.0
 *
 * Two ways in which real PIV implementations answer where SP 800-73-4 leaves room, or where they
 * simply differ. Each column was measured on an implementation of its own.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_LIKE_H
#define TOYAMA_TESTS_VIRTUAL_CARD_LIKE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct like {
    char name;
    bool long_select;         /* 124 octets instead of 19 */
    bool select_drops_pin;    /* SELECT logs out */
    bool checks_pin_on_chain; /* the first block of a chain needs the PIN already */
    bool splits_extended;     /* 61xx even to an extended command */
    bool has_key_history;
    bool has_vendor_commands; /* version, serial number, attestation */
    int pin_tries;
    size_t chunk;                /* octets in a short answer before 61xx */
    size_t ecdsa_min, ecdsa_max; /* digest octets taken for P-256; more is truncated */
    uint16_t sw_unknown_aid;
    uint16_t sw_pin_length;
    uint16_t sw_empty_slot;
    uint16_t sw_digest_short, sw_digest_long;
    uint16_t sw_unknown_ins;
};

/* NULL where there is no such column. */
const struct like *like_find(char name);

#endif
