/* SPDX-License-Identifier: Apache-2.0
 *
 * GENERAL AUTHENTICATE as a signature (SP 800-73-4 part 2, 3.2.4).
 */
#include "cardreader/digest_info.h"
#include "cardreader/exchange.h"
#include "cardreader/piv.h"

#include <string.h>

#define INS_GENERAL_AUTHENTICATE 0x87
#define TAG_DYNAMIC              0x7C
#define TAG_CHALLENGE            0x81
#define TAG_RESPONSE             0x82
#define TEMPLATE_MAX             (CARD_SIGNATURE_MAX + 16)

static size_t modulus_octets(uint32_t alg)
{
    switch (alg) {
    case CARD_RSA2048:
        return 256;
    case CARD_RSA3072:
        return 384;
    default:
        return 0;
    }
}

/* EMSA-PKCS1-v1_5 (RFC 8017, 9.2): 00 01 FF.. 00 DigestInfo. The card does the bare power. */
static void pad_pkcs1(const struct family_sign *sign, uint8_t *block, size_t size)
{
    uint8_t info[DIGEST_INFO_MAX];
    size_t tail = digest_info(sign->digest, sign->digest_len, info);

    memset(block, 0xFF, size);
    block[0] = 0x00;
    block[1] = 0x01;
    block[size - tail - 1] = 0x00;
    memcpy(block + size - tail, info, tail);
}

static int encode_template(const struct family_sign *sign, uint8_t *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t mark = tlv_open(&out, TAG_DYNAMIC);
    size_t size = modulus_octets(sign->alg);

    tlv_put(&out, TAG_RESPONSE, NULL, 0);
    if (size > 0) {
        uint8_t block[CARD_SIGNATURE_MAX];
        pad_pkcs1(sign, block, size);
        tlv_put(&out, TAG_CHALLENGE, block, size);
    } else {
        tlv_put(&out, TAG_CHALLENGE, sign->digest, sign->digest_len);
    }
    tlv_close(&out, mark);
    return tlv_finish(&out, len);
}

static int judge_sw(uint16_t sw)
{
    switch (sw) {
    case EXCHANGE_OK:
        return 0;
    case 0x6982:
        return CARD_PIN_NEEDED;
    case 0x6985: /* empty slot, by card */
    case 0x6A82:
    case 0x6A86: /* empty slot, or a key of another algorithm */
    case 0x6A88:
        return CARD_ABSENT;
    default:
        return CARD_REFUSED;
    }
}

/* The longest DER of two INTEGERs below the order, or exactly the modulus. */
static bool length_is_possible(uint32_t alg, size_t len)
{
    size_t size = modulus_octets(alg);

    if (size > 0)
        return len == size;
    return len >= 8 && len <= (alg == CARD_P256 ? 72 : 104);
}

static int take_signature(uint32_t alg, struct family_result *res)
{
    struct tlv_cur cur = tlv_ber(res->data, res->len);
    struct tlv_cur body;
    struct tlv sig = {0};

    if (tlv_enter(&cur, TAG_DYNAMIC, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK ||
        tlv_expect(&body, TAG_RESPONSE, &sig) != WIRE_OK || tlv_end(&body) != WIRE_OK ||
        !length_is_possible(alg, sig.len))
        return CARD_MALFORMED;
    memmove(res->data, sig.val, sig.len);
    res->len = sig.len;
    return 0;
}

int piv_sign(struct apdu_link *link, const struct family_sign *sign, struct family_result *res)
{
    uint8_t template[TEMPLATE_MAX];
    struct apdu_command cmd = {.ins = INS_GENERAL_AUTHENTICATE, .data = template};
    int r = piv_check(sign, NULL);

    if (r != 0 || encode_template(sign, template, sizeof(template), &cmd.len) != WIRE_OK)
        return CARD_INTERNAL;
    cmd.p1 = (uint8_t)sign->alg;
    cmd.p2 = (uint8_t)sign->key;
    cmd.le = APDU_LE_ANY;
    if ((r = exchange_run(link, &cmd, res)) != 0 || (r = judge_sw(res->sw)) != 0)
        return r;
    return take_signature(sign->alg, res);
}
