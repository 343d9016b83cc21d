/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/pack.h"

#include "core/wire/finger.h"

#include <gio/gio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define LEN 5000

/* As libfprint writes numbers: one octet of four that differs. */
static void fill(uint8_t plain[LEN])
{
    memset(plain, 0, LEN);
    plain[0] = DER_SEQUENCE;
    for (size_t n = 4; n < LEN; n += 4)
        plain[n] = (uint8_t)(n * n / 7);
}

static void assert_opens(GBytes *packed, const uint8_t *plain, size_t len)
{
    g_autoptr(GBytes) back = NULL;

    assert_non_null(packed);
    back = pack_open(g_bytes_get_data(packed, NULL), g_bytes_get_size(packed));
    assert_non_null(back);
    assert_int_equal(g_bytes_get_size(back), len);
    assert_memory_equal(g_bytes_get_data(back, NULL), plain, len);
}

static void test_there_and_back(void **state)
{
    static uint8_t plain[LEN];
    g_autoptr(GBytes) packed = NULL;

    (void)state;
    fill(plain);
    packed = pack_close(plain, sizeof(plain));
    assert_opens(packed, plain, sizeof(plain));
    assert_true(g_bytes_get_size(packed) < sizeof(plain) / 2);
    assert_int_equal(*(const uint8_t *)g_bytes_get_data(packed, NULL), DER_OCTETS);
}

static void test_what_does_not_shrink_stays_plain(void **state)
{
    static const uint8_t plain[] = {DER_SEQUENCE, 3, DER_OCTETS, 1, 0x55};
    g_autoptr(GBytes) packed = pack_close(plain, sizeof(plain));

    (void)state;
    assert_opens(packed, plain, sizeof(plain));
    assert_int_equal(g_bytes_get_size(packed), sizeof(plain));
}

static void refused(const uint8_t *buf, size_t len)
{
    g_autoptr(GBytes) back = pack_open(buf, len);

    assert_null(back);
}

static void test_cut_or_followed(void **state)
{
    static uint8_t plain[LEN], buf[LEN];
    g_autoptr(GBytes) packed = NULL;
    size_t len;

    (void)state;
    fill(plain);
    packed = pack_close(plain, sizeof(plain));
    len = g_bytes_get_size(packed);
    memcpy(buf, g_bytes_get_data(packed, NULL), len);
    for (size_t cut = 0; cut < len; cut++)
        refused(buf, cut);
    refused(buf, len + 1);
}

/* The checksum of RFC 1950 finds what the seal would have found before. */
static void test_altered(void **state)
{
    static uint8_t plain[LEN], buf[LEN];
    g_autoptr(GBytes) packed = NULL;
    size_t len;

    (void)state;
    fill(plain);
    packed = pack_close(plain, sizeof(plain));
    len = g_bytes_get_size(packed);
    for (size_t n = 0; n < len; n++) {
        g_autoptr(GBytes) back = NULL;
        memcpy(buf, g_bytes_get_data(packed, NULL), len);
        buf[n] ^= 0x10;
        back = pack_open(buf, len);
        assert_true(back == NULL || g_bytes_get_size(back) != sizeof(plain) ||
                    memcmp(g_bytes_get_data(back, NULL), plain, sizeof(plain)) == 0 ||
                    buf[0] != DER_OCTETS);
    }
}

static size_t pack_zeros(size_t count, uint8_t *buf, size_t cap)
{
    g_autofree uint8_t *zeros = g_malloc0(count);
    g_autoptr(GZlibCompressor) zlib = g_zlib_compressor_new(G_ZLIB_COMPRESSOR_FORMAT_ZLIB, 9);
    uint8_t stream[1024];
    gsize in = 0, len = 0;
    size_t framed = 0;
    struct tlv_out out = tlv_writer(buf, cap);

    assert_int_equal(g_converter_convert(G_CONVERTER(zlib), zeros, count, stream, sizeof(stream),
                                         G_CONVERTER_INPUT_AT_END, &in, &len, NULL),
                     G_CONVERTER_FINISHED);
    tlv_put(&out, DER_OCTETS, stream, len);
    assert_int_equal(tlv_finish(&out, &framed), WIRE_OK);
    return framed;
}

static void test_too_much(void **state)
{
    uint8_t buf[2048];
    g_autoptr(GBytes) most = NULL;

    (void)state;
    most = pack_open(buf, pack_zeros(FINGER_TEMPLATE_MAX, buf, sizeof(buf)));
    assert_non_null(most);
    assert_int_equal(g_bytes_get_size(most), FINGER_TEMPLATE_MAX);
    refused(buf, pack_zeros(FINGER_TEMPLATE_MAX + 1, buf, sizeof(buf)));
    refused(buf, pack_zeros(1000000, buf, sizeof(buf)));
}

static void test_empty_and_long(void **state)
{
    static uint8_t big[FINGER_TEMPLATE_MAX + 1] = {DER_SEQUENCE};

    (void)state;
    refused(big, 0);
    refused(big, sizeof(big));
    refused((const uint8_t *)"\x04\x00", 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_what_does_not_shrink_stays_plain),
        cmocka_unit_test(test_cut_or_followed),
        cmocka_unit_test(test_altered),
        cmocka_unit_test(test_too_much),
        cmocka_unit_test(test_empty_and_long),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
