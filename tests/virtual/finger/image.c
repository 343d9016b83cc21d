/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/image.h"

#include "tests/virtual/finger/dice.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GROUND 235

bool image_create(struct image *image, int32_t width, int32_t height)
{
    *image = (struct image){.width = width, .height = height};
    if (width < 1 || height < 1 || width > IMAGE_SIDE_MAX || height > IMAGE_SIDE_MAX)
        return false;
    image->pixels = malloc(image_octets(image));
    return image->pixels != NULL;
}

void image_free(struct image *image)
{
    free(image->pixels);
    *image = (struct image){0};
}

static bool ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), tail = strlen(end);

    return len >= tail && strcmp(text + len - tail, end) == 0;
}

bool image_load(struct image *image, const char *path)
{
    bool good = ends_with(path, ".png")   ? image_load_png(image, path)
                : ends_with(path, ".tif") ? image_load_tiff(image, path)
                                          : false;

    if (!good)
        fprintf(stderr, "%s: no picture that can be read\n", path);
    return good;
}

bool image_noise(struct image *image, int32_t width, int32_t height, uint64_t seed)
{
    struct dice dice = dice_new(seed);

    if (!image_create(image, width, height))
        return false;
    for (size_t n = 0; n < image_octets(image); n++)
        image->pixels[n] = (uint8_t)(dice_next(&dice) >> 56);
    return true;
}

static void copy_row(const struct image *from, struct image *to, int32_t y, int32_t dx, int32_t dy)
{
    for (int32_t x = 0; x < to->width; x++) {
        int32_t sx = x - dx, sy = y - dy;
        bool inside = sx >= 0 && sx < from->width && sy >= 0 && sy < from->height;
        to->pixels[y * to->width + x] = inside ? from->pixels[sy * from->width + sx] : GROUND;
    }
}

bool image_shift(struct image *image, int32_t dx, int32_t dy)
{
    struct image moved;

    if (!image_create(&moved, image->width, image->height))
        return false;
    for (int32_t y = 0; y < moved.height; y++)
        copy_row(image, &moved, y, dx, dy);
    image_free(image);
    *image = moved;
    return true;
}

bool image_crop(struct image *image, int32_t width, int32_t height)
{
    int32_t left = (image->width - width) / 2, top = (image->height - height) / 2;

    if (width > image->width || height > image->height)
        return false;
    for (int32_t y = 0; y < height; y++)
        memmove(image->pixels + (size_t)y * (size_t)width,
                image->pixels + (size_t)(y + top) * (size_t)image->width + left, (size_t)width);
    image->width = width;
    image->height = height;
    return true;
}
