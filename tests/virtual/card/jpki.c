/* SPDX-License-Identifier: Apache-2.0
 *
 * The JPKI application of a My Number card as far as user authentication needs it, and what a host
 * looks at beside it: files 0006, 000A, 000B, 0002; key 0017 with PIN 0018; the tries of PIN 001B.
 */
#include "tests/virtual/card/applet.h"
#include "tests/virtual/card/state.h"

#include <openssl/rsa.h>
#include <string.h>

#define FILE_TOKEN    0x06
#define FILE_CERT     0x0A
#define FILE_CA       0x0B
#define FILE_SIGN_CA  0x02
#define FILE_KEY      0x17
#define FILE_PIN      0x18
#define FILE_SIGN_PIN 0x1B
#define PIN_DIGITS    4
#define PIN_TRIES     3
#define SW_SIGN_TRIES 0x63C5u
#define FILE_TAIL     32 /* a file is larger than what is in it */

static unsigned select_application(struct card *card, const struct iso_command *cmd)
{
    static const uint8_t aid[] = {0xD3, 0x92, 0xF0, 0x00, 0x26, 0x01, 0x00, 0x00, 0x00, 0x01};

    card->selected = cmd->len == sizeof(aid) && memcmp(cmd->data, aid, sizeof(aid)) == 0;
    card->jpki.file = 0;
    card->pin_verified = false;
    return card->selected ? SW_OK : SW_NOT_FOUND;
}

static bool has_file(uint8_t low)
{
    static const uint8_t files[] = {FILE_TOKEN,   FILE_CERT, FILE_CA,      FILE_KEY,
                                    FILE_SIGN_CA, FILE_PIN,  FILE_SIGN_PIN};

    return memchr(files, low, sizeof(files)) != NULL;
}

static unsigned select_file(struct card *card, const struct iso_command *cmd)
{
    if (!card->selected || cmd->len != 2 || cmd->data[0] != 0x00 || !has_file(cmd->data[1]))
        return SW_NOT_FOUND;
    card->jpki.file = cmd->data[1];
    return SW_OK;
}

static unsigned run_select(struct card *card, const struct iso_command *cmd)
{
    if (cmd->p1 == 0x04)
        return select_application(card, cmd);
    return cmd->p1 == 0x02 && cmd->p2 == 0x0C ? select_file(card, cmd) : SW_WRONG_P1P2;
}

static size_t file_content(struct card *card, uint8_t out[CARD_CERT_MAX + FILE_TAIL])
{
    const struct slot *slot = NULL;

    memset(out, 0, CARD_CERT_MAX + FILE_TAIL);
    if (card->jpki.file == FILE_TOKEN) {
        memcpy(out, "JPKIAPICCTOKEN2", 15);
        return FILE_TAIL;
    }
    if (card->jpki.file == FILE_CERT)
        slot = card_slot(card, FILE_KEY);
    else if (card->jpki.file == FILE_CA || card->jpki.file == FILE_SIGN_CA)
        slot = card_slot(card, FILE_CA);
    if (slot == NULL)
        return 0;
    memcpy(out, slot->cert, slot->cert_len);
    return slot->cert_len + FILE_TAIL;
}

static unsigned read_binary(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    uint8_t content[CARD_CERT_MAX + FILE_TAIL];
    size_t size = file_content(card, content), at = (size_t)cmd->p1 << 8 | cmd->p2;

    if (size == 0)
        return SW_NOT_ALLOWED;
    if (cmd->p1 >= 0x80 || at >= size)
        return 0x6B00;
    body->len = size - at < cmd->le ? size - at : cmd->le;
    memcpy(body->data, content + at, body->len);
    return SW_OK;
}

static unsigned query(const struct card *card)
{
    if (card->jpki.file == FILE_SIGN_PIN)
        return SW_SIGN_TRIES;
    if (card->pin_verified)
        return SW_OK;
    return card->tries == 0 ? card->sw_blocked : 0x63C0u | (unsigned)card->tries;
}

static bool is_pin(const struct iso_command *cmd)
{
    for (size_t n = 0; n < cmd->len; n++)
        if (cmd->data[n] < '0' || cmd->data[n] > '9')
            return false;
    return cmd->len == PIN_DIGITS;
}

static unsigned verify(struct card *card, const struct iso_command *cmd)
{
    if (cmd->p1 != 0x00 || cmd->p2 != 0x80)
        return SW_WRONG_P1P2;
    if (card->jpki.file != FILE_PIN && card->jpki.file != FILE_SIGN_PIN)
        return SW_NO_REFERENCE;
    if (cmd->len == 0)
        return query(card);
    if (card->jpki.file != FILE_PIN || !is_pin(cmd))
        return SW_WRONG_LENGTH;
    card->pin_verified = false;
    if (pin_spend(card, &card->tries, memcmp(card->pin, cmd->data, PIN_DIGITS) == 0, PIN_TRIES) !=
        SW_OK)
        return query(card);
    card->pin_verified = true;
    return SW_OK;
}

static unsigned change(struct card *card, const struct iso_command *cmd)
{
    if (cmd->p1 != 0x01 || cmd->p2 != 0x80)
        return SW_WRONG_P1P2;
    if (card->jpki.file != FILE_PIN || !card->pin_verified)
        return SW_NOT_ALLOWED;
    if (!is_pin(cmd))
        return SW_WRONG_LENGTH;
    memcpy(card->pin, cmd->data, PIN_DIGITS);
    return state_save(card) ? SW_OK : SW_INTERNAL;
}

static unsigned sign(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    struct tlv input = {.val = cmd->data, .len = cmd->len};
    const struct slot *slot = card_slot(card, FILE_KEY);

    if (cmd->p1 != 0x00 || cmd->p2 != 0x80)
        return SW_WRONG_P1P2;
    if (card->jpki.file != FILE_KEY || (!card->pin_verified && card->rogue != ROGUE_NO_PIN))
        return SW_NOT_ALLOWED;
    if (slot == NULL || slot->key == NULL || cmd->len == 0)
        return SW_WRONG_DATA;
    body->len = sizeof(card->replay);
    return auth_sign(card, slot, RSA_PKCS1_PADDING, &input, body->data, &body->len) ? SW_OK
                                                                                    : SW_WRONG_DATA;
}

static bool takes_class(uint8_t cla)
{
    return cla == 0x80;
}

static unsigned run(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    if (cmd->ins == 0x2A)
        return cmd->cla == 0x80 ? sign(card, cmd, body) : SW_UNKNOWN_INS;
    if (cmd->cla != 0x00)
        return 0x6E00;
    switch (cmd->ins) {
    case 0xA4:
        return run_select(card, cmd);
    case 0xB0:
        return read_binary(card, cmd, body);
    case 0x20:
        return verify(card, cmd);
    case 0x24:
        return change(card, cmd);
    default:
        return SW_UNKNOWN_INS;
    }
}

/* The cards of several makers call a blocked PIN by different names. */
static bool set(struct card *card, const char *name, const char *value)
{
    bool is_6984 = strcmp(value, "6984") == 0;

    card->sw_blocked = is_6984 ? 0x6984 : 0x6983;
    return strcmp(name, "blocked") == 0 && (is_6984 || strcmp(value, "6983") == 0);
}

static bool create(struct card *card, const struct create *given)
{
    struct create made = *given;

    memcpy(made.algs, (const enum slot_alg[CARD_SLOTS]){ALG_RSA2048, ALG_P256}, sizeof(made.algs));
    if (made.pin == NULL)
        made.pin = "1234";
    if (!create_card(card, &made))
        return false;
    card->tries = PIN_TRIES;
    return true;
}

static void reset(struct card *card)
{
    card->jpki.file = 0;
}

const struct applet applet_jpki = {
    .name = "jpki",
    .historical = "TOYAMAJPKI",
    .refs = {FILE_KEY, FILE_CA},
    .create = create,
    .set = set,
    .reset = reset,
    .takes_class = takes_class,
    .run = run,
};
