/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/image.h"

#include <png.h>
#include <string.h>

static bool read_pixels(png_image *png, struct image *image)
{
    const png_color white = {255, 255, 255};

    if (png->width > IMAGE_SIDE_MAX || png->height > IMAGE_SIDE_MAX)
        return false;
    png->format = PNG_FORMAT_GRAY;
    return image_create(image, (int32_t)png->width, (int32_t)png->height) &&
           png_image_finish_read(png, &white, image->pixels, image->width, NULL) != 0;
}

bool image_load_png(struct image *image, const char *path)
{
    png_image png = {.version = PNG_IMAGE_VERSION};
    bool good;

    *image = (struct image){0};
    if (png_image_begin_read_from_file(&png, path) == 0)
        return false;
    good = read_pixels(&png, image);
    png_image_free(&png);
    if (!good)
        image_free(image);
    return good;
}

bool image_save_png(const struct image *image, const char *path)
{
    png_image png = {.version = PNG_IMAGE_VERSION,
                     .width = (png_uint_32)image->width,
                     .height = (png_uint_32)image->height,
                     .format = PNG_FORMAT_GRAY};

    return png_image_write_to_file(&png, path, 0, image->pixels, image->width, NULL) != 0;
}
