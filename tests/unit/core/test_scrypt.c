/* SPDX-License-Identifier: Apache-2.0 */
#include <openssl/err.h>

#include "core/crypto/crypto.h"
#include "tests/unit/core/unit.h"

/* RFC 7914 section 12, the vector with these costs. */
static void test_rfc7914(void **state)
{
    uint8_t expected[64], out[64];

    (void)state;
    unit_hex("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2"
             "d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887",
             expected, sizeof(expected));
    assert_int_equal(crypto_scrypt(CRYPTO_SCRYPT_STOP, "pleaseletmein", 13, "SodiumChloride", 14,
                                   out, sizeof(out)),
                     CRYPTO_OK);
    assert_memory_equal(out, expected, sizeof(out));
}

/* hashlib.scrypt(b"pleaseletmein", salt=b"SodiumChloride", n=1 << 17, r=8, p=1, dklen=32) */
static void test_code_cost(void **state)
{
    uint8_t expected[32], out[32];

    (void)state;
    unit_hex("2f10fcda14532d6543334cd899776407ff0ae879c370372de5b4e39d4d2d21ed", expected,
             sizeof(expected));
    assert_int_equal(crypto_scrypt(CRYPTO_SCRYPT_CODE, "pleaseletmein", 13, "SodiumChloride", 14,
                                   out, sizeof(out)),
                     CRYPTO_OK);
    assert_memory_equal(out, expected, sizeof(out));
}

static void test_other_costs(void **state)
{
    static const uint32_t costs[] = {0, 1, 1 << 13, 1 << 15, (1 << 14) + 1, UINT32_MAX};
    uint8_t out[32] = {1};

    (void)state;
    for (size_t n = 0; n < COUNT(costs); n++)
        assert_int_equal(crypto_scrypt(costs[n], "p", 1, "s", 1, out, sizeof(out)), CRYPTO_LENGTH);
    assert_int_equal(out[0], 1);
    assert_int_equal(ERR_peek_error(), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rfc7914),
        cmocka_unit_test(test_code_cost),
        cmocka_unit_test(test_other_costs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
