/* SPDX-License-Identifier: Apache-2.0
 *
 * virtual-finger: the finger on libfprint's virtual_image sensor.
 */
#include "tests/virtual/finger/control.h"

#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

static const char usage[] =
    "usage: virtual-finger --socket PATH [--patience MS] [--with-parent] --control PATH\n"
    "       virtual-finger --socket PATH [--patience MS] [--gap MS] FILE...\n"
    "Puts the pictures onto the sensor one after the other, or takes commands (control.h).\n"
    "--with-parent: ends when the program that started it ends.\n";

#define PATIENCE_DEFAULT 30000
#define GAP_DEFAULT      400 /* a scan and a comparison take less */

struct options {
    struct feed feed;
    const char *control;
    int64_t gap;
};

static const struct option names[] = {
    {"socket", required_argument, NULL, 's'},   {"control", required_argument, NULL, 'c'},
    {"patience", required_argument, NULL, 'p'}, {"gap", required_argument, NULL, 'g'},
    {"with-parent", no_argument, NULL, 'w'},    {NULL, 0, NULL, 0}};

static bool read_ms(const char *text, int64_t *out)
{
    char *end = NULL;

    *out = strtol(text, &end, 10);
    return *end == '\0' && *out >= 0 && *out <= 3600000;
}

static bool take_option(struct options *o, int what, const char *value)
{
    switch (what) {
    case 's':
        o->feed.path = value;
        return true;
    case 'c':
        o->control = value;
        return true;
    case 'p':
        return read_ms(value, &o->feed.patience);
    case 'g':
        return read_ms(value, &o->gap);
    case 'w':
        return prctl(PR_SET_PDEATHSIG, SIGTERM) == 0;
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
    return o->feed.path != NULL && (o->control != NULL) == (optind == argc);
}

static bool press_file(const struct feed *feed, const char *path)
{
    struct image image = {0};
    enum feed_result r;

    if (!image_load(&image, path))
        return false;
    r = feed_press(feed, &image);
    image_free(&image);
    if (r != FEED_OK)
        fprintf(stderr, "virtual-finger: %s: %s\n", path, feed_strerror(r));
    return r == FEED_OK;
}

static bool press_files(const struct options *o, char **paths)
{
    for (size_t n = 0; paths[n] != NULL; n++) {
        if (n > 0)
            feed_sleep(o->gap);
        if (!press_file(&o->feed, paths[n]))
            return false;
    }
    return true;
}

int main(int argc, char **argv)
{
    struct options o = {.feed = {.patience = PATIENCE_DEFAULT}, .gap = GAP_DEFAULT};
    bool good;

    if (!read_options(argc, argv, &o)) {
        fputs(usage, stderr);
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    good = o.control != NULL ? control_serve(&o.feed, o.control) : press_files(&o, argv + optind);
    return good ? 0 : 1;
}
