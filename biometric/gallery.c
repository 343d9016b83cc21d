/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/gallery.h"

#include "biometric/fp3.h"
#include "biometric/pack.h"

#include <fp-image-device.h>
#include <string.h>

struct gallery *gallery_new(void)
{
    struct gallery *gallery = g_new0(struct gallery, 1);

    gallery->prints = g_ptr_array_new_with_free_func(g_object_unref);
    gallery->owner = g_array_new(FALSE, FALSE, sizeof(guint));
    gallery->entries = g_array_new(FALSE, FALSE, sizeof(struct gallery_entry));
    return gallery;
}

void gallery_clear(struct gallery *gallery)
{
    g_ptr_array_set_size(gallery->prints, 0);
    g_array_set_size(gallery->owner, 0);
    g_array_set_size(gallery->entries, 0);
    gallery->rows = 0;
    gallery->spoiled = false;
}

void gallery_free(struct gallery *gallery)
{
    if (gallery == NULL)
        return;
    g_ptr_array_unref(gallery->prints);
    g_array_unref(gallery->owner);
    g_array_unref(gallery->entries);
    g_free(gallery);
}

static bool fits_sensor(const struct template_row *row, FpDevice *device)
{
    if (device == NULL)
        return true;
    return strcmp(row->driver, fp_device_get_driver(device)) == 0 &&
           g_strcmp0(row->device, fp_device_get_device_id(device)) == 0;
}

static void spoil(struct gallery *gallery, const struct template_row *row)
{
    if (!gallery->spoiled)
        memcpy(gallery->spoiler, row->id, sizeof(gallery->spoiler));
    gallery->spoiled = true;
}

static bool add_print(struct gallery *gallery, FpDevice *device, const struct template_print *one,
                      const struct fp3_claim *claim)
{
    guint owner = gallery->entries->len;
    FpPrint *print = fp3_read(one->val, one->len, claim);

    if (print == NULL)
        return false;
    g_ptr_array_add(gallery->prints, print);
    g_array_append_val(gallery->owner, owner);
    return device == NULL || fp_print_compatible(print, device);
}

static bool open_row(struct gallery *gallery, FpDevice *device, const struct template_row *row)
{
    g_autoptr(GBytes) plain = pack_open(row->prints.val, row->prints.len);
    struct template_prints prints;
    struct gallery_entry entry = {.finger = row->finger};
    struct fp3_claim claim = {row->driver, row->device, row->finger,
                              device == NULL || FP_IS_IMAGE_DEVICE(device)};

    if (plain == NULL ||
        template_read(g_bytes_get_data(plain, NULL), g_bytes_get_size(plain), &prints) != WIRE_OK)
        return false;
    for (size_t n = 0; n < prints.count; n++)
        if (!add_print(gallery, device, &prints.print[n], &claim))
            return false;
    memcpy(entry.id, row->id, sizeof(entry.id));
    g_array_append_val(gallery->entries, entry);
    return true;
}

bool gallery_add(struct gallery *gallery, FpDevice *device, const struct tlv *rows)
{
    struct tlv_cur cur = tlv_der(rows->val, rows->len);
    size_t most = device == NULL ? FINGER_COMPARE_MAX : FINGER_GALLERY_MAX;
    struct template_row row;

    while (cur.left > 0) {
        if (gallery->rows >= most || template_next_row(&cur, &row) != WIRE_OK)
            return false;
        gallery->rows++;
        if (fits_sensor(&row, device) && !open_row(gallery, device, &row))
            spoil(gallery, &row);
    }
    return true;
}

int gallery_owner(const struct gallery *gallery, const FpPrint *print)
{
    for (guint n = 0; n < gallery->prints->len; n++)
        if (g_ptr_array_index(gallery->prints, n) == print)
            return (int)g_array_index(gallery->owner, guint, n);
    return -1;
}

const struct gallery_entry *gallery_entry(const struct gallery *gallery, int entry)
{
    if (entry < 0 || (guint)entry >= gallery->entries->len)
        return NULL;
    return &g_array_index(gallery->entries, struct gallery_entry, entry);
}

GPtrArray *gallery_prints_of(const struct gallery *gallery, int entry)
{
    GPtrArray *prints = g_ptr_array_new_with_free_func(g_object_unref);

    for (guint n = 0; n < gallery->prints->len; n++)
        if ((int)g_array_index(gallery->owner, guint, n) == entry)
            g_ptr_array_add(prints, g_object_ref(g_ptr_array_index(gallery->prints, n)));
    return prints;
}
