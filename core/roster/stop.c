/* SPDX-License-Identifier: Apache-2.0 */
#include "core/roster/stop.h"

#include <string.h>

#include "core/crypto/crypto.h"
#include "core/roster/typed.h"
#include "core/wire/tlv.h"
#include "core/wire/wipe.h"

#define DIGITS         16
#define GROUP          4
#define SECRET_BITS    30
#define NOTICE_VERSION 1
#define NOTICE_LABEL   "toyama stop"

_Static_assert(STOP_HASH_LEN == CRYPTO_SHA256_LEN, "hashes of one size");

/* H. M. Damm, "Total anti-symmetrische Quasigruppen" (2004): the table of order 10. The check
 * digit is the state behind the others, and brings the state to 0. */
static const uint8_t damm[10][10] = {
    {0, 3, 1, 7, 5, 9, 8, 6, 4, 2}, {7, 0, 9, 2, 1, 5, 4, 8, 6, 3}, {4, 2, 0, 6, 8, 7, 1, 3, 5, 9},
    {1, 7, 5, 0, 9, 8, 3, 4, 2, 6}, {6, 1, 2, 3, 0, 4, 5, 9, 7, 8}, {3, 6, 7, 4, 2, 0, 9, 5, 8, 1},
    {5, 8, 6, 9, 7, 2, 0, 1, 3, 4}, {8, 9, 4, 5, 3, 6, 2, 0, 1, 7}, {9, 4, 3, 8, 6, 1, 7, 2, 0, 5},
    {2, 5, 8, 1, 4, 3, 6, 7, 9, 0}};

const char *stop_strerror(int err)
{
    static const char *const text[] = {"ok",
                                       "a character that is no digit",
                                       "not 16 digits",
                                       "check digit does not fit",
                                       "code of another credential",
                                       "not a stop notice",
                                       "cryptographic library failed"};
    int index = -err;

    if (index < 0 || (size_t)index >= sizeof(text) / sizeof(text[0]))
        return "unknown error";
    return text[index];
}

static uint8_t check_of(const uint8_t *digits, size_t len)
{
    uint8_t state = 0;

    for (size_t n = 0; n < len; n++)
        state = damm[state][digits[n]];
    return state;
}

static bool in_range(const struct stop_code *code)
{
    return code->slot < STOP_SLOTS && code->secret < STOP_SECRETS;
}

int stop_make(uint32_t slot, struct stop_code *out)
{
    uint32_t secret = 0;

    if (slot >= STOP_SLOTS)
        return STOP_CHECK;
    if (crypto_random(&secret, sizeof(secret)) != CRYPTO_OK)
        return STOP_CRYPTO;
    *out = (struct stop_code){.slot = slot, .secret = secret & (STOP_SECRETS - 1)};
    wire_wipe(&secret, sizeof(secret));
    return STOP_OK;
}

int stop_format(const struct stop_code *code, char text[STOP_TEXT_CAP])
{
    uint8_t digits[DIGITS];
    uint64_t value = (uint64_t)code->slot << SECRET_BITS | code->secret;
    size_t at = 0;

    if (!in_range(code))
        return STOP_CHECK;
    for (size_t n = DIGITS - 1; n-- > 0; value /= 10)
        digits[n] = (uint8_t)(value % 10);
    digits[DIGITS - 1] = check_of(digits, DIGITS - 1);
    for (size_t n = 0; n < DIGITS; n++) {
        if (n > 0 && n % GROUP == 0)
            text[at++] = '-';
        text[at++] = (char)('0' + digits[n]);
    }
    text[at] = '\0';
    wire_wipe(digits, sizeof(digits));
    return STOP_OK;
}

static int read_digits(const char *text, uint8_t digits[DIGITS])
{
    size_t count = 0;
    int c;

    while ((c = typed_next(&text)) != TYPED_END) {
        if (c < '0' || c > '9')
            return STOP_CHARACTER;
        if (count == DIGITS)
            return STOP_COUNT;
        digits[count++] = (uint8_t)(c - '0');
    }
    return count == DIGITS ? STOP_OK : STOP_COUNT;
}

int stop_parse(const char *text, struct stop_code *out)
{
    uint8_t digits[DIGITS];
    struct stop_code code;
    uint64_t value = 0;
    int r = read_digits(text, digits);

    if (r != STOP_OK)
        return r;
    if (check_of(digits, DIGITS) != 0)
        return STOP_CHECK;
    for (size_t n = 0; n < DIGITS - 1; n++)
        value = value * 10 + digits[n];
    if (value >> SECRET_BITS >= STOP_SLOTS)
        return STOP_CHECK;
    code = (struct stop_code){.slot = (uint32_t)(value >> SECRET_BITS),
                              .secret = (uint32_t)(value & (STOP_SECRETS - 1))};
    *out = code;
    wire_wipe(digits, sizeof(digits));
    wire_wipe(&code, sizeof(code));
    return STOP_OK;
}

int stop_hash(const struct stop_code *code, const uint8_t credential[STOP_ID_LEN],
              uint8_t hash[STOP_HASH_LEN])
{
    uint8_t secret[4];
    int r;

    if (!in_range(code))
        return STOP_CHECK;
    for (size_t n = 0; n < sizeof(secret); n++)
        secret[n] = (uint8_t)(code->secret >> (24 - 8 * n));
    r = crypto_scrypt(CRYPTO_SCRYPT_STOP, secret, sizeof(secret), credential, STOP_ID_LEN, hash,
                      STOP_HASH_LEN);
    wire_wipe(secret, sizeof(secret));
    return r == CRYPTO_OK ? STOP_OK : STOP_CRYPTO;
}

int stop_verify(const struct stop_code *code, const uint8_t credential[STOP_ID_LEN],
                const uint8_t hash[STOP_HASH_LEN])
{
    uint8_t own[STOP_HASH_LEN];
    int r = stop_hash(code, credential, own);

    if (r == STOP_OK && !crypto_equal(own, sizeof(own), hash, STOP_HASH_LEN))
        r = STOP_OTHER;
    wire_wipe(own, sizeof(own));
    return r;
}

int stop_notice_encode(const struct stop_code *code, void *buf, size_t cap, size_t *len)
{
    struct tlv_out out = tlv_writer(buf, cap);
    size_t whole;

    if (!in_range(code))
        return STOP_FORMAT;
    whole = tlv_open(&out, DER_SEQUENCE);
    tlv_put_uint(&out, DER_INTEGER, NOTICE_VERSION);
    tlv_put_text(&out, DER_UTF8, NOTICE_LABEL);
    tlv_put_uint(&out, DER_INTEGER, code->slot);
    tlv_put_uint(&out, DER_INTEGER, code->secret);
    tlv_close(&out, whole);
    return tlv_finish(&out, len) == WIRE_OK ? STOP_OK : STOP_FORMAT;
}

static bool read_below(struct tlv_cur *cur, uint64_t limit, uint64_t *out)
{
    struct tlv t = {0};

    return tlv_expect(cur, DER_INTEGER, &t) == WIRE_OK && tlv_uint(&t, out) == WIRE_OK &&
           *out < limit;
}

int stop_notice_decode(const void *buf, size_t len, struct stop_code *out)
{
    struct tlv_cur cur = tlv_der(buf, len), body;
    struct tlv label = {0};
    uint64_t version = 0, slot = 0, secret = 0;

    if (tlv_enter(&cur, DER_SEQUENCE, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK ||
        !read_below(&body, NOTICE_VERSION + 1, &version) || version != NOTICE_VERSION ||
        tlv_expect(&body, DER_UTF8, &label) != WIRE_OK || label.len != sizeof(NOTICE_LABEL) - 1 ||
        memcmp(label.val, NOTICE_LABEL, label.len) != 0 || !read_below(&body, STOP_SLOTS, &slot) ||
        !read_below(&body, STOP_SECRETS, &secret) || tlv_end(&body) != WIRE_OK)
        return STOP_FORMAT;
    *out = (struct stop_code){.slot = (uint32_t)slot, .secret = (uint32_t)secret};
    return STOP_OK;
}
