/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "core/crypto/crypto.h"
#include "core/roster/code.h"
#include "core/wire/tlv.h"
#include "core/wire/wipe.h"

#define VERSION  1
#define SALT_LEN 16
#define HEAD_MAX 96
/* Around the seal: tag and length of the whole and of the sealed octets, the hash. */
#define FRAME_MAX (5 + 5 + 2 + CRYPTO_SHA256_LEN)

_Static_assert(HEAD_MAX + FRAME_MAX + CRYPTO_SEAL_EXTRA <= CODE_SEAL_EXTRA, "room for the frame");

/* Version, label and salt: what stands in front of the sealed octets and is authentic with them. */
struct head {
    uint8_t buf[HEAD_MAX];
    size_t len;
};

static int head_write(const char *label, const uint8_t salt[SALT_LEN], struct head *head)
{
    struct tlv_out out = tlv_writer(head->buf, sizeof(head->buf));

    if (strlen(label) > CODE_LABEL_MAX)
        return CODE_FULL;
    tlv_put_uint(&out, DER_INTEGER, VERSION);
    tlv_put_text(&out, DER_UTF8, label);
    tlv_put(&out, DER_OCTETS, salt, SALT_LEN);
    return tlv_finish(&out, &head->len) == WIRE_OK ? CODE_OK : CODE_FULL;
}

static int key_of(const char *code, const uint8_t salt[SALT_LEN], uint8_t key[CRYPTO_KEY_LEN])
{
    char text[CODE_TEXT_CAP] = "";
    int r = code_parse(code, text);

    if (r == CODE_OK && crypto_scrypt(CRYPTO_SCRYPT_CODE, text, strlen(text), salt, SALT_LEN, key,
                                      CRYPTO_KEY_LEN) != CRYPTO_OK)
        r = CODE_CRYPTO;
    wire_wipe(text, sizeof(text));
    return r;
}

/* The hash covers all in front of it but the SEQUENCE's own header, whose length the end proves. */
static int put_hash(struct tlv_out *out, size_t mark)
{
    uint8_t hash[CRYPTO_SHA256_LEN];

    if (out->failed)
        return CODE_FULL;
    if (crypto_sha256(out->buf + mark, out->len - mark, hash) != CRYPTO_OK)
        return CODE_CRYPTO;
    tlv_put(out, DER_OCTETS, hash, sizeof(hash));
    return CODE_OK;
}

int code_seal(const char *label, const char *code, const void *content, size_t len, void *buf,
              size_t cap, size_t *outlen)
{
    uint8_t salt[SALT_LEN], key[CRYPTO_KEY_LEN];
    struct tlv_out out = tlv_writer(buf, cap);
    struct head head;
    size_t whole, sealed = 0;
    int r;

    if (len > CODE_SEALED_MAX || cap < len + CODE_SEAL_EXTRA)
        return CODE_FULL;
    if (crypto_random(salt, sizeof(salt)) != CRYPTO_OK)
        return CODE_CRYPTO;
    if ((r = head_write(label, salt, &head)) != CODE_OK || (r = key_of(code, salt, key)) != CODE_OK)
        return r;
    whole = tlv_open(&out, DER_SEQUENCE);
    tlv_put_raw(&out, head.buf, head.len);
    tlv_put_header(&out, DER_OCTETS, len + CRYPTO_SEAL_EXTRA);
    r = CODE_CRYPTO;
    if (!out.failed && crypto_seal(key, head.buf, head.len, content, len, out.buf + out.len,
                                   out.cap - out.len, &sealed) == CRYPTO_OK) {
        out.len += sealed;
        r = put_hash(&out, whole);
        tlv_close(&out, whole);
    }
    wire_wipe(key, sizeof(key));
    if (r == CODE_OK && tlv_finish(&out, outlen) != WIRE_OK)
        r = CODE_FULL;
    return r;
}

/* Where the sealed octets are, and the salt. */
struct parts {
    struct tlv sealed;
    uint8_t salt[SALT_LEN];
};

static int file_parse(const char *label, const void *file, size_t len, struct parts *out)
{
    struct tlv_cur cur = tlv_der(file, len), body;
    struct tlv version = {0}, name = {0}, salt = {0}, hash = {0};
    uint8_t own[CRYPTO_SHA256_LEN];
    const uint8_t *start;
    uint64_t number = 0;

    if (tlv_enter(&cur, DER_SEQUENCE, &body) != WIRE_OK || tlv_end(&cur) != WIRE_OK)
        return CODE_DAMAGED;
    start = body.p;
    if (tlv_expect(&body, DER_INTEGER, &version) != WIRE_OK ||
        tlv_expect(&body, DER_UTF8, &name) != WIRE_OK ||
        tlv_expect(&body, DER_OCTETS, &salt) != WIRE_OK ||
        tlv_expect(&body, DER_OCTETS, &out->sealed) != WIRE_OK ||
        tlv_expect(&body, DER_OCTETS, &hash) != WIRE_OK || tlv_end(&body) != WIRE_OK)
        return CODE_DAMAGED;
    if (crypto_sha256(start, (size_t)(out->sealed.val + out->sealed.len - start), own) != CRYPTO_OK)
        return CODE_CRYPTO;
    if (!crypto_equal(own, sizeof(own), hash.val, hash.len) ||
        tlv_uint(&version, &number) != WIRE_OK || number != VERSION ||
        !crypto_equal(name.val, name.len, label, strlen(label)) ||
        tlv_fixed(&salt, out->salt, sizeof(out->salt)) != WIRE_OK)
        return CODE_DAMAGED;
    return CODE_OK;
}

static int open_parts(const char *label, const char *code, const struct parts *parts, uint8_t *buf,
                      size_t cap, size_t *outlen)
{
    uint8_t key[CRYPTO_KEY_LEN];
    struct head head;
    int r;

    if ((r = head_write(label, parts->salt, &head)) != CODE_OK ||
        (r = key_of(code, parts->salt, key)) != CODE_OK)
        return r;
    switch (crypto_unseal(key, head.buf, head.len, parts->sealed.val, parts->sealed.len, buf, cap,
                          outlen)) {
    case CRYPTO_OK:
        r = CODE_OK;
        break;
    case CRYPTO_BAD_SEAL:
        r = CODE_WRONG;
        break;
    case CRYPTO_LENGTH:
        r = CODE_FULL;
        break;
    default:
        r = CODE_CRYPTO;
    }
    wire_wipe(key, sizeof(key));
    return r;
}

int code_open(const char *label, const char *code, const void *file, size_t len, void *buf,
              size_t cap, size_t *outlen)
{
    struct parts parts = {0};
    int r;

    if (len > CODE_SEALED_MAX + CODE_SEAL_EXTRA)
        r = CODE_DAMAGED;
    else if ((r = file_parse(label, file, len, &parts)) == CODE_OK)
        r = open_parts(label, code, &parts, buf, cap, outlen);
    if (r != CODE_OK)
        wire_wipe(buf, cap);
    return r;
}
