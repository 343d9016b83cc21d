/* SPDX-License-Identifier: Apache-2.0
 *
 * The input is the card and its reader: the first octet chooses the reader and what is asked, the
 * rest are the answers, each a length of one octet and so much data. An answer that is cut off is
 * a card that was pulled.
 */
#include "cardreader/felica.h"

#include "tests/fuzz/fuzz.h"

#define COMMANDS_MAX (8 * (APDU_ROUNDS_MAX + 4))
#define BLOCK_MC     0x88

struct card {
    const uint8_t *p;
    size_t left;
    unsigned commands;
    bool key_written;
};

static const uint8_t secret[CARD_SECRET_LEN] = "fifteen letters";

/* The configuration is never locked before the key was written and taken. */
static void check_write(struct card *card, const uint8_t *cmd, size_t len)
{
    bool key = len > sizeof(secret) && memcmp(cmd + len - sizeof(secret), secret, 16) == 0;
    bool mc = len == 23 && cmd[1] == 0xD6 && cmd[6] == BLOCK_MC;

    fuzz_require(!mc || card->key_written);
    card->key_written = card->key_written || key;
}

static int answer(void *ctx, const uint8_t *cmd, size_t cmd_len, uint8_t *ans, size_t cap,
                  size_t *ans_len)
{
    struct card *card = ctx;
    size_t len = 0;

    fuzz_require(cmd_len >= 4 && cmd_len <= APDU_COMMAND_MAX && cmd[0] == 0xFF);
    fuzz_require(++card->commands <= COMMANDS_MAX);
    check_write(card, cmd, cmd_len);
    if (card->left > 0) {
        len = *card->p++;
        card->left--;
    }
    if (len > card->left)
        return APDU_LOST;
    if (len > cap)
        return APDU_MALFORMED;
    if (len > 0)
        memcpy(ans, card->p, len);
    card->p += len;
    card->left -= len;
    *ans_len = len;
    return APDU_OK;
}

static void ask(struct apdu_link *link, struct family_result *res, unsigned task)
{
    static const uint8_t rc[FELICA_CHALLENGE] = {1, 2, 3};
    struct family_sign sign = {.key = FELICA_KEY, .alg = CARD_MAC_A, .digest = rc};
    struct family_issue issue = {.secret = secret, .version = 7, .lock = (task & 1) != 0};

    sign.digest_len = sizeof(rc);
    if (task < 4 && felica_sign(link, &sign, res) == 0)
        fuzz_require(res->len == FELICA_ANSWER_LEN);
    else if (task < 8 && felica_read(link, CARD_OBJ_IDENTIFIER, 0, res) == 0)
        fuzz_require(res->len == FELICA_IDM_LEN);
    else if (task >= 8)
        (void)felica_issue(link, &issue, res);
    fuzz_require(res->len <= sizeof(res->data));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const readers[] = {"RC-S300", "ACR122U", "ACR1252", ""};
    struct card card = {.p = data + 1, .left = size - 1};
    struct apdu_link link = {.transmit = answer, .ctx = &card};
    struct family_result res = {.tries = FAMILY_TRIES_UNKNOWN};

    if (size == 0)
        return 0;
    link.reader = readers[data[0] % 4];
    link.t0 = (data[0] & 0x40) != 0;
    if (felica_select(&link, &res) == 0)
        ask(&link, &res, data[0] >> 2 & 0x0F);
    return 0;
}
