/* SPDX-License-Identifier: Apache-2.0 */
#include "cardreader/yubikey_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

int yubikey_lock_open(const char *path)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    struct stat st;

    if (fd < 0)
        return -1;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode))
        return fd;
    close(fd);
    errno = EINVAL;
    return -1;
}

bool yubikey_lock_try(int fd)
{
    return flock(fd, LOCK_EX | LOCK_NB) == 0;
}

void yubikey_lock_release(int fd)
{
    flock(fd, LOCK_UN);
}
