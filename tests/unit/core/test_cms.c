/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/cms.h"

#include <openssl/err.h>
#include <stdio.h>

#include "tests/unit/core/keys.h"
#include "tests/unit/core/memory_file.h"
#include "tests/unit/core/unit.h"

#define PIECE 65536
#define NOW   INT64_C(1775000000)

struct party {
    uint8_t key[256], spki[CRYPTO_SPKI_MAX], cert[CMS_CERT_MAX], hash[CRYPTO_SHA256_LEN];
    size_t keylen, spkilen, certlen;
};

static struct party zone, other_zone, authority, other_authority;

static void make_party(struct party *p, const char *name, bool recipient)
{
    assert_int_equal(crypto_p256_generate(p->key, sizeof(p->key), &p->keylen, p->spki,
                                          sizeof(p->spki), &p->spkilen),
                     CRYPTO_OK);
    assert_int_equal(crypto_self_cert(p->key, p->keylen, name, recipient, NOW, p->cert,
                                      sizeof(p->cert), &p->certlen),
                     CRYPTO_OK);
    assert_int_equal(crypto_spki_hash(p->spki, p->spkilen, p->hash), CRYPTO_OK);
}

static int setup(void **state)
{
    (void)state;
    make_party(&zone, "internet", true);
    make_party(&other_zone, "lgwan", true);
    make_party(&authority, "authority", false);
    make_party(&other_authority, "authority", false);
    return 0;
}

static struct cms_signer signer_of(const struct party *p)
{
    return (struct cms_signer){
        .key = p->key, .keylen = p->keylen, .cert = p->cert, .certlen = p->certlen, .time = NOW};
}

static int seal(struct memory_file *content, struct memory_file *file)
{
    struct cms_source source = memory_source(content);
    struct cms_signer signer = signer_of(&authority);
    struct cms_sink sink = memory_sink(file);

    return cms_seal(&source, &signer, zone.spki, zone.spkilen, &sink);
}

static int decrypt(struct memory_file *file, const struct party *p, struct memory_file *inner)
{
    struct cms_source source = memory_source(file);
    struct cms_sink sink = memory_sink(inner);

    return cms_decrypt(&source, p->key, p->keylen, &sink);
}

static int verify(struct memory_file *inner, const uint8_t *signer, struct cms_content *out)
{
    struct cms_source source = memory_source(inner);

    return cms_verify(&source, signer, out);
}

static struct memory_file random_content(size_t len)
{
    struct memory_file file = {0};
    uint8_t *octets = malloc(len + 1);

    assert_non_null(octets);
    assert_int_equal(crypto_random(octets, len), CRYPTO_OK);
    memory_put(&file, octets, len);
    free(octets);
    return file;
}

static struct memory_file sealed_file(size_t len)
{
    struct memory_file content = random_content(len), file = {0};

    assert_int_equal(seal(&content, &file), CRYPTO_OK);
    memory_free(&content);
    return file;
}

static void round_trip(size_t len)
{
    struct memory_file content = random_content(len), file = {0}, inner = {0};
    struct cms_content found;

    assert_int_equal(seal(&content, &file), CRYPTO_OK);
    assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_OK);
    assert_int_equal(verify(&inner, authority.hash, &found), CRYPTO_OK);
    assert_int_equal(found.len, len);
    assert_true(found.offset + found.len < inner.len);
    if (len > 0)
        assert_memory_equal(inner.octets + found.offset, content.octets, len);
    assert_memory_equal(found.signer, authority.hash, sizeof(found.signer));
    assert_int_equal(found.spkilen, authority.spkilen);
    assert_memory_equal(found.spki, authority.spki, authority.spkilen);
    /* Never more than a piece at once. */
    assert_true(content.longest <= PIECE && file.longest <= PIECE && inner.longest <= PIECE);
    assert_true(file.len - len < 1500);
    memory_free(&content);
    memory_free(&file);
    memory_free(&inner);
}

static void test_round_trip(void **state)
{
    /* Around a piece, and where the length takes another octet. */
    static const size_t lengths[] = {
        0,     1,         127,    128,      255,      256,       PIECE - 1,
        PIECE, PIECE + 1, 100000, 16777215, 16777216, 2 * PIECE, 2 * PIECE - 700};

    (void)state;
    for (size_t n = 0; n < COUNT(lengths); n++)
        round_trip(lengths[n]);
    for (size_t len = PIECE - 1200; len < PIECE; len += 7)
        round_trip(len);
}

static void test_fresh_each_time(void **state)
{
    struct memory_file content = random_content(64), a = {0}, b = {0};

    (void)state;
    assert_int_equal(seal(&content, &a), CRYPTO_OK);
    assert_int_equal(seal(&content, &b), CRYPTO_OK);
    /* Another point, another key, another nonce: the last 64 octets share nothing. */
    assert_memory_not_equal(a.octets + a.len - 64, b.octets + b.len - 64, 64);
    memory_free(&content);
    memory_free(&a);
    memory_free(&b);
}

static void test_other_zone(void **state)
{
    struct memory_file file = sealed_file(100), inner = {0};

    (void)state;
    assert_int_equal(decrypt(&file, &other_zone, &inner), CRYPTO_OTHER_KEY);
    assert_int_equal(inner.len, 0);
    memory_free(&file);
}

static void test_signer(void **state)
{
    struct memory_file file = sealed_file(100), inner = {0};
    struct cms_content found = {.len = 4711};

    (void)state;
    assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_OK);
    assert_int_equal(verify(&inner, other_authority.hash, &found), CRYPTO_OTHER_SIGNER);
    assert_int_equal(found.len, 4711);
    assert_int_equal(verify(&inner, NULL, &found), CRYPTO_OK);
    assert_memory_equal(found.signer, authority.hash, sizeof(found.signer));
    memory_free(&file);
    memory_free(&inner);
}

/* Everything in front of the ciphertext is laid out again, so it is the format that differs; the
 * name of the recipient is another zone's. */
static void test_every_octet_of_a_file(void **state)
{
    struct memory_file file = sealed_file(300);
    size_t other_key = 0, bad_seal = 0, format = 0;

    (void)state;
    for (size_t n = 0; n < file.len; n++) {
        struct memory_file inner = {0};
        file.octets[n] ^= (uint8_t)(1u << n % 8);
        switch (decrypt(&file, &zone, &inner)) {
        case CRYPTO_OTHER_KEY:
            other_key++;
            break;
        case CRYPTO_BAD_SEAL:
            bad_seal++;
            break;
        case CRYPTO_FORMAT:
            format++;
            break;
        default:
            fail_msg("octet %zu", n);
        }
        file.octets[n] ^= (uint8_t)(1u << n % 8);
        memory_free(&inner);
    }
    assert_int_equal(other_key, CRYPTO_SHA256_LEN);
    /* Wrapped key, nonce, ciphertext, tag; headers and the point. */
    assert_true(bad_seal > 300);
    assert_true(format > 65);
    memory_free(&file);
}

static void test_every_octet_of_the_signed_part(void **state)
{
    struct memory_file file = sealed_file(300), inner = {0};
    struct cms_content found;

    (void)state;
    assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_OK);
    for (size_t n = 0; n < inner.len; n++) {
        int r;
        inner.octets[n] ^= (uint8_t)(1u << n % 8);
        r = verify(&inner, authority.hash, &found);
        if (r != CRYPTO_FORMAT && r != CRYPTO_BAD_SIGNATURE && r != CRYPTO_OTHER_SIGNER)
            fail_msg("octet %zu: %s", n, crypto_strerror(r));
        inner.octets[n] ^= (uint8_t)(1u << n % 8);
    }
    assert_int_equal(verify(&inner, authority.hash, &found), CRYPTO_OK);
    inner.octets[found.offset] ^= 1;
    assert_int_equal(verify(&inner, authority.hash, &found), CRYPTO_BAD_SIGNATURE);
    memory_free(&file);
    memory_free(&inner);
}

static void test_cut_and_longer(void **state)
{
    struct memory_file file = sealed_file(300), inner = {0};
    struct cms_content found;
    size_t whole = file.len, inner_whole;

    (void)state;
    assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_OK);
    inner_whole = inner.len;
    for (file.len = 0; file.len < whole; file.len++) {
        struct memory_file none = {0};
        assert_int_equal(decrypt(&file, &zone, &none), CRYPTO_FORMAT);
        assert_int_equal(none.len, 0);
    }
    for (inner.len = 0; inner.len < inner_whole; inner.len++)
        assert_int_equal(verify(&inner, NULL, &found), CRYPTO_FORMAT);
    memory_put(&file, "", 1);
    memory_put(&inner, "", 1);
    assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_FORMAT);
    assert_int_equal(verify(&inner, NULL, &found), CRYPTO_FORMAT);
    memory_free(&file);
    memory_free(&inner);
}

/* Content that another one signed under the authority's certificate. */
static void test_certificate_of_another(void **state)
{
    struct memory_file content = random_content(10), file = {0};
    struct cms_source source = memory_source(&content);
    struct cms_sink sink = memory_sink(&file);
    struct cms_signer signer = signer_of(&other_authority);

    (void)state;
    signer.cert = authority.cert;
    signer.certlen = authority.certlen;
    assert_int_equal(cms_seal(&source, &signer, zone.spki, zone.spkilen, &sink), CRYPTO_BAD_KEY);
    assert_int_equal(file.len, 0);
    memory_free(&content);
}

static void test_bad_arguments(void **state)
{
    struct memory_file content = random_content(10), file = sealed_file(10), out = {0};
    struct cms_source source = memory_source(&content);
    struct cms_sink sink = memory_sink(&out);
    struct cms_signer signer = signer_of(&authority);
    struct keys_blob p384;
    EVP_PKEY *key = keys_ec("P-384");

    (void)state;
    keys_spki(key, &p384);
    EVP_PKEY_free(key);
    assert_int_equal(cms_seal(&source, &signer, p384.octets, p384.len, &sink), CRYPTO_BAD_KEY);
    assert_int_equal(cms_seal(&source, &signer, "x", 1, &sink), CRYPTO_BAD_KEY);
    signer.time = -1;
    assert_int_equal(cms_seal(&source, &signer, zone.spki, zone.spkilen, &sink), CRYPTO_LENGTH);
    signer.time = INT64_C(253402300800);
    assert_int_equal(cms_seal(&source, &signer, zone.spki, zone.spkilen, &sink), CRYPTO_LENGTH);
    signer = signer_of(&authority);
    signer.keylen--;
    assert_int_equal(cms_seal(&source, &signer, zone.spki, zone.spkilen, &sink), CRYPTO_BAD_KEY);
    signer = signer_of(&authority);
    source.len = (uint64_t)CMS_MAX + 1;
    assert_int_equal(cms_seal(&source, &signer, zone.spki, zone.spkilen, &sink), CRYPTO_LENGTH);
    assert_int_equal(out.len, 0);
    source = memory_source(&file);
    assert_int_equal(cms_decrypt(&source, "x", 1, &sink), CRYPTO_BAD_KEY);
    memory_free(&content);
    memory_free(&file);
}

/* Each read and each write fails once. */
static void test_io(void **state)
{
    struct memory_file content = random_content(3 * PIECE), file = {0}, inner = {0};
    struct cms_content found;
    size_t reads, writes;

    (void)state;
    assert_int_equal(seal(&content, &file), CRYPTO_OK);
    reads = content.calls;
    writes = file.calls;
    assert_int_equal(reads, 6);
    for (content.fail_at = 1; content.fail_at <= reads; content.fail_at++) {
        content.calls = 0;
        memory_free(&inner);
        assert_int_equal(seal(&content, &inner), CRYPTO_IO);
    }
    for (size_t at = 1; at <= writes; at++) {
        memory_free(&inner);
        inner.fail_at = at;
        content.calls = 0;
        assert_int_equal(seal(&content, &inner), CRYPTO_IO);
    }
    memory_free(&inner);
    file.calls = 0;
    assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_OK);
    reads = file.calls;
    writes = inner.calls;
    for (file.fail_at = 1; file.fail_at <= reads; file.fail_at++) {
        memory_free(&inner);
        file.calls = 0;
        assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_IO);
    }
    for (size_t at = 1; at <= writes; at++) {
        memory_free(&inner);
        inner.fail_at = at;
        file.calls = 0;
        assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_IO);
    }
    memory_free(&inner);
    file.fail_at = 0;
    assert_int_equal(decrypt(&file, &zone, &inner), CRYPTO_OK);
    inner.calls = 0;
    assert_int_equal(verify(&inner, NULL, &found), CRYPTO_OK);
    reads = inner.calls;
    for (inner.fail_at = 1; inner.fail_at <= reads; inner.fail_at++) {
        inner.calls = 0;
        assert_int_equal(verify(&inner, NULL, &found), CRYPTO_IO);
    }
    memory_free(&content);
    memory_free(&file);
    memory_free(&inner);
}

static void test_content_that_changes(void **state)
{
    struct memory_file content = random_content(100), file = {0};

    (void)state;
    content.change_at = 1;
    assert_int_equal(seal(&content, &file), CRYPTO_IO);
    memory_free(&content);
    memory_free(&file);
}

static void test_certificate(void **state)
{
    uint8_t spki[CRYPTO_SPKI_MAX], cert[CMS_CERT_MAX];
    char name[CMS_NAME_MAX + 2];
    size_t len = 0;

    (void)state;
    assert_int_equal(crypto_cert_spki(zone.cert, zone.certlen, spki, sizeof(spki), &len),
                     CRYPTO_OK);
    assert_int_equal(len, zone.spkilen);
    assert_memory_equal(spki, zone.spki, len);
    memset(name, 'n', sizeof(name));
    name[CMS_NAME_MAX] = '\0';
    assert_int_equal(
        crypto_self_cert(zone.key, zone.keylen, name, true, NOW, cert, sizeof(cert), &len),
        CRYPTO_OK);
    assert_int_equal(crypto_self_cert(zone.key, zone.keylen, name, true, NOW, cert, len - 8, &len),
                     CRYPTO_LENGTH);
    name[CMS_NAME_MAX] = 'n';
    name[CMS_NAME_MAX + 1] = '\0';
    assert_int_equal(
        crypto_self_cert(zone.key, zone.keylen, name, true, NOW, cert, sizeof(cert), &len),
        CRYPTO_LENGTH);
    assert_int_equal(
        crypto_self_cert(zone.key, zone.keylen, "", true, NOW, cert, sizeof(cert), &len),
        CRYPTO_LENGTH);
    assert_int_equal(
        crypto_self_cert(zone.key, zone.keylen, "n", true, -1, cert, sizeof(cert), &len),
        CRYPTO_LENGTH);
    assert_int_equal(crypto_self_cert("x", 1, "n", true, NOW, cert, sizeof(cert), &len),
                     CRYPTO_BAD_KEY);
}

/* The command that an administrator has at hand. */
static char folder[] = "/tmp/toyama-cms.XXXXXX";

static void save(const char *name, const void *octets, size_t len)
{
    char path[64];
    FILE *file;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(octets, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

static int run(const char *command)
{
    char line[512];

    snprintf(line, sizeof(line), "cd %s && { %s; } >log 2>&1", folder, command);
    return system(line); /* NOLINT(cert-env33-c): fixed text of this test */
}

static void test_openssl_command(void **state)
{
    struct memory_file content = random_content(3 * PIECE + 5), file = {0};

    (void)state;
    assert_non_null(mkdtemp(folder));
    assert_int_equal(seal(&content, &file), CRYPTO_OK);
    save("content", content.octets, content.len);
    save("file", file.octets, file.len);
    save("zone.key", zone.key, zone.keylen);
    save("zone.cer", zone.cert, zone.certlen);
    save("other.key", other_zone.key, other_zone.keylen);
    save("other.cer", other_zone.cert, other_zone.certlen);
    save("authority.cer", authority.cert, authority.certlen);
    save("unknown.cer", other_authority.cert, other_authority.certlen);
    assert_int_equal(run("openssl x509 -in authority.cer -out authority.pem"), 0);
    assert_int_equal(run("openssl x509 -in unknown.cer -out unknown.pem"), 0);
    assert_int_equal(run("openssl cms -decrypt -binary -inform DER -in file -recip zone.cer"
                         " -inkey zone.key -out signed"),
                     0);
    assert_int_equal(run("openssl cms -verify -binary -inform DER -in signed -out out"
                         " -CAfile authority.pem -purpose any"),
                     0);
    assert_int_equal(run("cmp content out"), 0);
    assert_int_not_equal(run("openssl cms -verify -binary -inform DER -in signed -out out"
                             " -CAfile unknown.pem -purpose any"),
                         0);
    assert_int_not_equal(run("openssl cms -decrypt -binary -inform DER -in file -recip other.cer"
                             " -inkey other.key -out signed"),
                         0);
    /* Each certificate is good for its use only. */
    assert_int_equal(
        run("openssl x509 -in zone.cer -noout -ext keyUsage | grep -q 'Key Agreement'"), 0);
    assert_int_equal(run("openssl x509 -in authority.cer -noout -ext keyUsage |"
                         " grep -q '^ *Digital Signature$'"),
                     0);
    assert_int_equal(run("openssl x509 -in zone.cer -noout -subject -enddate | tr '\\n' ' ' |"
                         " grep -q 'CN = internet notAfter=Dec 31 23:59:59 9999 GMT'"),
                     0);
    memory_free(&content);
    memory_free(&file);
    assert_int_equal(run("rm -r \"$PWD\""), 0);
}

static int no_errors_left(void **state)
{
    (void)state;
    return ERR_peek_error() == 0 ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_round_trip, no_errors_left),
        cmocka_unit_test_teardown(test_fresh_each_time, no_errors_left),
        cmocka_unit_test_teardown(test_other_zone, no_errors_left),
        cmocka_unit_test_teardown(test_signer, no_errors_left),
        cmocka_unit_test_teardown(test_every_octet_of_a_file, no_errors_left),
        cmocka_unit_test_teardown(test_every_octet_of_the_signed_part, no_errors_left),
        cmocka_unit_test_teardown(test_cut_and_longer, no_errors_left),
        cmocka_unit_test_teardown(test_certificate_of_another, no_errors_left),
        cmocka_unit_test_teardown(test_bad_arguments, no_errors_left),
        cmocka_unit_test_teardown(test_io, no_errors_left),
        cmocka_unit_test_teardown(test_content_that_changes, no_errors_left),
        cmocka_unit_test_teardown(test_certificate, no_errors_left),
        cmocka_unit_test(test_openssl_command),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
