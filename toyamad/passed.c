/* SPDX-License-Identifier: Apache-2.0 */
#include "toyamad/passed.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SEALS (F_SEAL_SHRINK | F_SEAL_WRITE)

static int check_kind(int fd, int *access)
{
    int flags = fcntl(fd, F_GETFL);
    struct stat st;

    if (flags < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
        return PASSED_KIND;
    if ((flags & O_PATH) != 0)
        return PASSED_ACCESS;
    *access = flags & O_ACCMODE;
    return PASSED_OK;
}

int passed_readable(int fd)
{
    int access = 0, err = check_kind(fd, &access);

    if (err == PASSED_OK && access != O_RDONLY && access != O_RDWR)
        err = PASSED_ACCESS;
    return err;
}

int passed_writable(int fd)
{
    struct stat st;
    int access = 0, err = check_kind(fd, &access);

    if (err != PASSED_OK)
        return err;
    if (access != O_WRONLY && access != O_RDWR)
        return PASSED_ACCESS;
    return fstat(fd, &st) == 0 && st.st_size == 0 ? PASSED_OK : PASSED_FULL;
}

static bool sealed(int fd)
{
    int seals = fcntl(fd, F_GET_SEALS);

    return seals >= 0 && (seals & SEALS) == SEALS;
}

/* What is mapped when the file is shorter now than it was is zero, and not told apart from its
 * octets: that is an error, like an octet more. */
static int copy(int fd, uint8_t *to, size_t len)
{
    size_t have = 0;
    ssize_t n = 1;
    char more;

    while (have < len && n > 0) {
        n = pread(fd, to + have, len - have, (off_t)have);
        if (n < 0 && errno == EINTR)
            n = 1;
        else if (n > 0)
            have += (size_t)n;
    }
    return have == len && pread(fd, &more, 1, (off_t)len) == 0 ? PASSED_OK : PASSED_FAILED;
}

static int map_copy(int fd, size_t len, struct passed_map *out)
{
    /* cppcheck-suppress invalidFunctionArg ; no file: -1 (mmap(2), MAP_ANONYMOUS) */
    void *at = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED)
        return PASSED_FAILED;
    if (copy(fd, at, len) != PASSED_OK || mprotect(at, len, PROT_READ) != 0) {
        munmap(at, len);
        return PASSED_FAILED;
    }
    *out = (struct passed_map){.octets = at, .len = len};
    return PASSED_OK;
}

static int map_sealed(int fd, size_t len, struct passed_map *out)
{
    void *at = mmap(NULL, len, PROT_READ, MAP_PRIVATE, fd, 0);

    if (at == MAP_FAILED)
        return PASSED_FAILED;
    *out = (struct passed_map){.octets = at, .len = len};
    return PASSED_OK;
}

int passed_map(int fd, size_t max, struct passed_map *out)
{
    int err = passed_readable(fd);
    bool fixed = sealed(fd); /* before the length is asked for */
    struct stat st;

    *out = (struct passed_map){0};
    if (err != PASSED_OK)
        return err;
    if (fstat(fd, &st) != 0)
        return PASSED_FAILED;
    if ((uint64_t)st.st_size > max)
        return PASSED_LENGTH;
    if (st.st_size == 0)
        return PASSED_OK;
    return fixed ? map_sealed(fd, (size_t)st.st_size, out) : map_copy(fd, (size_t)st.st_size, out);
}

void passed_unmap(struct passed_map *map)
{
    if (map->octets != NULL)
        munmap((void *)(uintptr_t)map->octets, map->len);
    *map = (struct passed_map){0};
}

const char *passed_strerror(int err)
{
    switch (err) {
    case PASSED_OK:
        return "no error";
    case PASSED_KIND:
        return "not a regular file";
    case PASSED_ACCESS:
        return "not opened for this";
    case PASSED_FULL:
        return "the file is not empty";
    case PASSED_LENGTH:
        return "the file is too long";
    default:
        return "the file could not be read, or changed meanwhile";
    }
}
