/* SPDX-License-Identifier: Apache-2.0
 *
 * Pictures of a virtual sensor: 8-bit grey, row by row, dark ridges on light ground.
 */
#ifndef TOYAMA_TESTS_VIRTUAL_FINGER_IMAGE_H
#define TOYAMA_TESTS_VIRTUAL_FINGER_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IMAGE_SIDE_MAX 5000 /* pixels; libfprint's virtual sensor takes no more */

struct image {
    int32_t width, height;
    uint8_t *pixels; /* width * height, from malloc */
};

/* False where the sides are out of range or there is no memory. */
bool image_create(struct image *image, int32_t width, int32_t height);
void image_free(struct image *image);
static inline size_t image_octets(const struct image *image)
{
    return (size_t)image->width * (size_t)image->height;
}

/* By the file's name: .png, or .tif (uncompressed, 8-bit grey). A message goes to standard error.
 */
bool image_load(struct image *image, const char *path);
bool image_load_png(struct image *image, const char *path);
bool image_load_tiff(struct image *image, const char *path);
bool image_save_png(const struct image *image, const char *path);

/* Uniform noise: the same seed gives the same picture. */
bool image_noise(struct image *image, int32_t width, int32_t height, uint64_t seed);
/* Keeps the middle of the picture; false where that is larger than the whole. */
bool image_crop(struct image *image, int32_t width, int32_t height);
/* The same finger laid `dx`, `dy` pixels further right and down. */
bool image_shift(struct image *image, int32_t dx, int32_t dy);

#endif
