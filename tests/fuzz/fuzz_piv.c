/* SPDX-License-Identifier: Apache-2.0
 *
 * A PIV card: the first octet chooses what is asked of it (T-16, as the other families do).
 */
#include "cardreader/piv.h"

#include "tests/fuzz/fuzz_card.h"

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

static void change(struct apdu_link *link, struct family_result *res, bool unblock)
{
    static const uint8_t digits[] = "12345678";
    struct family_pin old = {.ref = 0x80, .digits = digits, .len = 8}, fresh = old;

    fresh.len = 6;
    if (piv_change(link, &old, &fresh, unblock, res) == 0)
        fuzz_require(res->sw == 0x9000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t digits[] = "123456";
    struct family_pin pin = {.ref = 0x80, .digits = digits, .len = 6};
    struct fuzz_card card = {.p = data + 1, .left = size - 1};
    struct apdu_link link = {.transmit = fuzz_card_answer, .ctx = &card};
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
    if ((data[0] & 0x20) != 0) {
        change(&link, &res, (data[0] & 0x10) != 0);
        return 0;
    }
    if (piv_verify(&link, &pin, &res) == 0)
        sign(&link, &res, data[0]);
    return 0;
}
