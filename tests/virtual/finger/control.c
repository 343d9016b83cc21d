/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/control.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_OCTETS 4096

struct command {
    const char *name;
    size_t numbers; /* that stand before the file's name */
    bool file;
    /* `image` is NULL for commands without a picture. */
    enum feed_result (*run)(const struct feed *feed, struct image *image, const long *number);
};

static enum feed_result run_press(const struct feed *feed, struct image *image, const long *number)
{
    (void)number;
    return feed_press(feed, image);
}

static enum feed_result run_hold(const struct feed *feed, struct image *image, const long *number)
{
    return feed_hold(feed, image, number[0]);
}

static enum feed_result run_half(const struct feed *feed, struct image *image, const long *number)
{
    (void)number;
    return feed_half(feed, image);
}

static enum feed_result run_shift(const struct feed *feed, struct image *image, const long *number)
{
    if (!image_shift(image, (int32_t)number[0], (int32_t)number[1]))
        return FEED_BROKEN;
    return feed_press(feed, image);
}

static enum feed_result run_noise(const struct feed *feed, struct image *image, const long *number)
{
    if (!image_noise(image, (int32_t)number[0], (int32_t)number[1], (uint64_t)number[2]))
        return FEED_BROKEN;
    return feed_press(feed, image);
}

static enum feed_result run_retry(const struct feed *feed, struct image *image, const long *number)
{
    (void)image;
    return feed_retry(feed, (int32_t)number[0]);
}

static enum feed_result run_error(const struct feed *feed, struct image *image, const long *number)
{
    (void)image;
    return feed_error(feed, (int32_t)number[0]);
}

static enum feed_result run_remove(const struct feed *feed, struct image *image, const long *number)
{
    (void)image;
    (void)number;
    return feed_remove(feed);
}

static const struct command commands[] = {
    {"press", 0, true, run_press},  {"hold", 1, true, run_hold},
    {"shift", 2, true, run_shift},  {"half", 0, true, run_half},
    {"noise", 3, false, run_noise}, {"retry", 1, false, run_retry},
    {"error", 1, false, run_error}, {"remove", 0, false, run_remove},
};

static const struct command *find_command(const char *name)
{
    for (size_t n = 0; n < sizeof(commands) / sizeof(commands[0]); n++)
        if (name != NULL && strcmp(commands[n].name, name) == 0)
            return &commands[n];
    return NULL;
}

static bool take_number(char **rest, long *out)
{
    char *word = strsep(rest, " ");
    char *end = NULL;

    if (word == NULL || *word == '\0')
        return false;
    *out = strtol(word, &end, 10);
    return *end == '\0' && *out >= INT32_MIN && *out <= INT32_MAX;
}

static bool take_picture(const struct command *command, struct image *image, const char *path)
{
    if (!command->file)
        return path == NULL;
    return path != NULL && image_load(image, path);
}

static const char *run_line(const struct feed *feed, char *line)
{
    struct image image = {0};
    long number[3] = {0};
    const struct command *command = find_command(strsep(&line, " "));
    enum feed_result r;

    if (command == NULL)
        return "unknown command";
    for (size_t n = 0; n < command->numbers; n++)
        if (!take_number(&line, &number[n]))
            return "number expected";
    if (!take_picture(command, &image, line))
        return "picture expected, or too many words";
    r = command->run(feed, &image, number);
    image_free(&image);
    return r == FEED_OK ? NULL : feed_strerror(r);
}

/* False after "quit". */
static bool serve_client(const struct feed *feed, FILE *in, int fd)
{
    char line[LINE_MAX_OCTETS];

    while (fgets(line, sizeof(line), in) != NULL) {
        const char *why;
        line[strcspn(line, "\n")] = '\0';
        if (strcmp(line, "quit") == 0) {
            dprintf(fd, "ok\n");
            return false;
        }
        why = run_line(feed, line);
        if (dprintf(fd, why == NULL ? "ok\n" : "error %s\n", why) < 0)
            break;
    }
    return true;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) < sizeof(address.sun_path))
        strcpy(address.sun_path, path);
    unlink(path);
    if (fd >= 0 && address.sun_path[0] != '\0' &&
        bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 && listen(fd, 8) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

bool control_serve(const struct feed *feed, const char *path)
{
    int listener = listen_at(path);
    bool more = listener >= 0;

    while (more) {
        int fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC);
        FILE *in = fd >= 0 ? fdopen(fd, "r") : NULL;
        if (in == NULL)
            break;
        more = serve_client(feed, in, fd);
        fclose(in);
    }
    if (listener >= 0)
        close(listener);
    unlink(path);
    return !more && listener >= 0;
}
