/* SPDX-License-Identifier: Apache-2.0
 *
 * libfprint's reader asserts on malformed prints: what fp3_read lets through must not.
 */
#include "biometric/fp3.h"

#include "tests/unit/biometric/cmocka_all.h"

#include <stdlib.h>
#include <string.h>

#define MINUTIAE 30
#define MUTANTS  20000

static const struct fp3_claim image_claim = {"uru4000", "0", 2, true};
static const struct fp3_claim chip_claim = {"synaptics", "chip", 2, false};

/* A serialised print of right index (7 of FpFinger) as libfprint lays it out. */
static GBytes *serialise(gint32 type, const char *driver, const char *device, gboolean stored,
                         GVariant *data)
{
    g_autoptr(GVariant) whole = NULL;
    g_autoptr(GByteArray) out = g_byte_array_new();
    GVariantBuilder dict;

    g_variant_builder_init(&dict, G_VARIANT_TYPE_VARDICT);
    whole = g_variant_ref_sink(g_variant_new("(issbymsmsi@a{sv}v)", type, driver, device, stored, 7,
                                             NULL, NULL, G_MININT32, g_variant_builder_end(&dict),
                                             data));
    g_byte_array_append(out, (const guint8 *)"FP3", 3);
    g_byte_array_append(out, g_variant_get_data(whole), (guint)g_variant_get_size(whole));
    return g_byte_array_free_to_bytes(g_steal_pointer(&out));
}

static GVariant *numbers(gsize count, gint32 first)
{
    gint32 value[256];

    for (gsize n = 0; n < count; n++)
        value[n] = (gint32)(first + (gint32)n);
    return g_variant_new_fixed_array(G_VARIANT_TYPE_INT32, value, count, sizeof(value[0]));
}

static GVariant *minutiae(gsize xs, gsize ys, gsize thetas, gint32 first)
{
    GVariantBuilder samples;

    g_variant_builder_init(&samples, G_VARIANT_TYPE("a(aiaiai)"));
    g_variant_builder_add(&samples, "(@ai@ai@ai)", numbers(xs, first), numbers(ys, first),
                          numbers(thetas, 0));
    return g_variant_new("(@a(aiaiai))", g_variant_builder_end(&samples));
}

static GBytes *good_image(void)
{
    return serialise(2, "uru4000", "0", FALSE, minutiae(MINUTIAE, MINUTIAE, MINUTIAE, 10));
}

static GBytes *good_chip(void)
{
    return serialise(1, "synaptics", "chip", TRUE, g_variant_new("(yay)", 1, NULL));
}

static bool opens(GBytes *octets, const struct fp3_claim *claim)
{
    gsize len = 0;
    const uint8_t *data = g_bytes_get_data(octets, &len);
    g_autoptr(FpPrint) print = fp3_read(data, len, claim);

    g_bytes_unref(octets);
    return print != NULL;
}

static void test_good_prints(void **state)
{
    (void)state;
    assert_true(opens(good_image(), &image_claim));
    assert_true(opens(good_chip(), &chip_claim));
}

static void test_claims(void **state)
{
    struct fp3_claim claim = image_claim;

    (void)state;
    assert_false(opens(good_chip(), &image_claim));
    assert_false(opens(good_image(), &chip_claim));
    claim.driver = "elan";
    assert_false(opens(good_image(), &claim));
    claim = image_claim;
    claim.device = "1";
    assert_false(opens(good_image(), &claim));
    claim = image_claim;
    claim.finger = 7;
    assert_false(opens(good_image(), &claim));
    claim = image_claim;
    claim.minutiae = false;
    assert_false(opens(good_image(), &claim));
}

static void test_stored_minutiae(void **state)
{
    (void)state;
    assert_false(opens(serialise(2, "uru4000", "0", TRUE, minutiae(9, 9, 9, 1)), &image_claim));
}

static void test_minutiae(void **state)
{
    const struct {
        gsize xs, ys, thetas;
        gint32 first;
        bool good;
    } cases[] = {
        {1, 1, 1, 0, true},     {200, 200, 200, 0, true}, {201, 201, 201, 0, false},
        {0, 0, 0, 0, false},    {9, 8, 9, 0, false},      {9, 9, 8, 0, false},
        {8, 9, 9, 0, false},    {9, 9, 9, -1, false},     {9, 9, 9, 4992, true},
        {9, 9, 9, 4993, false},
    };

    (void)state;
    for (size_t n = 0; n < G_N_ELEMENTS(cases); n++)
        assert_int_equal(
            opens(serialise(2, "uru4000", "0", FALSE,
                            minutiae(cases[n].xs, cases[n].ys, cases[n].thetas, cases[n].first)),
                  &image_claim),
            cases[n].good);
}

static void test_without_samples(void **state)
{
    GVariantBuilder none;

    (void)state;
    g_variant_builder_init(&none, G_VARIANT_TYPE("a(aiaiai)"));
    assert_false(opens(serialise(2, "uru4000", "0", FALSE,
                                 g_variant_new("(@a(aiaiai))", g_variant_builder_end(&none))),
                       &image_claim));
    assert_false(opens(serialise(2, "uru4000", "0", FALSE, g_variant_new_int32(7)), &image_claim));
    assert_false(opens(serialise(3, "uru4000", "0", FALSE, minutiae(9, 9, 9, 1)), &image_claim));
}

static void test_every_cut(void **state)
{
    GBytes *octets = good_image();
    gsize len = 0;
    const uint8_t *data = g_bytes_get_data(octets, &len);

    (void)state;
    for (gsize cut = 0; cut < len; cut++)
        assert_false(opens(g_bytes_new(data, cut), &image_claim));
    g_bytes_unref(octets);
}

static void mutate(uint8_t *data, gsize len)
{
    for (int n = 1 + rand() % 6; n > 0; n--) {
        size_t at = (size_t)rand() % len;
        /* Half of the changes hit the head or the offsets at the end, where the structure is. */
        if (rand() % 2 == 0)
            at = rand() % 2 == 0 ? at % 60 : len - 1 - at % 16;
        data[at] = (uint8_t)(rand() % 3 == 0 ? data[at] ^ (1 << rand() % 8) : rand());
    }
}

/* Without the check before it, two of three such prints abort the process. */
static void read_mutants(GBytes *(*make)(void), const struct fp3_claim *claim)
{
    g_autoptr(GBytes) octets = make();
    gsize len = 0;
    const uint8_t *data = g_bytes_get_data(octets, &len);
    g_autofree uint8_t *copy = g_malloc(len);

    srand(7);
    for (int n = 0; n < MUTANTS; n++) {
        memcpy(copy, data, len);
        mutate(copy, len - (gsize)(rand() % 3 == 0 ? rand() % 20 : 0));
        g_clear_object(&(FpPrint *){fp3_read(copy, len, claim)});
    }
}

static void test_mutants(void **state)
{
    (void)state;
    read_mutants(good_image, &image_claim);
    read_mutants(good_chip, &chip_claim);
}

static void test_fingers(void **state)
{
    (void)state;
    assert_int_equal(fp3_finger(1), FP_FINGER_RIGHT_THUMB);
    assert_int_equal(fp3_finger(5), FP_FINGER_RIGHT_LITTLE);
    assert_int_equal(fp3_finger(6), FP_FINGER_LEFT_THUMB);
    assert_int_equal(fp3_finger(10), FP_FINGER_LEFT_LITTLE);
    assert_int_equal(fp3_finger(0), FP_FINGER_UNKNOWN);
    assert_int_equal(fp3_finger(11), FP_FINGER_UNKNOWN);
}

/* The x coordinates that are left, which `minutiae` numbers from 10 on. */
static gsize thinned_x(unsigned first, gint32 x[256])
{
    gsize len = 0, count = 0;
    g_autoptr(GBytes) octets = good_image();
    const uint8_t *data = g_bytes_get_data(octets, &len);
    g_autoptr(FpPrint) print = fp3_read(data, len, &image_claim);
    g_autoptr(FpPrint) thin = fp3_thin(print, first);
    g_autoptr(GBytes) back = fp3_write(thin, image_claim.finger);
    g_autoptr(GVariant) whole = NULL, boxed = NULL, tuple = NULL, list = NULL, sample = NULL,
                        array = NULL;
    const gint32 *value;
    guint8 *copy;

    data = g_bytes_get_data(back, &len);
    assert_true(opens(g_bytes_new(data, len), &image_claim));
    copy = g_memdup2(data + 3, len - 3);
    whole = g_variant_ref_sink(g_variant_new_from_data(G_VARIANT_TYPE("(issbymsmsia{sv}v)"), copy,
                                                       len - 3, FALSE, g_free, copy));
    boxed = g_variant_get_child_value(whole, 9);
    tuple = g_variant_get_variant(boxed);
    list = g_variant_get_child_value(tuple, 0);
    assert_int_equal(g_variant_n_children(list), 1);
    sample = g_variant_get_child_value(list, 0);
    array = g_variant_get_child_value(sample, 0);
    value = g_variant_get_fixed_array(array, &count, sizeof(*value));
    memcpy(x, value, count * sizeof(*value));
    return count;
}

static void test_thin(void **state)
{
    bool left_out[MINUTIAE] = {false};

    (void)state;
    for (unsigned first = 0; first < 4; first++) {
        gint32 x[256];
        gsize count = thinned_x(first, x), at = 0;
        for (unsigned n = 0; n < MINUTIAE; n++) {
            if (at < count && x[at] == (gint32)(10 + n)) {
                at++;
                continue;
            }
            assert_int_equal(n % 4, first);
            left_out[n] = true;
        }
        assert_int_equal(at, count);
    }
    for (unsigned n = 0; n < MINUTIAE; n++)
        assert_true(left_out[n]);
}

static void test_thin_chip(void **state)
{
    gsize len = 0;
    g_autoptr(GBytes) octets = good_chip();
    const uint8_t *data = g_bytes_get_data(octets, &len);
    g_autoptr(FpPrint) print = fp3_read(data, len, &chip_claim);

    (void)state;
    assert_null(fp3_thin(print, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good_prints),
        cmocka_unit_test(test_claims),
        cmocka_unit_test(test_stored_minutiae),
        cmocka_unit_test(test_minutiae),
        cmocka_unit_test(test_without_samples),
        cmocka_unit_test(test_every_cut),
        cmocka_unit_test(test_mutants),
        cmocka_unit_test(test_fingers),
        cmocka_unit_test(test_thin),
        cmocka_unit_test(test_thin_chip),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
