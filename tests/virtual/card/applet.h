/* SPDX-License-Identifier: Apache-2.0
 *
 * Families of cards, one struct applet each, and the parts of the PIV applet (SP 800-73-4 part 2).
 * Every command gives its status word; data goes to `body`.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_CARD_APPLET_H
#define TOYAMA_TESTS_VIRTUAL_CARD_APPLET_H

#include "core/wire/tlv.h"
#include "tests/virtual/card/create.h"
#include "tests/virtual/card/iso.h"

#include <stdio.h>

#define SW_OK           0x9000u
#define SW_WRONG_LENGTH 0x6700u
#define SW_NOT_ALLOWED  0x6982u
#define SW_WRONG_DATA   0x6A80u
#define SW_NOT_FOUND    0x6A82u
#define SW_WRONG_P1P2   0x6A86u
#define SW_NO_REFERENCE 0x6A88u
#define SW_UNKNOWN_INS  0x6D00u
#define SW_INTERNAL     0x6F00u

/* Functions that a family has no need of are NULL. */
struct applet {
    const char *name;         /* of --family */
    const char *historical;   /* bytes of the ATR, at most 15 */
    uint8_t refs[CARD_SLOTS]; /* of struct slot; 0: not used */
    bool (*create)(struct card *card, const struct create *create);
    /* --set NAME=VALUE before the card is loaded or made, and "set NAME VALUE" while it runs. */
    bool (*set)(struct card *card, const char *name, const char *value);
    /* Lines of the state file that only this family has. */
    bool (*read_line)(struct card *card, const char *what, char *rest);
    void (*write_lines)(const struct card *card, FILE *file);
    void (*reset)(struct card *card);
    /* A class octet other than 00 that belongs to the family; no chaining in there. */
    bool (*takes_class)(uint8_t cla);
    unsigned (*run)(struct card *card, const struct iso_command *cmd, struct iso_body *body);
    /* Judges a block of a chain that is not the last. */
    unsigned (*admits_chain)(struct card *card, const struct iso_command *cmd);
};

extern const struct applet applet_felica, applet_jpki, applet_piv, applet_yubikey;

/* Reads "yes" or "no". */
bool applet_flag(const char *value, bool *out);
/* NULL for an unknown name. */
const struct applet *applet_find(const char *name);

/* pin.c */
/* One try of `tries`; `full` where it was right. The counter is stored before the answer goes
 * out. */
unsigned pin_spend(struct card *card, int *tries, bool right, int full);
unsigned pin_verify(struct card *card, const struct iso_command *cmd);
unsigned pin_change(struct card *card, const struct iso_command *cmd);
unsigned pin_unblock(struct card *card, const struct iso_command *cmd);
/* auth.c */
unsigned auth_run(struct card *card, const struct iso_command *cmd, struct iso_body *body);
/* The private operation; `padding` of OpenSSL for RSA. Rogues give the first signature again. */
bool auth_sign(struct card *card, const struct slot *slot, int padding, const struct tlv *input,
               uint8_t *sig, size_t *len);
/* SW_OK where the key of this slot may be used now. */
unsigned auth_may_use(struct card *card, uint8_t ref, uint8_t alg);
/* data.c */
unsigned data_get(struct card *card, const struct iso_command *cmd, struct iso_body *body);

#endif
