/* SPDX-License-Identifier: Apache-2.0
 *
 * A YubiKey's OTP application: the first octet chooses what is asked of it.
 */
#include "cardreader/ykccid.h"

#include "tests/fuzz/fuzz_card.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t challenge[32] = {1};
    struct family_sign args = {.key = 1, .alg = CARD_HMAC_SHA1, .digest = challenge};
    struct fuzz_card card = {.p = data + 1, .left = size - 1};
    struct apdu_link link = {.transmit = fuzz_card_answer, .ctx = &card};
    struct family_result res = {.tries = FAMILY_TRIES_UNKNOWN};

    if (size == 0)
        return 0;
    args.digest_len = sizeof(challenge);
    link.t0 = (data[0] & 0x40) != 0;
    if (ykccid_select(&link, &res) != 0)
        return 0;
    if ((data[0] & 0x80) == 0 && ykccid_sign(&link, &args, &res) == 0)
        fuzz_require(res.len == YKCCID_RESPONSE_LEN && res.sw == 0x9000);
    else if ((data[0] & 0x80) != 0 && ykccid_read(&link, CARD_OBJ_IDENTIFIER, 0, &res) == 0)
        fuzz_require(res.len == 4);
    return 0;
}
