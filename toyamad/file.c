/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static bool attributes_good(const char *path, const struct stat *st, mode_t forbidden, char *why,
                            size_t whycap)
{
    const char *fault = NULL;

    if (!S_ISREG(st->st_mode))
        fault = "is not a regular file";
    else if (st->st_uid != 0)
        fault = "does not belong to root";
    else if ((st->st_mode & forbidden & 022) != 0)
        fault = "can be written by others than root";
    else if ((st->st_mode & forbidden) != 0)
        fault = "can be read by others than root";
    if (fault != NULL)
        snprintf(why, whycap, "%s %s (mode %04o)", path, fault, (unsigned)(st->st_mode & 07777));
    return fault == NULL;
}

int file_open_trusted(const char *path, mode_t forbidden, char *why, size_t whycap)
{
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK);

    if (fd < 0) {
        snprintf(why, whycap, "%s: %s", path, strerror(errno));
        return -1;
    }
    if (fstat(fd, &st) != 0) {
        snprintf(why, whycap, "%s: %s", path, strerror(errno));
        close(fd);
        return -1;
    }
    if (!attributes_good(path, &st, forbidden, why, whycap)) {
        close(fd);
        return -1;
    }
    return fd;
}

static bool read_whole(int fd, uint8_t *buf, size_t cap, size_t *len)
{
    size_t got = 0;

    while (got < cap) {
        ssize_t n = read(fd, buf + got, cap - got);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return false;
        if (n == 0)
            break;
        got += (size_t)n;
    }
    *len = got;
    return true;
}

static bool read_file(const char *path, mode_t forbidden, uint8_t *buf, size_t cap, size_t *len,
                      char *why, size_t whycap)
{
    int fd = file_open_trusted(path, forbidden, why, whycap);
    bool good;

    if (fd < 0)
        return false;
    good = read_whole(fd, buf, cap, len);
    if (!good)
        snprintf(why, whycap, "%s: %s", path, strerror(errno));
    close(fd);
    return good;
}

bool file_read_private(const char *path, uint8_t *buf, size_t cap, size_t *len, char *why,
                       size_t whycap)
{
    return read_file(path, 077, buf, cap, len, why, whycap);
}

bool file_read_trusted(const char *path, uint8_t *buf, size_t cap, size_t *len, char *why,
                       size_t whycap)
{
    return read_file(path, 022, buf, cap, len, why, whycap);
}

static bool sync_directory_of(const char *path)
{
    char directory[PATH_MAX];
    char *slash;
    bool good;
    int fd;

    snprintf(directory, sizeof(directory), "%s", path);
    slash = strrchr(directory, '/');
    if (slash == NULL)
        return false;
    slash[slash == directory ? 1 : 0] = '\0';
    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return false;
    good = fsync(fd) == 0;
    close(fd);
    return good;
}

bool file_create_private(const char *path, const void *data, size_t len, char *why, size_t whycap)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    bool good;

    if (fd < 0) {
        snprintf(why, whycap, "%s: %s", path, strerror(errno));
        return false;
    }
    good = write(fd, data, len) == (ssize_t)len && fsync(fd) == 0;
    if (close(fd) != 0)
        good = false;
    good = good && sync_directory_of(path);
    if (!good) {
        snprintf(why, whycap, "%s: could not be written: %s", path, strerror(errno));
        unlink(path);
    }
    return good;
}

bool file_take_place(const char *from, const char *to, char *why, size_t whycap)
{
    if (rename(from, to) == 0 && sync_directory_of(to))
        return true;
    snprintf(why, whycap, "%s: could not be written: %s", to, strerror(errno));
    return false;
}

bool file_replace_private(const char *path, const void *data, size_t len, char *why, size_t whycap)
{
    char fresh[PATH_MAX];

    if ((size_t)snprintf(fresh, sizeof(fresh), "%s.new", path) >= sizeof(fresh)) {
        snprintf(why, whycap, "%s: too long", path);
        return false;
    }
    unlink(fresh); /* of a call that did not come to its end */
    if (!file_create_private(fresh, data, len, why, whycap))
        return false;
    if (file_take_place(fresh, path, why, whycap))
        return true;
    unlink(fresh);
    return false;
}

static bool level_trusted(const char *path, char *why, size_t whycap)
{
    struct stat st;

    if (lstat(path, &st) != 0) {
        snprintf(why, whycap, "%s: %s", path, strerror(errno));
        return false;
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != 0 ||
        ((st.st_mode & 022) != 0 && (st.st_mode & S_ISVTX) == 0)) {
        snprintf(why, whycap, "%s is not a directory that only root can write", path);
        return false;
    }
    return true;
}

bool file_directory_trusted(const char *path, char *why, size_t whycap)
{
    char level[PATH_MAX];
    char *slash;

    if (path[0] != '/' || strlen(path) >= sizeof(level)) {
        snprintf(why, whycap, "%s is not an absolute path", path);
        return false;
    }
    snprintf(level, sizeof(level), "%s", path);
    for (;;) {
        if (!level_trusted(level, why, whycap))
            return false;
        slash = strrchr(level, '/');
        if (slash == level)
            return level_trusted("/", why, whycap);
        *slash = '\0';
    }
}
