/* SPDX-License-Identifier: Apache-2.0
 *
 * synthetic-finger: makes impressions of a finger that nobody has.
 */
#include "tests/virtual/finger/impression.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static const char usage[] =
    "usage: synthetic-finger --seed N [--impressions K] [--difficulty D] [--levels L]\n"
    "                        [--size WxH] [--name NAME] DIRECTORY\n"
    "Writes DIRECTORY/NAME_1.png ... and prints name, class and seed. D: 1 normal, 2.5 hard.\n"
    "--size: the middle of the picture only, as a smaller sensor sees it.\n";

struct options {
    uint64_t seed;
    bool seeded;
    long impressions, levels;
    double difficulty;
    int width, height;
    const char *name, *directory;
};

static const struct option names[] = {{"seed", required_argument, NULL, 's'},
                                      {"impressions", required_argument, NULL, 'i'},
                                      {"difficulty", required_argument, NULL, 'd'},
                                      {"levels", required_argument, NULL, 'l'},
                                      {"name", required_argument, NULL, 'n'},
                                      {"size", required_argument, NULL, 'z'},
                                      {NULL, 0, NULL, 0}};

static bool read_seed(struct options *o, const char *text)
{
    char *end = NULL;

    o->seed = strtoull(text, &end, 10);
    o->seeded = *text != '\0' && *end == '\0';
    return o->seeded;
}

static bool read_long(const char *text, long low, long high, long *out)
{
    char *end = NULL;

    *out = strtol(text, &end, 10);
    return *end == '\0' && *out >= low && *out <= high;
}

static bool read_difficulty(struct options *o, const char *text)
{
    char *end = NULL;

    o->difficulty = strtod(text, &end);
    return *end == '\0' && o->difficulty >= 0 && o->difficulty <= 5;
}

static bool read_size(struct options *o, const char *text)
{
    char end = '\0';

    return sscanf(text, "%dx%d%c", &o->width, &o->height, &end) == 2 && o->width > 0 &&
           o->height > 0;
}

static bool take_option(struct options *o, int what, const char *value)
{
    switch (what) {
    case 's':
        return read_seed(o, value);
    case 'i':
        return read_long(value, 1, 999, &o->impressions);
    case 'd':
        return read_difficulty(o, value);
    case 'l':
        return read_long(value, 2, 256, &o->levels);
    case 'n':
        o->name = value;
        return true;
    case 'z':
        return read_size(o, value);
    default:
        return false;
    }
}

static bool read_options(int argc, char **argv, struct options *o)
{
    int what;

    while ((what = getopt_long(argc, argv, "", names, NULL)) != -1)
        if (!take_option(o, what, optarg))
            return false;
    if (optind != argc - 1 || !o->seeded)
        return false;
    o->directory = argv[optind];
    return true;
}

static bool save_impression(const struct options *o, const struct master *master, long number)
{
    struct dice dice = dice_new(o->seed + (uint64_t)number * UINT64_C(0x100000000));
    struct image image = {0};
    char path[4096];
    bool good;
    int len = snprintf(path, sizeof(path), "%s/%s_%ld.png", o->directory, o->name, number);

    if (len < 0 || (size_t)len >= sizeof(path))
        return false;
    good = impression_press(&image, master, dice_next(&dice), o->difficulty, (int)o->levels) &&
           image_crop(&image, o->width, o->height) && image_save_png(&image, path);
    image_free(&image);
    if (!good)
        fprintf(stderr, "synthetic-finger: cannot write %s\n", path);
    return good;
}

int main(int argc, char **argv)
{
    struct options o = {.impressions = 8,
                        .levels = 256,
                        .difficulty = 1,
                        .name = "f",
                        .width = IMPRESSION_WIDTH,
                        .height = IMPRESSION_HEIGHT};
    struct master master;
    bool good;

    if (!read_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    good = master_grow(&master, o.seed);
    for (long n = 1; good && n <= o.impressions; n++)
        good = save_impression(&o, &master, n);
    if (good)
        printf("%s %s %" PRIu64 "\n", o.name, flow_name(master.class), o.seed);
    master_free(&master);
    return good ? 0 : 1;
}
