/* SPDX-License-Identifier: Apache-2.0 */
#include "core/crypto/crypto.h"
#include "core/wire/tlv.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>

#define MODULUS_MAX (3072 / 8)
#define EXPONENT    65537

enum { DER_BITS = 0x03 };

/* AlgorithmIdentifier of rsaEncryption (RFC 3279 2.3.1), and a BIT STRING's count of unused bits.
 */
static const uint8_t rsa_encryption[] = {0x30, 0x0D, 0x06, 0x09, 0x2A, 0x86, 0x48, 0x86,
                                         0xF7, 0x0D, 0x01, 0x01, 0x01, 0x05, 0x00};
static const uint8_t no_unused_bits = 0;

/* A random odd number in place of a product of primes: making those takes seconds, and nobody is to
 * sign with it. The octet in front keeps the INTEGER positive. */
static int random_modulus(uint8_t modulus[1 + MODULUS_MAX], size_t octets)
{
    modulus[0] = 0;
    if (crypto_random(modulus + 1, octets) != CRYPTO_OK)
        return CRYPTO_FAILED;
    modulus[1] |= 0xC0;
    modulus[octets] |= 1;
    return CRYPTO_OK;
}

static int write_rsa(size_t octets, uint8_t *spki, size_t cap, size_t *spkilen)
{
    uint8_t modulus[1 + MODULUS_MAX];
    struct tlv_out out = tlv_writer(spki, cap);
    size_t whole, bits, numbers;

    if (random_modulus(modulus, octets) != CRYPTO_OK)
        return CRYPTO_FAILED;
    whole = tlv_open(&out, DER_SEQUENCE);
    tlv_put_raw(&out, rsa_encryption, sizeof(rsa_encryption));
    bits = tlv_open(&out, DER_BITS);
    tlv_put_raw(&out, &no_unused_bits, sizeof(no_unused_bits));
    numbers = tlv_open(&out, DER_SEQUENCE);
    tlv_put(&out, DER_INTEGER, modulus, 1 + octets);
    tlv_put_uint(&out, DER_INTEGER, EXPONENT);
    tlv_close(&out, numbers);
    tlv_close(&out, bits);
    tlv_close(&out, whole);
    return tlv_finish(&out, spkilen) == WIRE_OK ? CRYPTO_OK : CRYPTO_LENGTH;
}

/* The private half is forgotten at once. */
static int write_ec(const char *curve, uint8_t *spki, size_t cap, size_t *spkilen)
{
    EVP_PKEY *key = EVP_EC_gen(curve);
    int len = key != NULL ? i2d_PUBKEY(key, NULL) : -1;
    int r = CRYPTO_FAILED;

    if (len > 0 && (size_t)len > cap)
        r = CRYPTO_LENGTH;
    else if (len > 0 && i2d_PUBKEY(key, &spki) == len) {
        *spkilen = (size_t)len;
        r = CRYPTO_OK;
    }
    EVP_PKEY_free(key);
    ERR_clear_error();
    return r;
}

int crypto_unowned_spki(enum crypto_alg alg, uint8_t *spki, size_t cap, size_t *spkilen)
{
    switch (alg) {
    case CRYPTO_RSA2048:
        return write_rsa(2048 / 8, spki, cap, spkilen);
    case CRYPTO_RSA3072:
        return write_rsa(3072 / 8, spki, cap, spkilen);
    case CRYPTO_P256:
        return write_ec("P-256", spki, cap, spkilen);
    case CRYPTO_P384:
        return write_ec("P-384", spki, cap, spkilen);
    default:
        return CRYPTO_FAILED;
    }
}
