/* SPDX-License-Identifier: Apache-2.0 */
#include "enroll/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static int take(int fd, const char *path, bool output, struct handover *out)
{
    struct stat st;

    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)) {
        close(fd);
        return HANDOVER_KIND;
    }
    *out = (struct handover){
        .fd = fd, .path = path, .output = output, .dev = st.st_dev, .ino = st.st_ino};
    return HANDOVER_OK;
}

int handover_input(const char *path, struct handover *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    *out = (struct handover){.fd = -1};
    return fd < 0 ? HANDOVER_MISSING : take(fd, path, false, out);
}

int handover_output(const char *path, struct handover *out)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);

    *out = (struct handover){.fd = -1};
    if (fd < 0)
        return errno == EEXIST ? HANDOVER_EXISTS : HANDOVER_MISSING;
    return take(fd, path, true, out);
}

static void remove_own(const struct handover *h)
{
    struct stat st;

    if (lstat(h->path, &st) == 0 && st.st_dev == h->dev && st.st_ino == h->ino)
        unlink(h->path);
}

bool handover_end(struct handover *h, bool keep)
{
    bool good = true;

    if (h->fd < 0)
        return true;
    if (h->output && keep)
        good = fsync(h->fd) == 0;
    close(h->fd);
    h->fd = -1;
    if (h->output && !(keep && good))
        remove_own(h);
    return good;
}

bool handover_send(int sock, const void *buf, size_t len, int fd)
{
    _Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
    struct iovec part = {.iov_base = (void *)(uintptr_t)buf, .iov_len = len};
    struct msghdr msg = {.msg_iov = &part, .msg_iovlen = 1};
    ssize_t n;

    if (fd >= 0) {
        struct cmsghdr *c = (struct cmsghdr *)control;
        msg.msg_control = control;
        msg.msg_controllen = sizeof(control);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(fd));
        memcpy(CMSG_DATA(c), &fd, sizeof(fd));
    }
    do
        n = sendmsg(sock, &msg, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)len;
}
