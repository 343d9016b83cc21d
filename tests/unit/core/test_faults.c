/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"

#include <openssl/crypto.h>
#include <openssl/err.h>

#include "core/crypto/cms.h"
#include "tests/unit/core/keys.h"
#include "tests/unit/core/memory_file.h"
#include "tests/unit/core/unit.h"

/* OpenSSL's memory: the allocation number `fail_at` fails, and all behind it where `fail_on`. */
static size_t allocations, fail_at;
static bool fail_on;

static bool fails(void)
{
    allocations++;
    return fail_at > 0 && (allocations == fail_at || (fail_on && allocations > fail_at));
}

static void *fault_malloc(size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : malloc(len);
}

static void *fault_realloc(void *p, size_t len, const char *file, int line)
{
    (void)file;
    (void)line;
    return fails() ? NULL : realloc(p, len);
}

static void fault_free(void *p, const char *file, int line)
{
    (void)file;
    (void)line;
    free(p);
}

static const uint8_t key[CRYPTO_KEY_LEN] = {1};
static uint8_t digest[CRYPTO_HASH_MAX] = {2};
static struct keys_blob spki[2], good[2], bad[2], private_key;
static uint8_t sealed[64];
static size_t sealed_len;

/* Each gives the library's result; where it failed, nothing was given out. */
static uint8_t out[512];
static size_t out_len;

static int do_sha256(void)
{
    return crypto_sha256("abc", 3, out);
}

static int do_sha384(void)
{
    return crypto_sha384("abc", 3, out);
}

static int do_hmac(void)
{
    return crypto_hmac_sha256(key, "abc", 3, out);
}

static int do_hmac_sha1(void)
{
    return crypto_hmac_sha1(key, 20, "abc", 3, out);
}

static int do_des(void)
{
    return crypto_des_cbc(key, CRYPTO_DES2_LEN, digest, digest, 16, out);
}

static int do_seal(void)
{
    return crypto_seal(key, "a", 1, "text", 4, out, sizeof(out), &out_len);
}

static int do_unseal(void)
{
    return crypto_unseal(key, "a", 1, sealed, sealed_len, out, sizeof(out), &out_len);
}

static int do_generate(void)
{
    uint8_t pair[256], pub[128];
    size_t pair_len = 0;

    return crypto_p256_generate(pair, sizeof(pair), &pair_len, pub, sizeof(pub), &out_len);
}

static int do_sign(void)
{
    return crypto_p256_sign(private_key.octets, private_key.len, digest, out, sizeof(out),
                            &out_len);
}

static int do_spki(void)
{
    return crypto_p256_spki(private_key.octets, private_key.len, out, sizeof(out), &out_len);
}

static int verify(size_t n, const struct keys_blob *sig)
{
    return crypto_verify(spki[n].octets, spki[n].len, digest, 32, sig->octets, sig->len);
}

static int do_verify_rsa(void)
{
    return verify(0, &good[0]);
}

static int do_verify_ec(void)
{
    return verify(1, &good[1]);
}

static int do_refuse_rsa(void)
{
    return verify(0, &bad[0]);
}

static int do_refuse_ec(void)
{
    return verify(1, &bad[1]);
}

static int do_scrypt(void)
{
    uint8_t hash[CRYPTO_SHA256_LEN];

    return crypto_scrypt(CRYPTO_SCRYPT_STOP, "p", 1, "s", 1, hash, sizeof(hash));
}

/* A file of `private_key` for itself, and what lies in it. */
static struct keys_blob own_spki, cert;
static struct memory_file content, file, inner;

static int do_cms_seal(void)
{
    const struct cms_signer signer = {.key = private_key.octets,
                                      .keylen = private_key.len,
                                      .cert = cert.octets,
                                      .certlen = cert.len};
    const struct cms_source source = memory_source(&content);
    const struct cms_sink sink = memory_sink(&file);

    file.len = 0;
    return cms_seal(&source, &signer, own_spki.octets, own_spki.len, &sink);
}

static int do_cms_decrypt(void)
{
    const struct cms_source source = memory_source(&file);
    const struct cms_sink sink = memory_sink(&inner);

    inner.len = 0;
    return cms_decrypt(&source, private_key.octets, private_key.len, &sink);
}

static int do_cms_verify(void)
{
    const struct cms_source source = memory_source(&inner);
    struct cms_content found;

    return cms_verify(&source, NULL, &found);
}

static const struct {
    const char *name;
    int (*call)(void);
    int normal;   /* the result where memory is not short */
    bool touches; /* writes `out` and then wipes it */
} calls[] = {
    {"sha256", do_sha256, CRYPTO_OK, false},
    {"sha384", do_sha384, CRYPTO_OK, false},
    {"hmac", do_hmac, CRYPTO_OK, false},
    {"hmac sha1", do_hmac_sha1, CRYPTO_OK, false},
    {"des", do_des, CRYPTO_OK, true},
    {"seal", do_seal, CRYPTO_OK, true},
    {"unseal", do_unseal, CRYPTO_OK, true},
    {"generate", do_generate, CRYPTO_OK, false},
    {"sign", do_sign, CRYPTO_OK, false},
    {"spki", do_spki, CRYPTO_OK, false},
    {"verify rsa", do_verify_rsa, CRYPTO_OK, false},
    {"verify ec", do_verify_ec, CRYPTO_OK, false},
    {"refuse rsa", do_refuse_rsa, CRYPTO_BAD_SIGNATURE, false},
    {"refuse ec", do_refuse_ec, CRYPTO_BAD_SIGNATURE, false},
    {"scrypt", do_scrypt, CRYPTO_OK, false},
    /* In this order: each works on what the one before left behind. */
    {"cms seal", do_cms_seal, CRYPTO_OK, false},
    {"cms decrypt", do_cms_decrypt, CRYPTO_OK, false},
    {"cms verify", do_cms_verify, CRYPTO_OK, false},
};

static int setup(void **state)
{
    (void)state;
    for (size_t n = 0; n < COUNT(spki); n++) {
        EVP_PKEY *pair = n == 0 ? keys_rsa(2048, 65537) : keys_ec("P-256");
        keys_spki(pair, &spki[n]);
        keys_sign(pair, "SHA256", digest, 32, &good[n]);
        keys_sign(pair, "SHA256", digest + 1, 32, &bad[n]);
        EVP_PKEY_free(pair);
    }
    if (crypto_p256_generate(private_key.octets, sizeof(private_key.octets), &private_key.len, out,
                             sizeof(out), &out_len) != CRYPTO_OK)
        return -1;
    memory_put(&content, "content", 7);
    if (crypto_p256_spki(private_key.octets, private_key.len, own_spki.octets,
                         sizeof(own_spki.octets), &own_spki.len) != CRYPTO_OK ||
        crypto_self_cert(private_key.octets, private_key.len, "name", false, 0, cert.octets,
                         sizeof(cert.octets), &cert.len) != CRYPTO_OK)
        return -1;
    return crypto_seal(key, "a", 1, "text", 4, sealed, sizeof(sealed), &sealed_len);
}

static bool untouched(bool touches)
{
    for (size_t n = 0; n < sizeof(out); n++)
        if (out[n] != 0xEE && !(touches && out[n] == 0))
            return false;
    return out_len == 99;
}

/* One failing allocation after the other, until the call makes fewer of them; far behind the start
 * of the calls that make thousands, some are left out. */
static void exhaust(size_t n)
{
    size_t failed = 0;

    assert_int_equal(calls[n].call(), calls[n].normal);
    for (fail_at = 1;; fail_at += fail_at < 300 ? 1 : 17) {
        int r;
        memset(out, 0xEE, sizeof(out));
        out_len = 99;
        allocations = 0;
        r = calls[n].call();
        if (allocations < fail_at)
            break;
        if (r == calls[n].normal)
            continue;
        failed++;
        if (r == CRYPTO_OK || !untouched(calls[n].touches) || ERR_peek_error() != 0)
            fail_msg("%s, allocation %zu: %s", calls[n].name, fail_at, crypto_strerror(r));
    }
    fail_at = 0;
    assert_true(failed > 0);
    assert_int_equal(calls[n].call(), calls[n].normal);
}

static void test_one_failure(void **state)
{
    (void)state;
    fail_on = false;
    for (size_t n = 0; n < COUNT(calls); n++)
        exhaust(n);
}

static void test_failures_from_then_on(void **state)
{
    (void)state;
    fail_on = true;
    for (size_t n = 0; n < COUNT(calls); n++)
        exhaust(n);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_failure),
        cmocka_unit_test(test_failures_from_then_on),
    };

    if (CRYPTO_set_mem_functions(fault_malloc, fault_realloc, fault_free) != 1)
        return 1;
    return cmocka_run_group_tests(tests, setup, NULL);
}
