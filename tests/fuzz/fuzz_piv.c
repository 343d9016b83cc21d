/* SPDX-License-Identifier: Apache-2.0
 *
 * The input is the card: the first octet chooses what is asked of it, the rest are its answers,
 * each a length of one octet (FF: two octets follow) and so much data. An answer that is cut off
 * is a card that was pulled.
 */
#include "cardreader/piv.h"

#include "tests/fuzz/fuzz.h"

#define COMMANDS_MAX (8 * (APDU_ROUNDS_MAX + 4))

struct card {
    const uint8_t *p;
    size_t left;
    unsigned commands;
    uint16_t last_sw; /* before VERIFY: that of the tries query */
};

static size_t take_length(struct card *card)
{
    size_t len = 0;

    if (card->left > 0) {
        len = *card->p++;
        card->left--;
    }
    if (len == 0xFF && card->left >= 2) {
        len = (size_t)card->p[0] << 8 | card->p[1];
        card->p += 2;
        card->left -= 2;
    }
    return len;
}

/* The last try is never spent, whatever the card says. */
static void check_verify(const struct card *card, const uint8_t *cmd, size_t len)
{
    uint16_t sw = card->last_sw;
    bool counts = (sw & 0xFFF0) == 0x63C0 || (sw & 0xFFF0) == 0x6300;

    if (cmd[1] == 0x20 && len > 5)
        fuzz_require(sw == 0x9000 || (counts && (sw & 0x0F) > 1));
}

static int answer(void *ctx, const uint8_t *cmd, size_t cmd_len, uint8_t *ans, size_t cap,
                  size_t *ans_len)
{
    struct card *card = ctx;
    size_t len;

    fuzz_require(cmd_len >= 4 && cmd_len <= APDU_COMMAND_MAX);
    fuzz_require(++card->commands <= COMMANDS_MAX);
    check_verify(card, cmd, cmd_len);
    if ((len = take_length(card)) > card->left)
        return APDU_LOST;
    if (len > cap)
        return APDU_MALFORMED;
    if (len > 0)
        memcpy(ans, card->p, len);
    if (len >= 2)
        card->last_sw = (uint16_t)(card->p[len - 2] << 8 | card->p[len - 1]);
    card->p += len;
    card->left -= len;
    *ans_len = len;
    return APDU_OK;
}

static void sign(struct apdu_link *link, struct family_result *res, uint8_t choice)
{
    static const uint8_t digest[48] = {1};
    static const uint32_t algs[] = {CARD_P256, CARD_P384, CARD_RSA2048, CARD_RSA3072};
    struct family_sign args = {.key = 0x9A, .alg = algs[choice % 4], .digest = digest};

    args.digest_len = args.alg == CARD_P384 ? 48 : 32;
    if (piv_sign(link, &args, res) == 0)
        fuzz_require(res->len >= 8 && res->len <= CARD_SIGNATURE_MAX && res->sw == 0x9000);
}

static void read_objects(struct apdu_link *link, struct family_result *res)
{
    for (uint32_t object = CARD_OBJ_IDENTIFIER; object <= CARD_OBJ_TRIES; object++) {
        if (piv_read(link, object, 0x80, res) != 0)
            continue;
        fuzz_require(res->len <= sizeof(res->data));
        fuzz_require(object != CARD_OBJ_IDENTIFIER || res->len == 16);
        fuzz_require(object != CARD_OBJ_DISCOVERY || res->len == 2);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t digits[] = "123456";
    struct family_pin pin = {.ref = 0x80, .digits = digits, .len = 6};
    struct card card = {.p = data + 1, .left = size - 1};
    struct apdu_link link = {.transmit = answer, .ctx = &card};
    struct family_result res = {.tries = FAMILY_TRIES_UNKNOWN};

    if (size == 0)
        return 0;
    link.t0 = (data[0] & 0x40) != 0;
    if (piv_select(&link, &res) != 0)
        return 0;
    if ((data[0] & 0x80) != 0) {
        read_objects(&link, &res);
        return 0;
    }
    if (piv_verify(&link, &pin, &res) == 0)
        sign(&link, &res, data[0]);
    return 0;
}
