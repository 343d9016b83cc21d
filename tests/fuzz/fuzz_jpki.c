/* SPDX-License-Identifier: Apache-2.0
 *
 * A My Number card: the first octet chooses what is asked of it.
 */
#include "cardreader/jpki.h"

#include "core/wire/tlv.h"
#include "tests/fuzz/fuzz_card.h"

static const uint8_t digits[] = "1234";

static void read_objects(struct apdu_link *link, struct family_result *res)
{
    struct tlv_cur cur;
    struct tlv t = {0};

    if (jpki_read(link, CARD_OBJ_CERT_JPKI, JPKI_PIN_REF, res) == 0) {
        cur = tlv_der(res->data, res->len);
        fuzz_require(res->len > 255 && res->len <= sizeof(res->data));
        fuzz_require(tlv_expect(&cur, DER_SEQUENCE, &t) == WIRE_OK && tlv_end(&cur) == WIRE_OK);
    }
    if (jpki_read(link, CARD_OBJ_TRIES, JPKI_PIN_REF, res) == 0)
        fuzz_require(res->len == 0 && res->tries != 0);
}

static void change(struct apdu_link *link, struct family_result *res)
{
    struct family_pin old = {.ref = JPKI_PIN_REF, .digits = digits, .len = 4}, fresh = old;

    if (jpki_change(link, &old, &fresh, false, res) == 0)
        fuzz_require(res->sw == 0x9000);
}

static void sign(struct apdu_link *link, struct family_result *res)
{
    static const uint8_t digest[32] = {1};
    struct family_pin pin = {.ref = JPKI_PIN_REF, .digits = digits, .len = 4};
    struct family_sign args = {.key = JPKI_KEY, .alg = CARD_RSA2048, .digest = digest};

    args.digest_len = sizeof(digest);
    if (jpki_verify(link, &pin, res) == 0 && jpki_sign(link, &args, res) == 0)
        fuzz_require(res->len == 256 && res->sw == 0x9000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_card card = {.p = data + 1, .left = size - 1};
    struct apdu_link link = {.transmit = fuzz_card_answer, .ctx = &card};
    struct family_result res = {.tries = FAMILY_TRIES_UNKNOWN};

    if (size == 0)
        return 0;
    link.t0 = (data[0] & 0x40) != 0;
    if (jpki_select(&link, &res) != 0)
        return 0;
    if ((data[0] & 0x80) != 0)
        read_objects(&link, &res);
    else if ((data[0] & 0x20) != 0)
        change(&link, &res);
    else
        sign(&link, &res);
    return 0;
}
