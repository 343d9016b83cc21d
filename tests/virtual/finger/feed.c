/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/virtual/finger/feed.h"

#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define POLL_MS 5

/* First word of a header; a picture's width stands there otherwise. */
enum { WORD_RETRY = -1, WORD_ERROR = -2, WORD_AUTOMATIC = -3, WORD_FINGER = -4, WORD_REMOVE = -5 };

const char *feed_strerror(enum feed_result result)
{
    switch (result) {
    case FEED_OK:
        return "ok";
    case FEED_ABSENT:
        return "no sensor listens";
    case FEED_IGNORED:
        return "the sensor did not scan";
    case FEED_BROKEN:
        return "the sensor went away";
    }
    return "unknown";
}

static int64_t now_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void feed_sleep(int64_t ms)
{
    struct timespec t = {ms / 1000, ms % 1000 * 1000000};

    while (nanosleep(&t, &t) != 0 && errno == EINTR)
        ;
}

static int connect_once(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd;

    if (strlen(path) >= sizeof(address.sun_path))
        return -1;
    strcpy(address.sun_path, path);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd >= 0 && connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static int connect_until(const struct feed *feed, int64_t deadline)
{
    int fd = connect_once(feed->path);

    while (fd < 0 && now_ms() < deadline) {
        feed_sleep(POLL_MS);
        fd = connect_once(feed->path);
    }
    return fd;
}

static enum feed_result send_all(int fd, const void *data, size_t len, int64_t deadline)
{
    const uint8_t *p = data;

    while (len > 0) {
        ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
        if (n > 0) {
            p += n;
            len -= (size_t)n;
            continue;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return FEED_BROKEN;
        if (now_ms() >= deadline)
            return FEED_IGNORED;
        poll(&(struct pollfd){.fd = fd, .events = POLLOUT}, 1, POLL_MS);
    }
    return FEED_OK;
}

static enum feed_result send_words(int fd, int32_t first, int32_t second, int64_t deadline)
{
    const int32_t words[2] = {first, second};

    return send_all(fd, words, sizeof(words), deadline);
}

static enum feed_result send_image(int fd, const struct image *image, size_t octets,
                                   int64_t deadline)
{
    enum feed_result r = send_words(fd, image->width, image->height, deadline);

    return r == FEED_OK ? send_all(fd, image->pixels, octets, deadline) : r;
}

static bool peer_is_gone(int fd)
{
    struct pollfd p = {.fd = fd};

    return poll(&p, 1, 0) == 1 && (p.revents & (POLLHUP | POLLERR)) != 0;
}

/* The kernel counts what the sensor has not yet read. */
static enum feed_result wait_taken(int fd, int64_t deadline)
{
    int left = 1;

    while (ioctl(fd, SIOCOUTQ, &left) == 0 && left > 0) {
        if (peer_is_gone(fd))
            return FEED_BROKEN;
        if (now_ms() >= deadline)
            return FEED_IGNORED;
        feed_sleep(POLL_MS);
    }
    return left == 0 ? FEED_OK : FEED_BROKEN;
}

static enum feed_result begin(const struct feed *feed, int *fd, int64_t *deadline)
{
    *deadline = now_ms() + feed->patience;
    *fd = connect_until(feed, *deadline);
    return *fd >= 0 ? FEED_OK : FEED_ABSENT;
}

static enum feed_result finish(int fd, int64_t deadline, enum feed_result r)
{
    if (r == FEED_OK)
        r = wait_taken(fd, deadline);
    if (fd >= 0)
        close(fd);
    return r;
}

static enum feed_result press_part(const struct feed *feed, const struct image *image,
                                   size_t octets)
{
    int64_t deadline = 0;
    int fd = -1;
    enum feed_result r = begin(feed, &fd, &deadline);

    if (r == FEED_OK)
        r = send_image(fd, image, octets, deadline);
    return finish(fd, deadline, r);
}

enum feed_result feed_press(const struct feed *feed, const struct image *image)
{
    return press_part(feed, image, image_octets(image));
}

enum feed_result feed_half(const struct feed *feed, const struct image *image)
{
    return press_part(feed, image, image_octets(image) / 2);
}

enum feed_result feed_hold(const struct feed *feed, const struct image *image, int64_t hold)
{
    int64_t deadline = 0;
    int fd = -1;
    enum feed_result r = begin(feed, &fd, &deadline);

    if (r == FEED_OK)
        r = send_words(fd, WORD_AUTOMATIC, 0, deadline);
    if (r == FEED_OK)
        r = send_words(fd, WORD_FINGER, 1, deadline);
    if (r == FEED_OK)
        r = send_image(fd, image, image_octets(image), deadline);
    if (r == FEED_OK && (r = wait_taken(fd, deadline)) == FEED_OK) {
        feed_sleep(hold);
        deadline = now_ms() + feed->patience;
        r = send_words(fd, WORD_FINGER, 0, deadline);
    }
    return finish(fd, deadline, r);
}

static enum feed_result send_event(const struct feed *feed, int32_t word, int32_t code)
{
    int64_t deadline = 0;
    int fd = -1;
    enum feed_result r = begin(feed, &fd, &deadline);

    if (r == FEED_OK)
        r = send_words(fd, word, code, deadline);
    return finish(fd, deadline, r);
}

enum feed_result feed_retry(const struct feed *feed, int32_t code)
{
    return send_event(feed, WORD_RETRY, code);
}

enum feed_result feed_error(const struct feed *feed, int32_t code)
{
    return send_event(feed, WORD_ERROR, code);
}

enum feed_result feed_remove(const struct feed *feed)
{
    return send_event(feed, WORD_REMOVE, 0);
}
