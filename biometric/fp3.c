/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/fp3.h"

#include "core/wire/wipe.h"

#include <string.h>

#define FP3_MAGIC_LEN 3
#define FP3_TYPE      G_VARIANT_TYPE("(issbymsmsia{sv}v)")
#define FP3_SAMPLES   G_VARIANT_TYPE("(a(aiaiai))")
#define COORDINATE    5000 /* pixels; no sensor is larger */
#define DEGREES       360
#define QUARTER       4 /* fp3_thin leaves one of so many out */

static const uint8_t fp3_magic[FP3_MAGIC_LEN] = {'F', 'P', '3'};

enum { PRINT_RAW = 1, PRINT_NBIS = 2 };

struct held {
    size_t len;
    uint8_t data[];
};

static void release_held(gpointer user)
{
    struct held *held = user;

    wire_wipe(held->data, held->len);
    g_free(held);
}

/* Aligned for GVariant, which would otherwise make a copy that nobody wipes. */
static GBytes *hold(const uint8_t *buf, size_t len)
{
    struct held *held = g_malloc(sizeof(*held) + len);

    held->len = len;
    memcpy(held->data, buf, len);
    return g_bytes_new_with_free_func(held->data, len, release_held, held);
}

FpFinger fp3_finger(unsigned finger)
{
    unsigned value = finger <= 5 ? finger + 5 : finger - 5;

    return finger >= 1 && finger <= 10 ? (FpFinger)value : FP_FINGER_UNKNOWN;
}

static bool numbers_within(GVariant *array, size_t count, gint32 low, gint32 high)
{
    gsize n = 0;
    const gint32 *value = g_variant_get_fixed_array(array, &n, sizeof(*value));

    if (n != count)
        return false;
    for (gsize i = 0; i < n; i++) {
        gint32 number = GINT32_FROM_LE(value[i]);
        if (number < low || number > high)
            return false;
    }
    return true;
}

static bool sample_is_sane(GVariant *sample)
{
    g_autoptr(GVariant) x = g_variant_get_child_value(sample, 0);
    g_autoptr(GVariant) y = g_variant_get_child_value(sample, 1);
    g_autoptr(GVariant) theta = g_variant_get_child_value(sample, 2);
    gsize count = g_variant_n_children(x);

    return count > 0 && count <= FP3_MINUTIAE_MAX && numbers_within(x, count, 0, COORDINATE) &&
           numbers_within(y, count, 0, COORDINATE) &&
           numbers_within(theta, count, -DEGREES, DEGREES);
}

static bool samples_are_sane(GVariant *data)
{
    g_autoptr(GVariant) samples = NULL;
    gsize count;

    if (!g_variant_is_of_type(data, FP3_SAMPLES))
        return false;
    samples = g_variant_get_child_value(data, 0);
    count = g_variant_n_children(samples);
    for (gsize n = 0; n < count; n++) {
        g_autoptr(GVariant) sample = g_variant_get_child_value(samples, n);
        if (!sample_is_sane(sample))
            return false;
    }
    return count > 0;
}

/* Days since year 1, or libfprint's mark for none. */
static bool date_is_sane(GVariant *whole)
{
    g_autoptr(GVariant) date = g_variant_get_child_value(whole, 7);
    gint32 days = GINT32_FROM_LE(g_variant_get_int32(date));

    return days == G_MININT32 || days > 0;
}

static bool content_is_sane(GVariant *whole, const struct fp3_claim *claim)
{
    g_autoptr(GVariant) type = g_variant_get_child_value(whole, 0);
    g_autoptr(GVariant) finger = g_variant_get_child_value(whole, 4);
    g_autoptr(GVariant) boxed = g_variant_get_child_value(whole, 9);
    g_autoptr(GVariant) data = g_variant_get_variant(boxed);
    gint32 number = GINT32_FROM_LE(g_variant_get_int32(type));

    if (g_variant_get_byte(finger) != fp3_finger(claim->finger) || !date_is_sane(whole))
        return false;
    if (claim->minutiae)
        return number == PRINT_NBIS && samples_are_sane(data);
    return number == PRINT_RAW;
}

static bool structure_is_sane(const uint8_t *buf, size_t len, const struct fp3_claim *claim)
{
    g_autoptr(GVariant) whole = NULL;
    g_autoptr(GBytes) octets = NULL;

    if (len <= FP3_MAGIC_LEN || len > FP3_LEN_MAX || memcmp(buf, fp3_magic, sizeof(fp3_magic)) != 0)
        return false;
    octets = hold(buf + FP3_MAGIC_LEN, len - FP3_MAGIC_LEN);
    whole = g_variant_ref_sink(g_variant_new_from_bytes(FP3_TYPE, octets, FALSE));
    return g_variant_is_normal_form(whole) && content_is_sane(whole, claim);
}

static bool print_fits(FpPrint *print, const struct fp3_claim *claim)
{
    return g_strcmp0(fp_print_get_driver(print), claim->driver) == 0 &&
           g_strcmp0(fp_print_get_device_id(print), claim->device) == 0 &&
           !(claim->minutiae && fp_print_get_device_stored(print));
}

FpPrint *fp3_read(const uint8_t *buf, size_t len, const struct fp3_claim *claim)
{
    FpPrint *print;

    if (!structure_is_sane(buf, len, claim))
        return NULL;
    print = fp_print_deserialize(buf, len, NULL);
    if (print == NULL)
        return NULL;
    g_object_ref_sink(print);
    if (!print_fits(print, claim))
        g_clear_object(&print);
    return print;
}

GBytes *fp3_write(FpPrint *print, unsigned finger)
{
    guchar *octets = NULL;
    gsize len = 0;

    fp_print_set_finger(print, fp3_finger(finger));
    if (!fp_print_serialize(print, &octets, &len, NULL))
        return NULL;
    if (len <= FP3_LEN_MAX)
        return g_bytes_new_take(octets, len);
    wire_wipe(octets, len);
    g_free(octets);
    return NULL;
}

static GVariant *thin_numbers(GVariant *array, unsigned first)
{
    gint32 kept[FP3_MINUTIAE_MAX] = {0};
    gsize count = 0, n = 0;
    const gint32 *value = g_variant_get_fixed_array(array, &count, sizeof(*value));
    GVariant *thinned;

    for (gsize i = 0; i < count && n < FP3_MINUTIAE_MAX; i++)
        if (i % QUARTER != first)
            kept[n++] = value[i];
    thinned = g_variant_new_fixed_array(G_VARIANT_TYPE_INT32, kept, n, sizeof(*kept));
    wire_wipe(kept, sizeof(kept));
    return thinned;
}

static GVariant *thin_sample(GVariant *sample, unsigned first)
{
    GVariant *part[3];

    for (gsize n = 0; n < G_N_ELEMENTS(part); n++) {
        g_autoptr(GVariant) array = g_variant_get_child_value(sample, n);
        part[n] = thin_numbers(array, first);
    }
    return g_variant_new_tuple(part, G_N_ELEMENTS(part));
}

static GVariant *thin_samples(GVariant *data, unsigned first)
{
    g_autoptr(GVariant) samples = g_variant_get_child_value(data, 0);
    GVariantBuilder builder;
    GVariant *list;

    g_variant_builder_init(&builder, G_VARIANT_TYPE("a(aiaiai)"));
    for (gsize n = 0; n < g_variant_n_children(samples); n++) {
        g_autoptr(GVariant) sample = g_variant_get_child_value(samples, n);
        g_variant_builder_add_value(&builder, thin_sample(sample, first));
    }
    list = g_variant_builder_end(&builder);
    return g_variant_new_tuple(&list, 1);
}

/* `whole` with the samples of `data` in its last place. */
static GVariant *rebuild(GVariant *whole, GVariant *data)
{
    GVariant *part[10];
    GVariant *built;
    gsize last = G_N_ELEMENTS(part) - 1;

    for (gsize n = 0; n < last; n++)
        part[n] = g_variant_get_child_value(whole, n);
    part[last] = g_variant_new_variant(data);
    built = g_variant_ref_sink(g_variant_new_tuple(part, G_N_ELEMENTS(part)));
    for (gsize n = 0; n < last; n++)
        g_variant_unref(part[n]);
    return built;
}

/* GVariant stores at aligned addresses only, and the mark in front has three octets. */
static FpPrint *print_of(GVariant *whole)
{
    gsize len = g_variant_get_size(whole);
    guint8 *octets = g_malloc(len + FP3_MAGIC_LEN);
    FpPrint *print;

    g_variant_store(whole, octets);
    memmove(octets + FP3_MAGIC_LEN, octets, len);
    memcpy(octets, fp3_magic, sizeof(fp3_magic));
    print = fp_print_deserialize(octets, FP3_MAGIC_LEN + len, NULL);
    wire_wipe(octets, FP3_MAGIC_LEN + len);
    g_free(octets);
    return print != NULL ? g_object_ref_sink(print) : NULL;
}

FpPrint *fp3_thin(FpPrint *print, unsigned first)
{
    g_autoptr(GVariant) whole = NULL, boxed = NULL, data = NULL, thinned = NULL;
    g_autoptr(GBytes) held = NULL;
    guchar *octets = NULL;
    gsize len = 0;

    if (!fp_print_serialize(print, &octets, &len, NULL))
        return NULL;
    held = hold(octets + FP3_MAGIC_LEN, len - FP3_MAGIC_LEN);
    wire_wipe(octets, len);
    g_free(octets);
    whole = g_variant_ref_sink(g_variant_new_from_bytes(FP3_TYPE, held, TRUE));
    boxed = g_variant_get_child_value(whole, 9);
    data = g_variant_get_variant(boxed);
    if (!g_variant_is_of_type(data, FP3_SAMPLES))
        return NULL;
    thinned = rebuild(whole, thin_samples(data, first));
    return print_of(thinned);
}

void fp3_release(GBytes *octets)
{
    gsize len = 0;
    guchar *data;

    if (octets == NULL)
        return;
    data = g_bytes_unref_to_data(octets, &len);
    wire_wipe(data, len);
    g_free(data);
}
