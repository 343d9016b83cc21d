/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/picture.h"

#include "core/wire/finger.h"
#include "core/wire/wipe.h"

#include <string.h>

static FpImage *image_of(FpPrint *print)
{
    return print != NULL ? fp_print_get_image(print) : NULL;
}

size_t picture_minutiae(FpPrint *print)
{
    FpImage *image = image_of(print);
    GPtrArray *minutiae = image != NULL ? fp_image_get_minutiae(image) : NULL;

    return minutiae != NULL ? minutiae->len : 0;
}

char *picture_digest(FpPrint *print)
{
    FpImage *image = image_of(print);
    g_autoptr(GChecksum) sum = NULL;
    guint size[2];
    gsize len = 0;
    const guchar *pixels;

    if (image == NULL)
        return NULL;
    size[0] = fp_image_get_width(image);
    size[1] = fp_image_get_height(image);
    pixels = fp_image_get_data(image, &len);
    sum = g_checksum_new(G_CHECKSUM_SHA256);
    g_checksum_update(sum, (const guchar *)size, sizeof(size));
    g_checksum_update(sum, pixels, (gssize)len);
    return g_strdup(g_checksum_get_string(sum));
}

struct picture *picture_new(uint32_t width, uint32_t height)
{
    size_t len = (size_t)width * height;
    struct picture *picture;

    if (width == 0 || height == 0 || width > FINGER_PICTURE_MAX || height > FINGER_PICTURE_MAX ||
        len > FINGER_PICTURE_MAX)
        return NULL;
    picture = g_malloc0(sizeof(*picture) + len);
    picture->width = width;
    picture->height = height;
    picture->len = len;
    return picture;
}

struct picture *picture_copy(FpPrint *print)
{
    FpImage *image = image_of(print);
    struct picture *picture = NULL;
    gsize len = 0;
    const guchar *pixels;

    if (image == NULL)
        return NULL;
    pixels = fp_image_get_data(image, &len);
    picture = picture_new(fp_image_get_width(image), fp_image_get_height(image));
    if (picture != NULL && !picture_fill(picture, 0, pixels, len))
        g_clear_pointer(&picture, picture_free);
    return picture;
}

bool picture_fill(struct picture *picture, uint32_t offset, const uint8_t *part, size_t len)
{
    if (offset != picture->filled || len == 0 || len > picture->len - picture->filled)
        return false;
    memcpy(picture->pixels + picture->filled, part, len);
    picture->filled += len;
    return true;
}

void picture_free(gpointer user)
{
    struct picture *picture = user;

    if (picture == NULL)
        return;
    wire_wipe(picture->pixels, picture->len);
    g_free(picture);
}
