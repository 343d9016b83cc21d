/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/cms.h>
#include <openssl/err.h>

#include "core/crypto/cms.h"
#include "tests/fuzz/fuzz.h"

struct octets {
    const uint8_t *p;
    size_t len;
};

static int read_octets(void *arg, uint64_t offset, void *buf, size_t len)
{
    const struct octets *o = arg;

    fuzz_require(offset <= o->len && len <= o->len - offset);
    if (len > 0)
        memcpy(buf, o->p + offset, len);
    return 0;
}

static int count_octets(void *arg, const void *buf, size_t len)
{
    (void)buf;
    *(size_t *)arg += len;
    return 0;
}

/* What is admitted here is CMS for OpenSSL's own parser too. */
static void is_cms(const uint8_t *data, size_t size, int type)
{
    const uint8_t *at = data;
    CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)size);

    fuzz_require(cms != NULL && at == data + size);
    fuzz_require(OBJ_obj2nid(CMS_get0_type(cms)) == type);
    CMS_ContentInfo_free(cms);
    ERR_clear_error();
}

static void open_with(const uint8_t *data, size_t size, const uint8_t *key, size_t keylen)
{
    struct octets octets = {data, size};
    const struct cms_source source = {.read = read_octets, .arg = &octets, .len = size};
    size_t written = 0;
    const struct cms_sink sink = {.write = count_octets, .arg = &written};
    int r = cms_decrypt(&source, key, keylen, &sink);

    fuzz_require(written == 0 || written < size);
    fuzz_require(r == CRYPTO_OK || r == CRYPTO_FORMAT || r == CRYPTO_BAD_SEAL ||
                 r == CRYPTO_OTHER_KEY || r == CRYPTO_BAD_KEY);
    /* Another key: the shape is good, all but the ciphertext was compared. */
    if (r == CRYPTO_OTHER_KEY || r == CRYPTO_OK)
        is_cms(data, size, NID_id_smime_ct_authEnvelopedData);
}

/* A length, a private key of that length, a file. */
static void open_file(const uint8_t *data, size_t size)
{
    size_t keylen = size > 0 ? data[0] : 0;

    if (size < 1 + keylen)
        return;
    open_with(data + 1 + keylen, size - 1 - keylen, data + 1, keylen);
}

static void verify(const uint8_t *data, size_t size)
{
    struct octets octets = {data, size};
    const struct cms_source source = {.read = read_octets, .arg = &octets, .len = size};
    struct cms_content content;
    int r = cms_verify(&source, NULL, &content);

    fuzz_require(r == CRYPTO_OK || r == CRYPTO_FORMAT || r == CRYPTO_BAD_SIGNATURE);
    if (r != CRYPTO_OK)
        return;
    fuzz_require(content.offset + content.len < size);
    is_cms(data, size, NID_pkcs7_signed);
}

/* The first octet: a sealed file behind its key, or what lies in one. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0 && data[0] == 0)
        open_file(data + 1, size - 1);
    else if (size > 0)
        verify(data + 1, size - 1);
    fuzz_require(ERR_peek_error() == 0);
    return 0;
}
