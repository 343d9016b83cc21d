/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/ykccid.h"

#include "cardreader/exchange.h"

#include <string.h>

#define INS_SELECT    0xA4
#define INS_REQUEST   0x01
#define P1_SERIAL     0x10
#define P1_HMAC_1     0x30
#define P1_HMAC_2     0x38
#define VERSION_LEN   3
#define SERIAL_LEN    4
#define CHALLENGE_LEN 64

/* The answer begins with the firmware's version; nothing else in it is the same on every model. */
int ykccid_select(struct apdu_link *link, struct family_result *res)
{
    static const uint8_t aid[] = {0xA0, 0x00, 0x00, 0x05, 0x27, 0x20, 0x01};
    struct apdu_command cmd = {.ins = INS_SELECT, .p1 = 0x04, .data = aid, .len = sizeof(aid)};
    int r = exchange_run(link, &cmd, res);

    if (r != 0)
        return r;
    return res->sw == EXCHANGE_OK && res->len >= VERSION_LEN ? 0 : CARD_UNKNOWN;
}

/* Takes exactly `len` octets. The key answers with none, and 9000, where it has nothing to say: an
 * empty slot, a serial number that is hidden. */
static int take(struct family_result *res, size_t len)
{
    if (res->sw != EXCHANGE_OK)
        return CARD_REFUSED;
    if (res->len == 0)
        return CARD_ABSENT;
    return res->len == len ? 0 : CARD_MALFORMED;
}

int ykccid_read(struct apdu_link *link, uint32_t object, uint8_t pin_ref, struct family_result *res)
{
    struct apdu_command cmd = {.ins = INS_REQUEST, .p1 = P1_SERIAL};
    int r;

    (void)pin_ref;
    if (object == CARD_OBJ_TRIES)
        return CARD_ABSENT;
    if (object != CARD_OBJ_IDENTIFIER)
        return CARD_INTERNAL;
    r = exchange_run(link, &cmd, res);
    return r != 0 ? r : take(res, SERIAL_LEN);
}

int ykccid_check(const struct family_sign *sign, const struct family_pin *pin)
{
    bool slot = sign->key == 1 || sign->key == 2;

    return slot && sign->alg == CARD_HMAC_SHA1 && sign->digest_len > 0 &&
                   sign->digest_len <= YKCCID_CHALLENGE_MAX && pin == NULL
               ? 0
               : CARD_INTERNAL;
}

/* The key drops the last octet and all equal ones before it (its flag HMAC_LT64): padding that
 * differs from the challenge's last octet leaves exactly the challenge. */
static void pad(uint8_t out[CHALLENGE_LEN], const uint8_t *challenge, size_t len)
{
    memset(out, challenge[len - 1] == 0x00 ? 0x01 : 0x00, CHALLENGE_LEN);
    memcpy(out, challenge, len);
}

int ykccid_sign(struct apdu_link *link, const struct family_sign *sign, struct family_result *res)
{
    uint8_t padded[CHALLENGE_LEN];
    struct apdu_command cmd = {.ins = INS_REQUEST, .data = padded, .len = sizeof(padded)};
    int r = ykccid_check(sign, NULL);

    if (r != 0)
        return r;
    cmd.p1 = sign->key == 1 ? P1_HMAC_1 : P1_HMAC_2;
    cmd.le = APDU_LE_ANY;
    pad(padded, sign->digest, sign->digest_len);
    r = exchange_run(link, &cmd, res);
    return r != 0 ? r : take(res, YKCCID_RESPONSE_LEN);
}
