/* SPDX-License-Identifier: Apache-2.0
 *
 * The OTP application of a YubiKey as CCID and NFC show it: HMAC-SHA1 of two slots, the serial
 * number, and the configuration of a slot, without access codes.
 */
#include "tests/virtual/card/applet.h"
#include "tests/virtual/card/hex.h"
#include "tests/virtual/card/state.h"

#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <stdlib.h>
#include <string.h>

#define INS_REQUEST      0x01
#define INS_STATUS       0x03
#define CHALLENGE_LEN    64
#define CONFIG_LEN       52
#define CONFIG_UID       16
#define CONFIG_KEY       22
#define CONFIG_TICKET    46
#define CONFIG_FLAGS     47
#define CONFIG_CRC       50
#define TICKET_CHALLENGE 0x40
#define FLAG_LT64        0x04
#define FLAG_TOUCH       0x08
#define FLAGS_HMAC       0x22
#define CRC_RESIDUE      0xF0B8
#define TOUCH_TIMEOUT_MS 15000
#define SW_NO_TOUCH      0x6985u

static unsigned put_status(const struct card *card, struct iso_body *body)
{
    const struct hmac_slot *s = card->yubikey.slots;
    const uint8_t status[] = {5,
                              4,
                              3,
                              card->yubikey.sequence,
                              (uint8_t)((s[0].used ? 1 : 0) | (s[1].used ? 2 : 0) |
                                        (s[0].touch ? 4 : 0) | (s[1].touch ? 8 : 0)),
                              0,
                              0};

    memcpy(body->data, status, sizeof(status));
    body->len = sizeof(status);
    return SW_OK;
}

static unsigned select_application(struct card *card, const struct iso_command *cmd,
                                   struct iso_body *body)
{
    static const uint8_t otp[] = {0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01};
    static const uint8_t management[] = {0xA0, 0x00, 0x00, 0x05, 0x27, 0x47, 0x11, 0x17};
    static const char version[] = "Virtual mgr - FW version 5.4.3";

    card->selected = cmd->len == sizeof(otp) && memcmp(cmd->data, otp, sizeof(otp)) == 0;
    if (card->selected)
        return put_status(card, body);
    if (cmd->len != sizeof(management) || memcmp(cmd->data, management, sizeof(management)) != 0)
        return SW_NOT_FOUND;
    body->len = sizeof(version) - 1;
    memcpy(body->data, version, body->len);
    return SW_OK;
}

/* With HMAC_LT64 the last octet and all equal ones before it do not count. */
static size_t counted(const struct hmac_slot *slot, const uint8_t *challenge)
{
    size_t len = CHALLENGE_LEN;

    while (!slot->fixed && len > 0 && challenge[len - 1] == challenge[CHALLENGE_LEN - 1])
        len--;
    return len;
}

static unsigned respond(struct card *card, const struct hmac_slot *slot,
                        const struct iso_command *cmd, struct iso_body *body)
{
    unsigned len = 0;

    if (cmd->len != CHALLENGE_LEN)
        return SW_WRONG_LENGTH;
    if (!slot->used)
        return SW_OK;
    if (slot->touch && card->yubikey.touch_ms < 0) {
        card->delay_ms = TOUCH_TIMEOUT_MS;
        return SW_NO_TOUCH;
    }
    card->delay_ms = slot->touch ? (unsigned)card->yubikey.touch_ms : 0;
    card->key_operations++;
    if (HMAC(EVP_sha1(), slot->key, sizeof(slot->key), cmd->data, counted(slot, cmd->data),
             body->data, &len) == NULL)
        return SW_INTERNAL;
    if (card->rogue == ROGUE_REPLAY) {
        if (card->replay_len == 0)
            memcpy(card->replay, body->data, card->replay_len = len);
        memcpy(body->data, card->replay, len);
    }
    body->len = len;
    return SW_OK;
}

static unsigned put_serial(const struct card *card, struct iso_body *body)
{
    for (int n = 0; n < 4; n++)
        body->data[n] = (uint8_t)(card->yubikey.serial >> (24 - 8 * n));
    body->len = card->yubikey.serial != 0 ? 4 : 0;
    return SW_OK;
}

static uint16_t crc(const uint8_t *p, size_t len)
{
    unsigned value = 0xFFFF;

    for (size_t n = 0; n < len; n++) {
        value ^= p[n];
        for (int bit = 0; bit < 8; bit++)
            value = (value & 1) != 0 ? value >> 1 ^ 0x8408 : value >> 1;
    }
    return (uint16_t)value;
}

static bool all_zero(const uint8_t *p, size_t len)
{
    return p[0] == 0 && memcmp(p, p + 1, len - 1) == 0;
}

/* A configuration that is refused leaves the sequence number as it was, and nothing else says so.
 */
static unsigned configure(struct card *card, struct hmac_slot *slot, const struct iso_command *cmd,
                          struct iso_body *body)
{
    const uint8_t *c = cmd->data;
    bool erase = cmd->len >= CONFIG_LEN && all_zero(c, CONFIG_LEN);
    bool hmac = cmd->len >= CONFIG_LEN && crc(c, CONFIG_LEN) == CRC_RESIDUE &&
                (c[CONFIG_TICKET] & TICKET_CHALLENGE) != 0 &&
                (c[CONFIG_FLAGS] & FLAGS_HMAC) == FLAGS_HMAC;

    if (erase || hmac) {
        *slot = (struct hmac_slot){.used = hmac,
                                   .touch = hmac && (c[CONFIG_FLAGS] & FLAG_TOUCH) != 0,
                                   .fixed = hmac && (c[CONFIG_FLAGS] & FLAG_LT64) == 0};
        memcpy(slot->key, c + CONFIG_KEY, 16);
        memcpy(slot->key + 16, c + CONFIG_UID, 4);
        card->yubikey.sequence++;
        if (!card->yubikey.slots[0].used && !card->yubikey.slots[1].used)
            card->yubikey.sequence = 0;
    }
    return state_save(card) ? put_status(card, body) : SW_INTERNAL;
}

static unsigned request(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    struct hmac_slot *slots = card->yubikey.slots;

    switch (cmd->p1) {
    case 0x01:
        return configure(card, &slots[0], cmd, body);
    case 0x03:
        return configure(card, &slots[1], cmd, body);
    case 0x10:
        return put_serial(card, body);
    case 0x30:
        return respond(card, &slots[0], cmd, body);
    case 0x38:
        return respond(card, &slots[1], cmd, body);
    default:
        return SW_WRONG_P1P2;
    }
}

static unsigned run(struct card *card, const struct iso_command *cmd, struct iso_body *body)
{
    if (cmd->ins == 0xA4)
        return cmd->p1 == 0x04 ? select_application(card, cmd, body) : SW_WRONG_P1P2;
    if (!card->selected)
        return SW_UNKNOWN_INS;
    if (cmd->ins == INS_REQUEST)
        return request(card, cmd, body);
    return cmd->ins == INS_STATUS ? put_status(card, body) : SW_UNKNOWN_INS;
}

/* "none", or the key in hex and, behind a dot each, "touch" and "fixed". */
static bool set_slot(struct hmac_slot *slot, const char *value)
{
    char hex[2 * sizeof(slot->key) + 1] = "";
    size_t len = 0;

    *slot = (struct hmac_slot){.used = strcmp(value, "none") != 0,
                               .touch = strstr(value, ".touch") != NULL,
                               .fixed = strstr(value, ".fixed") != NULL};
    if (!slot->used)
        return true;
    memcpy(hex, value, strnlen(value, sizeof(hex) - 1));
    return hex_read(hex, slot->key, sizeof(slot->key), &len) && len == sizeof(slot->key);
}

static bool set_number(const char *value, long least, long most, long *out)
{
    char *end = NULL;

    *out = strtol(value, &end, 10);
    return *value != '\0' && *end == '\0' && *out >= least && *out <= most;
}

static bool set(struct card *card, const char *name, const char *value)
{
    long number = 0;
    bool good;

    if (strcmp(name, "slot1") == 0)
        return set_slot(&card->yubikey.slots[0], value);
    if (strcmp(name, "slot2") == 0)
        return set_slot(&card->yubikey.slots[1], value);
    if (strcmp(name, "serial") == 0) {
        good = set_number(value, 0, UINT32_MAX, &number);
        card->yubikey.serial = (uint32_t)number;
        return good;
    }
    good = strcmp(name, "touch") == 0 && set_number(value, -1, 600000, &number);
    card->yubikey.touch_ms = (int)number;
    return good;
}

static bool create(struct card *card, const struct create *create)
{
    struct yubikey_own *y = &card->yubikey;

    (void)create;
    y->sequence = 1;
    if (!y->slots[0].used && !y->slots[1].used) {
        y->slots[1].used = true;
        if (RAND_bytes(y->slots[1].key, sizeof(y->slots[1].key)) != 1)
            return false;
    }
    return true;
}

static bool read_line(struct card *card, const char *what, char *rest)
{
    return (strcmp(what, "slot1") == 0 || strcmp(what, "slot2") == 0 ||
            strcmp(what, "serial") == 0) &&
           set(card, what, rest);
}

static void write_lines(const struct card *card, FILE *file)
{
    for (int n = 0; n < 2; n++) {
        const struct hmac_slot *slot = &card->yubikey.slots[n];
        fprintf(file, "slot%d ", n + 1);
        if (slot->used)
            hex_print(file, slot->key, sizeof(slot->key));
        else
            fputs("none", file);
        fprintf(file, "%s%s\n", slot->touch ? ".touch" : "", slot->fixed ? ".fixed" : "");
    }
    fprintf(file, "serial %u\n", card->yubikey.serial);
}

const struct applet applet_yubikey = {
    .name = "yubikey-ccid",
    .historical = "YubiKey",
    .create = create,
    .set = set,
    .read_line = read_line,
    .write_lines = write_lines,
    .run = run,
};
