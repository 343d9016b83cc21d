/* SPDX-License-Identifier: Apache-2.0 */
#include "biometric/picture.h"

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
