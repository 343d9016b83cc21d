/* SPDX-License-Identifier: Apache-2.0
 *
 * Just enough of TIFF 6.0: little-endian, one strip, uncompressed, 8-bit grey, black is zero.
 */
#include "tests/virtual/finger/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILE_MAX    (64u << 20)
#define HEADER_LEN  8
#define ENTRY_LEN   12
#define ENTRIES_MAX 64

enum {
    TAG_WIDTH = 256,
    TAG_HEIGHT = 257,
    TAG_BITS = 258,
    TAG_COMPRESSION = 259,
    TAG_MEANING = 262,
    TAG_STRIP = 273,
    TAG_SAMPLES = 277
};
enum { TYPE_SHORT = 3, TYPE_LONG = 4, BLACK_IS_ZERO = 1 };

struct facts {
    uint32_t width, height, bits, compression, meaning, strip, samples;
};

static uint32_t little(const uint8_t *p, size_t octets)
{
    uint32_t value = 0;

    for (size_t n = octets; n > 0; n--)
        value = value << 8 | p[n - 1];
    return value;
}

static uint32_t *fact_of(struct facts *facts, uint32_t tag)
{
    switch (tag) {
    case TAG_WIDTH:
        return &facts->width;
    case TAG_HEIGHT:
        return &facts->height;
    case TAG_BITS:
        return &facts->bits;
    case TAG_COMPRESSION:
        return &facts->compression;
    case TAG_MEANING:
        return &facts->meaning;
    case TAG_STRIP:
        return &facts->strip;
    case TAG_SAMPLES:
        return &facts->samples;
    default:
        return NULL;
    }
}

static bool read_entry(const uint8_t *entry, struct facts *facts)
{
    uint32_t type = little(entry + 2, 2);
    uint32_t *fact = fact_of(facts, little(entry, 2));

    if (fact == NULL)
        return true;
    if ((type != TYPE_SHORT && type != TYPE_LONG) || little(entry + 4, 4) != 1)
        return false;
    *fact = little(entry + 8, type == TYPE_SHORT ? 2 : 4);
    return true;
}

static bool read_facts(const uint8_t *file, size_t len, struct facts *facts)
{
    size_t at, count;

    if (len < HEADER_LEN || memcmp(file, "II*", 4) != 0)
        return false;
    at = little(file + 4, 4);
    if (at > len - 2)
        return false;
    count = little(file + at, 2);
    at += 2;
    if (count > ENTRIES_MAX || count * ENTRY_LEN > len - at)
        return false;
    for (size_t n = 0; n < count; n++)
        if (!read_entry(file + at + n * ENTRY_LEN, facts))
            return false;
    return facts->bits == 8 && facts->compression == 1 && facts->meaning == BLACK_IS_ZERO &&
           facts->samples == 1;
}

static bool decode(const uint8_t *file, size_t len, struct image *image)
{
    struct facts facts = {.samples = 1};

    if (!read_facts(file, len, &facts) || facts.width > IMAGE_SIDE_MAX ||
        facts.height > IMAGE_SIDE_MAX ||
        !image_create(image, (int32_t)facts.width, (int32_t)facts.height))
        return false;
    if (facts.strip > len || image_octets(image) > len - facts.strip)
        return false;
    memcpy(image->pixels, file + facts.strip, image_octets(image));
    return true;
}

static uint8_t *read_file(const char *path, size_t *len)
{
    FILE *stream = fopen(path, "rb");
    uint8_t *data = NULL;
    long size = -1;

    if (stream == NULL)
        return NULL;
    if (fseek(stream, 0, SEEK_END) == 0 && (size = ftell(stream)) > 0 && size <= (long)FILE_MAX &&
        fseek(stream, 0, SEEK_SET) == 0)
        data = malloc((size_t)size);
    if (data != NULL && fread(data, 1, (size_t)size, stream) != (size_t)size) {
        free(data);
        data = NULL;
    }
    fclose(stream);
    *len = data != NULL ? (size_t)size : 0;
    return data;
}

bool image_load_tiff(struct image *image, const char *path)
{
    size_t len = 0;
    uint8_t *file = read_file(path, &len);
    bool good;

    *image = (struct image){0};
    good = file != NULL && decode(file, len, image);
    free(file);
    if (!good)
        image_free(image);
    return good;
}
